"""A recording with all in it that can happen, to be spoilt, and what the program says of it then."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.main import main
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.series import Between
from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.library import opened
from mptcp_top.recording.place import BESIDE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COMMANDS: Final = (("recordings", "list", "--json"), ("recordings", "verify"), ("dump", "MPJoin*", "mptcperr*"))


def tell(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command and return its code and what it said, which never is unfit for a terminal."""
    code = main([*arguments])
    said = capsys.readouterr()
    assert code in {0, 1, 2}
    assert all(line.isprintable() for line in (said.out + said.err).split("\n"))
    assert "Traceback" not in said.err
    assert said.err.count("\n") == (code == 2), said.err
    return code, said.out + said.err


def replayed(path: Path) -> None:
    """Ask for what the screens of a replay ask for, at the beginning, in the middle and at the end."""
    with opened(path) as reader:
        store = Store(reader.targets())
        store.marks = reader.marks()
        archive = store.archive = Recorded(reader, 30.0, lambda: store.marks, alone=True)
        reader.sessions(), reader.gaps()
        begin, end = archive.extent_of_all or (0.0, 0.0)
        for cursor in (begin, (begin + end) / 2, end):
            for target in store.targets:
                seen = store.at(target.name, cursor)
                assert all(event.says.isprintable() for event in store.events(target.name, cursor))
                assert all(one.metric.label.isprintable() for one in store.episodes(target.name, cursor))
                store.ratios(target.name, cursor), store.alerts(target.name, cursor), store.extent(target.name)
                for basis in Basis:
                    store.grown(target.name, basis, cursor)
                if seen is not None and seen.layout.metrics:
                    store.series(
                        target.name, [[seen.layout.metrics[0]]], Between(begin, end, (end - begin) / 20 or 1.0)
                    )


def all_is_well_or_said(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        tell(capsys, *command, str(path))
    with suppress(SettingsError):
        replayed(path)


def copied(source: Path, folder: Path) -> Path:
    for more in BESIDE:
        (folder / f"b.db{more}").unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy(source.with_name(source.name + more), folder / f"b.db{more}")
    return folder / "b.db"
