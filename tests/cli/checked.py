"""A check of scripted samples, for tests: what rules make of them, and what is told."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from mptcp_top.cli.alerting import Origin
from mptcp_top.cli.check.course import Course
from mptcp_top.cli.check.findings import findings_of
from mptcp_top.cli.check.judge import Judge
from mptcp_top.cli.check.rules import rules_for, typed_rule
from mptcp_top.cli.check.verdict import Verdict, lines_of
from mptcp_top.config import ask
from mptcp_top.model import Identity, Target
from tests.feed import NETSCALER, Feed, Feeds
from tests.plugin_output import Output, understood

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

APART = 10.0


def typed(*rules: str) -> tuple[Origin, ...]:
    return tuple(Origin(typed_rule(text), "--rule") for text in rules)


def configured(folder: Path, text: str) -> tuple[Origin, ...]:
    """The rules of a config file."""
    path = folder / "config.toml"
    path.write_text(text)
    return rules_for((), ask({}, {"MPTCP_TOP_CONFIG": str(path)}).config)


SHIPPED = rules_for((), ask({}, {"XDG_CONFIG_HOME": "/nonexistent"}).config)


def box() -> Feed:
    feed = Feed(Target("ns1", "netscaler"), NETSCALER, Identity("ns1", "NetScaler 14.1", "boot"))
    feed.refresh_seconds = 7.0
    return feed


class Checked:
    """A check of feeds whose counters the test moves."""

    def __init__(self, rules: Sequence[Origin], *feeds: Feed, samples: int = 2) -> None:
        self.feeds = Feeds(*feeds) if feeds else Feeds(Feed())
        self.rules = rules
        self.judge = Judge(self.feeds.store, rules)
        self.samples = samples
        for feed in self.feeds.feeds.values():
            feed.interval_seconds = APART

    def tick(self, name: str = "local", **increases: int) -> None:
        self.judge.take(self.feeds[name].tick(**increases))

    def fail(self, name: str = "local", reason: str = "no answer") -> None:
        self.judge.take(self.feeds[name].fail(reason))

    def verdict(self, late: str = "in time for the deadline of 20 s") -> Verdict:
        targets = [feed.target for feed in self.feeds.feeds.values()]
        courses = {target.name: Course(self.samples, APART, 5.0) for target in targets}
        return Verdict(targets, courses, self.judge.seen, findings_of(courses, self.rules, self.judge.seen, late))

    def output(self, *, verbose: bool = False) -> Output:
        """What a monitoring system makes of it."""
        verdict = self.verdict()
        text = "\n".join(lines_of(verdict, verbose=verbose)) + "\n"
        return understood(subprocess.CompletedProcess((), int(verdict.state), text, ""))


def once(rules: Sequence[Origin], feed: Feed | None = None, **increases: int) -> Output:
    """What is said of one target after two samples between which counters moved."""
    checked = Checked(rules, *([feed] if feed else []))
    name = next(iter(checked.feeds.feeds))
    checked.tick(name)
    checked.tick(name, **increases)
    return checked.output()
