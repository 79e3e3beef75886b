"""The wheel, in an empty venv: what a user gets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.terminal import Terminal

ROOT = Path(__file__).parents[2]
UV = [sys.executable, "-m", "uv"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # By the locked build system of this environment: an isolated build fetches what is newest.
    here = ["--no-build-isolation", "--python", sys.executable, "--out-dir", str(folder)]
    subprocess.run([*UV, "build", "--wheel", *here, str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("venv") / "venv"
    subprocess.run([*UV, "venv", str(folder)], check=True, capture_output=True)
    # Compiled, as pip does it: without bytecode the start takes more than twice as long.
    install = [*UV, "pip", "install", "--compile-bytecode", "--python", str(folder / "bin/python")]
    locked = folder / "locked.txt"
    export = [*UV, "export", "--locked", "--no-dev", "--no-emit-project", "--project", str(ROOT), "-o", str(locked)]
    subprocess.run(export, check=True, capture_output=True)
    for what in (["--require-hashes", "-r", str(locked)], ["--no-deps", str(wheel)]):
        subprocess.run([*install, *what], check=True, capture_output=True)
    return folder


def test_the_wheel_holds_the_style_sheet_the_catalogue_and_no_tests(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    assert "mptcp_top/mptcp_top.tcss" in names
    assert "mptcp_top/catalogue/linux.json" in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]


def test_the_locked_versions_are_those_the_wheel_asks_for(venv: Path) -> None:
    subprocess.run([*UV, "pip", "check", "--python", venv / "bin/python"], check=True, capture_output=True)


def test_the_wheel_brings_the_manual_page_and_completion_along(wheel: Path, venv: Path) -> None:
    shared = {name.partition(".data/data/")[2] for name in ZipFile(wheel).namelist() if ".data/data/" in name}
    assert shared == {
        "share/man/man1/mptcp-top.1",
        "share/bash-completion/completions/mptcp-top",
        "share/zsh/site-functions/_mptcp-top",
        "share/fish/vendor_completions.d/mptcp-top.fish",
        "share/mptcp-top/mptcp-top-record.service",
    }
    for name in shared:
        assert (venv / name).stat().st_size


@pytest.mark.timeout(300)
def test_the_installed_dashboard_starts_and_ends(venv: Path, tmp_path: Path) -> None:
    with Terminal([str(venv / "bin/mptcp-top")], environment={"HOME": str(tmp_path)}) as terminal:
        terminal.wait_for("errors", seconds=60)
        terminal.wait_for("q quit")
        terminal.type("q")
        assert terminal.wait_for_end() == 0


def test_the_installed_stat_and_explain_run(venv: Path) -> None:
    explained = subprocess.run(
        [venv / "bin/mptcp-top", "explain", "MPRstTx"], check=True, capture_output=True, text=True
    )
    assert "A rise means" in explained.stdout
    version = subprocess.run([venv / "bin/mptcp-top", "--version"], check=True, capture_output=True, text=True)
    assert version.stdout.startswith("mptcp-top ")
    shell = [str(venv / "bin/mptcp-top"), "completion", "zsh", "--line", "mptcp-top stat --ho"]
    assert "--host\t" in subprocess.run(shell, check=True, capture_output=True, text=True).stdout
