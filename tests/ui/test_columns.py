"""Columns stay where they are, whatever stands in them: rates from 0.001 to 10 million a second, counts of 64 bits."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.shift import Pace, moves_of, shift
from mptcp_top.model import Identity, Target
from mptcp_top.ui import compare, events, fleet, split
from mptcp_top.ui import moved as moved_lines
from mptcp_top.ui.compare_head import Choice
from mptcp_top.ui.compare_head import head_lines as compare_head
from mptcp_top.ui.comparison import Comparison
from mptcp_top.ui.event_filter import newest_events
from mptcp_top.ui.frame import Frame, Moment, frame_of
from mptcp_top.ui.glance import error_trend_of, glance_of, glances_of
from mptcp_top.ui.panels import error_lines, group_lines, rows_of
from mptcp_top.ui.plan import Shape
from mptcp_top.ui.sides import Mode, side_of
from mptcp_top.ui.sketch import TRAFFIC
from mptcp_top.ui.split_rows import Shared, listed, shared_rows
from tests.feed import NETSCALER, WALL, Feed, Feeds, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.ui.line import Line

WIDTHS = (60, 80, 100, 120, 200)
POLL_SECONDS = 1000.0
"""So long that one increase in it is the slowest rate there is to show."""

MOVES = st.one_of(st.sampled_from([0, 1, 999, 1000, 10**10]), st.integers(0, 10**10))
COUNTERS = st.dictionaries(st.integers(0, 200), st.tuples(MOVES, MOVES, st.integers(0, 2**62)), max_size=60)


def moved(feed: Feed, counters: dict[int, tuple[int, int, int]]) -> None:
    """Move counters in two polls, each from where it stood before."""
    feed.interval_seconds = POLL_SECONDS
    names = [metric.name for metric in feed.layout.metrics]
    chosen = {names[number % len(names)]: moves for number, moves in counters.items()}
    feed.values |= {name: stood for name, (_, _, stood) in chosen.items()}
    feed.tick()
    for poll in (0, 1):
        feed.tick(**{name: moves[poll] for name, moves in chosen.items()})


def frame(feed: Feed, basis: Basis) -> Frame:
    return frame_of(feed.store, feed.target, Moment(feed.now, WALL + feed.now), feed.interval_seconds, basis)


def ends(line: Line) -> set[int]:
    return set(accumulate(len(piece.text) for piece in line.pieces))


def assert_columns_hold(rows: Sequence[Line], width: int) -> None:
    """Of rows made alike, every piece ends where it does in all others; a row of fewer pieces has none elsewhere.

    None is wider than there is room.
    """
    places = [ends(row) for row in rows]
    assert max((max(found) for found in places), default=0) <= width
    most = max(places, key=len, default=set())
    for row, found in zip(rows, places, strict=True):
        assert found <= most, (text_of([row]), text_of([rows[places.index(most)]]))
        assert max(found) == max(most), text_of([row])


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=40, deadline=None)
@given(counters=COUNTERS, basis=st.sampled_from(Basis))
def test_the_columns_of_the_host_screen_hold(
    width: int, counters: dict[int, tuple[int, int, int]], basis: Basis
) -> None:
    for feed in (Feed(), Feed(Target("ns1", "netscaler"), NETSCALER)):
        moved(feed, counters)
        seen = frame(feed, basis)
        panels = [group_lines(seen, group, Shape.FULL, width, "") for group in TRAFFIC if rows_of(seen, group)]
        errors = error_lines(seen, Shape.FULL, width, "")
        assert_columns_hold([row for panel in panels for row in panel[1:]], width)
        assert_columns_hold([row for row in errors[1:] if row.key], width)
        assert {max(ends(headline)) for headline, *_ in (errors, *panels)} == {width}


def some_fleet(counters: list[dict[int, tuple[int, int, int]]], down_seconds: float) -> Feeds:
    """Return a fleet of which the last is down, and the first a primary."""
    feeds = Feeds(
        Feed(Target("ns1", "netscaler"), NETSCALER, Identity("ns1", "NetScaler", "boot", role="primary")),
        Feed(
            Target("an-appliance-with-quite-a-name", "netscaler"),
            NETSCALER,
            Identity("x", "NetScaler", "boot", role="secondary"),
        ),
        Feed(Target("local", "linux")),
        Feed(Target("ns4", "netscaler"), NETSCALER),
    )
    for feed, moves in zip(feeds.feeds.values(), counters, strict=True):
        moved(feed, moves)
    last = feeds["ns4"]
    last.interval_seconds = down_seconds
    last.fail()
    return feeds


FLEETS = st.lists(COUNTERS, min_size=4, max_size=4)
DOWN = st.floats(1, 86_400 * 400)


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=25, deadline=None)
@given(counters=FLEETS, down_seconds=DOWN, basis=st.sampled_from(Basis))
def test_the_columns_of_the_fleet_hold(
    width: int, counters: list[dict[int, tuple[int, int, int]]], down_seconds: float, basis: Basis
) -> None:
    feeds = some_fleet(counters, down_seconds)
    now = Moment(feeds["local"].now + down_seconds, WALL + feeds["local"].now + down_seconds)
    glances = glances_of(feeds.store, feeds, now, basis)
    plan = fleet.plan_of(glances, width)
    titles = [fleet.title_line(plan, fleet.Order(column.title)) for column in plan.columns]
    rows = [fleet.row_line(one, error_trend_of(feeds.store, one, 10), plan, now, "") for one in glances]
    assert_columns_hold(rows, width - 1)
    assert all(len(text) <= width for text in text_of([*titles, *rows]))
    for column, line in zip(plan.columns, titles, strict=True):
        said, title = text_of([line])[0], column.title if basis is Basis.RATE else column.title.removesuffix(" /s")
        assert title in said
        assert column.left or said.index(f"{title}+") + len(title) + 1 in ends(rows[0])


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=10, deadline=None)
@given(counters=FLEETS, down_seconds=DOWN)
def test_the_columns_of_the_comparison_hold(
    width: int, mode: Mode, counters: list[dict[int, tuple[int, int, int]]], down_seconds: float
) -> None:
    feeds = some_fleet(counters, down_seconds)
    now = Moment(feeds["local"].now, WALL + feeds["local"].now)
    sides = [side_of(feeds.store, target, now, mode, POLL_SECONDS) for target in feeds.store.targets]
    comparison = Comparison(sides, mode)
    plan = compare.plan_of(comparison, 0, width - 1)
    rows = [compare.row_line(comparison, topic, plan, "") for topic in comparison.alignment.topics]
    *_, names, states = compare_head(comparison, plan, Choice(), None, width - 1)
    assert_columns_hold([*rows, names, states], width - 1)


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=25, deadline=None)
@given(counters=FLEETS, down_seconds=DOWN, basis=st.sampled_from(Basis))
def test_the_columns_side_by_side_hold(
    width: int, counters: list[dict[int, tuple[int, int, int]]], down_seconds: float, basis: Basis
) -> None:
    feeds = some_fleet(counters, down_seconds)
    now = Moment(feeds["local"].now, WALL + feeds["local"].now)
    targets = feeds.store.targets[: split.fits(width)]
    sides = [
        split.Side(
            frame_of(feeds.store, target, now, POLL_SECONDS, basis),
            glance_of(feeds.store, target, now, POLL_SECONDS),
        )
        for target in targets
    ]
    frames = [side.frame for side in sides]
    shared = shared_rows(frames)
    plan = split.plan_of(split.longest_label(shared), len(sides), width)
    rows = [
        split.row_line(row, frames, plan, "") for row in listed(shared, frames, zeros=True) if isinstance(row, Shared)
    ]
    _, names, states, _ = split.head_lines(sides, plan, "", now, width)
    assert_columns_hold([*rows, names, states], width - 1)


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=25, deadline=None)
@given(counters=FLEETS, down_seconds=DOWN)
def test_the_columns_of_the_rises_among_the_events_hold(
    width: int, counters: list[dict[int, tuple[int, int, int]]], down_seconds: float
) -> None:
    feeds = some_fleet(counters, down_seconds)
    plan = events.plan_of([target.name for target in feeds.store.targets], width)
    found = [event for event in newest_events(feeds.store) if event.episode is not None]
    assert_columns_hold(
        [events.row_line(event, plan, WALL + feeds["local"].now, width, "") for event in found], width - 1
    )


def pace(count: int) -> Pace:
    return Pace(count, POLL_SECONDS)


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=25, deadline=None)
@given(counters=FLEETS, down_seconds=DOWN, before=st.one_of(st.none(), MOVES))
def test_the_columns_of_what_moved_hold(
    width: int, counters: list[dict[int, tuple[int, int, int]]], down_seconds: float, before: int | None
) -> None:
    feeds = some_fleet(counters, down_seconds)
    targets = feeds.store.targets
    was = None if before is None else pace(before)
    changes = [
        moved_lines.Change(target, one, POLL_SECONDS, None, None if was is None else shift(was, pace(one.grown)))
        for target in targets
        if (seen := moves_of(feeds.store, target.name)) is not None
        for one in seen.moved
    ]
    plan = moved_lines.plan_of(changes, [target.name for target in targets], width)
    rows = [moved_lines.row_line(change, plan, WALL + feeds["local"].now, "") for change in changes]
    titles = moved_lines.title_line(plan)
    assert_columns_hold(rows, width - 1)
    assert not rows or max(ends(titles)) == max(ends(rows[0]))
