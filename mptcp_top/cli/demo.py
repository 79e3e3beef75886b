"""``mptcp-top --demo``: three simulated appliances on loopback, read as real ones would be."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.dashboard import dashboard
from mptcp_top.collector import Job, Pace
from mptcp_top.model import Secret
from mptcp_top.settings import Access
from mptcp_top.simulator.running import Simulation
from mptcp_top.sources.registry import SOURCES, source_of, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.cli.alerting import Alerting
    from mptcp_top.settings import Settings

INTERVAL_SECONDS: Final = 2.0
USER: Final = "demo"


class _Known(NamedTuple):
    """The credentials of appliances that were made a moment ago."""

    user: str
    secret: Secret

    def password(self) -> Secret:
        return self.secret

    def refused(self) -> None:
        """Cannot happen: whoever made the password made the appliances."""


def demo(settings: Settings) -> int:
    """Run the simulated fleet and the dashboard over it, and return the exit code.

    Raises:
        SettingsError: there is no terminal to draw on.
    """
    with demo_jobs(settings) as jobs:
        return dashboard(settings, lambda: jobs, _alerting)


def _alerting() -> Alerting:
    from mptcp_top.cli.alerting import shipped  # noqa: PLC0415  # after the first paint

    return shipped()


@contextmanager
def demo_jobs(settings: Settings) -> Iterator[list[Job]]:
    """Run the simulated fleet, and give the jobs that read it."""
    password = Secret(secrets.token_urlsafe(18))
    with Simulation("demo", password=password.reveal(), user=USER) as simulation:
        yield [_job(simulation, name, settings, password) for name in simulation.appliances]


def _job(simulation: Simulation, name: str, settings: Settings, password: Secret) -> Job:
    interval = settings.interval or INTERVAL_SECONDS
    access = Access(simulation.url(name), allow_http=True, interval=interval, timeout=settings.timeout)
    target = target_of(name, access)._replace(caution="simulated")
    kind = SOURCES[target.source]
    pace = Pace(interval, settings.timeout, None, kind.fastest_seconds, kind.why_no_faster)
    return Job(source_of(target, access, _Known(USER, password)), pace)
