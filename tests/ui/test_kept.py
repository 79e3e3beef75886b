"""What is kept between two draws: nothing of screens that are closed, and no glance that would be another now."""

from __future__ import annotations

import asyncio
import gc

from textual.strip import Strip

from mptcp_top.cli.alerting import shipped
from mptcp_top.engine.silences import Silence
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.glance import _glance_of, glance_of
from tests.feed import WALL, Feed, fleet

KEYS = ("c", "f", "e", "f", "s", "f", "h", "f", "question_mark", "escape")


def strips() -> int:
    gc.collect()
    return sum(type(one) is Strip for one in gc.get_objects())


def test_screens_that_are_closed_leave_no_drawn_lines_behind() -> None:
    async def opened_and_closed() -> list[int]:
        feeds = fleet("a", "b")
        app = MptcpTopApp(Deck(feeds.store, feeds))
        counts = []
        async with app.run_test(size=(100, 30)) as pilot:
            for _ in range(4):
                await pilot.press(*KEYS)
                await pilot.pause()
                assert len(app.screen_stack) == 1
                counts.append(strips())
        return counts

    _, first, *_, last = asyncio.run(opened_and_closed())
    assert last <= first + 30  # a screen of 30 lines would have left as many, each time


def poll(feed: Feed, step: int) -> None:
    if step % 7 == 3:
        feed.fail()
    else:
        feed.tick(MPCapableSYNRX=9, MPCapableACKRX=9 if step % 5 else 1, MPJoinAckHMacFailure=int(step % 11 == 4))


def test_a_glance_that_was_kept_is_what_it_would_be_now() -> None:
    feeds = fleet("a", "b")
    feeds.store.watch(shipped().watched)
    for step in range(120):
        if step % 3 == 0:  # else nothing has come in since the last look
            poll(feeds["a"], step)
        if step == 50:
            feeds.silence(Silence("a", "MPJoinAckHMacFailure", WALL, WALL + 5000.0 + 70.0))
        for name, feed in feeds.feeds.items():
            moment = Moment(5000.0 + step, WALL + 5000.0 + step)
            kept = glance_of(feeds.store, feed.target, moment, 1.0)
            assert kept == _glance_of(feeds.store, feed.target, moment, 1.0, feeds.store.at(name))
