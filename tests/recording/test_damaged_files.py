"""Recordings that are cut or damaged anywhere: a clear line or a right answer, and nothing else."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from mptcp_top.errors import SettingsError
from mptcp_top.recording.place import BESIDE
from tests.recording.spoilt import all_is_well_or_said, copied, replayed, tell
from tests.recording.told_live import KERNEL, Session

if TYPE_CHECKING:
    from pathlib import Path


def test_a_whole_one_is_sound(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(capsys, "recordings", "verify", str(whole))[0] == 0
    replayed(whole)


@pytest.mark.parametrize("begin", range(0, 512, 128))
def test_it_may_end_anywhere_in_its_last_bytes(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], begin: int
) -> None:
    path = copied(whole, tmp_path)
    size = path.stat().st_size
    for cut in range(begin + 128, begin, -1):
        with path.open("r+b") as file:
            file.truncate(size - cut)
        code, said = tell(capsys, "dump", str(path), "--to", "2026-11-21T09:00:30Z")
        assert code in {0, 2}
        if cut % 16 == 0:
            assert tell(capsys, "recordings", "verify", str(path))[0] == 1
            with suppress(SettingsError):
                replayed(path)
        shutil.copy(whole, path)
        assert said


@pytest.mark.parametrize("seed", range(4))
def test_any_of_its_bytes_may_be_another(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    chance, content = random.Random(seed), whole.read_bytes()
    for number in range(50):
        place = chance.randrange(100 if number % 2 else 16_384) if number % 5 == 0 else chance.randrange(len(content))
        path = copied(whole, tmp_path)
        path.write_bytes(content[:place] + bytes([content[place] ^ chance.randrange(1, 256)]) + content[place + 1 :])
        all_is_well_or_said(path, capsys)


def test_what_is_not_in_the_file_itself_yet_may_be_cut_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut").mkdir()
    session = Session(tmp_path / "a.db", KERNEL)
    for _ in range(60):
        session.now += 1.0
        session.poll(KERNEL, {"MPCapableSYNRX": 1})
    left = copied(tmp_path / "a.db", tmp_path / "cut")  # as a program that is killed leaves it
    session.close()
    log = left.with_name("b.db-wal").read_bytes()
    chance, found = random.Random(0), []
    for place in sorted(chance.sample(range(len(log) - 20_000, len(log)), 60)):
        for more in BESIDE[:2]:
            shutil.copy(tmp_path / "cut" / f"b.db{more}", tmp_path / f"c.db{more}")
        (tmp_path / "c.db-shm").unlink(missing_ok=True)
        (tmp_path / "c.db-wal").write_bytes(log[:place])
        code, said = tell(capsys, "dump", str(tmp_path / "c.db"))
        assert code == 0
        found.append(said.count("\n"))
        code, said = tell(capsys, "recordings", "verify", str(tmp_path / "c.db"))
        assert (code, ": sound: " in said) == (0, True)
    assert found == sorted(found)
    assert found[0] >= 40
