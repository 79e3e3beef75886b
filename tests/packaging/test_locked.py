"""What gets installed: nothing but what the lock file names, to the byte."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKED: Final[list[dict[str, Any]]] = tomllib.loads((ROOT / "uv.lock").read_text())["package"]


def test_every_file_of_every_locked_package_has_a_hash() -> None:
    files = [file for package in LOCKED for file in (*package.get("wheels", []), package.get("sdist")) if file]
    assert len(files) > len(LOCKED)
    assert all(file["hash"].startswith("sha256:") for file in files)


def test_nothing_but_ourselves_is_built_from_source() -> None:
    # Building a source brings along build requirements that no lock file names.
    assert [package["name"] for package in LOCKED if "wheels" not in package] == ["mptcp-top"]


def test_what_builds_the_wheel_is_locked_too() -> None:
    ours = next(package for package in LOCKED if package["name"] == "mptcp-top")
    build = {needed["name"] for needed in ours["dev-dependencies"]["build"]}
    assert {re.split(r"[<>=~]", needed)[0] for needed in PROJECT["build-system"]["requires"]} <= build
    assert "editables" in build  # hatchling asks for it where the project is installed in place


def test_the_uv_that_installs_the_rest_is_the_locked_one() -> None:
    made = subprocess.run(
        [sys.executable, ".ci/parts.py", "--uv"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert (ROOT / ".ci/uv.txt").read_text() == made.stdout


@pytest.mark.parametrize("name", ["README.md", ".ci/run"])
def test_pip_is_asked_for_the_pinned_uv_alone(name: str) -> None:
    asked = re.findall(r"pip install.*?(?=&&|$)", (ROOT / name).read_text(), re.MULTILINE)
    assert not [line for line in asked if not line.rstrip().endswith("-r .ci/uv.txt")]


def test_the_tests_run_on_the_lock_as_it_is() -> None:
    line = re.search(r"<!-- the test command -->\n\n```sh\n(.*)\n```", (ROOT / "README.md").read_text())
    assert line
    assert " uv run --locked pytest " in line[1].replace(".uv/bin/uv", " uv")
    ci = (ROOT / ".ci/run").read_text()
    assert "export UV_LOCKED=1 UV_NO_BUILD_ISOLATION=1" in ci
