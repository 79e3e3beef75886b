"""A name of a recording is of one kind of target for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.errors import SettingsError
from mptcp_top.model import Target
from mptcp_top.recording.library import free_names, opened
from tests.feed import Feed
from tests.recording.fed import Recorded

if TYPE_CHECKING:
    from pathlib import Path


def as_an_appliance() -> Recorded:
    """A target of the same name that is an appliance now."""
    return Recorded(feed=Feed(Target("local", "netscaler", "https://192.0.2.1")))


def test_a_name_of_another_kind_of_target_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "recording.db"
    first = Recorded(path)
    first.tick(3)
    first.recorder.start()
    first.recorder.stop()
    second = as_an_appliance()
    second.paths.append(path)
    says = f"{path}: local is a kernel there, and a NetScaler now: give the target another name, or give another file"
    with pytest.raises(SettingsError) as refused:
        second.recorder.open()
    second.recorder.stop()
    assert str(refused.value) == says
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    with opened(path) as reader:
        assert [target.source for target in reader.targets()] == ["linux"]
        assert len(reader.sessions()) == 1


def test_where_a_name_is_of_another_kind_there_the_next_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "recording.db"
    first = Recorded(path)
    first.recorder.open()
    first.recorder.stop()
    second = as_an_appliance()
    second.paths += free_names(path.parent, path.name)
    assert second.recorder.open() == path.with_name("recording-2.db")
    second.recorder.stop()
