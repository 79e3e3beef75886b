"""The dashboard over a store in which an error rises, so that its page has commands. Run on a pty by a test."""

from __future__ import annotations

import time

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from tests.feed import Feed

if __name__ == "__main__":
    box = Feed(now=time.monotonic() - 2)
    box.tick()
    box.tick(MPJoinNoTokenFound=5)
    MptcpTopApp(Deck(box.store, box)).run()
