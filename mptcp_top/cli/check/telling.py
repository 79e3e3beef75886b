"""How a verdict gets out, also where there is none because of a mistake."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from mptcp_top.cli.check.state import State, first_line
from mptcp_top.cli.check.verdict import plain_object
from mptcp_top.cli.saying import give_up, tell

if TYPE_CHECKING:
    from collections.abc import Sequence


def tell_verdict(lines: Sequence[str], code: State) -> State:
    """Print what is to be said, and return the exit code: who could not be told has no verdict."""
    if sys.stdout is None:  # closed by whoever started us
        return State.UNKNOWN
    try:
        print("\n".join(lines), flush=True)
    except OSError as error:
        give_up(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            _tell_aside(f"mptcp-top: standard output: {error.strerror}")
        return State.UNKNOWN
    return code


def tell_mistake(says: str, *, as_json: bool) -> State:
    """Print why there is no verdict, as a verdict, and return the exit code; a program is told as a program.

    People see it beside that, on standard error. Monitoring systems, who read no JSON, would take that for output, too.
    """
    line = first_line(State.UNKNOWN, says)
    if not as_json:
        return tell_verdict([line], State.UNKNOWN)
    _tell_aside(line)
    return tell_verdict([json.dumps(plain_object(State.UNKNOWN, says, time.time()), ensure_ascii=False)], State.UNKNOWN)


def _tell_aside(line: str) -> None:
    try:
        tell([line], sys.stderr)
    except OSError:
        give_up(sys.stderr)
