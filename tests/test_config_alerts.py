"""The table [alerts]: what it may say, what is said about what it may not, and what is watched for with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mptcp_top.cli.alerting import alerting_of, rules_of, shipped
from mptcp_top.cli.config import EXAMPLE
from mptcp_top.config import Config, load
from mptcp_top.config_text import parse
from mptcp_top.errors import SettingsError
from mptcp_top.model import Severity
from mptcp_top.rules.defaults import TEXTS

HERE = Path("/etc/mptcp-top/config.toml")
FULL = """
[alerts]
defaults = false
clean_hours = 12
command = ["/usr/local/bin/tell", "{target}", "{says} {since} {kind} {counter}", "{\\"a\\": 1}"]
command_every = 60
[alerts.rules]
"few sessions" = "sessions < 10 for 5m"
slow = { rule = "join_success < 95% for 30s", targets = ["edge", "local"], severity = "error" }
[alerts.rules.flood]
rule = "accepted < 50%"
[groups.edge]
targets = ["ns1", "ns2"]
"""


def config(text: str) -> Config:
    return Config(HERE, True, *parse(text.encode(), HERE))


def complaint(text: str) -> str:
    with pytest.raises(SettingsError) as raised:
        parse(text.encode(), HERE)
    assert str(raised.value).isprintable()
    return str(raised.value)


def test_everything_that_can_be_said_is_what_is_watched_for() -> None:
    found = alerting_of(config(FULL))
    assert found.watched.clean_hours == 12.0
    assert found.command == ("/usr/local/bin/tell", "{target}", "{says} {since} {kind} {counter}", '{"a": 1}')
    assert found.every_seconds == 60.0
    told = [(watch.name, str(watch.rule), watch.severity, watch.targets) for watch in found.watched.watches]
    assert told == [
        ("few sessions", "sessions < 10 for 5m", Severity.WARNING, ()),
        ("slow", "join_success < 95% for 30s", Severity.ERROR, ("ns1", "ns2", "local")),
        ("flood", "accepted < 50%", Severity.WARNING, ()),
    ]


def test_without_a_word_the_shipped_rules_hold_and_no_command_runs() -> None:
    assert alerting_of(config("")) == shipped()
    assert [watch.name for watch in shipped().watched.watches] == list(TEXTS)
    assert shipped().command is None


def test_a_rule_of_the_same_name_takes_the_place_of_a_shipped_one_and_false_drops_it() -> None:
    found = rules_of(config('[alerts.rules]\n"joins fail" = "joins_in < 80%"\n"sessions fall back" = false').alerts)
    assert [(one.watch.name, one.origin) for one in found] == [
        ("handshakes fail", "default"),
        ("no memory for sessions", "default"),
        ("joins fail", "file: [alerts.rules]"),
    ]


COMPLAINTS = {
    "[alerts]\ndefault = true": ":2: [alerts] default: unknown: did you mean defaults?",
    "alerts = 3": ":1: alerts: give a table: [alerts], with lines below",
    "[alerts]\ndefaults = 1": ":2: [alerts] defaults: give true or false",
    "[alerts]\nclean_hours = -1": ":2: [alerts] clean_hours: give hours (0: never) from 0 to 8760",
    "[alerts]\nclean_hours = nan": "clean_hours: give hours",
    "[alerts]\ncommand_every = 0": "command_every: give seconds from 1 to 86400",
    '[alerts]\ncommand = "tell me"': ":2: [alerts] command: no shell takes it apart, so give a list",
    '[alerts]\ncommand = ["bin/tell"]': "give the program's absolute path, or just its name",
    '[alerts]\ncommand = ["tell", "{host}"]': "{host} means nothing here: there are {target} {kind}",
    '[alerts]\ncommand = ["{target}"]': "the program itself has no placeholder",
    "[alerts]\nrules = 3": ":2: [alerts] rules: give a table: [alerts.rules]",
    '[alerts.rules]\n\n"a b" = "errors > 3"': ":3: [alerts.rules] a b: at column 10: errors is a counter: say how fast",
    '[alerts.rules]\nx = "join_succes < 5%"': ":2: [alerts.rules] x: at column 1: nothing is called 'join_succes': did",
    "[alerts.rules]\nx = 3": ":2: [alerts.rules] x: give a rule in quotes",
    "[alerts.rules]\nx = false": "only rules that are shipped can be switched off: joins fail",
    '[alerts.rules.x]\nrules = "errors > 3/s"': ":1: [alerts.rules] x: give a rule in quotes",
    '[alerts.rules.x]\nrule = "errors > 3/s"\nhost = "a"': ":1: [alerts.rules] x: host: unknown",
    '[alerts.rules]\nx = { rule = "errors > 3/s", severity = "bad" }': "severity: give warning, error or security",
    '[alerts.rules]\nx = { rule = "errors > 3/s", targets = "a" }': "targets: give a list",
    '[alerts.rules]\nx = { rule = "errors > 3/s", targets = ["a@b"] }': "targets: an address holds no user",
    '[alerts.rules]\n"" = "errors > 3/s"': "give a rule a name of one line, of up to 40 characters",
}


@pytest.mark.parametrize(("text", "says"), [pytest.param(*pair, id=pair[0][:50]) for pair in COMPLAINTS.items()])
def test_a_complaint_says_which_line_which_key_and_why(text: str, says: str) -> None:
    assert complaint(text).startswith(str(HERE))
    assert says in complaint(text)


def test_a_file_with_a_command_that_others_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[alerts]\ncommand = ["tell"]\n')
    path.chmod(0o666)
    with pytest.raises(SettingsError, match="has a command for alerts, and others than you may write it: chmod go-w"):
        load({"MPTCP_TOP_CONFIG": str(path)})
    path.chmod(0o600)
    assert load({"MPTCP_TOP_CONFIG": str(path)}).alerts["command"] == ("tell",)


def test_the_example_is_right_with_every_line_of_alerts_in_it() -> None:
    lines = EXAMPLE[EXAMPLE.index("[alerts]") :].splitlines()
    found = config("\n".join(line.removeprefix("#") for line in [*lines, "[groups.edge]", 'targets = ["ns1"]']))
    assert set(found.alerts) == {"defaults", "clean_hours", "command", "command_every", "rules"}
    assert len(found.alerts["rules"]) == 4


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
KEYS = st.sampled_from(("defaults", "clean_hours", "command", "command_every", "rules", "rule", "x"))


@given(st.dictionaries(KEYS, VALUES, max_size=3), st.dictionaries(KEYS, VALUES, max_size=2))
@settings(max_examples=400, deadline=None)
def test_whatever_the_table_holds_it_is_taken_or_refused(table: dict[str, object], rules: dict[str, object]) -> None:
    text = f"[alerts]\n{_lines(table)}[alerts.extra]\n[alerts.rules]\n{_lines(rules)}"
    for each in (text, text.replace("[alerts.extra]\n", "")):
        try:
            alerting_of(config(each))
        except SettingsError as error:
            assert str(error).isprintable()


def _lines(table: dict[str, object]) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in table.items() if value is not None)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value if one is not None)}]"
    return ascii(value).replace("'", '"') if isinstance(value, str) else str(value)
