"""Alerts and silences as they are seen: nothing that alarms is missing, and nothing silenced is hidden."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.events import Happening
from mptcp_top.engine.silences import Silence
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.event_filter import newest_events
from mptcp_top.ui.events import plan_of as events_plan
from mptcp_top.ui.events import row_line as event_line
from mptcp_top.ui.fleet import Order, head_lines, plan_of, row_line
from mptcp_top.ui.frame import Moment, frame_of
from mptcp_top.ui.glance import glances_of
from mptcp_top.ui.header import header_lines
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.panels import error_lines
from mptcp_top.ui.plan import Shape
from mptcp_top.ui.silenced import silenced_words, until_of
from tests.feed import WALL, Feed, fleet, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

JOINS = Watched((Watch("joins fail", parse("join_success < 90%")), Watch("few sessions", parse("sessions < 10"))))


def now(feed: Feed, cursor: float | None = None) -> Moment:
    return Moment(feed.now, WALL + feed.now, cursor, None if cursor is None else WALL + cursor)


def failing(feed: Feed | None = None) -> Feed:
    feed = feed or Feed()
    feed.store.watch(JOINS)
    feed.values["MPCurrEstab"] = 50
    feed.tick()
    for _ in range(5):
        feed.tick(MPJoinSynRx=20, MPJoinAckRx=15)
    return feed


def header(feed: Feed, width: int = 119, cursor: float | None = None) -> list[str]:
    target = feed.store.targets[0]
    return text_of(header_lines(frame_of(feed.store, target, now(feed, cursor), 1.0), width))


def errors(feed: Feed, width: int = 119) -> list[str]:
    frame = frame_of(feed.store, feed.store.targets[0], now(feed), 1.0)
    return text_of(error_lines(frame, Shape.MOVED, width, ""))


@pytest.mark.parametrize("width", [79, 119])
def test_an_alert_is_the_verdict_where_no_error_rises(width: int) -> None:
    verdict = header(failing(), width)[1]
    assert verdict.startswith(" ! joins fail: join_success 75.0 %  since ")
    assert len(verdict) <= width


def test_an_alert_of_many_words_is_told_with_fewer_of_them_where_there_is_no_room() -> None:
    feed = failing()
    text = "join_success < 90% or join_syn_rx / join_ack_rx > 1% or connected < 5%"
    feed.store.watch(Watched((Watch("a name of forty characters, and no fewer", parse(text)),)))
    feed.tick(MPJoinSynRx=20)
    found = [header(feed, width)[1] for width in (119, 79, 50)]
    assert found[0].startswith(" ! a name of forty characters, and no fewer: join_success 62.5 %, join_syn_rx / join")
    assert found[1].startswith(" ! a name of forty characters, and no fewer: 62.5 %, 160 %")
    assert found[2].strip() == "! a name of forty characters, and no fewer"


def test_many_that_are_silenced_are_counted_where_there_is_no_room_for_their_names() -> None:
    feed = failing()
    feed.tick(MPJoinNoTokenFound=2, DataCsumErr=1)
    for name in ("MPJoinNoTokenFound", "DataCsumErr", "joins fail"):
        feed.silence(Silence("local", name, WALL, WALL + 1800))
    assert header(feed, 79)[1].startswith(" ● no other error is rising  3 silenced")


def test_beside_errors_that_rise_an_alert_is_named() -> None:
    feed = failing()
    feed.tick(MPJoinNoTokenFound=2)
    assert header(feed)[1].startswith(" ▲ 1 error rising  MP_JOIN unknown token")
    assert header(feed)[1].endswith("! joins fail")


def test_in_the_past_the_verdict_is_that_of_then() -> None:
    feed = failing()
    assert "joins fail" not in header(feed, cursor=1.0)[1]
    assert "joins fail" in header(feed, cursor=4.0)[1]


def test_what_is_silenced_is_said_in_verdict_and_row_and_alarms_nobody() -> None:
    feed = failing()
    feed.tick(MPJoinNoTokenFound=2)
    feed.silence(Silence("local", "MPJoinNoTokenFound", WALL, WALL + 1800))
    assert header(feed)[1].startswith(" ! joins fail")
    assert header(feed)[1].endswith(f"  unknown token {silenced_words(WALL + 1800, WALL)}")
    title, row = errors(feed)
    assert "1 rising  1 silenced" in title
    assert row.startswith("▲ MP_JOIN unknown token")
    assert silenced_words(WALL + 1800, WALL) in row
    assert silenced_words(WALL + 1800, WALL) in errors(feed, 79)[2]
    feed.silence(Silence("local", "joins fail", WALL, WALL + 1800))
    assert header(feed)[1].startswith(" ● no other error is rising  2 silenced")
    assert "unknown token silenced until " in header(feed, 159)[1]
    assert ", joins fail silenced until " in header(feed, 159)[1]


def test_a_silence_ends_by_itself() -> None:
    feed = failing()
    feed.silence(Silence("local", "joins fail", WALL, WALL + feed.now + 2))
    assert "joins fail: " not in header(feed)[1]
    feed.tick(MPJoinSynRx=20)
    feed.tick(MPJoinSynRx=20)
    assert header(feed)[1].endswith("  ! joins fail")  # the share that fell stands before it


def test_the_fleet_names_the_alert_and_its_numbers_as_the_reason() -> None:
    feeds = fleet("a", "b", "c")
    failing(feeds["b"])
    moment = now(feeds["b"])
    glances = glances_of(feeds.store, feeds, moment)
    summary, about, advice, _ = text_of(head_lines(glances, "", Order(), moment, 100))
    assert [glance.target.name for glance in glances] == ["b", "a", "c"]
    assert summary.startswith(" ! alerts on 1")
    assert about.endswith("joins fail: 75.0 %")
    assert advice
    plan = plan_of(glances, 80)
    row = text_of([row_line(glances[0], [], plan, moment, "")])[0]
    assert row.startswith(" ! b")
    assert row.endswith("joins fail: 75.0 %")


def test_the_last_column_of_the_fleet_is_left_to_the_scrollbar() -> None:
    feeds = fleet("a", "b")
    failing(feeds["b"])
    feeds.store.watch(Watched((Watch("a name that is longer than any column", parse("join_success < 90%")),)))
    feeds["b"].tick(MPJoinSynRx=20)
    moment = now(feeds["b"])
    glances = glances_of(feeds.store, feeds, moment)
    for width in (60, 80, 100, 120, 160):
        (row,) = text_of([row_line(glances[0], [], plan_of(glances, width), moment, "")])
        assert len(row) < width
        assert "…" in row or "longer than any column" in row or width < 80


def test_alert_and_end_are_events_with_words_of_their_own() -> None:
    feed = failing()
    for _ in range(80):
        feed.tick(MPJoinSynRx=20, MPJoinAckRx=20)
    over, begun = [event for event in newest_events(feed.store) if event.about == "joins fail"]
    plan = events_plan(["local"], 120)
    rows = text_of([event_line(event, plan, WALL + feed.now, 120, "") for event in (begun, over)])
    assert rows[0].startswith(" ! ")
    assert "  alert     joins fail: join_success 75.0 % (< 90%)" in rows[0]
    assert rows[1].startswith(" ● ")
    assert "  over      joins fail: join_success 9" in rows[1]
    assert (begun.alarming, over.alarming) == (True, False)


def test_news_and_bell_leave_out_what_is_silenced() -> None:
    feed = failing()
    deck = Deck(feed.store, feed, bell=True)
    newest = deck.newest(now(feed))
    assert newest is not None
    assert newest.kind is Happening.ALERT
    assert deck.rings(now(feed))
    feed.silence(Silence("local", "joins fail", WALL, WALL + 60))
    assert deck.newest(now(feed)) is None
    feed.silence(Silence("local", "MPJoinNoTokenFound", WALL, WALL + 60))
    feed.tick(MPJoinNoTokenFound=1)
    assert deck.newest(now(feed)) is None
    assert not deck.rings(now(feed))
    feed.tick(DataCsumErr=1)
    assert deck.rings(now(feed))


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("typed", "after"),
    [
        ("1h", 3600),
        (" 30m ", 1800),
        ("2D", 2 * 86_400),
        ("07:00", 20 * 3600),
        ("11:00", 86_400),
        ("11:01", 60),
        ("23:59", 12 * 3600 + 59 * 60),
        ("off", 0),
    ],
)
def test_the_end_of_a_silence_is_typed_as_people_say_it(typed: str, after: float) -> None:
    assert until_of(typed, WALL) == WALL + after  # 11:00 in Berlin


@pytest.mark.usefixtures("berlin")
def test_over_a_change_of_the_clocks_seven_is_seven() -> None:
    eve = 1_792_850_400.0  # 2026-10-24 16:00 in Berlin; that night is an hour longer
    assert until_of("07:00", eve) == eve + 16 * 3600


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "07:60", "0m", "31d", "1h30", "-1h", "1e3h", "07:00:00", "²h"])
def test_what_is_no_time_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="give "):
        until_of(typed, WALL)


def asked(pilot: Pilot[int]) -> str:
    return text_of(list(pilot.app.screen.query_one("#prompt", Lines).lines))[0]


def footer(pilot: Pilot[int]) -> str:
    return text_of(list(pilot.app.screen.query_one("#footer", Lines).lines))[0]


def test_x_asks_until_when_and_off_brings_the_alarm_back() -> None:
    feed = failing()
    feed.tick(MPJoinNoTokenFound=2)

    async def play() -> None:
        async with MptcpTopApp(Deck(feed.store, feed), output_diff=False).run_test(size=(120, 40)) as pilot:
            await pilot.press("x")
            await pilot.pause()
            assert asked(pilot).startswith(" silence unknown token until: 1h_")
            await pilot.press("s", "o", "o", "n", "enter")
            assert "'soon' is no time: give 1h, 30m, 07:00 or off" in footer(pilot)
            await pilot.press("x")
            await pilot.pause()
            await pilot.press("enter")
            await pilot.pause()
            assert "unknown token: silenced until" in footer(pilot)
            assert feed.store.silences.of("local", time.time()).keys() == {"MPJoinNoTokenFound"}
            await pilot.press("x")  # now it is the alert that alarms first
            await pilot.pause()
            assert asked(pilot).startswith(" silence joins fail until")
            await pilot.press("escape", "j", "x")
            await pilot.pause()
            assert asked(pilot).startswith(" silence unknown token until")
            await pilot.press("o", "f", "f", "enter")
            await pilot.pause()
            assert "unknown token: alarms again" in footer(pilot)
            assert not feed.store.silences.of("local", time.time())

    asyncio.run(play())


def test_x_on_the_page_of_a_counter_silences_that_and_its_head_says_so() -> None:
    feed = failing()
    feed.tick(MPJoinNoTokenFound=2)

    async def play() -> None:
        async with MptcpTopApp(Deck(feed.store, feed), output_diff=False).run_test(size=(120, 40)) as pilot:
            await pilot.press("enter")
            await pilot.pause()
            await pilot.press("x")
            await pilot.pause()
            assert asked(pilot).startswith(" silence unknown token until: 1h_")
            await pilot.press("2", "h", "enter")
            await pilot.pause()
            head = text_of(list(pilot.app.screen.query_one("#header", Lines).lines))
            assert "silenced until " in head[1]

    asyncio.run(play())


def test_what_never_alarms_is_not_silenced() -> None:
    feed = Feed()
    feed.tick(MPCapableSYNRX=2)

    async def play() -> None:
        async with MptcpTopApp(Deck(feed.store, feed), output_diff=False).run_test(size=(120, 40)) as pilot:
            await pilot.press("x")
            assert "nothing alarms here: choose the row of an error" in footer(pilot)
            screen = pilot.app.screen
            assert isinstance(screen, HostScreen)
            for _ in range(3):
                await pilot.press("j")
            await pilot.press("x")
            assert "never alarms by itself" in footer(pilot)

    asyncio.run(play())
