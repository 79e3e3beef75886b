"""The dashboard over a store that does not change any more. Run on a pty by the tests beside it."""

from __future__ import annotations

import time

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from tests.feed import Feed


def feed() -> Feed:
    """Return half a minute of traffic with errors that stopped some time ago."""
    box = Feed()
    box.tick(MPCapableSYNRX=12_345, MPCapableACKRX=12_300, DSSNotMatching=7, MPCurrEstab=3)
    box.tick(MPJoinNoTokenFound=5)
    for _ in range(40):
        box.tick(MPCapableSYNRX=4, MPCapableACKRX=4)
    return box


if __name__ == "__main__":
    box = feed()
    box.now = time.monotonic()
    MptcpTopApp(Deck(box.store, box)).run()
