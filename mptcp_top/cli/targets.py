"""From what was asked for to jobs for the collector, each with its source, its credentials and its pace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.collector import Job, Pace
from mptcp_top.errors import SettingsError
from mptcp_top.settings import is_typed, table_of
from mptcp_top.sources.registry import SOURCES, source_of, target_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.config import Asked
    from mptcp_top.credentials import Credentials
    from mptcp_top.model import Target
    from mptcp_top.settings import Access
    from mptcp_top.sources.registry import SourceKind


class _Wanted(NamedTuple):
    """A target that was asked for, and how to get at it."""

    target: Target
    access: Access
    kind: SourceKind


def targets_of(asked: Asked) -> list[Target]:
    """Return the targets that were asked for.

    Raises:
        SettingsError: one is none.
    """
    return [one.target for one in _wanted(asked)]


def intervals_of(asked: Asked) -> dict[str, float]:
    """Return how many seconds apart the polls of each target are.

    Raises:
        SettingsError: one is none.
    """
    return {one.target.name: one.access.interval or one.kind.interval_seconds for one in _wanted(asked)}


def jobs_of(asked: Asked, *, polls: int | None = None, on_the_beat: bool = False) -> list[Job]:
    """Return a job for each target that was asked for; passwords are asked for here, one after the other.

    ``on_the_beat`` polls a source that takes stock now and then just as often, unless another interval was asked for.

    Raises:
        SettingsError: a target is none, or something it needs is missing.
    """
    wanted = _wanted(asked, on_the_beat=on_the_beat)
    credentials = _credentials([one for one in wanted if one.kind.logs_in])
    return [
        Job(
            source_of(target, access, credentials.get(target.name)),
            Pace(
                access.interval or kind.interval_seconds,
                access.timeout,
                polls,
                kind.fastest_seconds,
                kind.why_no_faster,
            ),
        )
        for target, access, kind in wanted
    ]


def _wanted(asked: Asked, *, on_the_beat: bool = False) -> list[_Wanted]:
    found = []
    for name in asked.target_names():
        access = asked.access_of(name)
        target = target_of(name, access)
        kind = SOURCES[target.source]
        _refuse_haste(name, access, kind)
        own_pace = (on_the_beat and kind.beat_seconds) or kind.interval_seconds
        found.append(_Wanted(target, access._replace(interval=access.interval or own_pace), kind))
    return found


def _refuse_haste(name: str, access: Access, kind: SourceKind) -> None:
    if access.interval is None or access.interval >= kind.fastest_seconds:
        return
    origin = access.origins["interval"]
    where = "" if is_typed(origin) else f", for instance interval = {kind.interval_seconds:g} in {table_of(name)}"
    raise SettingsError(
        f"{printable(name)}: an interval of {access.interval:g} s ({origin}) is too short for {kind.called}: "
        f"{kind.why_no_faster}. Give {kind.fastest_seconds:g} or more{where}"
    )


def _credentials(wanted: Sequence[_Wanted]) -> dict[str, Credentials]:
    """Return user and password of each target, read or asked for now; what is typed goes for all of its user."""
    if not wanted:
        return {}
    from mptcp_top.credentials import Typed, can_ask, credentials_of, way_of  # noqa: PLC0415  # not for kernels

    typed = Typed(tuple(one.access.user for one in wanted if one.access.user and not way_of(one.access, os.environ)))
    interactive = can_ask()
    found = {
        one.target.name: credentials_of(one.target.name, one.access, os.environ, interactive=interactive, typed=typed)
        for one in wanted
    }
    typed.say_where_else()
    return found
