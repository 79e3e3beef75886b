"""Find by a few letters: which of many named things they mean, the likeliest first. Pure functions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STRAYS: Final = 1
"""How many stretches of a match may begin inside a word. With more, letters are there by chance."""

_STRAY: Final = 1_000_000
_RUN: Final = 1_000
_OTHER_CASE: Final = 1
_BEFORE: Final = -2
"""A place that is next to none in a name."""


Rank = tuple[int, int, int]
"""How well something is what was typed. Of two ranks the lower one is the better."""


WORST: Final[Rank] = (9, 0, 0)


class Candidate(NamedTuple):
    """Something that can be found, by any of its names. What it is known by is the ``key``."""

    key: str
    names: tuple[str, ...]


class Match(NamedTuple):
    """How a name can be what was typed: the less it ``costs``, the better. The ``places`` are those of the letters."""

    costs: int
    places: tuple[int, ...]


class Found(NamedTuple):
    """A candidate that was found, and the name it was found by."""

    key: str
    name: str
    rank: Rank


_Way = tuple[int, tuple[int, ...]]
"""A match that is not at its end yet. There are very many of them."""


class _Near(NamedTuple):
    """One name of a candidate as it is found by one word: what sorts the names, and the name."""

    costs: int
    left_over: int
    place: int
    name: str


class _Anatomy(NamedTuple):
    """A name as it is looked at: in small letters, and for each of them where its word begins."""

    small: str
    begins: tuple[int, ...]


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
    anatomy, wanted = _anatomy(name), _small(word)
    if not wanted or not _in_order(wanted, anatomy.small):
        return None
    if word == wanted:
        begin = _together(wanted, anatomy)
        if begin >= 0:  # nothing is better
            return Match(_RUN, tuple(range(begin, begin + len(word))))
        if len(word) == 1:
            return Match(_RUN + _STRAY, (anatomy.small.find(word),))
    ways: Mapping[int, _Way] = {_BEFORE: (0, ())}
    for typed, letter in zip(word, wanted, strict=True):
        ways = _reach(ways, letter, anatomy)
        if typed != letter:
            ways = {
                place: way if name[place] == typed else (way[0] + _OTHER_CASE, way[1]) for place, way in ways.items()
            }
    return Match(*min(ways.values())) if ways else None


def _reach(before: Mapping[int, _Way], letter: str, anatomy: _Anatomy) -> Mapping[int, _Way]:
    """Return the cheapest way to each place of a letter, from the places of the letter before; both in their order.

    A new stretch begins with a word, or inside the word that the letter before is in; the first one inside any.
    """
    behind = list(before.items())[::-1]
    cheapest: _Way | None = None
    in_word: dict[int, _Way] = {}
    reached: dict[int, _Way] = {}
    place = anatomy.small.find(letter)
    while place >= 0:
        word = anatomy.begins[place]
        while behind and behind[-1][0] < place - 1:
            where, way = behind.pop()
            cheapest = way if cheapest is None else min(cheapest, way)
            if where != _BEFORE:
                home = anatomy.begins[where]
                in_word[home] = min(in_word.get(home, way), way)
        ways = [before[place - 1]] if place - 1 in before else []
        nearest = cheapest if place == word or _BEFORE in before else in_word.get(word)
        if nearest is not None:
            ways.append((nearest[0] + _RUN + (0 if place == word else _STRAY), nearest[1]))
        if ways and (best := min(ways))[0] < (STRAYS + 1) * _STRAY:
            reached[place] = (best[0], (*best[1], place))
        place = anatomy.small.find(letter, place + 1)
    return reached


def _in_order(letters: str, small: str) -> bool:
    """Whether letters come in a name in their order: most names are done with by that."""
    place = -1
    for letter in letters:
        place = small.find(letter, place + 1)
        if place < 0:
            return False
    return True


def _together(letters: str, anatomy: _Anatomy) -> int:
    """Return where letters stand together at the beginning of a word, -1 if nowhere."""
    place = anatomy.small.find(letters)
    while place >= 0 and anatomy.begins[place] != place:
        place = anatomy.small.find(letters, place + 1)
    return place


def _small(text: str) -> str:
    """Return a text in small letters, each in the place of its own: a few would become two."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one.lower() if len(one.lower()) == 1 else one for one in text)


@lru_cache(maxsize=4096)
def _anatomy(name: str) -> _Anatomy:
    """Return what a name is made of. Words begin after what is no letter, at humps, and with numbers.

    >>> sorted(set(_anatomy("MPJoinSynAckHMacFailure4 x").begins))
    [0, 2, 6, 9, 12, 13, 16, 23, 25]
    """
    begins, begin = [], 0
    for place, (before, here, after) in enumerate(zip(f" {name}", name, f"{name[1:]} ", strict=False)):
        begin = place if _begins(before, here, after) else begin
        begins.append(begin)
    return _Anatomy(_small(name), tuple(begins))


def _begins(before: str, here: str, after: str) -> bool:
    if here.isdigit():
        return not before.isdigit()
    hump = here.isupper() and (before.islower() or after.islower())
    return here.isalnum() and (hump or not before.isalnum())
