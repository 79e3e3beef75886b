"""Everything that happened in the stretch, in the order of time: as a CSV file, and as a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.events import Happening
from mptcp_top.report.alarms import alarms_of
from mptcp_top.report.clean import cell
from mptcp_top.report.words import lasted
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.engine.events import Event
    from mptcp_top.report.alarms import Alarm
    from mptcp_top.report.clocks import Clock
    from mptcp_top.report.story import Account, Rise, Story

COLUMNS: Final = ("time", "target", "event", "counter", "severity", "says", "until", "total", "peak_rate")


class Row(NamedTuple):
    """One event. Times are of the wall clock; ``until`` is None where that is not over, or was a moment."""

    wall: float
    target: str
    event: str
    counter: str = ""
    severity: str = ""
    says: str = ""
    until: float | None = None
    total: int | None = None
    peak_rate: float | None = None


def rows_of(story: Story) -> list[Row]:
    """Return every event: what was told then, the episodes, the marks, and the times nothing is known of."""
    found = [row for account in story.accounts for row in _rows(account, story.span.end)]
    found += [Row(mark.wall, "", "mark", says=mark.name) for mark in story.marks]
    return sorted(found, key=lambda row: row.wall)


def csv_lines(rows: list[Row]) -> Iterator[str]:
    """Yield the lines of the CSV file; times are in UTC."""
    import csv  # noqa: PLC0415  # few ask for a report
    import io  # noqa: PLC0415

    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        stamps = row._replace(wall=text.iso_time(row.wall), until=row.until and text.iso_time(row.until))  # type: ignore[arg-type]
        writer.writerow([cell(value) for value in stamps])
        yield written.getvalue()
        written.seek(0)
        written.truncate()
    yield written.getvalue()


def text_lines(rows: list[Row], clock: Clock) -> Iterator[str]:
    """Yield the lines of the text; times are local."""
    yield f"What happened from {clock.period}\n"
    yield "\n"
    wide = min(40, max((len(row.target) for row in rows), default=0))
    for row in rows:
        target = text.shortened(printable(row.target), max(wide, 4))
        yield f"{clock.short(row.wall)}  {row.event:<8}  {target:<{wide}}  {_words(row, clock)}".rstrip() + "\n"
    if not rows:
        yield "nothing\n"


def _words(row: Row, clock: Clock) -> str:
    if row.total is None:
        return printable(row.says, 1000)
    until = (
        "still rising at the end"
        if row.until is None
        else f"until {clock.short(row.until)} ({lasted(row.wall, row.until)})"
    )
    named = f"{printable(row.counter)} ({printable(row.says)}, {row.severity})"
    return f"{named} +{row.total:,}, peak {text.rate(row.peak_rate)} /s, {until}"


def _rows(account: Account, end: float) -> Iterator[Row]:
    for event in account.course.events:
        if event.kind is not Happening.ALERT:
            yield _told(event)
    for alarm in alarms_of(account.course, end):
        yield _alarmed(alarm)
    for rise in account.rises:
        yield from _episodes(rise)
    for one in account.course.unseen:
        yield Row(one.began, account.target.name, "unseen", says=one.why, until=one.ended)


def _told(event: Event) -> Row:
    severity = event.severity.value if event.severity else ""
    return Row(event.wall, event.target, event.kind.value, event.about, severity, event.says)


def _alarmed(alarm: Alarm) -> Row:
    says = f"{alarm.says}, still so when the recording stopped" if alarm.cut else alarm.says
    return Row(alarm.since, alarm.target, "alert", alarm.name, alarm.severity.value, says, alarm.until)


def _episodes(rise: Rise) -> Iterator[Row]:
    metric = rise.metric
    for one in (kept.episode for kept in rise.episodes):
        until = None if one.ongoing else one.last_rise
        yield Row(
            one.started, rise.target.name, "rising" if one.ongoing else "rose", metric.name, metric.severity.value,
            metric.label, until, one.total, one.peak_rate,
        )  # fmt: skip
