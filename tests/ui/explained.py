"""The page of one counter as lines, for tests."""

from __future__ import annotations

from mptcp_top.catalogue import catalogue
from mptcp_top.engine.basis import Basis
from mptcp_top.model import Identity, Target
from mptcp_top.ui.explain import Spread, known_of, spread_of
from mptcp_top.ui.explain_head import head_lines
from mptcp_top.ui.explain_subject import Subject, subject_of
from mptcp_top.ui.frame import Moment, frame_of
from tests.feed import WALL, Feed, appliance, linux, text_of

TOKEN = "MPJoinNoTokenFound"


def subject(feed: Feed, counter: str = TOKEN, cursor: float | None = None, basis: Basis = Basis.RATE) -> Subject:
    moment = Moment(feed.now, WALL + feed.now, cursor)
    return subject_of(frame_of(feed.store, feed.target, moment, feed.interval_seconds, basis), counter)


def page(seen: Subject, width: int = 79, room: int = 20) -> Spread:
    return spread_of(seen, known_of(seen), width, room)


def said(seen: Subject, width: int = 79) -> str:
    drawn = page(seen, width)
    return "\n".join(text_of([*head_lines(seen, width), *drawn.numbers, *drawn.words]))


def row(seen: Subject, title: str, width: int = 79) -> str:
    return next(line for line in text_of([*page(seen, width).numbers, *page(seen, width).words]) if title in line)


def troubled() -> Feed:
    feed = linux("web1")
    feed.tick(MPJoinSynRx=1000)
    for _ in range(20):
        feed.tick(MPJoinSynRx=20)
    for _ in range(3):
        feed.tick(MPJoinSynRx=20, MPJoinNoTokenFound=4)
    return feed


def every_counter() -> list[tuple[Feed, str]]:
    kernel = catalogue.linux()
    identity = Identity("ns1", "Linux 6.18.44", "boot", prefix="ip netns exec red ")
    host = Feed(Target("red", "linux"), kernel.layout(kernel.entries), identity, now=5000.0)
    box = appliance("ns1")
    for feed in (host, box):
        feed.tick()
        for _ in range(10):
            feed.tick(**{metric.name: 2 for metric in feed.layout.metrics})
    return [(host, name) for name in kernel.entries] + [(box, name) for name in catalogue.netscaler().entries]
