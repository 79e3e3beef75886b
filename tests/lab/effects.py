"""The table of scenarios: what each must move in the kernel's own counters, and what it must not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from . import scenarios
from .traffic import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .laboratory import Lab

CAPABLE_OUT: Final = {"MPCapableSYNTX": 1, "MPCapableSYNACKRX": 1}
CAPABLE_IN: Final = {"MPCapableSYNRX": 1, "MPCapableACKRX": 1}
JOIN_OUT: Final = CAPABLE_OUT | {"MPJoinSynTx": 1, "MPJoinSynAckRx": 1}
JOIN_IN: Final = CAPABLE_IN | {"MPJoinSynRx": 1, "MPJoinAckRx": 1}

WINDOW: Final = frozenset(
    {
        "OFOQueueTail",
        "OFOQueue",
        "OFOMerge",
        "SndWndShared",
        "RcvWndShared",
        "RcvWndConflict",
        "RcvWndConflictUpdate",
    },
)
RACES_OF_A_DARK_PATH: Final = frozenset(
    {"MPTCPRetrans", "DuplicateData", "NoDSSInWindow", "WinProbe", "MPRstTx", "MPRstRx"},
)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a deed moved at either host, by how much."""

    client: Mapping[str, int]
    server: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A deed and the least it moves; beyond that only ``WINDOW`` and ``besides`` may move."""

    deed: Callable[[Lab], object]
    client: Mapping[str, int] = field(default_factory=dict)
    server: Mapping[str, int] = field(default_factory=dict)
    besides: frozenset[str] = frozenset()

    @property
    def counters(self) -> frozenset[str]:
        """The counters a kernel must have to show this scenario."""
        return frozenset(self.client) | frozenset(self.server)

    def observe(self, lab: Lab) -> Moved:
        """Do the deed and return what it moved."""
        client, server = Watch(lab.client), Watch(lab.server)
        self.deed(lab)
        return Moved(client.increases(), server.increases())


_TABLE: Final = (
    Scenario(scenarios.two_subflows, JOIN_OUT, JOIN_IN),
    Scenario(
        scenarios.churn,
        {"MPCapableSYNTX": 20, "MPCapableSYNACKRX": 20},
        {"MPCapableSYNRX": 20, "MPCapableACKRX": 20},
    ),
    Scenario(
        scenarios.joins,
        {"MPCapableSYNTX": 5, "MPCapableSYNACKRX": 5, "MPJoinSynTx": 5, "MPJoinSynAckRx": 5},
        {"MPCapableSYNRX": 5, "MPCapableACKRX": 5, "MPJoinSynRx": 5, "MPJoinAckRx": 5},
    ),
    Scenario(scenarios.syn_flood, {}, {"MPCapableSYNRX": 500}),
    Scenario(
        scenarios.join_rejected,
        JOIN_OUT | {"MPRstTx": 1},
        CAPABLE_IN | {"MPJoinSynRx": 1, "MPJoinRejected": 1},
    ),
    Scenario(scenarios.join_no_token, {}, {"MPJoinSynRx": 10, "MPJoinNoTokenFound": 10}),
    Scenario(scenarios.join_blackholed, CAPABLE_OUT | {"MPJoinSynTx": 1}, CAPABLE_IN),
    Scenario(
        scenarios.strip_synack,
        {"MPCapableSYNTX": 1, "MPCapableFallbackSYNACK": 1},
        {"MPCapableSYNRX": 1, "MPCapableFallbackACK": 1},
    ),
    Scenario(
        scenarios.syn_blackhole,
        {"MPCapableSYNTX": 1, "MPCapableSYNTXDrop": 1, "MPCapableSYNTXDisabled": 1, "Blackhole": 1},
    ),
    Scenario(
        scenarios.rm_addr,
        JOIN_OUT | {"AddAddr": 1, "EchoAddTx": 1, "RmAddr": 1},
        JOIN_IN | {"AddAddrTx": 1, "EchoAdd": 1, "RmAddrTx": 1, "RmSubflow": 1},
    ),
    Scenario(
        scenarios.path_dark,
        JOIN_OUT | {"MPTCPRetrans": 1, "SubflowStale": 1, "SubflowRecover": 1},
        JOIN_IN | {"DuplicateData": 1},
        RACES_OF_A_DARK_PATH,
    ),
    Scenario(
        scenarios.csum_single,
        CAPABLE_OUT | {"InfiniteMapTx": 1, "MPFailTx": 1, "MPFailRx": 1},
        CAPABLE_IN | {"DataCsumErr": 1, "MPFailTx": 1, "MPFailRx": 1, "InfiniteMapRx": 1, "DssFallback": 1},
    ),
    Scenario(
        scenarios.csum_first,
        CAPABLE_OUT | {"MPCapableDataFallback": 1},
        CAPABLE_IN | {"DataCsumErr": 1, "DssFallback": 1},
    ),
    Scenario(
        scenarios.fastclose_linger,
        JOIN_OUT | {"MPFastcloseTx": 2, "MPRstTx": 2},
        JOIN_IN | {"MPFastcloseRx": 2, "MPRstRx": 2},
    ),
    Scenario(
        scenarios.fastclose_unread,
        CAPABLE_OUT | {"MPFastcloseRx": 1, "MPRstRx": 1},
        CAPABLE_IN | {"MPFastcloseTx": 1, "MPRstTx": 1},
    ),
)

SCENARIOS: Final[Mapping[str, Scenario]] = {scenario.deed.__name__: scenario for scenario in _TABLE}
