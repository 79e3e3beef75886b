"""``mptcp-top dump``: the samples of a recording, line by line as ``stat`` would have printed them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mptcp_top.cli.explain import unknown_counter
from mptcp_top.cli.recorded import chosen, span_of
from mptcp_top.cli.selection import Selection
from mptcp_top.cli.stat.records import as_json, csv_of
from mptcp_top.cli.stat.told import Told
from mptcp_top.errors import SettingsError
from mptcp_top.recording.library import opened
from mptcp_top.recording.retold import retold
from mptcp_top.text import iso_time

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping

    from mptcp_top.recording.reader import Reader


def dump(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Print what a recording holds.

    Raises:
        SettingsError: there is no such recording, target, counter or time in it, or it cannot be read.
    """
    del environment
    selection = Selection(tuple(options.pattern))
    write = csv_of(selection) if options.csv else _json_of(selection)
    with opened(Path(options.file)) as reader:
        for told in _asked_for(reader, selection, options):
            sys.stdout.write(write(told))
    return 0


def _asked_for(reader: Reader, selection: Selection, options: argparse.Namespace) -> Iterator[Told]:
    targets = chosen(reader, options.host)
    selection.refuse_mistakes(target.source for target in targets)
    if unknown := selection.unheard_of(reader.layouts()):
        raise SettingsError(unknown_counter(unknown[0]))
    span = span_of(reader, options.since, options.until)
    if span is None:
        return
    found = False
    for reading, observation in retold(reader, span.begin, span.end, [target.name for target in targets]):
        if span.since <= reading.wall <= span.until:
            found = True
            yield Told(observation, watched=observation.elapsed_seconds is not None)
    if not found:
        reach = f"from {iso_time(span.first)} to {iso_time(span.last)}"
        raise SettingsError(f"there is nothing in that time; this recording reaches {reach}")


def _json_of(selection: Selection) -> Callable[[Told], str]:
    return lambda told: as_json(told, selection)
