"""The themes: what each look of a piece of text is drawn in, and on what. No terminal and no Textual is involved yet.

A colour is a number of the palette of 256 that terminals agree on; below 16 it is the terminal's own, as its user has
set it, and None is what the terminal writes with.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.ui.line import Look

if TYPE_CHECKING:
    from collections.abc import Mapping

_BRIGHT: Final = 8
_OWN: Final = 16
_GREYS: Final = 232
_STEPS: Final = (0, 95, 135, 175, 215, 255)


class Ink(NamedTuple):
    """What a look is drawn with."""

    colour: int | None = None
    bold: bool = False
    dim: bool = False
    underline: bool = False


class Theme(NamedTuple):
    """An ink for each look, and the paper under them."""

    name: str
    meaning: str
    inks: Mapping[Look, Ink]
    paper: int | None = None
    dark: bool = True

    @property
    def own(self) -> bool:
        """Whether the colours are the terminal's own sixteen, whatever its user has made of them."""
        return self.paper is None


ANSI: Final = Theme(
    "ansi",
    "the terminal's own sixteen colours",
    MappingProxyType(
        {
            Look.PLAIN: Ink(),
            Look.QUIET: Ink(dim=True),
            Look.TITLE: Ink(bold=True),
            Look.GOOD: Ink(2),
            Look.WARN: Ink(3),
            Look.BAD: Ink(1, bold=True),
            Look.TREND: Ink(6),
            Look.FOUND: Ink(bold=True, underline=True),
            Look.SECOND: Ink(5),
            Look.THIRD: Ink(12),
        }
    ),
)
DARK: Final = Theme(
    "dark",
    "light text on dark grey",
    MappingProxyType(
        {
            Look.PLAIN: Ink(252),
            Look.QUIET: Ink(246),
            Look.TITLE: Ink(231, bold=True),
            Look.GOOD: Ink(114),
            Look.WARN: Ink(221),
            Look.BAD: Ink(203, bold=True),
            Look.TREND: Ink(80),
            Look.FOUND: Ink(231, bold=True, underline=True),
            Look.SECOND: Ink(177),
            Look.THIRD: Ink(75),
        }
    ),
    paper=234,
)
LIGHT: Final = Theme(
    "light",
    "dark text on white",
    MappingProxyType(
        {
            Look.PLAIN: Ink(235),
            Look.QUIET: Ink(242),
            Look.TITLE: Ink(16, bold=True),
            Look.GOOD: Ink(28),
            Look.WARN: Ink(94),
            Look.BAD: Ink(160, bold=True),
            Look.TREND: Ink(25),
            Look.FOUND: Ink(16, bold=True, underline=True),
            Look.SECOND: Ink(127),
            Look.THIRD: Ink(57),
        }
    ),
    paper=231,
    dark=False,
)
OKABE_ITO: Final = Theme(
    "okabe-ito",
    "for the colour-blind, after Okabe and Ito",
    MappingProxyType(
        {
            Look.PLAIN: Ink(254),
            Look.QUIET: Ink(244),
            Look.TITLE: Ink(231, bold=True),
            Look.GOOD: Ink(48),  # bluish green, brighter than theirs: apart from grey without a green cone, too
            Look.WARN: Ink(226),  # yellow
            Look.BAD: Ink(166, bold=True),  # vermillion
            Look.TREND: Ink(75),  # sky blue
            Look.FOUND: Ink(231, bold=True, underline=True),
            Look.SECOND: Ink(214),
            Look.THIRD: Ink(137),
        }
    ),
    paper=233,
)

THEMES: Final[Mapping[str, Theme]] = MappingProxyType({theme.name: theme for theme in (ANSI, DARK, LIGHT, OKABE_ITO)})
"""In the order in which a key goes through them."""


def after(theme: Theme) -> Theme:
    """Return the next theme, round and round.

    >>> after(ANSI).name, after(OKABE_ITO).name
    ('dark', 'ansi')
    """
    themes = tuple(THEMES.values())
    return themes[(themes.index(theme) + 1) % len(themes)]


def why_only_ansi(environment: Mapping[str, str]) -> str:
    """Say why no theme but the terminal's own colours can be shown, or nothing.

    >>> why_only_ansi({"TERM": "tmux-256color"}), why_only_ansi({"TERM": "xterm", "COLORTERM": "truecolor"})
    ('', '')
    >>> why_only_ansi({"TERM": "linux"})
    'this terminal has sixteen colours (TERM=linux)'
    """
    if environment.get("NO_COLOR"):
        return "NO_COLOR asks for no colours"
    term = environment.get("TERM", "").strip().casefold()
    rich = environment.get("COLORTERM", "").strip().casefold() in {"truecolor", "24bit"}
    if rich or term.rpartition("-")[2] in {"256color", "kitty"}:  # what Textual itself goes by
        return ""
    return f"this terminal has sixteen colours (TERM={term})"


def rgb(number: int) -> tuple[int, int, int]:
    """Return the red, green and blue of a colour that is the same on every terminal.

    >>> rgb(16), rgb(231), rgb(203), rgb(234)
    ((0, 0, 0), (255, 255, 255), (255, 95, 95), (28, 28, 28))
    """
    if number >= _GREYS:
        grey = 8 + 10 * (number - _GREYS)
        return grey, grey, grey
    step = number - _OWN
    return _STEPS[step // 36], _STEPS[step // 6 % 6], _STEPS[step % 6]


def css(number: int) -> str:
    """Return the same colour as style sheets have it.

    >>> css(203)
    '#ff5f5f'
    """
    return "#{:02x}{:02x}{:02x}".format(*rgb(number))


def codes(ink: Ink, *, colours: bool = True) -> str:
    """Return the parameters of the escape sequence (SGR) that takes up an ink.

    >>> codes(Ink(1, bold=True)), codes(Ink(12)), codes(Ink(203)), codes(Ink()), codes(Ink(1, bold=True), colours=False)
    ('1;31', '94', '38;5;203', '', '1')
    """
    found = [code for code, wanted in (("1", ink.bold), ("2", ink.dim), ("4", ink.underline)) if wanted]
    if colours and ink.colour is not None:
        own = 30 + ink.colour if ink.colour < _BRIGHT else 82 + ink.colour
        found.append(str(own) if ink.colour < _OWN else f"38;5;{ink.colour}")
    return ";".join(found)
