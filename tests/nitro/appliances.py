"""The program under test against simulated appliances: how to call it, and what an appliance may have been asked."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.simulator.running import Box, Simulation
from tests.terminal import DEADLINE_SECONDS, Terminal, mptcp_top

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mptcp_top.simulator.scenario import Scenario

USER: Final = "monitor"
PASSWORD: Final = "tulip-Canary-58213"
WIDE: Final = (120, 40)


def running(scenario: Scenario | str = "constant", **options: Any) -> Simulation:  # noqa: ANN401  # those of a Simulation
    return Simulation(scenario, user=USER, password=PASSWORD, **options)


def at(*boxes: Box | str, interval: float = 1.0) -> list[str]:
    """The options that have these read over plain HTTP, as often as appliances may be."""
    hosts = [part for box in boxes for part in ("--host", box if isinstance(box, str) else box.url)]
    return [*hosts, "--allow-http", "--user", USER, "--interval", str(interval)]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment, with every place for files of the user's in one directory."""
    places = (
        "HOME",
        "TMPDIR",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
    )
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "MPTCP_TOP_PASSWORD": PASSWORD,
        **dict.fromkeys(places, str(home)),
        **more,
    }


def dashboard(home: Path, *options: str, size: tuple[int, int] = WIDE, **more: str) -> Terminal:
    return Terminal(mptcp_top(*options), size, environment(home, **more))


def ran(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        mptcp_top(*arguments),
        check=False,
        capture_output=True,
        text=True,
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@contextmanager
def started(home: Path, *arguments: str, command: Sequence[str] = (), **more: str) -> Iterator[subprocess.Popen[str]]:
    """The program, or another command, while it runs; at the end it is over, whatever became of the test."""
    with subprocess.Popen(
        command or mptcp_top(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home, **more),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(holds: Callable[[], bool], what: str, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait for something to be so."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"never so: {what}"
        time.sleep(0.002)


def hurry(terminal: Terminal, box: Box, number: int) -> None:
    """Have the target on the screen polled now, until it has been asked so often."""
    terminal.wait_for("q quit")
    for sofar in range(polls(box), number):
        terminal.type("r")
        terminal.wait_for(partial(at_least, box, sofar + 1))


def at_least(box: Box, number: int) -> bool:
    return polls(box) >= number


def polls(box: Box) -> int:
    return len(box.audit().of("protocolmptcp"))


def tokens(simulation: Simulation) -> set[str]:
    """The tokens of all open sessions."""
    return {token for box in simulation.appliances.values() for token in box._appliance.sessions._open}


def assert_was_a_good_guest(box: Box, *, logins: int = 1, logouts: int | None = None) -> None:
    """It logged in and out, had one request in flight at most, changed nothing, and told no URL a secret."""
    audit = box.audit()
    told: Mapping[str, int] = {
        "logins": audit.logins,
        "failed logins": audit.failed_logins,
        "logouts": audit.logouts,
        "sessions left open": box.sessions(),
        "stateless calls": audit.stateless,
        "clearstats": audit.clearstats,
        "secrets in a URL": audit.secrets_in_url,
    }
    good = dict.fromkeys(told, 0) | {"logins": logins, "logouts": logins if logouts is None else logouts}
    assert told == good, audit.records
    assert audit.in_flight_maximum <= 1
    assert {record.method for record in audit.records if record.path.rpartition("/")[2] not in {"login", "logout"}} <= {
        "GET"
    }
