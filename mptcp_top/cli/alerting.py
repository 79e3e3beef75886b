"""From the table ``[alerts]`` to what is watched for, and to the command that is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.config_alerts import EVERY_SECONDS
from mptcp_top.engine.alerts import CLEAN_HOURS, Watched
from mptcp_top.engine.silences import Silences, silences_in
from mptcp_top.remembered import load, save
from mptcp_top.rules.defaults import default_watches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mptcp_top.config import Config
    from mptcp_top.rules.rule import Watch


REMEMBERED: Final = "silences"
"""The name of the silences among what is remembered."""


class Alerting(NamedTuple):
    """What is watched for, which command is run then, how often at most, and what is silenced until when."""

    watched: Watched
    command: tuple[str, ...] | None = None
    every_seconds: float = EVERY_SECONDS
    silences: Silences | None = None


class Origin(NamedTuple):
    """A rule, and where it comes from."""

    watch: Watch
    origin: str


def shipped() -> Alerting:
    """Return what is watched for where nobody said anything."""
    return Alerting(Watched(default_watches()))


def alerting_of(config: Config) -> Alerting:
    """Return what is watched for, and the command."""
    table = config.alerts
    watches = tuple(_for_targets(one.watch, config.groups) for one in rules_of(table))
    return Alerting(
        Watched(watches, table.get("clean_hours", CLEAN_HOURS)),
        table.get("command"),
        table.get("command_every", EVERY_SECONDS),
    )


def remembered_silences(environment: Mapping[str, str], wall: float) -> Silences:
    """Return the silences of earlier starts, and remember those of this one."""

    def remember(silences: Silences) -> str:
        return save(environment, REMEMBERED, silences.written() or None)

    return Silences(silences_in(load(environment).get(REMEMBERED), wall), remember)


def rules_of(table: Mapping[str, Any]) -> list[Origin]:
    """Return the rules in force: those shipped, unless they are not wanted, and those of the file."""
    own = table.get("rules", {})
    shipped = default_watches() if table.get("defaults", True) else ()
    kept = [Origin(watch, "default") for watch in shipped if watch.name not in own]
    return [*kept, *(Origin(watch, "file: [alerts.rules]") for watch in own.values() if watch is not None)]


def _for_targets(watch: Watch, groups: Mapping[str, tuple[str, ...]]) -> Watch:
    """Return a rule with the members of groups in the place of their names."""
    return watch._replace(targets=tuple(member for name in watch.targets for member in groups.get(name, (name,))))
