"""``mptcp-top config``: what is set, by whom, and what could be."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.cli.alerting import alerting_of, rules_of
from mptcp_top.cli.saying import folded, width_of
from mptcp_top.config import ask, path_of
from mptcp_top.credentials import way_of
from mptcp_top.passwords import there_is_a_keyring
from mptcp_top.remembered import known, load
from mptcp_top.settings import PARSERS, THEMES
from mptcp_top.sources.registry import SOURCES
from mptcp_top.text import UNKNOWN, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mptcp_top.config import Asked, Config
    from mptcp_top.settings import Access
    from mptcp_top.sources.registry import SourceKind

SCHEMA: Final = 1
EXAMPLE: Final = """\
# mptcp-top: a config file to start from. `mptcp-top config path` says where it belongs.
# A flag wins over its MPTCP_TOP_* variable, that over this file, and a target's table over [defaults].

[defaults]                            # for every target, unless its own table says otherwise
user = "monitor"                      # a user of the appliance that may only read
#host = ["ns1", "local"]              # what to read when no --host and no --group is given
#interval = 5                         # seconds between polls
#timeout = 5                          # seconds to wait for an answer
#hold = 30                            # seconds an error stays flagged after its last rise
#ascii = true                         # draw with 7-bit characters only
#mark = true                          # set a mark at the start, and show what grew since
#theme = "dark"                       # ansi (the terminal's own colours), dark, light, okabe-ito (colour-blind safe)
#cacert = "ca.pem"                    # who signs the certificates; beside this file, unless it says / or ~

[targets.ns1]                         # mptcp-top --host ns1
host = "192.0.2.10"                   # without this line: the name itself. Ports: "192.0.2.10:8443"
#password_file = "ns1.password"       # one line, mode 600, yours

[targets.ns2]
host = "https://ns2.example.com"
#password_command = ["pass", "show", "netscaler/ns2"]  # prints the password and nothing else; there is no shell
#pin = "sha256:0000000000000000000000000000000000000000000000000000000000000000"  # trust this certificate only

#[targets."192.0.2.30"]               # a name with dots needs quotes

[targets.lab]
host = "http://192.0.2.99"
allow_http = true                     # the password crosses the network as it is

[groups.edge]                         # mptcp-top --group edge
targets = ["ns1", "ns2"]

[recording]                           # by the dashboard and mptcp-top record; what there is: mptcp-top recordings list
#enabled = false                      # the dashboard does not record
#keep_days = 7                        # forget what is older
#keep_mb = 500                        # forget the oldest beyond so many megabytes

[alerts]                              # for the dashboard, the rules for check, too; what holds: mptcp-top config show
#defaults = false                     # without the rules that are shipped
#clean_hours = 24                     # the first error after so many hours without one is told as such; 0: never
#command = ["/usr/local/bin/tell", "{target}", "{says}"]  # also {kind} {counter} {since}; all of it as JSON on stdin
#command_every = 300                  # seconds until the same of the same target is announced again

[alerts.rules]                        # NAME = RULE; names of counters: mptcp-top explain
#"few sessions" = "sessions < 10 for 5m until > 20"
#"unknown tokens" = "join_unknown_token / join_syn_rx > 1% and join_syn_rx > 1/s for 30s"
#"no second path" = { rule = "joins_in < 50% for 5m", targets = ["edge"], severity = "error" }
#"sessions fall back" = false         # one that is shipped, switched off
"""


class _Row(NamedTuple):
    """One setting, its value, where that comes from, and for people what it is where it has none."""

    name: str
    value: Any
    origin: str
    own: str | None = None


def config(options: Mapping[str, Any], environment: Mapping[str, str]) -> int:
    """Print what the action in ``options`` asks for, and return the exit code.

    Raises:
        SettingsError: something that is to be shown is wrong.
    """
    if options["action"] == "check":
        from mptcp_top.cli.config_check import check  # noqa: PLC0415  # it brings what reads targets along

        return check(options["file"], environment)
    print(_said(options, environment), end="")
    return 0


def _said(options: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    if options["action"] == "example":
        return EXAMPLE
    if options["action"] == "path":
        return f"{printable(str(path_of(environment)), 5000)}\n"
    if options["action"] == "schema":
        from mptcp_top.cli.config_schema import schema_text  # noqa: PLC0415  # few ask for it

        return f"{schema_text()}\n"
    asked = ask(options, environment)
    return f"{_json(asked, environment) if options['json'] else _text(asked, environment)}\n"


def without_secrets(environment: Mapping[str, str]) -> str:
    """Return every setting as ``show`` prints it, for a stranger to read: of a command only what program it is.

    Raises:
        SettingsError: something that is to be shown is wrong.
    """
    asked = ask({}, environment)
    command = asked.config.alerts.get("command")
    if command is not None and len(command) > 1:
        alerts = {**asked.config.alerts, "command": (command[0], "…")}
        asked = asked._replace(config=asked.config._replace(alerts=alerts))
    return f"{_text(asked, environment)}\n"


def _settings(asked: Asked, environment: Mapping[str, str]) -> list[_Row]:
    values = {**asked.settings._asdict(), "host": asked.settings.hosts}
    own = {
        "interval": f"{', '.join(f'{_seconds(kind)} for {kind.called}' for kind in SOURCES.values())} (their own)",
        "theme": THEMES[0],
    }
    origins = dict(asked.origins)
    if asked.settings.theme is None and (last := known(load(environment), "theme", PARSERS["theme"])):
        values["theme"], origins["theme"] = last, "remembered"
    rows = [
        _Row(name, value, origins[name], own.get(name)) for name, value in values.items() if name != "password_file"
    ]
    return [*rows, _password(asked.access_of(""), environment)]


def _targets(asked: Asked, environment: Mapping[str, str]) -> dict[str, list[_Row]]:
    """Return the rows of every target in the file, and of those asked for that need any."""
    found = {}
    for name in dict.fromkeys((*asked.config.targets, *asked.target_names())):
        access = asked.access_of(name)
        local = access.address.partition(":")[0] == "local"
        if local and name not in asked.config.targets:
            continue
        shown = ("address", "interval", "timeout") if local else _SHOWN
        own = {"interval": f"{_seconds(SOURCES['linux' if local else 'netscaler'])} (its own)"}
        rows = [_Row(field, getattr(access, field), access.origins[field], own.get(field)) for field in shown]
        found[name] = rows if local else [*rows, _password(access, environment)]
    return found


def _alerts(config: Config) -> list[_Row]:
    """Return how alerts are handled, but for their rules."""
    alerting = alerting_of(config)
    values = {
        "defaults": config.alerts.get("defaults", True),
        "clean_hours": alerting.watched.clean_hours,
        "command": alerting.command,
        "command_every": alerting.every_seconds,
    }
    origins = {name: "file: [alerts]" if name in config.alerts else "default" for name in values}
    return [_Row(name, value, origins[name]) for name, value in values.items()]


def _rules(config: Config) -> list[_Row]:
    """Return the rules of alerts in force, by their names."""
    rows = []
    for watch, origin in rules_of(config.alerts):
        where = f" on {' '.join(watch.targets)}" if watch.targets else ""
        rows.append(_Row(watch.name, f"{watch.rule} ({watch.severity}{where})", origin))
    return rows


def _seconds(kind: SourceKind) -> str:
    return f"{kind.interval_seconds:g} s"


_SHOWN: Final = ("address", "user", "cacert", "pin", "insecure", "allow_http", "interval", "timeout")


def _password(access: Access, environment: Mapping[str, str]) -> _Row:
    way = way_of(access, environment)
    if way is None:
        return _Row("password", "keyring, or asked for" if there_is_a_keyring() else "asked for", "default")
    return _Row("password", way.source, way.origin)


def _json(asked: Asked, environment: Mapping[str, str]) -> str:
    targets = _targets(asked, environment)
    shown = {
        "schema": SCHEMA,
        "config": {"path": str(asked.config.path), "found": asked.config.found},
        "settings": _object(_settings(asked, environment)),
        "targets": {name: _object(rows) for name, rows in targets.items()},
        "groups": dict(asked.config.groups),
        "alerts": _object(_alerts(asked.config)),
        "rules": _object(_rules(asked.config)),
    }
    return json.dumps(shown, indent=2, ensure_ascii=True)


def _object(rows: Iterable[_Row]) -> dict[str, dict[str, Any]]:
    return {row.name: {"value": row.value, "origin": row.origin} for row in rows}


def _text(asked: Asked, environment: Mapping[str, str]) -> str:
    there = "" if asked.config.found else " (there is none)"
    blocks = {f"config file {asked.config.path}{there}": _settings(asked, environment)}
    blocks |= {f"target {name}": rows for name, rows in _targets(asked, environment).items()}
    groups = [_Row(name, members, "file: [groups]") for name, members in asked.config.groups.items()]
    if groups:
        blocks["groups"] = groups
    blocks |= {"alerts": _alerts(asked.config), "alert rules": _rules(asked.config)}
    width = width_of(sys.stdout)
    texts = ([*folded(printable(title, 5000), width), *_lines(rows, width)] for title, rows in blocks.items())
    return "\n\n".join(map("\n".join, texts))


def _lines(rows: Iterable[_Row], width: int | None) -> Iterator[str]:
    """Yield a line a row, as a table; what of it is wider than the terminal goes on below."""
    cells = [(row.name, _shown(row.own if row.value is None else row.value), row.origin) for row in rows]
    widths = [max(len(cell[column]) for cell in cells) for column in (0, 1)]
    for name, value, origin in cells:
        head = f"  {name:<{widths[0]}}  "
        lines = (f"{head}{value:<{min(widths[1], 40)}}  {origin}", f"{head}{value}  {origin}")
        fitting = next((line for line in lines if width is None or len(line) <= width), None)
        yield from [fitting] if fitting else _tall(head, value, origin, width or 0)


def _tall(head: str, value: str, origin: str, width: int) -> Iterator[str]:
    """Yield a row with its cells below each other, beside its name if that leaves them half the width."""
    beside = len(head) <= width // 2
    hanging = len(head) if beside else 4
    first = [f"{head}{value}"] if beside else [head.rstrip(), f"    {value}"]
    for line in (*first, f"{' ' * hanging}{origin}"):
        yield from folded(line, width, hanging)


def _shown(value: object) -> str:
    if value is None or value == ():
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return printable(" ".join(map(str, value)), 1000)
    return printable(f"{value:g}" if isinstance(value, float) else str(value), 1000)
