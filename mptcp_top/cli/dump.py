"""``mptcp-top dump``: the samples of a recording, line by line as ``stat`` would have printed them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mptcp_top.cli.explain import unknown_counter
from mptcp_top.cli.recorded import by_source, chosen, span_of
from mptcp_top.cli.selection import Selection, counterparts, lacks
from mptcp_top.cli.stat.records import as_json, csv_of
from mptcp_top.cli.stat.told import Told
from mptcp_top.errors import SettingsError
from mptcp_top.recording.lenient import salvaged, told
from mptcp_top.recording.place import shown
from mptcp_top.recording.retold import retold
from mptcp_top.text import iso_time, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mptcp_top.model import Layout, Target
    from mptcp_top.recording.lenient import Lenient


def dump(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Print what a recording holds.

    Raises:
        SettingsError: there is no such recording, target, counter or time in it, or it cannot be read.
    """
    del environment
    selection = Selection(tuple(options.pattern))
    write = csv_of(selection) if options.csv else _json_of(selection)
    with salvaged(Path(options.file)) as reader:
        for sample in _asked_for(reader, selection, options):
            sys.stdout.write(write(sample))
        _say_what_is_missing(Path(options.file), reader)
    return 0


def _say_what_is_missing(path: Path, reader: Lenient) -> None:
    """Say that what was printed is not all there was.

    Raises:
        SettingsError: it is not.
    """
    damage = told(reader.unread) or [f"it is damaged ({said}): samples may be missing" for said in reader.torn()]
    if damage:
        raise SettingsError(
            f"{shown(path)}: {'; '.join(damage)}; the rest is printed; to look closer: mptcp-top recordings verify "
            f"{shown(path)}"
        )


def _asked_for(reader: Lenient, selection: Selection, options: argparse.Namespace) -> Iterator[Told]:
    targets = chosen(reader, options.host)
    selection.refuse_mistakes(target.source for target in targets)
    layouts = reader.layouts()
    if unknown := selection.unheard_of(layouts):
        raise SettingsError(unknown_counter(unknown[0]))
    _say_what_means_nothing(selection, targets, layouts)
    span = span_of(reader, options.since, options.until)
    if span is None:
        return
    found = False
    for reading, observation in retold(reader, span.begin, span.end, [target.name for target in targets]):
        if span.since <= reading.wall <= span.until:
            found = True
            yield Told(observation, watched=observation.elapsed_seconds is not None)
    if not found and not reader.unread:
        reach = f"from {iso_time(span.first)} to {iso_time(span.last)}"
        raise SettingsError(f"there is nothing in that time; this recording reaches {reach}")


def _say_what_means_nothing(
    selection: Selection, targets: Sequence[Target], layouts: Sequence[tuple[str, Layout]]
) -> None:
    """Say which patterns mean nothing to any target that was read, and what counts the same there."""
    known = {source for source, _ in layouts}
    kinds = {source: names for source, names in by_source(targets).items() if source in known}
    lacking = {source: selection.lacking(source, layouts) for source in kinds}
    for pattern in selection.patterns:
        if all(pattern in lacking[source] for source in kinds):
            for source, names in kinds.items():
                said = f"{', '.join(names)}: {lacks(pattern, source)}{counterparts(pattern, source)}"
                print(f"mptcp-top: {printable(said, 500)}", file=sys.stderr)


def _json_of(selection: Selection) -> Callable[[Told], str]:
    return lambda told: as_json(told, selection)
