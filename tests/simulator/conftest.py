"""Appliances to call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.calls import Clock, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.simulator.running import Box


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(clock: Clock) -> Iterator[Box]:
    """One appliance whose counters all run at 14 a second."""
    with running("constant", clock) as simulation:
        yield simulation.appliances["ns1"]
