"""The JSON an appliance answers with, to the letter: key order, strings for totals, numbers for rates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mptcp_top.model import Kind
from mptcp_top.simulator.counters import SINCE_14_1, TWINS, fields, release_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from fractions import Fraction

UNAVAILABLE: Final = 0xFFFF_FFFF
"""What firmware prints where it has no value: minus one, in 32 bits without a sign."""

Member: TypeAlias = tuple[str, str]
"""A key, and its value as JSON text. A list of them can hold a key twice, a dictionary cannot."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a firmware writes its statistics; the default is what real ones were seen to do.

    ``form`` is the shape of the resource (``none`` leaves its key out, as firmware does where there is nothing),
    ``totals`` and ``rates`` are JSON strings or numbers, ``rate_digits`` is the number of decimals of a rate (0 cuts
    them off). ``unavailable`` fields show the sentinel, ``missing`` ones are left out, ``extra`` members are added.
    ``v1`` and ``marker`` tell whether the 14.1 fields and ``_nextgenapiresource`` are there; None: by the version.
    ``twins`` writes the three ambiguous fields and their rates twice, with different values.
    """

    form: Literal["object", "list", "none"] = "object"
    totals: Literal["string", "number"] = "string"
    rates: Literal["string", "number"] = "number"
    rate_digits: int = 0
    unavailable: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    extra: tuple[Member, ...] = ()
    twins: bool = False
    v1: bool | None = None
    marker: bool | None = None


def twin_of(value: int) -> int:
    """Return the other value of an ambiguous field, where both are written."""
    return value // 3 + 1


def envelope(members: Iterable[Member] = (), code: int = 0, message: str = "Done", severity: str = "NONE") -> bytes:
    """Return a whole reply.

    >>> envelope([("x", "[]")])
    b'{ "errorcode": 0, "message": "Done", "severity": "NONE", "x": [] }'
    """
    head = (("errorcode", str(code)), ("message", json.dumps(message)), ("severity", json.dumps(severity)))
    return written([*head, *members], pad=" ").encode()


def written(members: Iterable[Member], pad: str = "") -> str:
    """Return members as a JSON object."""
    inside = ", ".join(f"{json.dumps(key)}: {text}" for key, text in members)
    return f"{{{pad}{inside}{pad}}}"


def statistics(
    values: Mapping[str, int], rates: Mapping[str, Fraction], version: str, style: Style
) -> tuple[Member, ...]:
    """Return the `protocolmptcp` member of a reply, or none."""
    if style.form == "none":
        return ()
    text = written(_members(values, rates, version, style))
    return (("protocolmptcp", f"[{text}]" if style.form == "list" else text),)


def _members(values: Mapping[str, int], rates: Mapping[str, Fraction], version: str, style: Style) -> Iterator[Member]:
    new = release_of(version) >= release_of(SINCE_14_1)
    wants_v1 = new if style.v1 is None else style.v1
    if new if style.marker is None else style.marker:
        yield "_nextgenapiresource", json.dumps("/nextgen/v1/stat/protocolmptcp")
    for each in fields():
        if each.since == SINCE_14_1 and not wants_v1:
            continue
        rate = rates[each.name] if each.kind is Kind.COUNTER else None
        pairs = [(values[each.name], rate)]
        if style.twins and each.name in TWINS:
            pairs.append((twin_of(values[each.name]), None if rate is None else rate / 2))
        for total, speed in pairs:
            yield from _present(each.name, _total(each.name, total, style), style)
            if each.rate_name and speed is not None:
                yield from _present(each.rate_name, _rate(each.rate_name, speed, style), style)
    yield from style.extra


def _present(name: str, text: str, style: Style) -> Iterator[Member]:
    if name not in style.missing:
        yield name, text


def _total(name: str, value: int, style: Style) -> str:
    text = str(UNAVAILABLE if name in style.unavailable else value)
    return f'"{text}"' if style.totals == "string" else text


def _rate(name: str, value: Fraction, style: Style) -> str:
    shown = UNAVAILABLE if name in style.unavailable else value
    text = f"{float(shown):.{style.rate_digits}f}" if style.rate_digits else str(int(shown))
    return f'"{text}"' if style.rates == "string" else text
