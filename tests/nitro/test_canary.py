"""A password and a session's token show up nowhere: no output, no crash, no picture, no command line, no file."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from mptcp_top.cli.targets import jobs_of
from mptcp_top.collector import Collector, CollectorThread
from mptcp_top.config import ask
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from tests.nitro.appliances import (
    PASSWORD,
    USER,
    WIDE,
    assert_was_a_good_guest,
    at,
    dashboard,
    environment,
    hurry,
    ran,
    running,
    started,
    tokens,
    until,
)
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.simulator.running import Simulation

CRASHES = {
    "widget": """
        from mptcp_top.ui.host import HostScreen
        draw = HostScreen.draw
        def crash(self):
            draw(self)
            collector = self._controls
            if self._store.at(self._store.targets[0].name) is not None:
                pollers = list(vars(collector)["_pollers"].values())
                everything = [vars(poller) for poller in pollers]
                source = pollers[0].source
                session = source._session
                inside, http, client = vars(session), vars(session._http), vars(session._http._client)
                credentials = session._credentials
                slots = [getattr(credentials, name) for name in type(credentials).__slots__]
                connections = [held for held in client["_connector"]._conns.values()]
                1 / 0
        HostScreen.draw = crash
        """,
    "collector": """
        from mptcp_top.engine.engine import Engine
        observe = Engine.observe
        def crash(self, reading, interval_seconds):
            observation = observe(self, reading, interval_seconds)
            1 / (1 if observation.elapsed_seconds is None else 0)
            return observation
        Engine.observe = crash
        """,
    "login": """
        from mptcp_top.sources.nitro import session
        def crash(answer):
            1 / 0
        session._token_of = crash
        """,
    "login under way": """
        from mptcp_top.sources.nitro import http
        async def crash(content):
            1 / 0
        http._bounded = crash
        """,
    "poll under way": """
        from mptcp_top.sources.nitro import http
        from itertools import count
        bounded, turn = http._bounded, count()
        async def crash(content):
            1 / (next(turn) < 2)
            return await bounded(content)
        http._bounded = crash
        """,
}
"""Bugs while a secret is held: as close to it as can be, and with all that can be reached from there in variables."""

PIECE = 12
LOOKS = re.compile(r"\x1b\[[0-9;]*m|[\s│╭╮╰╯─]+")
DEBUG = """
        import logging
        logging.basicConfig(level=logging.DEBUG, filename={log!r})
        logging.captureWarnings(True)
        """
LOCALS = """
        import rich.traceback
        rich.traceback.install(show_locals=True, locals_hide_dunder=False)
        """


def program(before: str, *arguments: str, interpreter: tuple[str, ...] = ()) -> list[str]:
    """The program, with something done before it starts."""
    lines = [line.removeprefix("        ") for line in before.splitlines()]
    start = ["import sys", "from mptcp_top.cli.main import main", f"sys.exit(main({list(arguments)!r}))"]
    return [sys.executable, *interpreter, "-c", "\n".join([*lines, *start])]


def contents(home: Path) -> Iterator[str]:
    """The name and the content of every file the program made."""
    for path in home.rglob("*"):
        yield str(path)
        if path.is_file():
            yield path.read_bytes().decode("utf-8", "replace")


def spellings(secret: str) -> set[str]:
    """How a secret may be written: a piece of it counts, too."""
    basic = b64encode(f"{USER}:{secret}".encode()).decode()
    return {
        whole[place : place + PIECE]
        for whole in (secret, quote(secret, safe=""), basic)
        for place in range(len(whole) - PIECE + 1)
    }


def without_looks(text: str) -> str:
    """A text as if it had been written in one line, without colours and frames."""
    return LOOKS.sub("", text)


class Secrets:
    """The password, and every token the appliances gave out so far."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._tokens: set[str] = set()

    def look(self) -> bool:
        """Take note of the sessions that are open; whether there ever was one."""
        self._tokens |= tokens(self._simulation)
        return bool(self._tokens)

    def assert_absent(self, *texts: str) -> None:
        self.look()
        assert self._tokens, "no token was seen, so none can be looked for"
        spelt = {spelling for secret in (PASSWORD, *self._tokens) for spelling in spellings(secret)}
        for text in texts:
            plain = without_looks(text)
            assert [spelling for spelling in spelt if spelling in text or spelling in plain] == []


@pytest.fixture
def fleet() -> Iterator[Simulation]:
    with running("demo") as simulation:
        yield simulation


@pytest.fixture
def secrets(fleet: Simulation) -> Secrets:
    return Secrets(fleet)


def test_the_search_would_find_a_secret(secrets: Secrets, fleet: Simulation, home: Path) -> None:
    with dashboard(home, *at(fleet.appliances["ns1"])) as terminal:
        terminal.wait_for(secrets.look)
        token = next(iter(tokens(fleet)))
        for leak in (PASSWORD, token, quote(token, safe=""), f"{token[:40]}\n{token[40:]}"):
            with pytest.raises(AssertionError):
                secrets.assert_absent(f"before {leak} after")
        secrets.assert_absent("nothing")


def test_a_dashboard_in_use_shows_no_secret(secrets: Secrets, fleet: Simulation, home: Path) -> None:
    with dashboard(home, *at(*fleet.appliances.values())) as terminal:
        terminal.wait_for("3 fine")
        secrets.look()
        for keys, seen in (
            ("?", "Keys"),
            ("q", "3 fine"),
            ("\r", "● live"),
            ("zjj\r", "A rise means"),
            ("", lambda: "(Tab)" not in terminal.text),  # Esc and the next key at once would be another key
            ("\x1b", "(Tab)"),
        ):
            terminal.type(keys)
            terminal.wait_for(seen)
        commands = [Path(f"/proc/{terminal.pid}/{name}").read_text() for name in ("cmdline", "comm")]
        terminal.type("\x11")  # Ctrl+Q: from any screen
        assert terminal.wait_for_end() == 0
    secrets.assert_absent(terminal.written, *commands, *contents(home))


@pytest.mark.parametrize("bug", CRASHES)
def test_a_crash_of_the_dashboard_shows_no_secret(secrets: Secrets, fleet: Simulation, home: Path, bug: str) -> None:
    """That of a widget is Textual's to print, with local variables; those of the collector are Python's."""
    box = fleet.appliances["ns1"]
    box.switch(latency_seconds=0.05)
    with Terminal(program(CRASHES[bug], *at(box)), (200, 50), environment(home)) as terminal:
        terminal.wait_for(secrets.look)
        assert terminal.wait_for_end() == 1
        assert "ZeroDivisionError" in terminal.written
        assert terminal.modes_left_on() == []
    secrets.assert_absent(terminal.written, *contents(home))
    if "login" not in bug:  # there the answer with the token is what the crash lost
        assert_was_a_good_guest(box)


@pytest.mark.parametrize("bug", ["collector", "login", "login under way", "poll under way"])
def test_a_crash_of_stat_shows_no_secret_even_with_local_variables(
    secrets: Secrets, fleet: Simulation, home: Path, bug: str
) -> None:
    """Some have every traceback printed so, by a sitecustomize of theirs."""
    box = fleet.appliances["ns1"]
    box.switch(latency_seconds=0.05)
    command = program(CRASHES[bug] + LOCALS, "stat", *at(box), "--count", "50")
    with started(home, command=command) as process:
        until(secrets.look, "a session")
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "ZeroDivisionError" in err
    secrets.assert_absent(out, err, *contents(home))


@pytest.mark.parametrize("interpreter", [(), ("-X", "dev")], ids=["plain", "-X dev"])
def test_debugging_shows_no_secret(
    secrets: Secrets, fleet: Simulation, home: Path, interpreter: tuple[str, ...]
) -> None:
    box = fleet.appliances["ns1"]
    command = program(DEBUG.format(log=str(home / "log")), *at(box), interpreter=interpreter)
    with Terminal(command, WIDE, environment(home, PYTHONASYNCIODEBUG="1")) as terminal:
        terminal.wait_for("● live")
        secrets.look()
        box.fault("reset", on="protocolmptcp", times=1)
        box.fault("short-body", on="protocolmptcp", times=1)
        box.kill_sessions()
        hurry(terminal, box, 3)
        terminal.wait_for(lambda: box.audit().logins == 2)
        secrets.look()
        terminal.type("q")
        assert terminal.wait_for_end() == 0
    assert "asyncio" in (home / "log").read_text()  # it was on
    secrets.assert_absent(terminal.written, *contents(home))


def test_stat_in_debug_mode_shows_no_secret(secrets: Secrets, fleet: Simulation, home: Path) -> None:
    box = fleet.appliances["ns1"]
    command = [sys.executable, "-X", "dev", "-m", "mptcp_top", "stat", "--json", *at(box), "--count", "2"]
    with started(home, command=command, PYTHONASYNCIODEBUG="1") as process:
        until(secrets.look, "a session")
        about = Path(f"/proc/{process.pid}/cmdline").read_text()
        out, err = process.communicate(timeout=60)
    assert (process.returncode, len(out.splitlines())) == (0, 2)
    assert "Unclosed" not in err
    assert "ResourceWarning" not in err
    secrets.assert_absent(about, out, err, *contents(home))


def test_what_prints_settings_shows_no_secret(secrets: Secrets, fleet: Simulation, home: Path) -> None:
    box = fleet.appliances["ns1"]
    done = [
        ran(home, *arguments)
        for arguments in (
            ["--help"],
            ["stat", "--help"],
            ["config", "--help"],
            ["config", "show", *at(box)],
            ["config", "show", "--json", *at(box)],
            ["config", "path"],
            ["config", "example"],
            ["config", "check"],
            ["config", "schema"],
            ["doctor", "--json", *at(box)],
            ["man"],
            ["completion", "bash", "--line", "mptcp-top --host "],
        )
    ]
    assert [each.returncode for each in done] == [0] * len(done)
    assert "MPTCP_TOP_PASSWORD" in done[3].stdout
    with dashboard(home, *at(box)) as terminal:
        terminal.wait_for(secrets.look)
    secrets.assert_absent(*(each.stdout + each.stderr for each in done), *contents(home))


FAULTS: dict[str, dict[str, Any]] = {
    "redirect": {"to": "http://127.0.0.1:1/elsewhere"},
    "specific-error": {},
    "deep-nesting": {},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_appliance_in_trouble_shows_no_token(secrets: Secrets, fleet: Simulation, home: Path, fault: str) -> None:
    box = fleet.appliances["ns1"]
    with dashboard(home, *at(box)) as terminal:
        terminal.wait_for("● live")
        secrets.look()
        box.fault(fault, on="protocolmptcp", **FAULTS[fault])
        terminal.type("r")
        terminal.wait_for("unreadable")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
    secrets.assert_absent(terminal.written, *contents(home))


def test_a_picture_of_the_screen_shows_no_secret(secrets: Secrets, fleet: Simulation, home: Path) -> None:
    """Textual's own command makes it from everything on the screen, hidden or not."""
    hosts = tuple(box.url for box in fleet.appliances.values())
    flags = {"host": hosts, "user": USER, "allow_http": True, "interval": 1.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPTCP_TOP_PASSWORD", PASSWORD)
        asked = ask(flags, environment(home))
        jobs = jobs_of(asked)
    store = Store([job.source.target for job in jobs])
    collector = Collector(jobs, Engine(store), lambda _: None)
    thread = CollectorThread(collector, lambda: None)

    async def picture() -> str:
        async with MptcpTopApp(Deck(store, collector)).run_test(size=WIDE) as pilot:
            await pilot.press("z")
            await pilot.pause()
            return str(pilot.app.export_screenshot())

    thread.start()
    try:
        until(lambda: all(store.at(target.name) for target in store.targets), "a sample of each")
        secrets.look()
        drawn = asyncio.run(picture())
    finally:
        thread.stop()
    assert "mptcp-top" in drawn
    secrets.assert_absent(drawn, repr(jobs), repr(asked), repr(vars(collector)), repr(store.at(store.targets[0].name)))
    for box in fleet.appliances.values():
        assert_was_a_good_guest(box)


def test_a_dump_of_all_threads_shows_no_secret(secrets: Secrets, fleet: Simulation, home: Path) -> None:
    """SIGABRT with the fault handler on, as a supervisor that looks for a hang would do."""
    box = fleet.appliances["ns1"]
    with dashboard(home, *at(box), PYTHONFAULTHANDLER="1") as terminal:
        terminal.wait_for("● live")
        secrets.look()
        hurry(terminal, box, 3)
        terminal.send(signal.SIGABRT)
        assert terminal.wait_for_end() == 134
    assert "most recent call first" in terminal.written
    secrets.assert_absent(terminal.written, *contents(home))
