"""What the terminal can show. Nothing is asked of it: only what the environment and the system say."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.doctor.finding import Area, Finding, fine, note
from mptcp_top.text import printable
from mptcp_top.ui.clipboard import folders
from mptcp_top.ui.glyphs import locale_is_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOMY: Final = (80, 24)
_DUMB: Final = {"", "dumb", "unknown"}
_TRUE_COLOUR: Final = {"truecolor", "24bit"}


def terminal(environment: Mapping[str, str]) -> Area:
    """Look at the terminal, or at where there is none."""
    return Area("terminal", tuple(_findings(environment)))


def _findings(environment: Mapping[str, str]) -> Iterator[Finding]:
    yield _screen(environment)
    yield _size()
    yield _colours(environment)
    yield _characters(environment)
    yield _between(environment)
    yield _copying(environment)


def _screen(environment: Mapping[str, str]) -> Finding:
    kind = printable(environment.get("TERM", ""), 40)
    for number, name in ((0, "standard input"), (1, "standard output")):
        if not os.isatty(number):
            return note(
                "screen", f"{name} is no terminal, so there is no dashboard", "without a screen: mptcp-top stat"
            )
    if kind in _DUMB:
        advice = "set TERM to what it is, for instance xterm-256color"
        return note("screen", f"TERM={kind or '(not set)'}, so there is no dashboard", advice)
    return fine("screen", f"TERM={kind}")


def _size() -> Finding:
    for number in (1, 2, 0):
        try:
            columns, lines = os.get_terminal_size(number)
        except OSError:
            continue
        says = f"{columns} by {lines}"
        if min(columns, lines) < 2:
            return note("size", f"it does not say how large it is ({says})", "stty cols 120 rows 40")
        if columns < ROOMY[0] or lines < ROOMY[1]:
            return note("size", f"{says}: less than 80 by 24, so panels fold")
        return fine("size", says)
    return fine("size", "there is no terminal to measure")


def _colours(environment: Mapping[str, str]) -> Finding:
    if environment.get("NO_COLOR"):
        return fine("colours", "none: NO_COLOR is set; signs and words say it all")
    if environment.get("COLORTERM", "").casefold() in _TRUE_COLOUR:
        return fine("colours", f"16 million (COLORTERM={printable(environment['COLORTERM'], 20)})")
    kind = environment.get("TERM", "")
    if kind in _DUMB:
        return fine("colours", f"none (TERM={kind})" if kind else "none (TERM is not set)")
    depth = _depth_of(kind)
    if depth is None:
        return note("colours", "not known: nothing describes this TERM here", "install its terminfo (ncurses-term)")
    return fine("colours", f"{depth}" if depth > 0 else "none; signs and words say it all")


def _depth_of(kind: str) -> int | None:
    """Return how many colours the system's description of a terminal gives it; None where there is none."""
    try:
        import curses  # noqa: PLC0415  # not every Python has it
    except ImportError:
        return None
    try:
        curses.setupterm(kind, 2)
    except curses.error:
        return None
    return max(0, curses.tigetnum("colors"))


def _characters(environment: Mapping[str, str]) -> Finding:
    if locale_is_utf8(environment):
        return fine("characters", "UTF-8")
    return note("characters", "the locale is not UTF-8, so 7-bit ones are drawn", "export LANG=C.UTF-8")


def _between(environment: Mapping[str, str]) -> Finding:
    """Return what stands between the program and the eyes."""
    kind = environment.get("TERM", "")
    known = (("TMUX", "tmux", ("tmux", "screen")), ("STY", "screen", ("screen",)))
    found = [(name, kinds) for variable, name, kinds in known if environment.get(variable)]
    over = ["SSH"] if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY") else []
    says = ", ".join([*over, *(name for name, _ in found)]) or "no tmux, no screen, no SSH"
    for name, kinds in found:
        if not kind.startswith(kinds):
            advice = (
                'in ~/.tmux.conf: set -g default-terminal "tmux-256color"' if name == "tmux" else "unset TERM there"
            )
            return note("in between", f"{says}; TERM={printable(kind, 40)} is not that of {name}", advice)
    return fine("in between", says)


def _copying(environment: Mapping[str, str]) -> Finding:
    folder = next(folders(environment), None)
    also = f"; always also into {folder / 'mptcp-top' / 'copied.txt'}" if folder else "; into no file: HOME is not set"
    if environment.get("TMUX"):
        if shutil.which("tmux", path=environment.get("PATH")):
            return fine("copying", f"with tmux load-buffer{also}")
        return note("copying", f"there is no tmux in PATH to copy with{also}")
    if environment.get("STY"):
        return note("copying", f"screen keeps OSC 52 to itself{also}")
    return fine("copying", f"by OSC 52, if the terminal takes it{also}")
