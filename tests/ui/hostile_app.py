"""The dashboard over a store in which every text is hostile. Run on a pty by the test beside it."""

from __future__ import annotations

import sys

from mptcp_top.model import Group, Identity, Kind, Layout, Metric, Severity, Target
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from tests.feed import Feed
from tests.ui.payloads import PAYLOADS


def metrics(payload: str) -> list[Metric]:
    kinds = [(Severity.NORMAL, Kind.COUNTER), (Severity.ERROR, Kind.COUNTER), (Severity.NORMAL, Kind.GAUGE)]
    return [
        Metric(f"{payload}{group}{number}", payload, group, kind, severity, hint=payload)
        for group in Group
        for number, (severity, kind) in enumerate(kinds)
    ]


def main(number: int, *, failing: bool) -> None:
    payload = PAYLOADS[number]
    identity = Identity(payload, payload, "boot", {payload: payload}, (payload,))
    feed = Feed(Target(payload, "linux"), Layout(tuple(metrics(payload))), identity)
    feed.tick()
    feed.tick(**{metric.name: 3 for metric in feed.layout.metrics})
    if failing:
        feed.fail(payload, payload)
    MptcpTopApp(Deck(feed.store, feed), output_diff=not failing).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), failing=sys.argv[2] == "failing")
