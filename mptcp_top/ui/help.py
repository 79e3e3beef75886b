"""The help page as lines: the focused counter first, then the screen and its keys, then signs and words. Pure."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.ui import glyphs
from mptcp_top.ui.abouts import WORDS, About
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mptcp_top.catalogue.entry import Entry
    from mptcp_top.ui.keys import Key

_SIGN: Final = 10
_WORD: Final = 18
_DRAWN: Final = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "full_stop": ".",
    "comma": ",",
    "colon": ":",
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "at": "@",
}
"""What the keys are called that are not called what they are."""

SIGNS: Final = (
    (glyphs.LIVE, "live, or healthy"),
    (glyphs.RISING, "an error counter rises: it rose within the last 30 s (or what --hold says)"),
    (glyphs.DOWN, "the target cannot be read; its last numbers stay, with their age"),
    (glyphs.PAUSED, "the past is shown, a recording stands still, or the target is not connected yet"),
    (glyphs.PICKED, "a target that is picked, to be seen side by side with others (s)"),
    (glyphs.MARK, "a mark: a moment from which growth is counted on all targets (m sets one)"),
    (glyphs.FOLDED, "a folded panel that has counts; Enter opens it. In the head: a recording is played"),
    (glyphs.NOTICE, "something to know of a target: how safely it is read, or that its numbers are old"),
    (text.UNKNOWN, "not known: never read as zero"),
    (
        f"{glyphs.LEVELS[0]}..{glyphs.LEVELS[-1]}",
        "trend, about 5 s a cell (or one poll, if rarer), from zero to the row's maximum",
    ),
    (glyphs.GAP, "in a trend: no poll of that time succeeded; as a number: the target has no such counter"),
    (glyphs.RESET, "in a trend: the counters were reset"),
    (f"{glyphs.HIGHER} {glyphs.LOWER}", "beside a number: the odd one out, above or below the others"),
    ("k M G T", "after a number: thousands, millions, thousand millions, million millions"),
)


class Focus(NamedTuple):
    """What the user looks at: the screen, its keys, and the counter of the row with the target it was read of.

    ``recorded`` says where that is recorded.
    """

    about: About
    keys: Sequence[Key]
    target: str = ""
    entry: Entry | None = None
    recorded: str = ""


def help_lines(focus: Focus, width: int) -> list[Line]:
    """Return the help page."""
    lines = [*_counter_lines(focus, width), _title(focus.about.name)]
    lines += [Line((Piece(f"  {part}"),)) for part in textwrap.wrap(focus.about.purpose, max(20, width - 3))]
    lines += _table(focus.about.reads, width, _WORD)
    if focus.recorded:
        parts = textwrap.wrap(focus.recorded, max(20, width - 3), break_on_hyphens=False)
        lines += [Line(), _title("Recording"), *(Line((Piece(f"  {part}"),)) for part in parts)]
    lines += [Line(), _title("Keys"), *_table(keys_listed(focus.keys), width, _SIGN)]
    lines += [Line(), _title("Signs"), *_table(SIGNS, width, _SIGN)]
    return [*lines, Line(), _title("Words"), *_table(WORDS, width, _WORD)]


def keys_listed(keys: Sequence[Key]) -> list[tuple[str, str]]:
    """Return each action as it is listed: its sign, and its meaning with the other keys that do the same.

    >>> from mptcp_top.ui.keys import Key
    >>> keys_listed([Key("up,k", "row(-1)", "↑↓", "row", "move"), Key("down,j", "row(1)", "", "", "move down")])
    [('↑↓', 'move (also k, j)')]
    """
    groups: list[list[Key]] = []
    for key in keys:
        if key.sign or not groups:
            groups.append([key])
        else:
            groups[-1].append(key)
    return [(group[0].sign, _meaning(group)) for group in groups]


def drawn(key: str) -> str:
    """Return what a key is called.

    >>> drawn("escape"), drawn("ctrl+l"), drawn("shift+left"), drawn("f2"), drawn("M")
    ('Esc', '^L', 'Shift+←', 'F2', 'M')
    """
    head, plus, name = key.rpartition("+")
    if head == "ctrl":
        return f"^{name.upper()}"
    said = _DRAWN.get(name, name if len(name) == 1 else name.capitalize())
    return f"{head.capitalize()}{plus}{said}"


def _meaning(group: Sequence[Key]) -> str:
    names = [drawn(name) for key in group for name in key.keys.split(",")]
    sign = group[0].sign
    others = [name for name in names if name not in sign]
    return f"{group[0].meaning} (also {', '.join(others)})" if others else group[0].meaning


def _counter_lines(focus: Focus, width: int) -> Iterator[Line]:
    """Yield what is to be said of the counter in focus: what it is, what its rise means, and where there is more."""
    if focus.entry is None:
        return
    metric = focus.entry.metric
    of = f"{metric.name}, in {metric.unit}" + (f", of {focus.target}" if focus.target else "")
    beside = len(metric.label) + len(of) + 3 <= width
    yield Line((Piece(f" {metric.label}", Look.TITLE), Piece(f"  {of}" if beside else "", Look.QUIET)))
    for part in [] if beside else textwrap.wrap(of, max(20, width - 1)):
        yield Line((Piece(f" {part}", Look.QUIET),))
    said = [("What it is", focus.entry.meaning), ("A rise means", focus.entry.on_rise)]
    opens = next((key for key in focus.keys if key.sign == "Enter" and "explain" in key.meaning), None)
    if opens:
        said.append(("Enter", "explains it: what to check next, what it is like, its numbers beside related ones"))
    yield from _table([pair for pair in said if pair[1]], width, _WORD)
    yield Line()


def _title(words: str) -> Line:
    return Line((Piece(f" {words}", Look.TITLE),))


def _table(pairs: Iterable[tuple[str, str]], width: int, column: int) -> list[Line]:
    """Return signs and what they mean, the meanings under each other."""
    lines = []
    for sign, meaning in pairs:
        first, *rest = textwrap.wrap(meaning, max(10, width - column - 3), break_on_hyphens=False)
        lines.append(Line((Piece(f"  {sign:<{column}} ", Look.TITLE), Piece(first))))
        lines += [Line((Piece(" " * (column + 3)), Piece(more))) for more in rest]
    return lines
