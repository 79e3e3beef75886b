"""The dashboard over a fleet in which every text is hostile. Run on a pty by the test beside it.

With ``payloads`` each target has one of the known payloads in all its texts; with ``names`` each text is another one
of a thousand and more random strings of any characters.
"""

from __future__ import annotations

import sys
from itertools import chain, cycle, repeat
from random import Random
from typing import TYPE_CHECKING

from mptcp_top.model import Identity, Layout, Target
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from tests.feed import LINUX_6_18, NETSCALER, Feed, Feeds
from tests.ui.payloads import PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = 1000
PLANES: tuple[tuple[int, int], ...] = (
    (0x00, 0x20),
    (0x20, 0x2FF),
    (0x300, 0x36F),
    (0x600, 0x6FF),
    (0x2000, 0x206F),
    (0x2500, 0xD7FF),
)
PLANES += ((0xD800, 0xDFFF), (0xE000, 0xFFFF), (0x1F000, 0x1FAFF), (0xE0000, 0xE01EF), (0x100000, 0x10FFFF))


def random_names(count: int) -> list[str]:
    """Return names of up to 24 characters of any kind, surrogates and controls among them; the same at every call."""
    random = Random(8)
    return [
        "".join(chr(random.randint(*random.choice(PLANES))) for _ in range(random.randint(1, 24))) for _ in range(count)
    ]


def texts_of(mode: str) -> list[Iterator[str]]:
    """Return the texts of each target, as many as are asked for."""
    if mode == "payloads":
        return [repeat(payload) for payload in PAYLOADS]
    names = random_names(13 * 100)
    return [chain(cycle(names[start::13])) for start in range(13)]


def feed_of(number: int, texts: Iterator[str]) -> Feed:
    """Return a target that was lost and is back, began anew, took another role, and has errors that rise."""
    source, layout = ("netscaler", NETSCALER) if number % 2 else ("linux", LINUX_6_18)
    metrics = tuple(
        metric._replace(name=f"{next(texts)} {metric.name}", label=next(texts), hint=next(texts), unit="")
        for metric in layout.metrics
    )
    target = Target(f"{next(texts)}{number}", source, next(texts), next(texts) if number == 3 else "")
    return Feed(target, Layout(metrics), Identity(next(texts), next(texts), "boot", role=next(texts)), now=5000.0)


def play(feed: Feed, texts: Iterator[str], *, down: bool) -> None:
    """Let everything happen that is told in words."""
    moved = {metric.name: 40 for metric in feed.layout.metrics}
    feed.tick()
    feed.tick(**moved)
    feed.fail(next(texts), next(texts))
    facts, notices = {next(texts): next(texts)}, (next(texts),)
    feed.identity = Identity(next(texts), next(texts), next(texts), facts, notices, next(texts), role=next(texts))
    for _ in range(3):
        feed.tick(**moved)
    if down:
        feed.fail(next(texts), next(texts))


def app_of(mode: str) -> MptcpTopApp:
    texts = texts_of(mode)
    fleet = Feeds(*(feed_of(number, one) for number, one in enumerate(texts)))
    for number, (feed, one) in enumerate(zip(fleet.feeds.values(), texts, strict=True)):
        play(feed, one, down=number == 5)
        if number == 7:
            fleet.mark(next(one), feed.now - 2, 1_795_255_200.0 + feed.now - 2)
    return MptcpTopApp(Deck(fleet.store, fleet))


if __name__ == "__main__":
    app_of(sys.argv[1]).run()
