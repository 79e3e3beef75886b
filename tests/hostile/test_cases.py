"""The list of cases is true: what it names is there, and what is here is in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.hostile.cases import CASES

TESTS = Path(__file__).parents[1]
NAMED = sorted({name for case in CASES.values() for name in case.tests})


def written_in(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions if node.name.startswith("test_")}


@pytest.mark.parametrize("file", sorted({name.partition("::")[0] for name in NAMED}))
def test_every_test_that_the_list_names_is_there(file: str) -> None:
    named = {name.partition("::")[2] for name in NAMED if name.startswith(f"{file}::")}
    assert named <= written_in(TESTS / file)


def test_every_case_is_in_the_list_and_proved_or_said_to_be_elsewhere() -> None:
    assert [*CASES] == ["A", *(f"B{number}" for number in range(1, 22))]
    assert all(case.tests or case.elsewhere for case in CASES.values())


def test_every_test_here_is_in_the_list_under_its_case() -> None:
    for file in Path(__file__).parent.glob("test_*.py"):
        if file == Path(__file__):
            continue
        for name in written_in(file):
            key = f"hostile/{file.name}::{name}"
            cases = [case for case, said in CASES.items() if key in said.tests]
            assert cases, key
            number = name.split("_")[1]
            assert number.upper() in cases or not (number[0] == "b" and number[1:].isdecimal()), key
