"""What ``explain`` says of counters to programs, and as a list: a line a counter."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.catalogue.catalogue import catalogue_of, sisters_of
from mptcp_top.catalogue.pairs import lookalikes_of, pair_of
from mptcp_top.text import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mptcp_top.catalogue.entry import Entry, Unnamed
    from mptcp_top.cli.explain import Meant

SCHEMA: Final = 1
LISTED: Final = ("name", "label", "group", "severity", "source")
_COLUMNS: Final = ("name", "severity", "group", "source", "label")


def lines_of(meants: Iterable[Meant], width: int, *, as_json: bool, as_list: bool) -> Iterable[str]:
    """Return a line a counter: everything known of it or the little that a list has, as JSON or as a table."""
    objects = [found for meant in meants for found in _objects(meant)]
    if as_list:
        objects = [{key: found[key] for key in ("schema", *LISTED)} for found in objects]
    if as_json:
        return [json.dumps(found, ensure_ascii=False) for found in objects]
    return _table(objects, width if sys.stdout.isatty() else None)


def _objects(meant: Meant) -> Iterator[dict[str, Any]]:
    for entry in meant.entries:
        yield object_of(entry, meant.source)
    for unnamed in meant.unnamed:
        yield _object_without_a_name(unnamed, meant.source)


def object_of(entry: Entry, source: str) -> dict[str, Any]:
    """Return everything known of a counter as the public JSON object (``schema`` 1)."""
    metric = entry.metric
    return {
        "schema": SCHEMA,
        "name": metric.name,
        "source": source,
        "system": entry.system,
        "label": metric.label,
        "aliases": list(entry.aliases),
        "concept": metric.concept or None,
        "group": metric.group.value,
        "kind": metric.kind.value,
        "unit": metric.unit,
        "severity": metric.severity.value,
        "flag_above": metric.flag_above,
        "net_of": metric.net_of,
        "ambiguous": metric.ambiguous,
        "direction": entry.direction,
        "phase": entry.phase,
        "meaning": entry.meaning,
        "on_rise": entry.on_rise,
        "hint": metric.hint or None,
        "check_next": list(entry.check_next),
        "related": list(entry.related),
        "same_as": list(_same_as(entry)),
        "unlike": [{"name": pair.other(metric.name), "says": pair.says} for pair in lookalikes_of(entry)],
        "rfc8684": list(entry.rfc),
        "since": entry.since,
        "until": entry.until,
        "changes": [{**change._asdict(), "backported": list(change.backported)} for change in entry.changes],
        "notes": list(entry.notes),
    }


def _same_as(entry: Entry) -> Iterator[dict[str, str | None]]:
    pair = pair_of(entry.metric.concept)
    for sister in sisters_of(entry):
        yield {"name": sister.metric.name, "system": sister.system, "says": pair.says if pair else None}


def _object_without_a_name(unnamed: Unnamed, source: str) -> dict[str, Any]:
    """Return what is known of a counter that its owner does not name: less, under the same keys."""
    shares = catalogue_of(source).entries[unnamed.shares]
    return {
        **dict.fromkeys(object_of(shares, source)),
        "schema": SCHEMA,
        "source": source,
        "system": shares.system,
        "label": unnamed.label,
        "aliases": [unnamed.alias],
        "meaning": unnamed.says,
        "related": [unnamed.shares],
    }


def _table(objects: list[dict[str, Any]], width: int | None) -> Iterator[str]:
    """Yield a row a counter under the names of the columns; on a terminal the labels end where it ends."""
    rows = [["name", "severity", "panel", "source", "label"]]
    rows += [[found[key] or UNKNOWN for key in _COLUMNS] for found in objects]
    *widths, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    for *cells, label in rows:
        line = "  ".join([*(f"{cell:<{wide}}" for cell, wide in zip(cells, widths, strict=True)), label])
        yield line if width is None or len(line) <= width else f"{line[: width - 1]}…"
