"""From what was asked for to targets: what is refused before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.selection import Selection
from mptcp_top.cli.stat.command import paced, warming
from mptcp_top.cli.stat.wanted import Wanted
from mptcp_top.cli.targets import jobs_of, targets_of
from mptcp_top.collector import Job, Pace
from mptcp_top.config import ask
from mptcp_top.errors import SettingsError
from mptcp_top.model import Sample, Target
from mptcp_top.settings import Access, access
from mptcp_top.sources.netscaler import REFRESH_SECONDS
from mptcp_top.sources.registry import SOURCES, target_of

if TYPE_CHECKING:
    from pathlib import Path

    from mptcp_top.config import Asked

PIN = "sha256:" + "ab" * 32
OWN, DEFAULTS = "file: [targets.lab]", "file: [defaults]"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def asked_with(config: Path, text: str, **flags: object) -> Asked:
    config.write_text(text)
    return ask(flags, {"MPTCP_TOP_CONFIG": str(config)})


@pytest.mark.parametrize(("name", "value"), [("pin", PIN), ("cacert", "ca.pem"), ("insecure", True)])
def test_a_check_of_certificates_is_refused_where_there_are_none(name: str, value: object) -> None:
    table = {"address": "http://192.0.2.9", "allow_http": True}
    found = access("lab", {name: value}, {}, {OWN: table})
    with pytest.raises(
        SettingsError, match=rf"^{name} \(flag\) is about certificates, and http://192\.0\.2\.9 has none"
    ):
        target_of("lab", found)
    with pytest.raises(SettingsError, match=rf"^{name} \(file: \[targets\.lab\]\)"):
        target_of("lab", access("lab", {}, {}, {OWN: {**table, name: value}}))
    with pytest.raises(SettingsError, match=rf"^{name} \(given\)"):
        target_of("lab", Access("http://ns1", allow_http=True, **{name: value}))  # type: ignore[arg-type]
    assert target_of("lab", access("lab", {name: value}, {}, {OWN: {"address": "https://ns1"}})).source == "netscaler"


def test_the_defaults_may_name_a_certificate_although_one_target_has_none() -> None:
    table = {"address": "http://192.0.2.9", "allow_http": True}
    found = access("lab", {}, {}, {OWN: table, DEFAULTS: {"cacert": "ca.pem"}})
    assert target_of("lab", found).caution == "no TLS"


def test_an_appliance_is_not_polled_more_often_than_once_a_second(config: Path) -> None:
    why = "it refreshes its counters every 7 s and logs every request"
    with pytest.raises(SettingsError, match=rf"^ns1: .*0\.9 s \(flag\) .* a NetScaler: {why}\. Give 1 or more$"):
        targets_of(asked_with(config, "", host=["local", "ns1"], interval=0.9))
    assert len(targets_of(asked_with(config, "", host=["local", "ns1"], interval=1.0))) == 2
    assert len(targets_of(asked_with(config, "", host=["local"], interval=0.1))) == 1


def test_an_interval_of_the_file_that_is_too_short_names_its_table_and_the_one_to_write(config: Path) -> None:
    text = "[defaults]\ninterval = 0.5"
    with pytest.raises(SettingsError) as raised:
        targets_of(asked_with(config, text, host=["10.0.0.1"]))
    assert "(file: [defaults])" in str(raised.value)
    assert str(raised.value).endswith('Give 1 or more, for instance interval = 5 in [targets."10.0.0.1"]')


def test_on_the_beat_an_appliance_is_polled_as_often_as_it_takes_stock(tmp_path: Path, config: Path) -> None:
    (tmp_path / "ns1.password").write_text("secret")
    (tmp_path / "ns1.password").chmod(0o600)
    hosts = {"host": ["ns1", "local"], "user": "ops", "password_file": str(tmp_path / "ns1.password")}
    for more, on_the_beat, expected in (({}, True, [7, 1]), ({}, False, [5, 1]), ({"interval": 2.0}, True, [2, 2])):
        jobs = jobs_of(asked_with(config, "", **hosts, **more), on_the_beat=on_the_beat)
        assert [job.pace.interval_seconds for job in jobs] == expected
    assert SOURCES["netscaler"].beat_seconds == REFRESH_SECONDS


@dataclass
class Named:
    """As much of a source as it takes to be given a pace."""

    target: Target

    async def poll(self) -> Sample:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


KERNEL = Job(Named(Target("here", "linux")), Pace(1.0))
APPLIANCE = Job(Named(Target("ns1", "netscaler")), Pace(7.0))


@pytest.mark.parametrize(
    ("wanted", "polls", "seconds"),
    [
        (Wanted(samples=3), [3, 3], [7, 7]),  # side by side: the pace of the slowest
        (Wanted(samples=3, form="json"), [3, 3], [1, 7]),
        (Wanted(samples=3, form="json", rate=True), [4, 3], [1, 7]),  # an appliance says its rates itself
        (Wanted(samples=3, rate=True), [4, 4], [7, 7]),
        (Wanted(Selection(changed=True), form="csv"), [2, 2], [1, 7]),
        (Wanted(Selection(changed=True), form="csv", since_last=True), [1, 1], [1, 7]),
        (Wanted(samples=None, form="json", rate=True), [None, None], [1, 7]),
    ],
)
def test_who_is_polled_how_often(wanted: Wanted, polls: list[int | None], seconds: list[float]) -> None:
    jobs = [KERNEL, APPLIANCE]
    paces = [job.pace for job in paced(jobs, wanted, warming(jobs, wanted))]
    assert [pace.polls for pace in paces] == polls
    assert [pace.interval_seconds for pace in paces] == seconds


def test_a_kind_of_source_is_polled_no_faster_than_it_may_be() -> None:
    for kind in SOURCES.values():
        assert kind.interval_seconds >= kind.fastest_seconds
