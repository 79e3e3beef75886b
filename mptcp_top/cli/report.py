"""``mptcp-top report``."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.version import parts
from mptcp_top.errors import SettingsError
from mptcp_top.recording.library import current
from mptcp_top.report.bundle import free_name, refuse_unfit
from mptcp_top.report.words import counted
from mptcp_top.text import UNKNOWN

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from mptcp_top.report.story import Story

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def report(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Write an incident bundle, print where it is, and return the exit code.

    Raises:
        SettingsError: there is nothing to report of, or the bundle cannot be written.
    """
    output = Path(options.output).expanduser() if options.output else default_output()
    refuse_unfit(output)  # before a long recording is read
    recording = Path(options.file).expanduser() if options.file else current(environment)
    from mptcp_top.report.make import Asked, make  # noqa: PLC0415  # it brings the screens along

    asked = Asked(
        recording, output, options.since, options.until, options.host, versions(), settings(environment)
    )  # fmt: skip
    with _ended_in_good_order():
        story = make(asked)
    print(output)
    print(f"mptcp-top: {in_short(story)}", file=sys.stderr)
    return 0


def default_output() -> Path:
    """Return where a report goes that nobody gave a name: into the working folder, by the time."""
    return free_name(Path(), f"mptcp-top-report-{time.strftime('%Y%m%d-%H%M%S')}", ".tar.gz")


def in_short(story: Story) -> str:
    """Return what was found, in a line."""
    rises = len({(rise.target.name, rise.metric.name) for rise in story.rises})
    affected = len(story.affected)
    of = counted(len(story.accounts), "target")
    damage = "; some of that time cannot be read" if story.unread else ""
    if not affected:
        return f"nothing was wrong on {of}{damage}; summary.md says what was watched"
    wrong = f"something was wrong on {affected:,} of {of}{damage}"
    return f"{counted(rises, 'counter')} rose; {wrong}; summary.md is for the ticket"


def versions() -> str:
    """Return the versions of this program and of what it needs."""
    return "".join(f"  {part.name}  {part.version or UNKNOWN}\n" for part in parts())


def settings(environment: Mapping[str, str]) -> str:
    """Return how the program is set, as ``config show`` prints it; commands with their first word only."""
    from mptcp_top.cli.config import without_secrets  # noqa: PLC0415

    try:
        return without_secrets(environment)
    except SettingsError as error:
        return f"the settings cannot be read: {error}\n"


@contextmanager
def _ended_in_good_order() -> Iterator[None]:
    """Leave nothing half-made behind when a signal ends this."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
