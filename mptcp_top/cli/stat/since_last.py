"""``--since-last`` and ``--reset``: each sample told beside what the last call of this user left in its file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mptcp_top.cli.stat.told import told_of
from mptcp_top.clock import SLEPT_BEFORE
from mptcp_top.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mptcp_top.cli.stat.last_calls import Zeros
    from mptcp_top.cli.stat.told import Told
    from mptcp_top.cli.stat.wanted import Wanted
    from mptcp_top.cli.stat.zero_files import ZeroFiles
    from mptcp_top.engine.store import Store
    from mptcp_top.model import Observation, Target

    Tell = Callable[[Observation, Observation | None], Told]


def files_of(wanted: Wanted, environment: Mapping[str, str]) -> ZeroFiles | None:
    """Return the files of the last call, None where it is none of this call's business.

    Raises:
        SettingsError: they cannot be kept.
    """
    if not (wanted.since_last or wanted.reset):
        return None
    from mptcp_top.cli.stat.zero_files import ZeroFiles  # noqa: PLC0415  # only where asked for

    return ZeroFiles(environment)


def spoilt_in(files: ZeroFiles | None, wanted: Wanted, targets: Iterable[Target]) -> dict[str, SettingsError]:
    """Return what is wrong with the files of some targets; who sets the zero now does not read them."""
    if files is None or wanted.reset:
        return {}
    found = {}
    for target in targets:
        try:
            files.read(target)
        except SettingsError as error:
            found[target.name] = error
    return found


def tell_of(wanted: Wanted, store: Store, files: ZeroFiles | None) -> Tell:
    """Return what says of an observation what grew: since the sample before, or since the last call."""
    if files is None:
        return told_of
    from mptcp_top.cli.stat.last_calls import Stamp, told_since, zeros_after  # noqa: PLC0415  # only where asked for

    begun: set[str] = set()

    def tell(observation: Observation, before: Observation | None) -> Told:
        sample = store.tracks[observation.target.name].sample
        if observation.failure is not None or sample is None:
            return told_of(observation, before)
        target = observation.target
        now = Stamp(observation.wall, observation.monotonic + SLEPT_BEFORE, files.machine)
        asked_for = {column for column, _ in wanted.selection.metrics(observation)}
        with files.held():
            zeros = _zeros(wanted, files, target, first=target.name not in begun)
            told = told_since(observation, zeros, now, sample.wrap_bits, asked_for)
            after = zeros_after(told, zeros, asked_for, now) if wanted.update else None
            if after is not None:
                files.write(target, after)
        begun.add(target.name)
        return told

    return tell


def _zeros(wanted: Wanted, files: ZeroFiles, target: Target, *, first: bool) -> Zeros | None:
    """Return the zeros to count from. Who resets forgets them, or, silently, replaces those that are asked for."""
    if wanted.reset and first and not wanted.silent:
        return None
    if not wanted.silent:
        return files.read(target)
    with suppress(SettingsError):
        return files.read(target)
    return None
