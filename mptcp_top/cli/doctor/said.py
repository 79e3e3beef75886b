"""What the doctor says: a line a finding for people, one JSON object for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.doctor.finding import Area, State
from mptcp_top.cli.saying import folded
from mptcp_top.ui.glyphs import DOWN, NOTICE, PICKED, drawable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SCHEMA: Final = 1
GLYPHS: Final = {State.OK: PICKED, State.NOTE: NOTICE, State.FAILS: DOWN, State.SKIPPED: "–"}
_NAME: Final = 13
_INDENT: Final = 4 + 8 + _NAME
_NARROW: Final = 60
"""Columns below which lines that go on do not begin under the first one: there would be too little room."""


def lines_of(areas: Iterable[Area], width: int | None, *, ascii_only: bool) -> Iterator[str]:
    """Yield what was found as lines of at most ``width`` columns: sign and word, what it is, what to do."""
    for area in areas:
        yield from (drawable(line, ascii_only=ascii_only) for line in _lines(area, width))
        yield ""


def _lines(area: Area, width: int | None) -> Iterator[str]:
    hanging = 6 if width is not None and width < _NARROW else _INDENT
    yield from folded(area.title, width)
    for finding in area.findings:
        head = f"  {GLYPHS[finding.state]} {finding.state.value:<8}{finding.name:<{_NAME}}"
        yield from folded(f"{head}{finding.says}", width, hanging)
        if finding.advice:
            yield from folded(f"{' ' * hanging}do: {finding.advice}", width, hanging)


def verdict_of(areas: Sequence[Area]) -> str:
    """Return in a line what works."""
    bad = [area for area in areas if not area.works]
    if not bad:
        return "everything that is needed works"
    names = [f"{area.target or area.title} ({_first_failure(area)})" for area in bad]
    return f"does not work: {'; '.join(names)}"


def _first_failure(area: Area) -> str:
    return next(finding.name for finding in area.findings if finding.state is State.FAILS)


def json_of(areas: Sequence[Area], others: Sequence[str]) -> str:
    """Return what was found as the public JSON object (``schema`` 1), with the targets that were not looked at."""
    findings = [
        {
            "area": area.title.partition(" ")[0],
            "target": area.target,
            "name": finding.name,
            "state": finding.state.value,
            "says": finding.says,
            "advice": finding.advice or None,
        }
        for area in areas
        for finding in area.findings
    ]
    works = all(area.works for area in areas)
    found = {"schema": SCHEMA, "works": works, "findings": findings, "not_looked_at": list(others)}
    return json.dumps(found, indent=2, ensure_ascii=False)
