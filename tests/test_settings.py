"""Where each value comes from: flag, environment, config file or default."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from mptcp_top.errors import SettingsError
from mptcp_top.settings import (
    DEFAULTS_TABLE,
    PARSERS,
    Settings,
    access,
    parse_pin,
    parse_target,
    settle,
    table_of,
    variable_of,
)

PIN = "sha256:" + "ab" * 32
TARGET_TABLE = "file: [targets.ns1]"


def test_every_setting_has_a_variable_that_its_parser_understands() -> None:
    assert set(PARSERS) == set(Settings._fields)


@pytest.mark.parametrize(
    ("flags", "environment", "file", "interval", "origin"),
    [
        ({"interval": 2.0}, {"MPTCP_TOP_INTERVAL": "3"}, {"interval": 4.0}, 2.0, "flag"),
        ({"interval": None}, {"MPTCP_TOP_INTERVAL": "3"}, {"interval": 4.0}, 3.0, "MPTCP_TOP_INTERVAL"),
        ({}, {"MPTCP_TOP_INTERVAL": ""}, {"interval": 4.0}, 4.0, DEFAULTS_TABLE),
        ({}, {}, {}, None, "default"),
    ],
)
def test_a_flag_wins_over_its_variable_and_that_over_the_file(
    flags: dict[str, Any], environment: dict[str, str], file: dict[str, Any], interval: float | None, origin: str
) -> None:
    settings, origins = settle(flags, environment, file)
    assert settings.interval == interval
    assert origins["interval"] == origin


def test_a_target_has_its_own_table_before_the_defaults() -> None:
    tables = {TARGET_TABLE: {"address": "192.0.2.1", "timeout": 7.0}, DEFAULTS_TABLE: {"timeout": 9.0, "user": "ops"}}
    found = access("ns1", {}, {}, tables)
    assert (found.address, found.timeout, found.user, found.interval) == ("192.0.2.1", 7.0, "ops", None)
    assert found.origins["address"] == found.origins["timeout"] == TARGET_TABLE
    assert found.origins["user"] == DEFAULTS_TABLE
    assert found.origins["pin"] == "default"
    assert set(found.origins) == {field for field in found._fields if field != "origins"}


def test_the_address_of_a_target_without_one_is_its_name() -> None:
    assert access("ns1", {}, {}, {DEFAULTS_TABLE: {}}).address == "ns1"


def test_a_password_command_of_the_target_wins_over_a_file_of_the_defaults_and_the_other_way_round() -> None:
    command, file = {"password_command": ("pass",)}, {"password_file": "/p"}
    own_command = access("ns1", {}, {}, {TARGET_TABLE: command, DEFAULTS_TABLE: file})
    assert (own_command.password_command, own_command.password_file) == (("pass",), None)
    own_file = access("ns1", {}, {}, {TARGET_TABLE: file, DEFAULTS_TABLE: command})
    assert (own_file.password_command, own_file.password_file) == (None, "/p")


def test_a_typed_password_file_wins_over_a_password_command() -> None:
    tables = {TARGET_TABLE: {"password_command": ("pass",)}, DEFAULTS_TABLE: {}}
    for flags, environment in (({"password_file": "/p"}, {}), ({}, {"MPTCP_TOP_PASSWORD_FILE": "/p"})):
        found = access("ns1", flags, environment, tables)
        assert (found.password_file, found.password_command) == ("/p", None)
        assert found.origins["password_command"] == "default"


def test_who_types_a_group_gets_no_host_of_a_variable_or_the_file() -> None:
    settings, origins = settle({"group": ["edge"]}, {"MPTCP_TOP_HOST": "ns9"}, {"host": ("ns8",)})
    assert (settings.group, settings.host, settings.hosts) == (("edge",), (), ())
    assert origins["host"] == "default"
    both, _ = settle({"group": ["edge"], "host": ["ns1"]}, {}, {"host": ("ns8",)})
    assert (both.group, both.hosts) == (("edge",), ("ns1",))


def test_nobody_asking_means_this_host() -> None:
    assert settle({}, {})[0].hosts == ("local",)


@pytest.mark.parametrize("other", ["pin", "cacert"])
def test_insecure_together_with_a_check_is_refused_with_both_origins(other: str) -> None:
    with pytest.raises(SettingsError, match=rf"insecure \(flag\).*{other} \(file: \[targets.ns1\]\).*drop one"):
        access("ns1", {"insecure": True}, {}, {TARGET_TABLE: {other: PIN}, DEFAULTS_TABLE: {}})
    with pytest.raises(SettingsError, match=rf"insecure \(MPTCP_TOP_INSECURE\).*{other} \(flag\)"):
        settle({other: PIN}, {"MPTCP_TOP_INSECURE": "yes"})


@pytest.mark.parametrize(
    "text",
    [
        PIN,
        PIN.upper(),
        "sha256:" + ":".join(["AB"] * 32),
        f" {PIN}\n",
        "sha256 Fingerprint=" + ":".join(["AB"] * 32),  # openssl x509 -fingerprint -sha256
        "SHA256 Fingerprint=" + ":".join(["AB"] * 32) + "\n",  # an older one
    ],
)
def test_a_pin_is_the_same_however_it_is_written(text: str) -> None:
    assert parse_pin(text) == PIN


@pytest.mark.parametrize(
    "text", ["", "ab" * 32, "sha1:" + "ab" * 20, PIN[:-1], PIN + "0", "sha256:" + "xy" * 32, "sha256:" + "٣" * 64]
)
def test_what_is_no_pin_is_told_how_to_make_one(text: str) -> None:
    with pytest.raises(ValueError, match="sha256: and 64 hexadecimal digits"):
        parse_pin(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("insecure", "perhaps"),
        ("pin", "x"),
        ("user", "a\x1bb"),
        ("user", " "),
        ("host", "a\x07"),
        ("host", ","),
        ("timeout", "nan"),
        ("interval", "1e9"),
        ("password_file", "a\0b"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named_and_cleaned(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=variable_of(name)) as raised:
        settle({}, {variable_of(name): text})
    assert str(raised.value).isprintable()


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="no user and no password") as raised:
        parse_target("https://admin:canary@ns1")
    assert "canary" not in str(raised.value)
    assert parse_target("local:name@with") == "local:name@with"


def test_a_table_is_quoted_where_its_name_is_no_bare_key() -> None:
    names = ("ns1", "a-b_c", "10.0.0.1", "[fe80::1]:8443", "ä", 'a"b\\c')
    for name in names:
        header = table_of(name)
        assert tomllib.loads(header) == {"targets": {name: {}}}
    assert [table_of(name) for name in names[:3]] == ["[targets.ns1]", "[targets.a-b_c]", '[targets."10.0.0.1"]']
    assert table_of("edge.1", "groups") == '[groups."edge.1"]'
