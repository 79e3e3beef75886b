"""What became plain TCP, by cause, of the connections that wanted MPTCP; RFC 8684 section 3.7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.funnels import Worse
from mptcp_top.engine.losses import Flow, past_of
from mptcp_top.engine.ratios import ATTEMPTS, FALLBACKS
from mptcp_top.engine.trend import Break, Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.store import Store
    from mptcp_top.engine.trend import Growth
    from mptcp_top.model import Layout, Metric


FALLBACK: Final = "fallback"
TITLE: Final = "fallback to plain TCP"


class Fallen(NamedTuple):
    """How many connections became plain TCP for one cause; None is not known."""

    metric: Metric
    number: int | None


class Fallbacks(NamedTuple):
    """What became plain TCP in one stretch of time, of how many connections that wanted MPTCP."""

    causes: tuple[Fallen, ...]
    attempts: int | None
    seconds: float

    @property
    def number(self) -> int | None:
        """How many became plain TCP for any cause. No connection is in two of them."""
        known = [cause.number for cause in self.causes if cause.number is not None]
        return sum(known) if known else None

    def share(self, number: int | None) -> float | None:
        """Return so many as a share of the attempts; None if there were none.

        None also where more fell back than tried: connections made earlier did, and a share of the new ones says
        nothing of them.
        """
        if number is None or not self.attempts or (self.number or 0) > self.attempts:
            return None
        return number / self.attempts


def fallbacks(growth: Growth) -> Fallbacks:
    """Return what became plain TCP in a stretch of time, by every cause that the source counts."""
    causes = tuple(Fallen(metric, growth.of(metric.name)) for metric in counted(growth.layout, FALLBACKS))
    tried = [growth.of(metric.name) for metric in counted(growth.layout, ATTEMPTS)]
    known = [number for number in tried if number is not None]
    return Fallbacks(causes, sum(known) if known else None, growth.seconds)


def more_fallbacks(store: Store, target: str, cursor: float | None = None, since: float | None = None) -> Worse | None:
    """Return that a larger share becomes plain TCP than before, and mostly for what cause; None if that is not so.

    By the same rule as of a step that got worse, and as cheap. Given ``since``, of a mark, as `worse_steps` does.
    """
    track = store.track(target, cursor, whole=True)
    with track.lock:
        past = past_of(track, cursor)
        if past is None:
            return None
        flow = Flow(attempts(past.layout), lost=counted(past.layout, FALLBACKS))
        found = past.turn(flow, since) if flow.begin and flow.lost else None
        if found is None:
            return None
        wall = past.history.times(found.row)[1]
        growth = past.growth_since(found.row)
    causes = fallbacks(growth).causes if growth else ()
    main = max(causes, key=lambda cause: cause.number or 0, default=Fallen(flow.lost[0], None)).metric
    turn = found.turn
    return Worse(FALLBACK, TITLE, "", "", turn.now, turn.before, wall, main.label, main)


def attempts(layout: Layout) -> tuple[Metric, ...]:
    """Return the counters of connections that wanted MPTCP."""
    return counted(layout, ATTEMPTS)


def counted(layout: Layout, concepts: Sequence[str]) -> tuple[Metric, ...]:
    """Return the metrics of those concepts that a source counts."""
    columns = (layout.concepts.get(concept) for concept in concepts)
    return tuple(layout.metrics[column] for column in columns if column is not None)


def shares(part: Sequence[Cell], whole: Sequence[Cell]) -> list[Cell]:
    """Return cell by cell what share of a whole a part is; where there was no whole, no share is known.

    >>> shares([1.0, 0.0, Break.GAP, 3.0], [10.0, 0.0, 5.0, 2.0])
    [0.1, <Break.NOTHING: 'nothing'>, <Break.GAP: 'gap'>, 1.0]
    """
    return [_share(one, all_) for one, all_ in zip(part, whole, strict=True)]


def _share(part: Cell, whole: Cell) -> Cell:
    for cell in (whole, part):
        if isinstance(cell, Break):
            return cell
    assert not isinstance(part, Break)  # noqa: S101  # neither is, by now
    assert not isinstance(whole, Break)  # noqa: S101  # the same
    return min(1.0, part / whole) if whole > 0 else Break.NOTHING


def losses(begin: Sequence[Cell], arrive: Sequence[Cell]) -> list[Cell]:
    """Return cell by cell the share of those that begin and do not arrive.

    >>> losses([10.0, 10.0, Break.RESET], [9.0, 11.0, 4.0])
    [0.1, 0.0, <Break.RESET: 'reset'>]
    """
    arrived = shares(arrive, begin)
    return [cell if isinstance(cell, Break) else round(1.0 - cell, 9) for cell in arrived]


def together(rows: Sequence[Sequence[Cell]]) -> list[Cell]:
    """Return several trends as one: a break in any of them is one of all.

    >>> together([[1.0, 2.0], [0.5, Break.GAP]]), together([])
    ([1.5, <Break.GAP: 'gap'>], [])
    """
    return [_sum(column) for column in zip(*rows, strict=True)]


def _sum(cells: Sequence[Cell]) -> Cell:
    broken = next((kind for kind in (Break.RESET, Break.GAP, Break.NOTHING) if kind in cells), None)
    return sum(cell for cell in cells if not isinstance(cell, Break)) if broken is None else broken
