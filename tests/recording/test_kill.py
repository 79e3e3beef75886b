"""A recorder that is killed with -9 leaves a recording in which no more than the last second is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.kill import AT_MOST_SECONDS, INTERVAL, all_left

POINTS = 20
LAG_SECONDS = 1.0
"""How much later a busy machine may do what was due: python -m tests.recording.kill 200 measures without it."""


@pytest.mark.skipif("MPTcpExt" not in Path("/proc/net/netstat").read_text(), reason="this kernel counts no MPTCP")
def test_whenever_it_is_killed_the_file_opens_and_has_all_but_the_last_second(tmp_path: Path) -> None:
    found = all_left(tmp_path, POINTS, 2)
    assert len(found) == POINTS
    assert {left.integrity for left in found} == {"ok"}
    assert max(left.missing for left in found) < AT_MOST_SECONDS + INTERVAL + LAG_SECONDS
    assert any(left.samples for left in found), "all of them were killed before they had read anything"
