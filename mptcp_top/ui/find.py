"""What the user looks for: letters of a name, a panel, what is bad, what moves. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import east_asian_width

from mptcp_top import text
from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from mptcp_top.engine.basis import Basis
from mptcp_top.model import Group, Metric, Severity
from mptcp_top.ui.fuzzy import Candidate, Found, match_of, ranked
from mptcp_top.ui.glyphs import RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.panels import full_label

if TYPE_CHECKING:
    from mptcp_top.model import Layout

LEVELS: Final = (
    (Severity.NORMAL, ""),
    (Severity.WARNING, "warnings and worse"),
    (Severity.ERROR, "errors and worse"),
    (Severity.SECURITY, "security"),
)
"""What can be left out, and what is then said to be shown."""

LONGEST: Final = 200
"""Characters of a text that are looked for. No name is as long."""


_LEAST_SAID: Final = 16
"""Cells in which a filter can be told."""


def of_group(metric: Metric, group: Group) -> bool:
    """Whether a counter belongs to a panel: an error belongs to its own, and to the errors."""
    return metric.group is group or (group is Group.ERRORS and metric.flagged)


class Filter(NamedTuple):
    """Which rows are wanted. What was typed after a colon and is nothing we know is ``unsettled``."""

    text: str = ""
    group: Group | None = None
    least: Severity = Severity.NORMAL
    moving: bool = False
    nonzero: bool = False
    unsettled: tuple[str, ...] = ()

    @property
    def on(self) -> bool:
        """Whether it can keep anything back."""
        return self._replace(unsettled=()) != ALL

    @property
    def names(self) -> bool:
        """Whether it says which rows are meant: those are shown even at zero."""
        return bool(self.text or self.group)

    @property
    def typed(self) -> str:
        """What one would type for it.

        >>> filter_of(":ERROR  unk tok :join :mov").typed
        'unk tok :MP_JOIN :error :moving'
        """
        tokens = [f":{token}" for token, asked in TOKENS.items() if asked(self) == self]
        return " ".join((*self.text.split(), *tokens, *self.unsettled))

    def said(self, basis: Basis = Basis.RATE) -> str:
        """Return what is wanted, in words; what moves has grown over what the numbers are counted over.

        >>> filter_of("token :error :moving").said(), filter_of(":MP_JOIN :nonzero :moving").said(Basis.MARK)
        ('/token, errors and worse, moving', 'MP_JOIN, moving since the mark, not at zero')
        """
        moving = "moving" if basis is Basis.RATE else f"moving {basis.title}"
        words = (
            f"/{self.text}" if self.text else "",
            self.group.value if self.group else "",
            dict(LEVELS)[self.least],
            moving if self.moving else "",
            "not at zero" if self.nonzero else "",
        )
        return ", ".join(word for word in words if word)

    def means(self, metric: Metric) -> bool:
        """Whether it is of the panel and of the severity that is wanted. An error is of two panels: its own and errors.

        >>> token = Metric("TokenEr", "unknown token", Group.MP_JOIN, severity=Severity.SECURITY)
        >>> [filter_of(typed).means(token) for typed in (":errors", ":join", ":dss", ":error")]
        [True, True, False, True]
        """
        return (self.group is None or of_group(metric, self.group)) and metric.severity.rank >= self.least.rank


ALL: Final = Filter()

Tokens = Mapping[str, Callable[[Filter], Filter]]

_GROUPS: Final = {group.value: partial(Filter._replace, group=group) for group in (Group.ERRORS, *Group)}
_LEVELS: Final = {level.value: partial(Filter._replace, least=level) for level, words in LEVELS if words}
_CONDUCT: Final = {
    "moving": partial(Filter._replace, moving=True),
    "nonzero": partial(Filter._replace, nonzero=True),
}

TOKENS: Final[Tokens] = MappingProxyType({**_GROUPS, **_LEVELS, **_CONDUCT})
"""What may be typed after a colon, and what becomes of a filter by it."""

EVENT_TOKENS: Final[Tokens] = MappingProxyType({**_GROUPS, **_LEVELS})
"""What may be typed after a colon where events are looked for."""


def filter_of(typed: str, tokens: Tokens = TOKENS) -> Filter:
    """Return the filter that somebody means. The beginning of a token will do, as long as there is but one.

    >>> filter_of("tok :sec")[:3], filter_of(":e").unsettled
    (('tok', None, <Severity.SECURITY: 'security'>), (':e',))
    """
    words = [text.printable(word) for word in typed[:LONGEST].split()]
    wanted = Filter(text=" ".join(word for word in words if not word.startswith(":")))
    for word in (word for word in words if word.startswith(":")):
        like = tokens_like(word[1:], tokens)
        known = len(like) == 1
        wanted = tokens[like[0]](wanted) if known else wanted._replace(unsettled=(*wanted.unsettled, word))
    return wanted


def tokens_like(word: str, tokens: Tokens = TOKENS) -> list[str]:
    """Return the tokens that a word is, or can become.

    >>> tokens_like("error"), tokens_like("j"), tokens_like("m"), tokens_like("x")
    (['error'], ['MP_JOIN'], ['MP_CAPABLE', 'MP_JOIN', 'memory', 'moving'], [])
    """
    typed = word.casefold()
    small = {token: token.casefold() for token in tokens}
    exact = [token for token in tokens if small[token] == typed]
    begun = [token for token in tokens if small[token].startswith(typed)]
    return exact or begun or [token for token in tokens if small[token].startswith(f"mp_{typed}")]


def advice(wanted: Filter, tokens: Tokens = TOKENS) -> str:
    """Return what to type instead of a token that is none, or may be several yet; "" where all are understood.

    >>> advice(filter_of("tok :mo")), advice(filter_of("tok :m"))
    ('', ':m is one of :MP_CAPABLE :MP_JOIN :memory :moving')
    """
    if not wanted.unsettled:
        return ""
    word = wanted.unsettled[-1]
    like = tokens_like(word[1:], tokens)
    known = " ".join(f":{token}" for token in like or tokens)
    return (
        f"{word} is one of {known}"
        if like
        else f"{word} is nothing: there are {known}"
        if known
        else f"{word} is nothing here"
    )


@lru_cache(maxsize=1024)
def names_of(metric: Metric) -> tuple[str, ...]:
    """Return every name a counter can be found by: its owner's first. No two owners have the same ones."""
    entries = (catalogue_of(source).entries.get(metric.name) for source in CATALOGUES)
    aliases = [alias for entry in entries if entry is not None for alias in entry.aliases]
    return tuple(filter(None, (metric.name, full_label(metric), *aliases, metric.concept)))


@lru_cache(maxsize=64)
def meant_in(layout: Layout, wanted: Filter) -> frozenset[str]:
    """Return the counters of a layout that are wanted whatever their numbers are, by their owner's names."""
    found = found_in(layout, wanted.text) if wanted.text else layout.index
    return frozenset(metric.name for metric in layout.metrics if metric.name in found and wanted.means(metric))


@lru_cache(maxsize=64)
def found_in(layout: Layout, words: str) -> Mapping[str, Found]:
    """Return the counters of a layout that a text can mean, by their owner's names, the likeliest first."""
    candidates = [Candidate(metric.name, names_of(metric)) for metric in layout.metrics]
    return {found.key: found for found in ranked(words, candidates)}


class Tally(NamedTuple):
    """How many of how many rows are shown, how many errors rise in those that are not, and what a row is."""

    shown: int
    every: int
    rising: int = 0
    row: str = "row"


def filter_line(wanted: Filter, tally: Tally, basis: Basis, width: int) -> Line:
    """Return what a filtered screen says of itself, so that nobody takes it for the whole.

    What rises behind the filter is said in whatever room there is; of long words the middle is left out.
    """
    hidden = f"  {RISING} {text.count(tally.rising)} rising hidden" if tally.rising else ""
    few = f"{text.count(tally.shown)} of {text.count(tally.every)}"
    many = f"{few} {tally.row}{'' if tally.every == 1 else 's'}"
    room = width - 1 - len(" : ") - len(hidden)
    many = many if room - len(many) >= _LEAST_SAID else few
    room -= len(many)
    said = text.shortened(_narrow(wanted.said(basis)), max(2, room))
    room -= len(said)
    more = " by the filter" if hidden and room >= len(" by the filter") else ""
    way_out = "  (Esc clears)" if room - len(more) >= len("  (Esc clears)") else ""
    pieces = Piece(f" {many}: ", Look.TITLE), Piece(said, Look.WARN), Piece(hidden + more, Look.BAD)
    return Line((*pieces, Piece(way_out, Look.QUIET)))


def _narrow(words: str) -> str:
    """Return words with a dot for each character that takes two cells: a line of them would end off the screen."""
    return "".join("·" if east_asian_width(char) in {"W", "F"} else char for char in words)


def lit(line: Line, place: int, words: str, name: str = "") -> Line:
    """Return the line of a row with the letters that were looked for shown in one of its pieces, the label.

    Where they are not in the label but in another name of the counter, the name stands beside it if there is room.

    >>> [piece.text for piece in lit(Line((Piece("unknown token  "),)), 0, "tok").pieces]
    ['unknown ', 'tok', 'en  ']
    >>> [piece.text for piece in lit(Line((Piece("unknown token           "),)), 0, "TokEr", "TokenEr").pieces]
    ['unknown token ', 'Tok', 'en', 'Er', '   ']
    """
    label, look = line.pieces[place]
    places = _places(words, label)
    bare = label.rstrip()
    if not places and name and len(bare) + 1 + len(name) <= len(label):
        label = f"{bare} {name}".ljust(len(label))
        places = {len(bare) + 1 + one for one in _places(words, name)}
    parts = groupby(range(len(label)), key=places.__contains__)
    pieces = []
    for inside, run in parts:
        stretch = list(run)
        pieces.append(Piece(label[stretch[0] : stretch[-1] + 1], Look.FOUND if inside else look))
    return line._replace(pieces=(*line.pieces[:place], *pieces, *line.pieces[place + 1 :]))


def _places(words: str, name: str) -> set[int]:
    """Return where the letters of the words are in a name, of those that are in it."""
    return {place for word in words.split() if (match := match_of(word, name)) for place in match.places}
