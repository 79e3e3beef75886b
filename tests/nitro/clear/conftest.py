"""An appliance to clear, and a config file that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.nitro.appliances import (
    USER,
    running,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mptcp_top.simulator.running import Box, Simulation


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with running("demo") as simulation:
        yield simulation


@pytest.fixture
def box(simulation: Simulation) -> Box:
    return simulation.appliances["ns1"]


@pytest.fixture
def config(box: Box, home: Path) -> dict[str, str]:
    path = home / "config.toml"
    path.write_text(
        f'[targets.ns1]\nhost = "{box.url}"\nallow_http = true\nuser = "{USER}"\n[groups.edge]\ntargets = ["ns1"]\n'
    )
    return {"MPTCP_TOP_CONFIG": str(path)}
