"""What a store answers about a moment, as plain values that can be held against those of another store.

Many more made-up stories than the tests take: ``uv run python -m tests.recording.agreement 200``.
"""

from __future__ import annotations

import random
import sys
import tempfile
from contextlib import closing, contextmanager
from itertools import zip_longest
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.judge import Look, verdict_at
from mptcp_top.engine.store import Store
from mptcp_top.engine.trend import Cells
from mptcp_top.recording import place
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.reader import Reader
from tests.recording.story import PLOTS, WALL, Session, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.engine.trend import Growth
    from mptcp_top.model import Episode, Observation

CLOSE_SECONDS = 0.002
"""A recording has its moments to the microsecond, and the wall clock to the millisecond."""


JUST_AFTER = 0.0005


class At(NamedTuple):
    """A moment: of one store's clock, as the other has it."""

    seconds: float | None


class Asked(NamedTuple):
    """What is asked of a store: about which target, when, and how far ahead of its clock the recording's is.

    What happened before ``since`` does not count, and ``closely`` is where handshakes die.
    """

    store: Store
    target: str
    cursor: float
    ahead_seconds: float = 0.0
    since: float = 0.0
    closely: bool = True

    def at(self, monotonic: float | None) -> At:
        """Return a moment on the recording's clock."""
        return At(None if monotonic is None else monotonic + self.ahead_seconds)


def answers(asked: Asked) -> dict[str, object]:
    """Return all that the store says."""
    store, target, cursor = asked[:3]
    seen = store.at(target, cursor)
    found: dict[str, object] = {"at": None if seen is None else observed(asked, seen)}
    if seen is None:
        return found
    columns = range(0, len(seen.layout.metrics), 5)
    for column in columns:
        metric = seen.layout.metrics[column]
        for shape in (Cells(24, 5), Cells(30, 2, growing=False)):
            found[f"trend {metric.name} {shape}"] = store.trend(target, metric, shape, cursor)
    found["error trend"] = store.error_trend(target, Cells(24, 5), cursor)
    found["cell times"] = [At(wall) for wall in store.cell_times(target, Cells(24, 5), cursor)]
    for seconds in (60.0, 300.0):
        found[f"ratios {seconds}"] = store.ratios(target, cursor, seconds)
        found[f"growth {seconds}"] = _grown(store.growth(target, cursor, seconds))
    for basis in Basis:
        found[f"grown {basis.name}"] = _grown(store.grown(target, basis, cursor))
    found["alerts"] = [(one.name, one.severity, asked.at(one.monotonic), At(one.wall), one.asked) for one in
                       store.alerts(target, cursor)]  # fmt: skip
    found["reset"] = At(store.reset_wall(target, cursor))
    found["mark"] = getattr(store.mark_at(cursor), "name", None)
    found["wall"] = At(store.wall_at(cursor))
    found["steps"] = [asked.at(store.step(target, cursor, rows)) for rows in (0,)]
    found["first"] = None if (first := store.first(target, cursor)) is None else (first.values, At(first.wall))
    found["verdict"] = [
        (one.concern, one.says, one.hint, one.short)
        for one in verdict_at(store, Look(target, cursor, closely=asked.closely)).findings
    ]
    found["episodes"] = sorted(
        _episode(asked, one) for one in store.episodes(target, cursor) if one.base >= asked.since
    )
    found["events"] = [
        (one.kind, asked.at(one.monotonic), At(one.wall), one.says, one.alarming, one.about, one.severity)
        for one in store.events(target, cursor, asked.since)
    ]
    return found


def observed(asked: Asked, seen: Observation) -> dict[str, object]:
    """Return an observation as plain values."""
    return {
        "values": {metric.name: value for metric, value in zip(seen.layout.metrics, seen.values, strict=True)},
        "increases": seen.increases,
        "elapsed": seen.elapsed_seconds if seen.elapsed_seconds is None else round(seen.elapsed_seconds, 4),
        "monotonic": asked.at(seen.monotonic),
        "wall": At(seen.wall),
        "counted": asked.at(seen.values_monotonic),
        "rising": sorted(_episode(asked, one) for one in seen.rising.values()),
        "reset": seen.reset,
        "identity": seen.identity,
        "status": (seen.status, seen.failure and seen.failure.reason),
        "rates": seen.rates,
        "refresh": seen.refresh_seconds,
        "data": asked.at(seen.data_time),
    }


def _episode(asked: Asked, one: Episode) -> tuple[object, ...]:
    return (
        one.metric.name, At(one.started), At(one.last_rise), one.total, one.peak_rate, one.ongoing, asked.at(one.base)
    )  # fmt: skip


def _grown(growth: Growth | None) -> object:
    if growth is None:
        return None
    names = [metric.name for metric in growth.layout.metrics]
    return dict(zip(names, growth.counts, strict=True)), At(growth.seconds), At(growth.since), growth.astray


def differences(one: object, other: object, where: str = "") -> Iterator[str]:
    """Yield where two answers differ."""
    if isinstance(one, At) and isinstance(other, At) and None not in (*one, *other):
        if abs(one.seconds - other.seconds) > CLOSE_SECONDS:  # type: ignore[operator]  # neither is None
            yield f"{where}: {one.seconds} and {other.seconds}"
    elif isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from differences(one.get(key), other.get(key), f"{where} {key}")
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        missing: Any = "nothing"
        for place, (mine, theirs) in enumerate(zip_longest(one, other, fillvalue=missing)):
            yield from differences(mine, theirs, f"{where}[{place}]")
    elif isinstance(one, float) and isinstance(other, float):
        if not isclose(one, other, rel_tol=2e-3, abs_tol=1e-9):
            yield f"{where}: {one} and {other}"
    elif one != other:
        yield f"{where}: {one!r} and {other!r}"


@contextmanager
def replayed(path: Path) -> Iterator[Store]:
    """Open a recording as a store over nothing else."""
    with closing(place.to_read(path)) as connection:
        reader = Reader(connection)
        store = Store(reader.targets())
        store.marks = reader.marks()
        store.archive = Recorded(reader, 30.0, lambda: store.marks, alone=True)
        yield store


def disagreements(session: Session, replay: Store, cursors: int, since: float = 0.0) -> list[str]:
    """Return where a replay says otherwise than the store that lived through it, at some random moments."""
    rng, ahead = random.Random(session.seed), session.ahead_seconds
    late = [seen for seen in session.seen if seen.monotonic >= since]
    found = []
    for seen in rng.sample(late, min(cursors, len(late))):
        cursor, name = seen.monotonic + JUST_AFTER, seen.target.name
        live = Asked(session.store, name, cursor, ahead, session.began)
        past = Asked(replay, name, cursor + ahead, since=session.began + ahead)
        said, told = answers(live), answers(past)
        if said.get("mark") is None:  # an earlier session may have set one
            told |= {key: said.get(key) for key in ("mark", "grown MARK") if key in told}
        found += [f"{name} at {cursor}:{one}" for one in differences(said, told)]
    return found


def main() -> int:
    stories = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    wrong = 0
    for seed in range(stories):
        with tempfile.TemporaryDirectory() as folder:
            session = Session(PLOTS[seed % len(PLOTS)], seed, 5000.0, WALL)
            record(Path(folder, "story.db"), session)
            with replayed(Path(folder, "story.db")) as replay:
                found = disagreements(session, replay, 12)
        wrong += bool(found)
        print(f"story {seed}: {len(found)} differences", *found[:3], sep="\n  ")
    print(f"{wrong} of {stories} stories are told otherwise")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
