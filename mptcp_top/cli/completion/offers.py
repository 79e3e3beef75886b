"""What may stand at the cursor: flags, commands, and what values can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mptcp_top.cli.completion.line import Typed
    from mptcp_top.cli.grammar import Command, Option

    Words = Mapping[str, Callable[[str], Iterable["Word"]]]

FILE: Final = "FILE"
"""What stands for a value that is the path of a file: the shells know best which there are."""


class Word(NamedTuple):
    """A word that may stand at the cursor, and what it is."""

    text: str
    says: str = ""


class Offers(NamedTuple):
    """The words that may stand at the cursor; or any file."""

    words: tuple[Word, ...] = ()
    files: bool = False


class _Place(NamedTuple):
    """Where the cursor is: in which command, after which flag that wants a value, after how many words, which flags."""

    command: Command
    wants: Option | None
    words: int
    given: frozenset[str]
    literal: bool


def offers(program: Command, typed: Typed, words: Words) -> Offers:
    """Return what may stand at the cursor; ``words`` gives what may stand for a kind of value, such as TARGET."""
    place, current = _place_of(program, typed.before), typed.current
    if place.wants is not None:
        return _values(place.wants.value, place.wants.choices, current, words)
    if current.startswith("-") and not place.literal:
        flag, equals, begun = current.partition("=")
        option = place.command.option(flag)
        if equals:
            found = _values(option.value, option.choices, begun, words) if option and option.value else Offers()
            return found._replace(words=tuple(Word(f"{flag}={word.text}", word.says) for word in found.words))
        return Offers(_that_begin(current, _flags(place)))
    if place.command.commands:
        named = (Word(name, command.says) for name, command in place.command.commands.items())
        return Offers(_that_begin(current, named))
    places = place.command.places
    if not places or (place.words >= len(places) and not places[-1].many):
        return Offers(_that_begin(current, _flags(place)))
    wanted = places[min(place.words, len(places) - 1)]
    return _values(wanted.value, wanted.choices, current, words)


def _place_of(program: Command, before: Iterable[str]) -> _Place:
    command, wants, words, literal = program, None, 0, False
    given: set[str] = set()
    for word in before:
        if wants is not None:
            wants = None
        elif word == "--" and not literal:
            literal = True
        elif word.startswith("-") and not literal:
            flag, equals, _ = word.partition("=")
            option = command.option(flag)
            given.update(option.flags if option and not option.again else ())
            wants = option if option and option.value and not equals else None
        elif word in command.commands:
            command = command.commands[word]
        else:
            words += 1
    return _Place(command, wants, words, frozenset(given), literal)


def _flags(place: _Place) -> Iterable[Word]:
    """Return the flags that were not given yet, the long way of spelling each."""
    options = (option for option in place.command.options if place.given.isdisjoint(option.flags))
    return (Word(option.flags[-1], option.says) for option in options)


def _values(value: str, choices: Iterable[str], current: str, words: Words) -> Offers:
    if value == FILE:
        return Offers(files=True)
    known = tuple(map(Word, choices)) or (words[value](current) if value in words else ())
    return Offers(_that_begin(current, known))


def _that_begin(current: str, words: Iterable[Word]) -> tuple[Word, ...]:
    """Return the words that begin like the current one; if there are none, those that do but for upper and lower case.

    >>> [word.text for word in _that_begin("mpj", (Word("MPJoinSynRx"), Word("MPRstTx")))]
    ['MPJoinSynRx']
    """
    known = tuple(words)
    exact = tuple(word for word in known if word.text.startswith(current))
    return exact or tuple(word for word in known if word.text.casefold().startswith(current.casefold()))
