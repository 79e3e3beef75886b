"""``mptcp-top stat``, built from its parts: who is polled, what is told of them, and where it is written."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.stat.forms import form_of
from mptcp_top.cli.stat.output import Output, interrupted_by_signals
from mptcp_top.cli.stat.printer import Printer
from mptcp_top.cli.stat.since_last import files_of, spoilt_in, tell_of
from mptcp_top.cli.stat.wanted import TABLE, wanted_of
from mptcp_top.cli.targets import jobs_of, targets_of
from mptcp_top.collector import Collector, CollectorThread, Job
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.sources.registry import SOURCES
from mptcp_top.ui.glyphs import locale_is_utf8

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mptcp_top.cli.stat.wanted import Wanted
    from mptcp_top.config import Asked

USAGE: Final = 2


def stat(asked: Asked, options: argparse.Namespace) -> int:
    """Print the samples of every target and return the exit code: 1 if one could not be read.

    A target whose file of the last call is spoilt is not asked: standard error says so, the code is 2, and the others
    are told.

    Raises:
        SettingsError: no such target or counter, or what is wanted cannot be.
    """
    wanted = wanted_of(options)
    targets = targets_of(asked)
    wanted.selection.refuse_mistakes(target.source for target in targets)
    output = Output(sys.stdout)
    store = Store(targets, asked.settings.hold)
    files = files_of(wanted, os.environ)
    spoilt = spoilt_in(files, wanted, targets)
    for error in spoilt.values():
        print(f"mptcp-top: {error}", file=sys.stderr)
    jobs = [job for job in jobs_of(asked, on_the_beat=True) if job.source.target.name not in spoilt]
    if not jobs:
        return USAGE
    warm = warming(jobs, wanted)
    names = [job.source.target.name for job in jobs]
    ascii_only = asked.settings.ascii or not locale_is_utf8(os.environ)
    printer = Printer(wanted.selection, names, form_of(wanted, names, ascii_only=ascii_only), output.put)
    printer.tell, printer.warming = tell_of(wanted, store, files), set(warm)
    collector = Collector(paced(jobs, wanted, warm), Engine(store), printer.show)
    printer.stop = collector.stop
    ended_by = _run(CollectorThread(collector, output.end, output.end), output)
    if printer.error is not None:
        raise printer.error
    return 128 + ended_by if ended_by else USAGE if spoilt else int(printer.unread)


def _run(thread: CollectorThread, output: Output) -> int:
    """Collect and write to the end, log-outs included, and return the signal that ended it, 0 if none did."""
    with interrupted_by_signals(output) as signals:
        thread.start()
        try:
            output.pump()
        except BrokenPipeError:  # the reader has seen enough: end without a word
            pass
        except OSError as error:
            raise SettingsError(f"standard output: {error.strerror}") from error
        finally:
            output.close()
            thread.stop()
    return signals[0] if signals else 0


def warming(jobs: Sequence[Job], wanted: Wanted) -> frozenset[str]:
    """Return the targets whose first sample has nothing to tell yet: it is what the second one is compared with."""
    targets = [job.source.target for job in jobs]
    found = frozenset(
        target.name
        for target in targets
        if wanted.compares or (wanted.rates_wanted and not SOURCES[target.source].beat_seconds)
    )
    return frozenset(target.name for target in targets) if found and wanted.form == TABLE else found


def paced(jobs: Sequence[Job], wanted: Wanted, warm: frozenset[str]) -> list[Job]:
    """Return jobs that are polled as often as is wanted; targets that stand side by side all at the slowest pace."""
    slowest = max(job.pace.interval_seconds for job in jobs)
    found = []
    for source, pace in jobs:
        polls = None if wanted.samples is None else wanted.samples + (source.target.name in warm)
        interval = slowest if wanted.form == TABLE else pace.interval_seconds
        found.append(Job(source, pace._replace(polls=polls, interval_seconds=interval)))
    return found
