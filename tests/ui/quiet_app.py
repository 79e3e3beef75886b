"""The dashboard over a store that does not change any more. Run on a pty by the tests beside it."""

from __future__ import annotations

import sys
import time

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.themes import ANSI, THEMES
from tests.feed import Feed


def feed(start: float = 0.0) -> Feed:
    """Return half a minute of traffic with errors that stopped some time ago."""
    box = Feed(now=start)
    box.tick(MPCapableSYNRX=12_345, MPCapableACKRX=12_300, DSSNotMatching=7, MPCurrEstab=3)
    box.tick(MPJoinNoTokenFound=5)
    for _ in range(40):
        box.tick(MPCapableSYNRX=4, MPCapableACKRX=4)
    return box


if __name__ == "__main__":
    starts = (float(word.removeprefix("--start=")) for word in sys.argv if word.startswith("--start="))
    box = feed(next(starts, time.monotonic() + 60))  # what is of the future is never too old
    theme = next((theme for name, theme in THEMES.items() if name in sys.argv), ANSI)
    MptcpTopApp(Deck(box.store, box, theme=theme), output_diff="--no-diff" not in sys.argv).run()
