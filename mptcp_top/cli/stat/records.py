"""Observations for programs: a line of JSON each, or lines of CSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mptcp_top import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mptcp_top.cli.selection import Selection
    from mptcp_top.cli.stat.told import Told
    from mptcp_top.model import Metric, Observation

SCHEMA: Final = 1
CSV_COLUMNS: Final = (
    "taken_at",
    "target",
    "source",
    "status",
    "error",
    "group",
    "counter",
    "label",
    "kind",
    "severity",
    "value",
    "increase",
    "rate",
    "rising",
    "since",
    "elapsed_seconds",
)
_ABOUT: Final = ("group", "label", "kind", "severity", "value", "increase", "rate", "rising")


def as_json(told: Told, selection: Selection, *, ascii_only: bool = False) -> str:
    """Return an observation as one line of JSON."""
    return json.dumps(as_object(told, selection), ensure_ascii=ascii_only) + "\n"


def as_object(told: Told, selection: Selection) -> dict[str, Any]:
    """Return an observation as the public JSON object (``schema`` 1)."""
    observation = told.observation
    failure, identity = observation.failure, observation.identity
    metrics = {} if failure else {metric.name: _metric(told, column, metric) for column, metric in selection.told(told)}
    return {
        "schema": SCHEMA,
        "target": observation.target.name,
        "source": observation.target.source,
        "status": observation.status.value,
        "error": failure.reason if failure else None,
        "advice": (failure.advice or None) if failure else None,
        "taken_at": text.iso_time(observation.wall),
        "counted_at": _counted_at(observation),
        **_since(told),
        "elapsed_seconds": observation.elapsed_seconds,
        "reset": observation.reset,
        "identity": {
            "host": identity.host or None,
            "product": identity.product or None,
            "boot": identity.boot,
            "role": identity.role or None,
            "facts": dict(identity.facts),
            "notices": list(identity.notices),
        },
        "metrics": metrics,
    }


def _since(told: Told) -> dict[str, str | None]:
    """Return when the zero was set, where growth is counted from a last call."""
    if told.since is None:
        return {}
    return {"since": None if told.since.wall is None else text.iso_time(told.since.wall)}


def _counted_at(observation: Observation) -> str | None:
    """Return when the numbers were counted, which an appliance does now and then; None without numbers."""
    if observation.failure is not None or observation.values_monotonic is None:
        return None
    return text.iso_time(observation.wall - (observation.monotonic - observation.values_monotonic))


def _metric(told: Told, column: int, metric: Metric) -> dict[str, Any]:
    change = told.observation.change_at(column)
    return {
        "value": change.value,
        "increase": change.increase,
        "rate": change.rate,
        "rising": change.rising if told.watched else None,
        "kind": metric.kind.value,
        "group": metric.group.value,
        "severity": metric.severity.value,
        "label": metric.label,
        **({"ambiguous": True} if metric.ambiguous else {}),
        **_base(told, column),
    }


def _base(told: Told, column: int) -> dict[str, str | float | None]:
    """Return since when a counter's growth is counted, where that is not the same for all."""
    if told.bases is None:
        return {}
    wall, elapsed = told.bases[column]
    return {"since": None if wall is None else text.iso_time(wall), "elapsed_seconds": elapsed}


def csv_of(selection: Selection) -> Callable[[Told], str]:
    """Return a function that gives an observation as lines of CSV, the first time under the names of the columns."""
    import csv  # noqa: PLC0415  # who wants JSON does not pay for it
    import io  # noqa: PLC0415

    begun = False

    def lines(rows: Iterable[Iterable[object]]) -> str:
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows(rows)
        return written.getvalue()

    def write(told: Told) -> str:
        nonlocal begun
        head, begun = (lines([CSV_COLUMNS]) if not begun else ""), True
        return head + lines(csv_rows(told, selection))

    return write


def csv_rows(told: Told, selection: Selection) -> Iterator[list[object]]:
    """Yield the rows of an observation: one a counter, or one that says why there are none. Unknown is empty."""
    said = as_object(told, selection)
    about = [said["taken_at"], said["target"], said["source"], said["status"], said["error"]]
    if told.observation.failure is not None:
        yield [*about, *[None] * (len(CSV_COLUMNS) - len(about))]
        return
    for name, metric in said["metrics"].items():
        group, *rest = (metric[key] for key in _ABOUT)
        rising = {True: "true", False: "false", None: None}[rest.pop()]
        base = {"since": said.get("since"), "elapsed_seconds": said["elapsed_seconds"], **metric}
        yield [*about, group, name, *rest, rising, base["since"], base["elapsed_seconds"]]
