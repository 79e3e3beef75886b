"""Charts as lines, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.catalogue.alignment import key_of
from mptcp_top.engine.series import Extent
from mptcp_top.ui.chart_choice import Choice, Picks
from mptcp_top.ui.chart_easel import Easel, Laid, Space
from mptcp_top.ui.frame import Moment
from tests.feed import WALL, Feed, linux, text_of

if TYPE_CHECKING:
    from mptcp_top.model import Metric

TOKEN, JOINS, OPEN = "MPJoinNoTokenFound", "MPJoinSynRx", "MPCurrEstab"
YOUNG, OLD = Extent(5001.0, 5060.0, WALL + 5060), Extent(1000.0, 5060.0, WALL + 5060)


def metric(feed: Feed, name: str) -> Metric:
    return feed.layout.metrics[feed.layout.index[name]]


def drawing(feed: Feed, *metrics: Metric) -> Choice:
    picks = Picks().offered(feed.target.source, metrics)
    for one in metrics:
        picks = picks.toggled(key_of(feed.target.source, one))
    return Choice(feed.target, picks=picks)


def laid(
    feed: Feed,
    choice: Choice,
    size: tuple[int, int] = (80, 24),
    cursor: float | None = None,
    *,
    ascii_only: bool = False,
) -> Laid:
    now = Moment(feed.now, WALL + feed.now, cursor, None if cursor is None else WALL + cursor)
    return Easel(feed.store, ascii_only=ascii_only).laid(choice, now, Space(*size), "")


def said(found: Laid) -> list[str]:
    return text_of([*found.head, *found.legend])


def plot(found: Laid) -> list[str]:
    """The rows of the plot alone, without its labels."""
    return [line[7:] for line in text_of(found.head)[3:-3]]


def axis(found: Laid) -> str:
    return text_of(found.head)[-3][7:]


def rising(seconds: int = 60, rate: int = 3) -> Feed:
    feed = linux("red")
    for _ in range(seconds):
        feed.tick(**{TOKEN: rate, JOINS: 10})
    return feed
