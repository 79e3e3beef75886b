"""``mptcp-top check``, built from its parts. Whatever happens, it ends with one line and 0, 1, 2 or 3."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.age import age_seconds
from mptcp_top.cli.check.course import courses_of, deadline_of, leaving_of, refuse_deadline
from mptcp_top.cli.check.findings import findings_of
from mptcp_top.cli.check.judge import Judge
from mptcp_top.cli.check.rules import rules_for
from mptcp_top.cli.check.telling import tell_mistake, tell_verdict
from mptcp_top.cli.check.verdict import Verdict, lines_of, object_of
from mptcp_top.cli.signals import heard
from mptcp_top.cli.targets import jobs_of, targets_of
from mptcp_top.collector import Collector, CollectorThread, Job
from mptcp_top.config import ask
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from mptcp_top.cli.check.course import Course


LAST_SECONDS: Final = 0.3
"""What Python itself takes to end: part of the deadline, too."""


class Ended(NamedTuple):
    """What ended the reading where it was not complete, and whether something of it never came back."""

    by: str
    stuck: bool


def check(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Print one verdict of all targets and return its exit code."""
    began, stuck = time.monotonic() - age_seconds(), False
    try:
        verdict, stuck = _verdict(options, environment, began)
        code = tell_verdict(_shown(verdict, options), verdict.state)
    except (SettingsError, KeyboardInterrupt) as error:
        code = tell_mistake(str(error) or "interrupted", as_json=options.json)
    except Exception as error:  # noqa: BLE001  # as loud as any bug; but its exit code 1 would be taken for a warning
        traceback.print_exc()
        code = tell_mistake(f"a bug in mptcp-top: {type(error).__name__}", as_json=options.json)
    if stuck:  # a thread that asks for a name and is not answered: Python would wait for it, the deadline does not
        os._exit(code)
    return int(code)


def _shown(verdict: Verdict, options: argparse.Namespace) -> list[str]:
    if options.json:
        return [json.dumps(object_of(verdict, time.time()), ensure_ascii=False)]
    return lines_of(verdict, verbose=options.verbose)


def _verdict(options: argparse.Namespace, environment: Mapping[str, str], began: float) -> tuple[Verdict, bool]:
    """Return the verdict, and whether something of the reading never came back.

    Raises:
        SettingsError: what is asked for cannot be.
    """
    if options.demo:
        raise SettingsError("--demo is the dashboard's: mptcp-top --demo, without check")
    asked = ask(vars(options), environment)
    rules = rules_for(options.rule or (), asked.config)
    targets = targets_of(asked)
    courses = courses_of(asked, targets, rules, options.samples)
    if options.deadline is not None:
        refuse_deadline(courses, options.deadline)
    seconds = options.deadline or deadline_of(courses)
    with _alarm(began + seconds, seconds):
        jobs = [_on_course(job, courses) for job in jobs_of(asked)]
    if options.deadline is None or _somebody_types():  # who types a password may take the time for it
        began = time.monotonic()
    store = Store(targets, asked.settings.hold)
    judge = Judge(store, rules)
    collector = Collector(jobs, Engine(store), judge.take)
    ended = _run(collector, began + seconds, leaving_of(courses, seconds), f"in time for the deadline of {seconds:g} s")
    seen = dict(judge.seen)
    return Verdict(targets, courses, seen, findings_of(courses, rules, seen, ended.by)), ended.stuck


def _on_course(job: Job, courses: Mapping[str, Course]) -> Job:
    course = courses[job.source.target.name]
    return Job(job.source, job.pace._replace(polls=course.samples, interval_seconds=course.interval_seconds))


def _run(collector: Collector, deadline: float, leaving: float, late: str) -> Ended:
    """Collect until all samples are there, the deadline comes or a signal does; then log out."""
    over = Event()
    bell, ring = os.pipe()  # a signal may ring it at any moment, as no lock can be taken

    def end() -> None:
        over.set()
        os.write(ring, b"\0")

    thread = CollectorThread(collector, end, end)
    with _signals(ring) as came:
        thread.start()
        select.select([bell], (), (), max(0.0, deadline - leaving - time.monotonic()))
        collector.stop()
        over.wait(leaving - LAST_SECONDS)
    if thread.crash is not None:
        raise thread.crash
    return Ended(f"before {came[0]} came" if came else late, stuck=not over.is_set())


def _somebody_types() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


@contextmanager
def _signals(ring: int) -> Iterator[list[str]]:
    """Have the signals that end programs ring a bell, and list those that came."""
    came: list[str] = []

    def end(number: int, _: object) -> None:
        came.append(signal.Signals(number).name)
        os.write(ring, b"\0")

    with heard(end):
        yield came


@contextmanager
def _alarm(deadline: float, seconds: float) -> Iterator[None]:
    """Raise a SettingsError at the deadline, while a command may be asked for a password; not where people type one."""

    def ring(_: int, __: object) -> None:
        late = f"the deadline of {seconds:g} s came before anybody could be asked"
        raise SettingsError(f"{late}: a command gives no password in time, or this host is busy")

    before = signal.signal(signal.SIGALRM, ring)
    left = max(LAST_SECONDS, deadline - LAST_SECONDS - time.monotonic())
    signal.setitimer(signal.ITIMER_REAL, 0.0 if _somebody_types() else left)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
