"""The grammar of rules. Every complaint says at which column, what was expected there, and what was found.

rule        CONDITION [for DURATION] [until [OPERAND] CONDITION [for DURATION]]
condition   COMPARISON, with `and`, `or` and parentheses; `and` binds tighter
comparison  OPERAND < NUMBER[UNIT]  (or <=, >, >=), or OPERAND rises
operand     NAME, or NAME / NAME
unit        %, /s, /min, /h; duration: 30s, 5m, 5min, 1h
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

from mptcp_top.rules.names import FIGURES, Sort, is_ambiguous, nearest_names, sort_of
from mptcp_top.rules.rule import RATES, SIGNS, AllOf, AnyOf, Comparison, Condition, Operand, Rule, Unit
from mptcp_top.rules.tokens import RuleError, listed, tokens_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.rules.tokens import Token

DEEPEST: Final = 20
LONGEST_SECONDS: Final = 86_400.0
_UNITS_OF_TIME: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_KEYWORDS: Final = ("and", "or", "for", "until", "rises")
_PER: Final = {str(unit)[1:]: unit for unit in RATES} | {"m": Unit.MINUTE}


def parse(text: str) -> Rule:
    """Return the rule a text says.

    >>> str(parse("fallback_share>5 % for 60 s until <3%"))
    'fallback_share > 5% for 1m until < 3%'

    Raises:
        RuleError: it says none. Nothing else is raised, whatever the text.
    """
    return _Reader(text).rule()


class _Reader:
    """Reads a rule from left to right, one token ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._place = 0
        self._depth = 0
        self._repeated: Operand | None = None

    def rule(self) -> Rule:
        when = self._condition()
        seconds = self._duration() if self._takes("for") else 0.0
        until, until_seconds = None, None
        if self._takes("until"):
            self._repeated = when.operand if isinstance(when, Comparison) else None
            until = self._condition()
            until_seconds = self._duration() if self._takes("for") else None
        if self._next.kind != "end":
            ends = (
                () if until_seconds is not None else ("for",) if until else ("until",) if seconds else ("for", "until")
            )
            expected = listed(
                (*(() if (until_seconds or (seconds and not until)) else ("and", "or")), *ends, "the end")
            )
            raise self._wrong(f"expected {expected}", _guess(self._next, _KEYWORDS))
        return Rule(when, seconds, until, until_seconds)

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        self._place += token.kind != "end"
        return token

    def _takes(self, text: str) -> bool:
        found = self._next.text == text
        self._place += found
        return found

    def _wrong(self, expected: str, guess: str = "", at: Token | None = None) -> RuleError:
        token = at or self._next
        return RuleError(self._text, token.at, f"{expected}, found {token}{guess}")

    def _refused(self, at: Token, says: str) -> RuleError:
        return RuleError(self._text, at.at, says)

    def _condition(self) -> Condition:
        return self._joined("or", AnyOf, lambda: self._joined("and", AllOf, self._term))

    def _joined(self, word: str, kind: type[AllOf | AnyOf], part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        flat = tuple(one for each in parts for one in (each.parts if isinstance(each, kind) else (each,)))
        return flat[0] if len(flat) == 1 else kind(flat)

    def _term(self) -> Condition:
        opening = self._next
        if not self._takes("("):
            return self._comparison()
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._refused(opening, f"more than {DEEPEST} parentheses in each other")
        inner = self._condition()
        self._depth -= 1
        if not self._takes(")"):
            raise self._wrong(f"expected and, or, or ) for the ( at column {opening.at + 1}")
        return inner

    def _comparison(self) -> Comparison:
        place = self._next
        operand = self._repeated if self._repeated and place.text in (*SIGNS, "rises") else self._operand()
        sort = Sort.SHARE if operand.over else sort_of(operand.name)
        if self._takes("rises"):
            if sort is not Sort.COUNTER:
                raise self._refused(place, f"{operand} is {sort.value if sort else ''}: only a counter rises")
            return Comparison(operand, "rises")
        if self._next.text not in SIGNS:
            more = () if operand.over else ("/",)
            expected = listed((*SIGNS, *(("rises",) if sort is Sort.COUNTER else ()), *more))
            raise self._wrong(f"expected {expected}", _guess(self._next, ("rises",)))
        sign = self._take().text
        start = self._next
        number, unit = self._quantity()
        found = Comparison(operand, sign, number, unit)
        self._check_unit(found, sort, start)
        return found

    def _operand(self) -> Operand:
        first, sort = self._name()
        slash = self._next
        if not self._takes("/"):
            return Operand(first)
        second, other = self._name()
        if Sort.SHARE in {sort, other} or sort is not other:
            kinds = " and ".join(f"{name} is {kind.value}" for name, kind in ((first, sort), (second, other)))
            raise self._refused(slash, f"{kinds}: divide counters by counters, or levels by levels")
        return Operand(first, second)

    def _name(self) -> tuple[str, Sort]:
        token = self._next
        if token.kind != "word" or token.text in _KEYWORDS:
            raise self._wrong("expected the name of a counter or a figure, for instance join_success")
        sort = sort_of(token.text)
        if is_ambiguous(token.text):
            raise self._refused(token, f"{token.text} may be either of two counters: nothing is derived from it")
        if sort is None:
            near = nearest_names(token.text)
            guess = (
                f": did you mean {listed(near)}?"
                if near
                else f" (counters: mptcp-top explain --list; figures: {', '.join(FIGURES)})"
            )
            raise self._refused(token, f"nothing is called {printable(token.text, 60)!r}{guess}")
        return self._take().text, sort

    def _quantity(self) -> tuple[float, Unit]:
        number = self._number("a number, for instance 95%, 3/s or 10")
        if self._takes("%"):
            return number, Unit.PERCENT
        if not self._takes("/"):
            return number, Unit.PLAIN
        if self._next.text not in _PER:
            raise self._wrong("expected s, min or h", _guess(self._next, tuple(_PER)))
        return number, _PER[self._take().text]

    def _number(self, expected: str) -> float:
        token = self._next
        if token.kind != "number":
            raise self._wrong(f"expected {expected}")
        number = float(self._take().text)
        if not isfinite(number):
            raise self._refused(token, "this number is too large")
        return number

    def _check_unit(self, found: Comparison, sort: Sort | None, at: Token) -> None:
        """Refuse a limit that is not of its operand's kind: it would be compared with something else."""
        operand, unit = found.operand, found.unit
        if sort is Sort.COUNTER and not unit.is_rate:
            given = self._text[at.at : self._next.at].strip().removesuffix("%")
            says = f"{operand} is a counter: say how fast it grows, for instance {printable(given, 20)}/min (/s, /h)"
        elif sort is Sort.LEVEL and unit is not Unit.PLAIN:
            says = f"{operand} is a level: compare it with a plain number"
        elif sort is Sort.SHARE and unit.is_rate:
            says = f"{operand} is a share: compare it with percent"
        elif sort is Sort.SHARE and not operand.over and found.limit > 1:
            says = f"{operand} is a share, which is never above 100%: give percent, for instance 95%"
        else:
            return
        raise self._refused(at, says)

    def _duration(self) -> float:
        start = self._next
        number = self._number("a length of time, for instance 30s, 5m or 1h")
        if self._next.text not in _UNITS_OF_TIME:
            raise self._wrong("expected s, m (or min) or h after the number")
        seconds = number * _UNITS_OF_TIME[self._take().text]
        if not seconds <= LONGEST_SECONDS:
            raise self._refused(start, "a day (24h) is the longest")
        return seconds


def _guess(token: Token, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  # only for mistakes, and slow to import

    near = get_close_matches(token.text.casefold(), known, n=1) if token.kind == "word" else []
    return f": did you mean {near[0]}?" if near else ""
