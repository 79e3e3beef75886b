"""One sample, told in every form there is and shown by the dashboard: all of them have the same numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest
from prometheus_client.openmetrics import parser as strict
from prometheus_client.parser import text_string_to_metric_families as textually

from mptcp_top import text
from mptcp_top.cli.selection import Selection
from mptcp_top.cli.stat.exposition import families_of, openmetrics, prometheus
from mptcp_top.cli.stat.records import as_json, csv_of
from mptcp_top.cli.stat.sides import sides_of
from mptcp_top.cli.stat.table import Page, table_of
from mptcp_top.cli.stat.told import Told, told_of
from mptcp_top.model import Group, Identity, Target
from mptcp_top.ui.frame import Moment, frame_of
from mptcp_top.ui.sketch import Wishes, sketch
from tests.feed import LINUX_6_18, NETSCALER, WALL, Feed, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.core import Metric as Parsed

    from mptcp_top.model import Metric

ALL = Selection(detail=True)
_NUMBERS = re.compile(r"\s*(?P<value>[\d,]+)(?:\s+\+(?P<increase>[\d,]+))?(?:\s+(?P<rate>\S+) /s)?(?:\s{2,}|$)")
_ON_THE_SCREEN = re.compile(
    r"^. ?\s(?P<label>\S.*?)\s+(?P<value>[\d,]+)\s+(?:\+[\d,]+\s+)?"
    r"(?:(?P<rate>\S+) /s|now|–)(?:\s|$)"
)


class Number(NamedTuple):
    """What a form says of a counter; a rate as people read it, because some forms say no more."""

    value: int
    increase: int | None = None
    rate: str | None = None


def kernel() -> Feed:
    feed = Feed(Target("here", "linux"), LINUX_6_18)
    feed.tick(**{metric.name: 1000 + 7 * column for column, metric in enumerate(feed.layout.metrics)})
    feed.tick(**{metric.name: 3 * column for column, metric in enumerate(feed.layout.metrics)})
    return feed


def appliance() -> Feed:
    feed = Feed(Target("ns1", "netscaler"), NETSCALER, Identity("ns1", "NetScaler 14.1"), interval_seconds=7.0)
    feed.refresh_seconds = 7.0
    feed.tick(**{metric.name: 92_000_000 + 7 * column for column, metric in enumerate(feed.layout.metrics)})
    feed.tick(**{metric.name: 3 * column for column, metric in enumerate(feed.layout.metrics)})
    return feed


FEEDS: dict[str, Callable[[], Feed]] = {"linux": kernel, "netscaler": appliance}


def told_by(feed: Feed) -> Told:
    observation = feed.store.at(feed.target.name)
    assert observation is not None
    return told_of(observation, feed.store.first(feed.target.name))


def truth_of(told: Told) -> dict[str, Number]:
    changes = {metric.name: told.observation.change(metric.name) for metric in told.observation.layout.metrics}
    return {
        name: Number(change.value, change.increase, None if change.rate is None else text.rate(change.rate))
        for name, change in changes.items()
        if change is not None and change.value is not None
    }


def in_json(told: Told) -> dict[str, Number]:
    metrics = json.loads(as_json(told, ALL))["metrics"]
    return {
        name: Number(said["value"], said["increase"], None if said["rate"] is None else text.rate(said["rate"]))
        for name, said in metrics.items()
    }


def in_csv(told: Told) -> dict[str, Number]:
    rows = csv.DictReader(io.StringIO(csv_of(ALL)(told)))
    return {
        row["counter"]: Number(
            int(row["value"]),
            int(row["increase"]) if row["increase"] else None,
            text.rate(float(row["rate"])) if row["rate"] else None,
        )
        for row in rows
    }


def in_the_table(told: Told) -> dict[str, Number]:
    found = {}
    for line in table_of(told, ALL, Page()):
        name, _, rest = line.strip().partition(" ")
        if line.startswith("    ") and (numbers := _NUMBERS.match(rest)):
            found[name] = number_in(numbers)
    return found


def number_in(match: re.Match[str]) -> Number:
    value, increase, rate = match["value"], match["increase"], match["rate"]
    whole = None if increase is None else int(increase.replace(",", ""))
    return Number(int(value.replace(",", "")), whole, rate)


def strictly(said: str) -> list[Parsed]:
    return list(strict.text_string_to_metric_families(said))  # type: ignore[no-untyped-call]


def exposed(families: Iterable[Parsed]) -> dict[str, Number]:
    samples = (sample for family in families for sample in family.samples if "counter" in sample.labels)
    return {sample.labels["counter"]: Number(int(sample.value)) for sample in samples}


def on_the_screen(feed: Feed) -> dict[tuple[str, str], Number]:
    frame = frame_of(feed.store, feed.target, Moment(feed.now, WALL + feed.now), feed.interval_seconds)
    panels = sketch(frame, 220, 1000, Wishes(all_rows=True), "").lines
    found = {}
    for group, lines in panels.items():
        for line in text_of(lines):
            if said := _ON_THE_SCREEN.match(line):
                found[group.value, said["label"].strip()] = Number(
                    int(said["value"].replace(",", "")), None, said["rate"]
                )
    return found


def place_of(metric: Metric) -> tuple[str, str]:
    """Where the dashboard shows a metric: errors of every panel among the errors, with the panel before them.

    What another counter explains stands in its panel, too, and there with all of its numbers.
    """
    if metric.net_of or not (metric.flagged or metric.group is Group.ERRORS):
        return metric.group.value, metric.label
    panel = "" if metric.group is Group.ERRORS else f"{metric.group.value} "
    return Group.ERRORS.value, f"{panel}{metric.label}"


@pytest.mark.parametrize("source", FEEDS)
def test_every_form_has_the_numbers_of_the_sample(source: str) -> None:
    feed = FEEDS[source]()
    told = told_by(feed)
    truth = truth_of(told)
    totals = {name: Number(number.value) for name, number in truth.items()}
    assert len(truth) == len(feed.layout.metrics)
    assert len({number.increase for number in truth.values()}) > 70
    assert in_json(told) == truth
    assert in_csv(told) == truth
    assert in_the_table(told) == truth
    families = families_of([told], ALL)
    assert exposed(strictly(openmetrics(families))) == totals
    assert exposed(textually(prometheus(families))) == totals
    shown = on_the_screen(feed)
    for metric in feed.layout.metrics:
        number = truth[metric.name]
        assert shown[place_of(metric)] == Number(number.value, None, number.rate), metric.name


def test_side_by_side_each_target_has_its_own_numbers() -> None:
    tolds = [told_by(FEEDS[source]()) for source in FEEDS]
    lines = sides_of(tolds, ALL, Page())
    truths = [truth_of(told) for told in tolds]
    found = 0
    for line in lines:
        names = [name for name in re.split(r"[ ,]+", line.strip()) if name in truths[0] or name in truths[1]]
        expected = [text.count(truth[name].value) for truth in truths for name in names if name in truth]
        if names:
            assert re.findall(r"\d{1,3}(?:,\d{3})+", line) == expected, line
            found += len(names)
    assert found == sum(len(truth) for truth in truths)
