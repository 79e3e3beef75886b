"""What the doctor says: a line a finding for people, one JSON object for programs."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.doctor.finding import Area, Finding, State
from mptcp_top.ui.glyphs import DOWN, NOTICE, PICKED, drawable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SCHEMA: Final = 1
GLYPHS: Final = {State.OK: PICKED, State.NOTE: NOTICE, State.FAILS: DOWN, State.SKIPPED: "–"}
_NAME: Final = 13
_INDENT: Final = 4 + 8 + _NAME
_LEAST: Final = 40


def lines_of(areas: Iterable[Area], width: int, *, ascii_only: bool) -> Iterator[str]:
    """Yield what was found as lines of at most ``width`` columns, or of 40: sign and word, what it is, what to do."""
    for area in areas:
        yield drawable(area.title, ascii_only=ascii_only)
        for finding in area.findings:
            yield from (drawable(line, ascii_only=ascii_only) for line in _lines(finding, max(width, _LEAST)))
        yield ""


def _lines(finding: Finding, width: int) -> list[str]:
    head = f"  {GLYPHS[finding.state]} {finding.state.value:<8}{finding.name:<{_NAME}}"
    said = [(head, finding.says), *([(" " * _INDENT + "do: ", finding.advice)] if finding.advice else [])]
    return [
        line
        for begin, words in said
        for line in textwrap.wrap(
            words,
            width,
            initial_indent=begin,
            subsequent_indent=" " * _INDENT,
            break_on_hyphens=False,
            break_long_words=False,
        )
    ]


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
