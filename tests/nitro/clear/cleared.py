"""``clear`` as it is run in tests, and what is left of it: on the appliance, in the files."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from mptcp_top.model import Kind
from mptcp_top.simulator.counters import fields
from tests.nitro.appliances import (
    WIDE,
    assert_was_a_good_guest,
    environment,
    ran,
)
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

    from mptcp_top.simulator.running import Box

TOTALS = [field.name for field in fields() if field.kind is Kind.COUNTER]
LEVELS = [field.name for field in fields() if field.kind is Kind.GAUGE]
SIGNALS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)]
ASKED = "Type ns1 to clear its counters:"


def clear(home: Path, config: dict[str, str], *options: str) -> CompletedProcess[str]:
    return ran(home, "clear", *options, **config)


def on_a_terminal(home: Path, config: dict[str, str], *options: str) -> Terminal:
    return Terminal(mptcp_top("clear", "--host", "ns1", *options), WIDE, environment(home, **config))


def files(home: Path) -> dict[str, str]:
    """What was written, by the names of the files."""
    folder = home / "mptcp-top" / "clear"
    return {path.name: path.read_text() for path in folder.iterdir()} if folder.is_dir() else {}


def log(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files(home).get("clear.log", "").splitlines()]


def saved(home: Path) -> dict[str, Any]:
    (name,) = (name for name in files(home) if name != "clear.log")
    found: dict[str, Any] = json.loads(files(home)[name])
    return found


def assert_cleared_once(box: Box, scope: str) -> None:
    """One request cleared it, within one login and logout; nothing else was changed."""
    asked = [record for record in box.audit().of("protocolmptcp") if record.args]
    assert [dict(record.args) for record in asked] == [{"clearstats": scope}]
    (cleared,) = asked
    assert {box.truth(name, cleared.at) for name in TOTALS} == {0}
    audit = box.audit()
    assert (audit.clearstats, audit.logins, audit.logouts, box.sessions(), audit.stateless) == (1, 1, 1, 0, 0)
    assert audit.in_flight_maximum == 1


def assert_nothing_was_cleared(box: Box, home: Path) -> None:
    assert_was_a_good_guest(box, logins=box.audit().logins)
    assert {name: dict(record.args) for record in box.audit().of("protocolmptcp") for name in record.args} == {}
    assert log(home) == []
