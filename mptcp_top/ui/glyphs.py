"""The few characters that are not letters, and their 7-bit twins.

Every glyph is one cell wide and its twin is one character, so a line keeps its shape in ASCII.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

LIVE: Final = "●"
PAUSED: Final = "◌"
RISING: Final = "▲"
HIGHER: Final = RISING
LOWER: Final = "▼"
DOWN: Final = "✕"
FOLDED: Final = "▸"
PICKED: Final = "✓"
MARK: Final = "◆"
NOTICE: Final = "!"
GAP: Final = "·"
RESET: Final = "╎"
LEVELS: Final = "▁▂▃▄▅▆▇█"
BAR: Final = LEVELS[-1]
LOST: Final = "░"
AT_MOST: Final = "≤"
AXIS: Final = "─"
TICK: Final = "┬"
LIMIT: Final = "┄"
CURSOR: Final = "│"

_TWINS: Final = {
    LIVE: "*",
    PAUSED: "o",
    RISING: "^",
    LOWER: "v",
    DOWN: "x",
    FOLDED: ">",
    PICKED: "v",
    MARK: "M",
    GAP: "~",
    RESET: "|",
    LOST: ".",
    AT_MOST: "<",
    "–": "-",
    "…": ".",
    "↑": "k",
    "↓": "j",
    "←": "<",
    "→": ">",
    AXIS: "-",
    TICK: "+",
    LIMIT: "-",
    CURSOR: "|",
    **dict(zip(LEVELS, "_.:-=+*#", strict=True)),
}


class _Ascii(dict[int, str]):
    """A translation in which whatever is not 7-bit and has no twin becomes a question mark."""

    def __missing__(self, code: int) -> str:
        return chr(code) if code < 128 else "?"


TO_ASCII: Final = _Ascii({ord(glyph): twin for glyph, twin in _TWINS.items()})


def drawable(text: str, *, ascii_only: bool) -> str:
    r"""Return what may be drawn of a text: the last gate before the terminal, whatever came in by which door.

    >>> drawable("a\x1b[2J", ascii_only=False), drawable("● live", ascii_only=True)
    ('a·[2J', '* live')
    """
    clean = text if text.isprintable() else printable(text, len(text))
    return clean.translate(TO_ASCII) if ascii_only else clean


def locale_is_utf8(environment: Mapping[str, str], utf8_mode: int = sys.flags.utf8_mode) -> bool:
    """Whether the user's locale says that the terminal takes UTF-8.

    Python itself turns a C locale into ``LC_CTYPE=C.UTF-8`` when it starts (PEP 538), with its UTF-8 mode on
    (PEP 540): that is not the user's word.

    >>> locale_is_utf8({"LANG": "de_DE.UTF-8"}, 0), locale_is_utf8({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, 1)
    (True, False)
    >>> locale_is_utf8({"LC_CTYPE": "C.UTF-8"}, 1), locale_is_utf8({"LC_CTYPE": "C.UTF-8"}, 0)
    (False, True)
    """
    names = (environment.get("LC_ALL"), environment.get("LC_CTYPE"), environment.get("LANG"))
    coerced = utf8_mode and not names[0] and names[1] in {"C.UTF-8", "C.utf8", "UTF-8"}
    if coerced and (names[2] or "C") in {"C", "POSIX"}:
        return False
    name = next((name for name in names if name), "C")
    return name.casefold().replace("-", "").endswith("utf8")
