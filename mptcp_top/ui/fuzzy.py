"""Find by a few letters: which of many named things they mean, the likeliest first. Pure functions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STRAYS: Final = 1
"""How many stretches of a match may begin inside a word. With more of them, letters are together by chance."""

_STRAY: Final = 1_000_000
_RUN: Final = 1_000
_OTHER_CASE: Final = 1
_BEFORE: Final = -2
"""A place that is next to none in a name."""


class Candidate(NamedTuple):
    """Something that can be found, by any of its names. What it is known by is the ``key``."""

    key: str
    names: tuple[str, ...]


class Match(NamedTuple):
    """How a name can be what was typed: the less it ``costs``, the better. The ``places`` are those of the letters."""

    costs: int
    places: tuple[int, ...]


class Found(NamedTuple):
    """A candidate that was found, and the name it was found by. Of two ranks the lower one is the better."""

    key: str
    name: str
    rank: tuple[int, int, int]


class _Near(NamedTuple):
    """One name of a candidate as it is found by one word: what sorts the names, and the name."""

    costs: int
    left_over: int
    place: int
    name: str


class _Anatomy(NamedTuple):
    """A name as it is looked at: in small letters, and where its words begin."""

    small: str
    starts: frozenset[int]


def ranked(text: str, candidates: Iterable[Candidate]) -> list[Found]:
    """Return those candidates that every word of a text can mean, the likeliest first; of those alike, as they came.

    >>> counters = Candidate("a", ("MPJoinNoTokenFound", "unknown token")), Candidate("b", ("TokenErrors", "TokenEr"))
    >>> [found.key for found in ranked("token", counters)], [found.key for found in ranked("TokenEr", counters)]
    (['b', 'a'], ['b'])
    >>> [(found.key, found.name) for found in ranked("jnt", counters)]
    [('a', 'MPJoinNoTokenFound')]
    """
    words = tuple(text.split())
    found = [one for candidate in candidates if (one := _find(text, words, candidate)) is not None]
    return sorted(found, key=lambda one: one.rank)


def _find(text: str, words: tuple[str, ...], candidate: Candidate) -> Found | None:
    costs, left_over, found_by = 0, 0, ""
    for word in words:
        nearest = min(_near(word, candidate.names), default=None)
        if nearest is None:
            return None
        costs += nearest.costs
        left_over, found_by = nearest.left_over, nearest.name
    for unlike, whole in enumerate((text, text.strip())):
        if whole in candidate.names:
            return Found(candidate.key, whole, (unlike, costs, left_over))
    return Found(candidate.key, found_by, (2, costs, left_over))


def _near(word: str, names: Iterable[str]) -> Iterator[_Near]:
    """Return the names that can be what was typed."""
    for place, name in enumerate(names):
        match = match_of(word, name)
        if match is not None:
            yield _Near(match.costs, len(name) - len(word), place, name)


@lru_cache(maxsize=8192)
def match_of(word: str, name: str) -> Match | None:
    """Return how a name can be what was typed, None if it cannot: its letters in their order, whatever is between.

    They should be in few stretches that begin where words do, or the humps of a camel. Capitals like capitals.

    >>> match_of("notok", "MPJoinNoTokenFound").places, match_of("chksum", "bad checksum").places
    ((6, 7, 8, 9, 10), (4, 5, 8, 9, 10, 11))
    >>> match_of("token", "window update overtaken") is None, match_of("To", "To").costs < match_of("To", "to").costs
    (True, True)
    """
    small, starts = _anatomy(name)
    wanted = _small(word)
    if not wanted or not _in_order(wanted, small):
        return None
    if word == wanted:
        begins = _together(wanted, small, starts)
        if begins >= 0:  # nothing is better
            return Match(_RUN, tuple(range(begins, begins + len(word))))
        if len(word) == 1:
            return Match(_RUN + _STRAY, (small.find(word),))
    reached: Mapping[int, Match] = {_BEFORE: Match(0, ())}
    for typed, letter in zip(word, wanted, strict=True):
        reached = _reach(reached, letter, small, starts)
        if typed != letter:
            reached = {
                place: match if name[place] == typed else match._replace(costs=match.costs + _OTHER_CASE)
                for place, match in reached.items()
            }
    return min(reached.values(), default=None)


def _reach(before: Mapping[int, Match], letter: str, small: str, starts: frozenset[int]) -> Mapping[int, Match]:
    """Return the cheapest way to each place of a letter, from the places of the letter before; both in their order."""
    behind = list(before.items())[::-1]
    cheapest: Match | None = None
    reached: dict[int, Match] = {}
    place = small.find(letter)
    while place >= 0:
        while behind and behind[-1][0] < place - 1:
            match = behind.pop()[1]
            cheapest = match if cheapest is None else min(cheapest, match)
        ways = [before[place - 1]] if place - 1 in before else []
        if cheapest is not None:
            costs = cheapest.costs + _RUN + (0 if place in starts else _STRAY)
            if costs < (STRAYS + 1) * _STRAY:
                ways.append(Match(costs, cheapest.places))
        if ways:
            best = min(ways)
            reached[place] = Match(best.costs, (*best.places, place))
        place = small.find(letter, place + 1)
    return reached


def _in_order(letters: str, small: str) -> bool:
    """Whether letters come in a name in their order: most names are done with by that."""
    place = -1
    for letter in letters:
        place = small.find(letter, place + 1)
        if place < 0:
            return False
    return True


def _together(letters: str, small: str, starts: frozenset[int]) -> int:
    """Return where letters stand together at the beginning of a word, -1 if nowhere."""
    place = small.find(letters)
    while place >= 0 and place not in starts:
        place = small.find(letters, place + 1)
    return place


def _small(text: str) -> str:
    """Return a text in small letters, each in the place of its own: a few would become two."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one.lower() if len(one.lower()) == 1 else one for one in text)


@lru_cache(maxsize=4096)
def _anatomy(name: str) -> _Anatomy:
    """Return what a name is made of. Words begin after what is no letter, at humps, and with numbers.

    >>> sorted(_anatomy("MPJoinSynAckHMacFailure4 x").starts)
    [0, 2, 6, 9, 12, 13, 16, 23, 25]
    """
    around = zip(f" {name}", name, f"{name[1:]} ", strict=False)
    starts = frozenset(place for place, (before, here, after) in enumerate(around) if _begins(before, here, after))
    return _Anatomy(_small(name), starts)


def _begins(before: str, here: str, after: str) -> bool:
    if here.isdigit():
        return not before.isdigit()
    hump = here.isupper() and (before.islower() or after.islower())
    return here.isalnum() and (hump or not before.isalnum())
