"""The house: no file or function longer than one takes in, no rule of security ignored without a reason."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FOLDERS: Final = ("mptcp_top", "tests", "benchmarks", "screenshots", ".ci")
FILES: Final = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 400, 50
# What is longer, and why it may be; what no longer is has no place here.
LONGER: Final = {
    "tests/fleet/test_mixed_fleet.py: test_a_mixed_fleet_says_what_happens_to_each_of_its_targets": "it is one story",
}
IGNORED_WITHOUT_A_REASON: Final = re.compile(r"# noqa: [^#]*\bS\d{3}\b[^#]*(#\s*)?$", re.MULTILINE)


def lengths(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield the name, the lines and the most lines of a file and of each function in it."""
    text, name = path.read_text(), str(path.relative_to(ROOT))
    yield name, text.count("\n"), LINES_OF_A_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name}: {node.name}", (node.end_lineno or 0) - node.lineno + 1, LINES_OF_A_FUNCTION


def test_no_file_and_no_function_is_too_long_without_a_reason() -> None:
    assert len(FILES) > len(FOLDERS)
    too_long = {name: lines for path in FILES for name, lines, most in lengths(path) if lines > most}
    assert too_long.keys() == LONGER.keys(), too_long
    assert all(LONGER.values())


def test_each_rule_of_security_that_is_ignored_says_why() -> None:
    found = {path: IGNORED_WITHOUT_A_REASON.findall(path.read_text()) for path in FILES}
    assert not [path for path, lines in found.items() if lines]
