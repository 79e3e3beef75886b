"""The config file: what it may say, what is said about what it may not, and what was asked for with it."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mptcp_top.cli.config import EXAMPLE
from mptcp_top.config import LARGEST_BYTES, Asked, ask, load, path_of
from mptcp_top.config_text import Said, parse
from mptcp_top.errors import SettingsError
from mptcp_top.settings import Access, Settings, variable_of

HERE = Path("/etc/mptcp-top/config.toml")
PIN = "sha256:" + "ab" * 32


def said(text: str) -> Said:
    return parse(text.encode(), HERE)


def complaint(text: str) -> str:
    with pytest.raises(SettingsError) as raised:
        said(text)
    assert str(raised.value).isprintable()
    return str(raised.value)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def asked_with(config: Path, text: str, **flags: object) -> Asked:
    config.write_text(text)
    return ask(flags, {"MPTCP_TOP_CONFIG": str(config)})


def test_every_key_has_its_value_and_its_type() -> None:
    found = said(f"""
        [defaults]
        host = ["ns1", "local"]
        interval = 2
        timeout = 7.5
        hold = 60
        ascii = true
        theme = "okabe-ito"
        output_diff = false
        [targets.ns1]
        host = "192.0.2.1:8443"
        user = "ops"
        password_command = ["pass", "show", "a b"]
        pin = "{PIN.upper()}"
        allow_http = true
        [groups.edge]
        targets = ["ns1", "https://192.0.2.7"]
    """)
    assert found.defaults == {
        "host": ("ns1", "local"),
        "interval": 2.0,
        "timeout": 7.5,
        "hold": 60.0,
        "ascii": True,
        "theme": "okabe-ito",
        "output_diff": False,
    }
    assert found.targets["ns1"] == {
        "address": "192.0.2.1:8443",
        "user": "ops",
        "password_command": ("pass", "show", "a b"),
        "pin": PIN,
        "allow_http": True,
    }
    assert found.groups == {"edge": ("ns1", "https://192.0.2.7")}


def test_an_empty_file_says_nothing() -> None:
    assert said("") == Said({}, {}, {}, {}, {})


def test_paths_are_beside_the_file_unless_they_say_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ops")
    found = said('[defaults]\ncacert = "ca.pem"\n[targets.a]\ncacert = "~/ca.pem"\n[targets.b]\ncacert = "/ca.pem"')
    assert found.defaults["cacert"] == "/etc/mptcp-top/ca.pem"
    assert [found.targets[name]["cacert"] for name in "ab"] == ["/home/ops/ca.pem", "/ca.pem"]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('[targets.ns1]\n\nusr = "a"', ":3: [targets.ns1] usr: ", "did you mean user?"),
        ("[default]\nhold = 3", ":1: default: ", "did you mean defaults?"),
        ("[default.x]\nhold = 3", ":1: default: ", "did you mean defaults?"),
        ("interval = 3", ":1: interval: ", "put it into [defaults]"),
        ("[defaults]\nzzzz = 3", ":2: [defaults] zzzz: ", "unknown"),
        ('[groups.edge]\n"targts" = []', ":2: [groups.edge] targts: ", "did you mean targets?"),
        ('x = """\n[defaults]\nhold = 1"""', ".toml: x: ", "unknown"),
        ('[targets]\n"ns1\\u001b" = {}', ".toml: [targets] ns1·: ", "is no target"),
    ],
)
def test_an_unknown_key_names_its_place_and_the_nearest_one(text: str, where: str, what: str) -> None:
    found = complaint(text)
    assert where in found
    assert what in found


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[defaults]\npassword = "canary"', "give password_file or password_command"),
        ('[targets.a]\npassword = "canary"', "give password_file or password_command"),
        ('password = "canary"', "give password_file or password_command"),
        ("[defaults]\ninsecure = true", "pin or cacert"),
        ('[targets.a]\npassword_command = "pass show canary"', "no shell takes it apart, so give a list"),
        ("[targets.a]\npassword_command = []", "give a list of texts"),
        ('[targets.a]\npassword_command = ["bin/pass"]', "absolute path"),
        ('[targets.a]\npassword_command = [""]', "give a program"),
        ('[targets.a]\npassword_command = ["p"]\npassword_file = "f"', "drop one of them"),
        ("[defaults]\nuser = 5", "give a text in quotes"),
        ('[defaults]\nuser = "a\\u0007"', "give a name"),
        ('[defaults]\ninterval = "5"', "give a number of seconds"),
        ("[defaults]\ninterval = true", "give a number of seconds"),
        ("[defaults]\ninterval = nan", "give seconds from 0.1 to 3600"),
        (f"[defaults]\ntimeout = 1{'0' * 400}", "give fewer seconds"),
        (f"[defaults]\ntimeout = 1{'0' * 5000}", "4300 digits"),
        ('[defaults]\nallow_http = "yes"', "give true or false"),
        ('[defaults]\nhost = "ns1"', "give a list of texts"),
        ('[defaults]\npin = "sha1:00"', "64 hexadecimal digits"),
        ('[defaults]\ntheme = "drak"', "give ansi, dark, light or okabe-ito"),
        ("[defaults]\ntheme = true", "give a text in quotes"),
        ('[defaults]\ncacert = "~no-such-user/ca.pem"', "has a home"),
        ('[defaults]\ncacert = "a\\u0000"', "path of a file"),
        ('[targets.a]\nhost = ["b"]', "give one address"),
        ('[targets.a]\nhost = "ops:canary@b"', "no user and no password"),
        ('[targets]\na = "192.0.2.1"', "give a table"),
        ("targets = 5", "give tables"),
        ("defaults = 5", "give a table: [defaults]"),
        ("[[targets]]\na = 1", "give tables"),
        ("[targets.local]", "has a meaning already"),
        ('[targets."local:red"]', "has a meaning already"),
        ('[targets."a b"]', "no spaces"),
        ('[targets."a,b"]', "no spaces or commas"),
        ('[targets."-a"]', "no dash"),
        ('[targets.""]', "is no target"),
        ("[groups.edge]", "say what is in it"),
        ("[groups.edge]\ntargets = []", "give a list of texts"),
        ('[groups.edge]\ntargets = ["a\\u202e"]', "is no target"),
        ("[defaults]\nx y", "at line 2"),
        ("a = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_what_cannot_be_is_told_with_what_could(text: str, what: str) -> None:
    found = complaint(text)
    assert what in found
    assert str(HERE) in found
    assert "canary" not in found


@pytest.mark.parametrize(
    ("text", "where", "header"),
    [
        ('[targets.10.0.0.1]\nhost = "x"', ":1: [targets] 10.0.0.1: ", '[targets."10.0.0.1"]'),
        ("[targets.10.0.0.1]", ":1: [targets] 10.0.0.1: ", '[targets."10.0.0.1"]'),
        ('[targets.ns1]\n[targets.ns2.example.com]\nuser = "x"', ":2: ", '[targets."ns2.example.com"]'),
        ('[groups.edge.1]\ntargets = ["a"]', ":1: ", '[groups."edge.1"]'),
        ('[targets]\n10.0 = {host = "x"}', ":2: ", '[targets."10.0"]'),
    ],
)
def test_a_name_with_dots_that_is_not_quoted_is_told_how_to_be(text: str, where: str, header: str) -> None:
    found = complaint(text)
    assert found.startswith(f"{HERE}{where}")
    assert found.endswith(f"quote names with dots: {header}")


def test_a_name_with_dots_is_quoted_wherever_its_table_is_named(config: Path) -> None:
    text = '[targets."10.0.0.1"]\nuser = "t"'
    assert asked_with(config, text).access_of("10.0.0.1").origins["user"] == 'file: [targets."10.0.0.1"]'
    assert ':2: [targets."10.0.0.1"] usr: unknown' in complaint('[targets."10.0.0.1"]\nusr = "t"')


def test_a_variable_that_is_none_of_ours_is_refused_without_what_it_holds() -> None:
    for name, nearest in (
        ("MPTCP_TOP_INTERVALL", "MPTCP_TOP_INTERVAL"),
        ("MPTCP_TOP_PASSWD", "MPTCP_TOP_PASSWORD"),
        ("MPTCP_TOP_CONFG", "MPTCP_TOP_CONFIG"),
    ):
        with pytest.raises(SettingsError, match=rf"^{name}: there is no such variable: did you mean {nearest}\?$"):
            ask({}, {name: "canary", "MPTCP_TOP_CONFIG": os.devnull})


def test_every_variable_of_ours_is_taken_and_an_empty_one_is_none() -> None:
    values = {"interval": "2", "timeout": "2", "hold": "2", "ascii": "1", "mark": "1", "output_diff": "1"}
    values |= {"record": "no", "keep_days": "2", "keep_mb": "2"}
    values |= {"insecure": "0", "allow_http": "1", "pin": PIN, "theme": "dark"}
    known = {variable_of(name): values.get(name, "x") for name in Settings._fields}
    known |= {"MPTCP_TOP_PASSWORD": "x", "MPTCP_TOP_SIMULATE_PASSWORD": "x", "MPTCP_TOP_CONFIG": os.devnull}
    assert ask({}, {**known, "MPTCP_TOP_ELSE": "", "MPTCPTOP": "x"}).settings.interval == 2.0


def test_bytes_that_are_no_text_are_told_by_line() -> None:
    with pytest.raises(SettingsError, match=r"config\.toml:2: this is not UTF-8"):
        parse(b"[defaults]\nuser = '\xff'", HERE)


_WORDS = st.sampled_from(
    [
        *(
            "[defaults]\n",
            "[targets.a]\n",
            "[groups.",
            "[[",
            "]\n",
            '"',
            "'",
            '"""',
            "=",
            "\n",
            ",",
            "{",
            "}",
            ".",
            "#",
        ),
        *("host", "user", "password_command", "password_file", "cacert", "pin", "insecure", "interval", "targets"),
        *("true", "nan", "-inf", "1979-05-27T07:32:00Z", "9" * 5000, "0x" + "f" * 4000, "1e999", "~x/y", "\\u0000"),
        *("\x1b", "\x00", "\u202e", "local", "[", "[" * 2000, " "),
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.lists(_WORDS, max_size=30).map(lambda words: "".join(words).encode())))
def test_whatever_the_file_holds_only_a_settings_error_comes_of_it(content: bytes) -> None:
    try:
        found = parse(content, HERE)
    except SettingsError as error:
        assert str(error).isprintable()
    else:
        assert isinstance(found, Said)


_VALUES = st.recursive(
    st.sampled_from(["true", "5", "0.5", "'x'", "'a/b'", "[]", "{}", "inf", "1979-05-27", f"'{PIN}'", f"{10**400}"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]"),
        inner.map(lambda value: f"{{host = {value}}}"),
    ),
    max_leaves=4,
)
_KEYS = st.sampled_from(sorted({"targets", "insecure", *Access._fields, *Settings._fields}))


@settings(max_examples=600, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["defaults", "targets.a", "groups.b", "targets"]), st.dictionaries(_KEYS, _VALUES)),
        unique_by=lambda table: table[0],
        max_size=3,
    )
)
def test_whatever_value_any_key_has_only_a_settings_error_comes_of_it(tables: list[tuple[str, dict[str, str]]]) -> None:
    text = "\n".join(f"[{name}]\n" + "\n".join(f"{key} = {value}" for key, value in t.items()) for name, t in tables)
    try:
        found = said(text)
    except SettingsError as error:
        assert str(error).isprintable()
    else:
        assert isinstance(found, Said)


@pytest.mark.parametrize(
    "environment",
    [{"HOME": "/home/ops"}, {"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, {"HOME": "/h", "XDG_CONFIG_HOME": "r"}],
)
def test_the_file_is_where_platformdirs_would_have_it(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert path_of(environment) == platformdirs.user_config_path("mptcp-top") / "config.toml"


def test_that_there_is_no_file_is_fine_unless_it_was_named(tmp_path: Path) -> None:
    assert not load({"XDG_CONFIG_HOME": str(tmp_path)}).found
    with pytest.raises(SettingsError, match="MPTCP_TOP_CONFIG: there is no"):
        load({"MPTCP_TOP_CONFIG": str(tmp_path / "none.toml")})
    assert load({"MPTCP_TOP_CONFIG": os.devnull}).targets == {}


def test_what_is_no_file_or_too_large_is_refused(tmp_path: Path, config: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, what in ((tmp_path, "Is a directory"), (fifo, "is no file"), (config / "x", "Not a directory")):
        config.write_text("")
        with pytest.raises(SettingsError, match=what):
            load({"MPTCP_TOP_CONFIG": str(path)})
    config.write_bytes(b"#" * (LARGEST_BYTES + 1))
    with pytest.raises(SettingsError, match="larger than 1 MiB"):
        load({"MPTCP_TOP_CONFIG": str(config)})


def test_a_command_that_others_could_have_written_is_refused_with_what_to_type(config: Path) -> None:
    config.write_text('[targets.a]\npassword_command = ["pass"]')
    for mode in (0o620, 0o602):
        config.chmod(mode)
        with pytest.raises(SettingsError, match=f"chmod go-w {config}"):
            load({"MPTCP_TOP_CONFIG": str(config)})
    config.chmod(0o644)
    assert load({"MPTCP_TOP_CONFIG": str(config)}).found
    if os.geteuid() == 0:
        os.chown(config, 12345, -1)
        with pytest.raises(SettingsError, match="belongs to user 12345"):
            load({"MPTCP_TOP_CONFIG": str(config)})


def test_a_file_without_a_command_may_be_anybodys(config: Path) -> None:
    config.write_text("[defaults]\nhold = 5")
    config.chmod(0o666)
    assert load({"MPTCP_TOP_CONFIG": str(config)}).defaults["hold"] == 5.0


def test_hosts_and_groups_are_read_each_target_once(config: Path) -> None:
    text = '[groups.edge]\ntargets = ["ns1", "ns2"]\n[groups.all]\ntargets = ["ns2", "local"]'
    assert asked_with(config, text, host=["ns2"], group=["edge", "all"]).target_names() == ("ns2", "ns1", "local")
    assert asked_with(config, text).target_names() == ("local",)
    assert asked_with(config, '[defaults]\nhost = ["ns1", "ns1"]').target_names() == ("ns1",)


def test_an_unknown_group_names_the_nearest_one(config: Path) -> None:
    with pytest.raises(SettingsError, match=r"no group 'egde' in .*did you mean edge\?"):
        asked_with(config, '[groups.edge]\ntargets = ["ns1"]', group=["egde"]).target_names()


def test_a_group_given_for_a_host_is_told_apart(config: Path) -> None:
    with pytest.raises(SettingsError, match="--group edge"):
        asked_with(config, '[groups.edge]\ntargets = ["ns1"]', host=["edge"]).target_names()


def test_access_puts_flag_variable_target_and_defaults_in_order(config: Path) -> None:
    config.write_text('[defaults]\nuser = "d"\ntimeout = 9\n[targets.ns1]\nhost = "192.0.2.1"\nuser = "t"')
    environment = {"MPTCP_TOP_CONFIG": str(config), "MPTCP_TOP_INTERVAL": "2"}
    asked = ask({"pin": PIN}, environment)
    named, other = asked.access_of("ns1"), asked.access_of("ns2")
    assert (named.address, named.user, named.timeout, named.interval, named.pin) == ("192.0.2.1", "t", 9.0, 2.0, PIN)
    assert (other.address, other.user) == ("ns2", "d")
    assert named.origins["interval"] == "MPTCP_TOP_INTERVAL"
    assert named.origins["user"] == "file: [targets.ns1]"


def test_what_was_asked_for_holds_no_password(config: Path) -> None:
    config.write_text("")
    asked = ask({}, {"MPTCP_TOP_CONFIG": str(config), "MPTCP_TOP_PASSWORD": "canary", "OTHER": "canary"})
    assert "canary" not in repr(asked)


def test_the_example_loads_as_it_is_and_with_everything_in_it_put_to_work() -> None:
    as_it_is = said(EXAMPLE)
    assert set(as_it_is.targets) == {"ns1", "ns2", "lab"}
    everything = "\n".join(
        line[1:] if line.startswith("#") and line[1:2] != " " else line for line in EXAMPLE.split("\n")
    )
    at_work = said(everything)
    assert at_work.defaults["cacert"] == "/etc/mptcp-top/ca.pem"
    assert at_work.targets["ns2"]["password_command"] == ("pass", "show", "netscaler/ns2")
    assert {"host", "interval", "hold", "ascii", "theme"} <= set(at_work.defaults)


def test_the_name_of_a_target_with_a_slash_after_it_is_not_taken_for_an_address(config: Path) -> None:
    for host in ("ns1/", "ns1//"):
        asked = asked_with(config, '[targets.ns1]\nhost = "192.0.2.1"\n', host=[host])
        with pytest.raises(SettingsError, match=f"{host} is no target, but ns1 is, without the slash"):
            asked.target_names()
    assert asked_with(config, "", host=["ns1/"]).target_names() == ("ns1/",)
