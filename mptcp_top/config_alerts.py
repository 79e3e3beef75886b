"""What the table ``[alerts]`` of a config file may hold. Each check raises ValueError with what is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.errors import SettingsError
from mptcp_top.model import Severity
from mptcp_top.rules.defaults import TEXTS
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch
from mptcp_top.settings import parse_target
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EVERY_SECONDS: Final = 300.0
"""How often the same counter or alert of the same target is announced at most, unless the user says otherwise."""

PLACEHOLDERS: Final = ("target", "kind", "counter", "says", "since")
"""What is filled into the arguments of a command."""

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_SEVERITIES: Final = tuple(severity.value for severity in Severity if severity.alarming)
LONGEST_NAME: Final = 40
_KEYS: Final[Mapping[str, Any]] = {
    "rule": {"type": "string"},
    "targets": {"type": "array", "items": {"type": "string"}},
    "severity": {"enum": list(_SEVERITIES)},
}
"""What a rule that is a table may hold, and as much as JSON Schema can say of it."""


def check_placeholders(command: Sequence[str]) -> None:
    """Refuse a command whose placeholders nobody would fill in.

    Raises:
        ValueError: there is one that means nothing, or one in place of the program.
    """
    known = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    if _PLACEHOLDER.search(command[0]):
        raise ValueError("the program itself has no placeholder in its name")
    for part in command[1:]:
        for name in _PLACEHOLDER.findall(part):
            if name not in PLACEHOLDERS:
                raise ValueError(f"{{{printable(name, 20)}}} means nothing here: there are {known}")


def watch_of(name: str, value: object) -> Watch | None:
    """Return the rule a line of ``[alerts.rules]`` says; None for one that is shipped, and not wanted.

    Raises:
        ValueError: it says none.
    """
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise ValueError(f"give a rule a name of one line, of up to {LONGEST_NAME} characters")
    if value is False:
        if name not in TEXTS:
            raise ValueError(f"only rules that are shipped can be switched off: {', '.join(TEXTS)}")
        return None
    table = {"rule": value} if isinstance(value, str) else value
    if not isinstance(table, dict) or not isinstance(table.get("rule"), str):
        example = '"join_success < 95% for 30s"'
        raise ValueError(f"give a rule in quotes, for instance {example}, or a table with one")  # noqa: TRY004  # it is the value
    for key in table:
        if key not in _KEYS:
            raise ValueError(f"{printable(key, 40)}: unknown: there are rule, targets and severity")
    try:
        rule = parse(table["rule"])
    except SettingsError as error:
        raise ValueError(str(error)) from error
    return Watch(name, rule, _severity(table), _targets(table))


def schema_of_rules() -> Mapping[str, Any]:
    """Return as much as JSON Schema can say of ``[alerts.rules]``: of the rules themselves only that they are texts."""
    table = {"type": "object", "properties": _KEYS, "required": ["rule"], "additionalProperties": False}
    rule = [{"type": "string"}, table]
    return {
        "type": "object",
        "propertyNames": {"pattern": r"\S", "maxLength": LONGEST_NAME},
        "properties": {name: {"anyOf": [*rule, {"const": False}]} for name in TEXTS},
        "additionalProperties": {"anyOf": rule},
    }


def _severity(table: Mapping[str, object]) -> Severity:
    wanted = table.get("severity", Severity.WARNING.value)
    if wanted not in _SEVERITIES:
        raise ValueError(f"severity: give {', '.join(_SEVERITIES[:-1])} or {_SEVERITIES[-1]}")
    return Severity(str(wanted))


def _targets(table: Mapping[str, object]) -> tuple[str, ...]:
    wanted = table.get("targets", [])
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        raise ValueError('targets: give a list of targets or groups, for instance ["ns1", "edge"]')
    try:
        return tuple(parse_target(name) for name in wanted)
    except ValueError as error:
        raise ValueError(f"targets: {error}") from error
