"""What was typed, in the order in which argparse understands it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.parser import first_command

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIMES: Final = frozenset({"--at", "--from", "--to"})


def arranged(arguments: Sequence[str]) -> list[str]:
    """Return arguments as argparse understands them: times like -15m tied to their flags, what is no flag at the end.

    >>> arranged(["replay", "--at", "-15m", "--from", "start"])
    ['replay', '--at=-15m', '--from', 'start']
    >>> arranged(["dump", "a.db", "--host", "ns1", "--csv", "MPJoin*"])
    ['dump', '--host', 'ns1', '--csv', 'a.db', 'MPJoin*']
    """
    found: list[str] = []
    for text in arguments:
        if found and found[-1] in _TIMES and text[:1] == "-" and text[1:2].isdigit():
            found[-1] += f"={text}"
        else:
            found.append(text)
    return _words_last(found) if first_command(found) == "dump" else found


def _words_last(arguments: list[str]) -> list[str]:
    """Return the arguments of ``dump``, which has words before and after its flags, so that the words are together."""
    place = arguments.index("dump") + 1
    flags: list[str] = []
    words: list[str] = []
    ends = ["--"] if "--" in arguments else []
    rest = iter(arguments[place:])
    for text in rest:
        if text == "--":
            words += rest
        elif text[:1] == "-" and text != "-":
            flags += [text, *islice(rest, int(text in {*_TIMES, "--host"}))]
        else:
            words.append(text)
    return [*arguments[:place], *flags, *ends, *words]
