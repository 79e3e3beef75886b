"""Silences over restarts: kept in the state file, and of no harm when it is gone or full."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mptcp_top.cli.alerting import remembered_silences
from mptcp_top.engine.silences import Silence
from mptcp_top.remembered import path_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_silence_is_there_after_a_restart_until_it_is_over(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    silence = Silence("ns1", "MPRstTx", 100.0, 200.0)
    assert not remembered_silences(environment, 100.0).set(silence)
    assert remembered_silences(environment, 150.0).all == (silence,)
    assert not remembered_silences(environment, 200.0).all


def test_the_last_silence_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    silences = remembered_silences(environment, 100.0)
    silences.set(Silence("ns1", "MPRstTx", 100.0, 200.0))
    silences.set(Silence("ns1", "MPRstTx", 110.0, 110.0))
    assert json.loads(path_of(environment).read_text())["remembered"] == {}


def test_where_nothing_can_be_remembered_the_silence_holds_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "mptcp-top").write_text("in the way")
    silences = remembered_silences({"XDG_STATE_HOME": str(tmp_path)}, 100.0)
    note = silences.set(Silence("ns1", "MPRstTx", 100.0, 200.0))
    assert note.startswith("not remembered: ")
    assert silences.of("ns1", 150.0)
