"""``mptcp-top config schema``: the config file as JSON Schema (draft 2020-12), from the tables that check it.

It never refuses what the program takes. What no schema can say, such as whether a rule is one, it lets pass.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.cli.grammar import grammar
from mptcp_top.config_values import CHECKS, NAMED

if TYPE_CHECKING:
    from collections.abc import Mapping

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_REQUIRED: Final[Mapping[str, list[str]]] = {"groups": ["targets"]}
_NOT_BOTH: Final = ["password_file", "password_command"]


def schema_text() -> str:
    """Return the schema as it is printed."""
    return json.dumps(schema(), indent=2)


def schema() -> dict[str, Any]:
    """Return the schema of the whole file."""
    return {"$schema": DRAFT, "title": "The config file of mptcp-top", **_object({name: _top(name) for name in CHECKS})}


def _top(name: str) -> dict[str, Any]:
    if name not in NAMED:
        return _table(name)
    return {"type": "object", "propertyNames": NAMED[name], "additionalProperties": _table(name)}


def _table(name: str) -> dict[str, Any]:
    keys = CHECKS[name]
    said = {key: {**value.schema(key), **_description(key)} for key, value in keys.items()}
    table = _object(said) | ({"required": _REQUIRED[name]} if name in _REQUIRED else {})
    return table | ({"not": {"required": _NOT_BOTH}} if keys.keys() >= set(_NOT_BOTH) else {})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _description(key: str) -> dict[str, str]:
    """Return what the flag of the same name is for."""
    option = grammar().option(f"--{key.replace('_', '-')}")
    return {} if option is None else {"description": option.says}
