"""How wide text is on a terminal, which is not how many characters it has, and what is made of it to fit there."""

from __future__ import annotations

from mptcp_top import text


def width_of(said: str) -> int:
    """Return how many columns of a terminal a text takes: 東 takes two, an accent of its own none.

    >>> width_of("ns1"), width_of("東京-1"), width_of("u\u0308")
    (3, 6, 1)
    """
    if said.isascii():
        return len(said)
    from unicodedata import category, east_asian_width  # noqa: PLC0415  # few names need it

    return sum(
        2 if east_asian_width(char) in {"W", "F"} else 0 if category(char) in {"Mn", "Me"} else 1 for char in said
    )


def padded(said: str, width: int, *, right: bool = False) -> str:
    """Return a text with blanks behind it, or before it, so that it is as wide as that."""
    blanks = " " * (width - width_of(said))
    return f"{blanks}{said}" if right else f"{said}{blanks}"


def shortened(name: str, width: int) -> str:
    """Return a name in at most ``width`` columns (two or more), with its middle left out where it is wider.

    >>> shortened("local:/run/docker/netns/0123456789", 17), shortened("東京東京東京", 8)
    ('local:/r…23456789', '東…東京')
    """
    tries = (text.shortened(name, characters) for characters in range(width, 1, -1))
    return next((tried for tried in tries if width_of(tried) <= width), "…")


def wrapped(line: str, width: int, indent: str = "") -> list[str]:
    """Return a line as lines that are no wider than that, ``indent`` before those that follow. Long words are broken.

    >>> wrapped("  ns1  NetScaler 14.1-51.80", 18, "    "), wrapped("mptcptotmpcapsynacksent", 16)
    (['  ns1  NetScaler', '    14.1-51.80'], ['mptcptotmpcapsyn', 'acksent'])
    """
    found, rest = [], line
    while width_of(rest) > width:
        begin = len(rest) - len(rest.lstrip()) + 1
        room = max(begin, _room(rest, width))
        cut = rest.rfind(" ", begin, room + 1)
        cut = room if cut < 0 else cut
        found.append(rest[:cut].rstrip())
        rest = f"{indent}{rest[cut:].lstrip()}"
    return [*found, rest]


def _room(line: str, width: int) -> int:
    """Return how many characters of a line fit, one at least of those behind its indent."""
    taken = 0
    for place, char in enumerate(line):
        taken += width_of(char)
        if taken > width:
            return place
    return len(line)
