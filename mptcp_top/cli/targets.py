"""From what was asked for to jobs for the collector, each with its source, its credentials and its pace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mptcp_top.collector import Job, Pace
from mptcp_top.sources.registry import SOURCES, source_of, target_of

if TYPE_CHECKING:
    from mptcp_top.config import Asked
    from mptcp_top.model import Secret


def jobs_of(asked: Asked, *, polls: int | None = None) -> list[Job]:
    """Return a job for each target that was asked for; passwords are asked for here, one after the other.

    Raises:
        SettingsError: a target is none, or something it needs is missing.
    """
    given: dict[str, Secret] = {}
    return [_job(asked, name, polls, given) for name in asked.target_names()]


def _job(asked: Asked, name: str, polls: int | None, given: dict[str, Secret]) -> Job:
    access = asked.access_of(name)
    target = target_of(name, access)
    kind = SOURCES[target.source]
    access = access._replace(interval=access.interval or kind.interval_seconds)
    credentials = None
    if kind.logs_in:
        from mptcp_top.credentials import can_ask, credentials_of  # noqa: PLC0415  # not for kernels

        credentials = credentials_of(name, access, os.environ, interactive=can_ask(), given=given)
    pace = Pace(access.interval or kind.interval_seconds, access.timeout, polls)
    return Job(source_of(target, access, credentials), pace)
