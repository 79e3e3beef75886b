"""Where is recorded what is collected, and how much of it is kept: from the settings to a recorder."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

from mptcp_top.errors import SettingsError
from mptcp_top.recording.keep import Keep
from mptcp_top.recording.recorder import Plan, Recorder
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.engine.store import Store
    from mptcp_top.model import Target
    from mptcp_top.settings import Settings


def beside_the_dashboard(settings: Settings, environment: Mapping[str, str], store: Store) -> Recorder | None:
    """Return what records what the dashboard shows, None where that is not wanted. Its files are opened later."""
    if not settings.record:
        return None
    return Recorder(store, plan_of(settings, environment, store.targets)._replace(seam=True))


def plan_of(
    settings: Settings, environment: Mapping[str, str], targets: Sequence[Target], output: str | None = None
) -> Plan:
    """Return how targets are recorded: into one file, or into the user's folder, from which old ones are deleted."""
    keep = Keep(settings.keep_days, settings.keep_mb)
    if output is None:
        return Plan(lambda: in_the_folder(environment, targets), settings.hold, keep, rids=True)
    path = Path(output)
    return Plan(lambda: [path], settings.hold, keep)


def in_the_folder(environment: Mapping[str, str], targets: Sequence[Target]) -> list[Path]:
    """Return the files in the user's folder that may take a recording of some targets; the folder is made.

    Raises:
        SettingsError: there can be no such folder.
    """
    from mptcp_top.cli.state_folder import entered  # noqa: PLC0415  # after the first paint
    from mptcp_top.recording.library import folder_of, free_names, name_of  # noqa: PLC0415  # the same

    folder = folder_of(environment)
    try:
        os.close(entered(folder))
    except OSError as error:
        reason = "it is a symbolic link" if error.errno == errno.ELOOP else error.strerror
        raise SettingsError(f"{printable(str(folder), 1000)}: {reason}") from error
    return free_names(folder, name_of(targets))
