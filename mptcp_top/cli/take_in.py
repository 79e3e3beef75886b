"""``mptcp-top import``: a recording made of the lines that others collected."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from heapq import merge
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from mptcp_top.cli.alerting import alerting_of
from mptcp_top.cli.taken_lines import GoesBack, Order, Said, called, opened, order_of
from mptcp_top.config import ask
from mptcp_top.errors import SettingsError
from mptcp_top.recording.collected import Poll, Unusable
from mptcp_top.recording.course import OutOfOrder
from mptcp_top.recording.imported import Importer, Rules
from mptcp_top.recording.place import BESIDE, claim, let_go, shown, to_write
from mptcp_top.text import count, iso_time, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

AHEAD: Final = 500
"""Lines that are looked at before anything is written, to know how often each target was polled."""

REASONS_AT_MOST: Final = 10
ALIKE_AT_MOST: Final = 2
OFTEN: Final = 0.1
"""The share of lines on which counters went down from which they are taken for increments."""


class _Files(NamedTuple):
    """What is read: files by name, what is called ``host`` in them, and the order of those that must be sorted."""

    names: Sequence[str]
    host: str | None
    orders: dict[str, Order]


class _Left:
    """Says which lines are left out, and counts them: of each reason the first ones."""

    def __init__(self) -> None:
        self._whys: Counter[str] = Counter()
        self._told: set[tuple[str, int]] = set()
        self.unsorted = False

    def begin_anew(self) -> None:
        """Count anew: the lines are read once more, in another order. What was said is not said again."""
        self._whys.clear()

    def __len__(self) -> int:
        return self._whys.total()

    def tell(self, file: str, line: int, why: object) -> None:
        """Leave a line out."""
        said = str(why)
        if said in self._whys or len(self._whys) < REASONS_AT_MOST:
            self._whys[said] += 1
        else:
            self._whys[""] += 1
        if self._whys[said] in range(1, ALIKE_AT_MOST + 1) and (file, line) not in self._told:
            self._told.add((file, line))
            print(f"mptcp-top: {file}:{line}: left out: {said}", file=sys.stderr)


def take_in(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Make a recording of files, or of standard input.

    Raises:
        SettingsError: nothing in one of them can be used, or the recording cannot be made.
    """
    asked = ask({}, environment)
    rules = Rules(asked.settings.hold, alerting_of(asked.config).watched)
    files, left = _Files(options.file or ["-"], options.host, {}), _Left()
    while True:
        try:
            importer = _made(Path(options.output), rules, files, left)
        except GoesBack as found:
            files.orders[found.name] = order_of(found.name, files.host)
            left.begin_anew()
        else:
            _report(Path(options.output), importer, left)
            return 0


def _made(out: Path, rules: Rules, files: _Files, left: _Left) -> Importer:
    """Make the recording.

    Raises:
        GoesBack: the lines of a file are not in the order of time, and what order they have is not known yet.
        SettingsError: as above.
    """
    with ExitStack() as stack:
        lines = [stack.enter_context(opened(name, files.host, files.orders.get(name))) for name in files.names]
        importer = Importer(stack.enter_context(_new_recording(out)), rules)
        used = _take_all(importer, lines, left)
        for name in files.names:
            if not used[called(name)]:
                raise SettingsError(f"{called(name)}: there is no line in it that can be used; none is recorded")
    for name, order in files.orders.items():
        if order.moved:
            print(
                f"mptcp-top: {called(name)}: its lines are not in the order of time and were sorted: "
                f"{count(order.moved)} came after later ones",
                file=sys.stderr,
            )
    return importer


def _take_all(importer: Importer, files: Sequence[Iterator[Said]], left: _Left) -> Counter[str]:
    """Take all lines in and return how many of each file could be used."""
    used: Counter[str] = Counter()
    said = merge(*files, key=lambda one: one.what.milliseconds)
    first = list(islice(said, AHEAD))
    importer.look_ahead(one.what for one in first if isinstance(one.what, Poll))
    zoned = True
    for file, what in chain(first, said):
        if isinstance(what, Unusable):
            left.tell(file, what.line, what.why)
            continue
        try:
            importer.take(what)
        except ValueError as error:
            left.tell(file, what.line, error)
            left.unsorted |= isinstance(error, OutOfOrder) and file == called("-")
        else:
            used[file] += 1
            zoned &= what.zoned
    importer.finish()
    if not zoned:
        print("mptcp-top: times without a time zone are taken for those of this host", file=sys.stderr)
    return used


def _report(out: Path, importer: Importer, left: _Left) -> None:
    for target, down in importer.down.items():
        if down > 2 and down > OFTEN * importer.polls[target]:
            print(
                f"mptcp-top: {target}: counters went down on {down} of {importer.polls[target]} lines. Was that nstat "
                "without -a? It then prints what was added since the last call; what is wanted is nstat -az --json",
                file=sys.stderr,
            )
    if importer.milliseconds is not None:
        reach = " to ".join(iso_time(milliseconds / 1e3) for milliseconds in importer.milliseconds)
        targets = len(importer.polls)
        missed = importer.polls.total() - importer.samples
        if len(left):
            why = "; to have lines sorted, save them in a file and import that" if left.unsorted else ""
            print(f"mptcp-top: {count(len(left))} of all lines were left out{why}", file=sys.stderr)
        print(
            f"{shown(out)}: {count(importer.samples)} samples and {count(missed)} missed polls of {targets} "
            f"target{'s' * (targets != 1)}, {reach}"
        )


@contextmanager
def _new_recording(path: Path) -> Iterator[sqlite3.Connection]:
    """Make a recording where there is none, and leave nothing there if it is not finished.

    Raises:
        SettingsError: something is there, or it cannot be written.
    """
    _refuse_what_is_there(path)
    descriptor = claim(path)
    try:
        with _cut_short_by_signals():
            connection = to_write(path)
            try:
                yield connection
                connection.execute("PRAGMA journal_mode = DELETE")  # it is one file then, and stays one when it is read
            finally:
                connection.close()
    except BaseException as error:
        for more in BESIDE:
            with suppress(OSError):
                path.with_name(path.name + more).unlink()
        if isinstance(error, sqlite3.Error):
            raise SettingsError(f"{shown(path)}: {printable(str(error))}; nothing is left there") from error
        raise
    finally:
        let_go(descriptor)


def _refuse_what_is_there(path: Path) -> None:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(FileNotFoundError):  # an empty one is what a reader leaves behind
        if path.with_name(path.name + BESIDE[1]).lstat().st_size:
            raise SettingsError(f"{shown(path)}{BESIDE[1]} is there, the newest part of a recording: give another name")
    try:
        os.close(os.open(path, flags, 0o600))
    except FileExistsError as error:
        raise SettingsError(f"{shown(path)}: it is there already; give a name that is new") from error
    except OSError as error:
        raise SettingsError(f"{shown(path)}: {error.strerror}") from error


@contextmanager
def _cut_short_by_signals() -> Iterator[None]:
    """Have the signals that end a program end what it does in good order."""

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    heard = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
