"""The laboratory that every test against the running kernel shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab import Lab, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    if reason := why_not():
        pytest.skip(reason)
    with Lab() as built:
        yield built
