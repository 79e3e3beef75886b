"""What is kept of counters that are cleared: how they read just before, and a log of who did what to whom."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.cli.stat.zero_files import name_of
from mptcp_top.cli.state_folder import StateFolder
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mptcp_top.model import Sample, Target

FOLDER: Final = "clear"
LOG: Final = "clear.log"


class Deed(NamedTuple):
    """What is asked of whom, in whose name there. Neither has a password in it."""

    target: Target
    user: str
    scope: str


class Record:
    """The files of this user. They are opened before anybody is asked anything, so that trouble is told at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._folder = StateFolder(environment, FOLDER)
        self._saved: Path | None = None

    def save(self, sample: Sample) -> Path:
        """Write the counters as ``stat --json`` tells them, and return where.

        Raises:
            SettingsError: they cannot be written.
        """
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(sample.wall))
        milliseconds = int(sample.wall % 1 * 1000)
        target = name_of(sample.target.name).removesuffix(".json")
        name = f"{target}-{stamp[:-1]}.{milliseconds:03d}Z.json"
        self._saved = self._folder.write(name, line_of(sample))
        return self._saved

    def note(self, deed: Deed, event: str, says: str = "") -> Path:
        """Add a line to the log, and return where that is.

        Raises:
            SettingsError: it cannot be written.
        """
        said = {
            "at": text.iso_time(time.time()),
            "event": event,
            "target": deed.target.name,
            "address": deed.target.address,
            "user": deed.user,
            "scope": deed.scope,
            "says": says or None,
            "saved": None if self._saved is None else str(self._saved),
        }
        return self._folder.append(LOG, json.dumps(said) + "\n")


def line_of(sample: Sample) -> str:
    """Return a sample as ``stat --json`` prints it."""
    from mptcp_top.cli.selection import Selection  # noqa: PLC0415  # only what is cleared is saved
    from mptcp_top.cli.stat.records import as_json  # noqa: PLC0415  # the same
    from mptcp_top.cli.stat.told import told_of  # noqa: PLC0415  # the same

    observation = Engine(Store([sample.target])).observe(sample, 0.0)
    return as_json(told_of(observation, None), Selection())
