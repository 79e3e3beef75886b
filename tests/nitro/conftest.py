"""An appliance to read, and a home for the program that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.nitro.appliances import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mptcp_top.simulator.running import Box


@pytest.fixture
def box() -> Iterator[Box]:
    with running() as simulation:
        yield simulation.appliances["ns1"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made
