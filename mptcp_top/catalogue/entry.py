"""One catalogue entry: everything known about one counter, and what of it holds on a given kernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mptcp_top.model import Group, Kind, Metric, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


class ChangedMeaning(NamedTuple):
    """What a counter meant before kernel ``before``, unless a stable kernel has the change ``backported``.

    ``severity`` is what it counts as there; ``None`` leaves it as it is.
    """

    before: str
    backported: tuple[str, ...]
    severity: Severity | None
    note: str

    def applies_to(self, release: str) -> bool:
        """Whether a kernel of this ``release`` still has the old meaning. False where the release is not readable.

        >>> old = ChangedMeaning("6.9", ("6.1.85",), None, "")
        >>> [old.applies_to(r) for r in ("6.1.84-1-amd64", "6.1.85", "6.6.12", "6.9.0-rc1", "6.18.44")]
        [True, False, True, False, False]
        """
        version = version_of(release)
        if not version or version >= version_of(self.before):
            return False
        fixes = (version_of(fix) for fix in self.backported)
        return not any(version[:2] == fix[:2] and version >= fix for fix in fixes)


class Entry(NamedTuple):
    """One counter: its `Metric`, and the prose for people. ``since`` is a release of ``system``."""

    metric: Metric
    phase: str
    direction: str
    meaning: str
    on_rise: str
    check_next: tuple[str, ...]
    related: tuple[str, ...]
    rfc: tuple[str, ...]
    since: str | None
    until: str | None
    changes: tuple[ChangedMeaning, ...]
    notes: tuple[str, ...]
    aliases: tuple[str, ...]
    system: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to: the owner's first."""
        return (self.metric.name, *self.aliases)

    def metric_on(self, release: str) -> Metric:
        """Return the metric as it is meant on a kernel of this ``release``.

        Where it meant something else it is not an instance of its concept, and no ratio is made of it.
        """
        for change in self.changes:
            if change.severity is not None and change.applies_to(release):
                return self.metric._replace(severity=change.severity, concept="")
        return self.metric


class Unnamed(NamedTuple):
    """A counter that its owner shows elsewhere and has no name for here; ``shares`` is the one it may hide behind."""

    alias: str
    label: str
    shares: str
    says: str


def version_of(release: str) -> tuple[int, ...]:
    """Return the leading numbers of a kernel release, empty if there are none.

    >>> version_of("6.18.44-fc-v669"), version_of("7.3"), version_of("unknown")
    ((6, 18, 44), (7, 3), ())
    """
    match = re.match(r"\d+(?:\.\d+)*", release)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def entry_of(raw: Mapping[str, Any], system: str = "") -> Entry:
    """Return the entry written as ``raw`` in a catalogue file.

    Raises:
        KeyError, ValueError: the file is not what we ship; a test holds it to this.
    """
    metric = Metric(
        name=raw["name"],
        label=raw["label"],
        group=Group(raw["group"]),
        kind=Kind(raw["kind"]),
        severity=Severity(raw["severity"]),
        concept=raw["concept"],
        hint=raw["hint"],
        unit=raw["unit"],
        flag_above=raw["flag_above"],
        net_of=raw["net_of"],
        ambiguous=raw.get("ambiguous", False),
    )
    changes = tuple(
        ChangedMeaning(
            change["before"],
            tuple(change["backported"]),
            Severity(change["severity"]) if change["severity"] else None,
            change["note"],
        )
        for change in raw["changes"]
    )
    return Entry(
        metric=metric,
        phase=raw["phase"],
        direction=raw["direction"],
        meaning=raw["meaning"],
        on_rise=raw["on_rise"],
        check_next=tuple(raw["check_next"]),
        related=tuple(raw["related"]),
        rfc=tuple(raw["rfc"]),
        since=raw["since"],
        until=raw["until"],
        changes=changes,
        notes=tuple(raw["notes"]),
        aliases=tuple(raw["aliases"]),
        system=system,
    )
