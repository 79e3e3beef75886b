"""Which fields an appliance reports for `protocolmptcp`. The names come from the catalogue, nowhere else."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.model import Kind

SINCE_14_1: Final = "14.1"
TWINS: Final = ("mptcptotdssa", "mptcptotdssm", "mptcperrfastclose")
"""Fields that stand for two counters each, because two SNMP names differ by nothing but case."""


class Field(NamedTuple):
    """One statistic: a total of events since the start, or a level."""

    name: str
    kind: Kind
    since: str | None = None

    @property
    def rate_name(self) -> str | None:
        """The key its rate per second goes by; a level has none.

        >>> Field("mptcptotdss", Kind.COUNTER).rate_name, Field("mptcperrbadcksum", Kind.COUNTER).rate_name
        ('mptcpdssrate', 'mptcperrbadcksumrate')
        """
        if self.kind is Kind.GAUGE:
            return None
        return self.name.replace("mptcptot", "mptcp", 1) + "rate"

    def known_to(self, version: str) -> bool:
        """Whether firmware of this ``version`` reports it.

        >>> Field("mptcptotv1mpcapsyn", Kind.COUNTER, "14.1").known_to("13.1")
        False
        """
        return self.since != SINCE_14_1 or release_of(version) >= release_of(SINCE_14_1)


def release_of(version: str) -> tuple[int, ...]:
    """Return a firmware version as numbers that compare.

    >>> release_of("14.1") > release_of("13.1")
    True
    """
    return tuple(int(part) for part in version.split("."))


@cache
def fields() -> tuple[Field, ...]:
    """Return every field of the catalogue, in its order."""
    entries = netscaler().entries.values()
    return tuple(Field(entry.metric.name, entry.metric.kind, entry.since) for entry in entries)
