"""``mptcp-top replay``: the dashboard over a recording. Nothing is polled, nothing announced, and no file written."""

from __future__ import annotations

import gc
import os
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.played import deck_over
from mptcp_top.cli.report_key import KeyedReports
from mptcp_top.cli.screen import (
    Handover,
    ended_by_signals,
    keys_kept,
    let_go_of_the_terminal,
    paint_first,
    paper_of,
    refuse_what_is_no_terminal,
    standard_error_on_the_terminal,
    theme_of,
)
from mptcp_top.config import ask
from mptcp_top.errors import SettingsError
from mptcp_top.recording.lenient import Lenient
from mptcp_top.recording.library import current, legible
from mptcp_top.recording.place import is_claimed, leave_nothing_beside, shown, to_read
from mptcp_top.recording.reader import Reader
from mptcp_top.remembered import recall, save
from mptcp_top.text import printable
from mptcp_top.ui.first_paint import LEAVE
from mptcp_top.ui.glyphs import locale_is_utf8
from mptcp_top.ui.player import moment_of
from mptcp_top.ui.themes import why_only_ansi
from mptcp_top.when import parse_when

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Iterator, Mapping

    from mptcp_top.config import Asked
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.player import Player

BEGUN_SECONDS: Final = 5.0
"""How long a recording that somebody just began may take until it says what it will hold."""

LOOK_SECONDS: Final = 0.1


def replay(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Run the dashboard over a recording until the user leaves it, and return the exit code.

    Raises:
        SettingsError: there is no terminal, no recording, or no such moment in it.
    """
    asked = ask(vars(options), environment)
    if options.host or options.group:
        raise SettingsError("replay shows the targets of the recording: give no --host and no --group with it")
    path = current(environment) if options.file is None else Path(options.file)
    with _opened(path) as (connection, growing):
        with legible(path):
            deck = deck_over(Lenient(connection), path.name, asked.config.groups, growing=growing)
            _set_out(deck, options.at, options.speed)
        deck.reports = KeyedReports(lambda: (path, ""))
        deck.recorded = partial(_recorded, path, deck)
        refuse_what_is_no_terminal("dump")
        return _shown(deck, asked)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[sqlite3.Connection, bool]]:
    """Open a recording, and say whether somebody writes it.

    Raises:
        SettingsError: it is none, or nothing is recorded in it.
    """
    growing, connection = _begun(path, time.monotonic() + BEGUN_SECONDS)
    with ExitStack() as stack:
        stack.callback(leave_nothing_beside, path)
        stack.enter_context(closing(connection))
        with legible(path):
            reader = Lenient(connection)
            empty = not reader.targets() or (reader.extent() is None and not growing)
        if empty:
            raise SettingsError(f"{shown(path)}: nothing is recorded in it yet")
        yield connection, growing


def _begun(path: Path, deadline: float) -> tuple[bool, sqlite3.Connection]:
    """Wait a little for a recording that somebody is just beginning: without targets there is nothing to show."""
    while True:
        growing = _is_claimed(path)  # before it is opened: afterwards that would take SQLite's own locks away
        waiting = growing and time.monotonic() < deadline
        try:
            connection = to_read(path)
        except SettingsError:
            if not waiting:
                raise
        else:
            with legible(path):
                if Reader(connection).targets() or not waiting:
                    return growing, connection
            connection.close()
        time.sleep(LOOK_SECONDS)


def _recorded(path: Path, deck: Deck) -> str:
    """Return what is shown, and that nothing else happens."""
    grows = (
        "it is still written, and followed here at its end"
        if deck.player and deck.player.growing
        else "nobody writes it now"
    )
    return f"this is a replay of {shown(path)}; {grows}. Nothing is polled, and marks and silences stay in this view"


def _set_out(deck: Deck, at: str | None, speed: float | None) -> None:
    """Go to the moment to begin at, and play on from there if a speed was asked for: without a moment, from the start.

    Raises:
        SettingsError: it is no moment.
    """
    player, now = deck.player, deck.now()
    if player is None or (at is None and speed is None):
        return
    wall = _wall_of(at or "start", player, now.wall)
    moment = moment_of(wall, max(player.begins, now.monotonic - (now.wall - wall)), player.tape.skew)
    deck.go(moment if moment < now.monotonic else None)
    if moment < player.begins - 1.0 or wall > now.wall + 1.0:
        edge = "begins" if moment < player.begins else "ends"
        deck.notice = f"the recording {edge} here: {printable(at or '', 40)} is not in it"
    if speed is not None:
        player.speed = speed
        player.playing = deck.cursor is not None and deck.cursor < player.ends


def _wall_of(at: str, player: Player, end: float) -> float:
    skew = player.tape.skew(player.begins)
    try:
        return parse_when(at, player.begins + (skew or 0.0), end)
    except ValueError as error:
        raise SettingsError(f"--at: {error}") from error


def _shown(deck: Deck, asked: Asked) -> int:
    gc.disable()  # as for the dashboard
    settings, recalled, handover = asked.settings, recall(os.environ), Handover()
    ascii_only = settings.ascii or not locale_is_utf8(os.environ)
    theme = theme_of(settings, recalled)
    deck.theme, deck.why_only_ansi, deck.notice = theme, why_only_ansi(os.environ), deck.notice or recalled.note
    deck.remember = partial(save, os.environ)
    with standard_error_on_the_terminal(), ended_by_signals(handover), keys_kept():
        try:
            paint_first(deck.store, deck.controls, deck.now(), paper_of(theme, ascii_only=ascii_only))
            from mptcp_top.ui.app import MptcpTopApp  # noqa: PLC0415  # takes long, and by now there is a screen

            app = MptcpTopApp(deck, ascii_only=ascii_only, output_diff=settings.output_diff)
            handover.hand_over(app.wake, app.end)
            app.run()
        finally:
            let_go_of_the_terminal("" if handover.handed_over else LEAVE)
    return app.return_value if app.return_value is not None else app.return_code or 0


def _is_claimed(path: Path) -> bool:
    with suppress(OSError):
        return is_claimed(path)
    return False
