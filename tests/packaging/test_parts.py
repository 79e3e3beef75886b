"""The bill of materials and the README's licences, held to the lock file."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

ROOT = Path(__file__).parents[2]
LOCKED: Final = {one["name"]: one for one in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
# What a program under MIT may need at run time: these ask for their notices to be kept, and for nothing of ours.
GO_WITH_MIT: Final = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "PSF-2.0", "Apache-2.0"}


def needed() -> set[str]:
    """Return all that is needed at run time, however far down."""
    found: set[str] = set()
    to_look_at: list[dict[str, Any]] = [{"name": "mptcp-top"}]
    while to_look_at:
        asked = to_look_at.pop()
        package = LOCKED[asked["name"]]
        extras = [package["optional-dependencies"][extra] for extra in asked.get("extra", [])]
        below = [*package.get("dependencies", []), *(one for extra in extras for one in extra)]
        to_look_at += [one for one in below if one["name"] not in found]
        found |= {one["name"] for one in below}
    return found


def told(*options: str) -> str:
    """Return what the script says."""
    command = [sys.executable, str(ROOT / ".ci/parts.py"), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(told())
    return made


def test_the_bill_of_materials_is_of_this_program(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert bill["metadata"]["component"]["name"] == "mptcp-top"
    assert bill["metadata"]["component"]["version"]


def test_the_bill_of_materials_names_each_runtime_dependency_with_version_and_hashes(bill: dict[str, Any]) -> None:
    parts = {part["name"]: part for part in bill["components"]}
    assert parts.keys() == needed()
    for name, part in parts.items():
        assert part["version"] == LOCKED[name]["version"]
        files = {file["url"]: file["hashes"] for file in part["externalReferences"]}
        every = [file for file in (LOCKED[name].get("sdist"), *LOCKED[name]["wheels"]) if file]
        wanted = {one["url"]: [{"alg": "SHA-256", "content": one["hash"].removeprefix("sha256:")}] for one in every}
        assert files == wanted


def test_every_runtime_dependency_has_a_licence_that_goes_with_mit(bill: dict[str, Any]) -> None:
    licences = {part["name"]: part["licenses"][0]["expression"] for part in bill["components"]}
    assert not {name: said for name, said in licences.items() if not set(said.split(" AND ")) <= GO_WITH_MIT}


def test_the_readme_lists_every_runtime_dependency_under_its_licence() -> None:
    assert told("--table") in (ROOT / "README.md").read_text()


def test_a_word_the_script_does_not_know_is_a_line() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / ".ci/parts.py"), "--x"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("--x: ")
