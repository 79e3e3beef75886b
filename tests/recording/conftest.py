"""A recording to look at from every side."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.recording.told_live import eventful

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording in which all happens that can, in one file."""
    path = tmp_path_factory.mktemp("whole") / "a.db"
    eventful(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return path
