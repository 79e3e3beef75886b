"""Appliances to poll."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sources.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scene() -> Iterator[Scene]:
    """One appliance whose counters all run at 14 a second, and a source; in the end nothing is to be left behind."""
    with Scene() as running:
        yield running
        running.close()
        running.assert_well_behaved()
