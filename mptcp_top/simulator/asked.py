"""Faults and switches as a user writes them: what ``mptcp-top simulate`` takes, checked and explained."""

from __future__ import annotations

import json
import math
import re
from inspect import Parameter, getdoc, signature
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.config_text import nearest
from mptcp_top.errors import SettingsError
from mptcp_top.simulator.appliance import Switches
from mptcp_top.simulator.counters import fields
from mptcp_top.simulator.faults import ANY, FAULT_NAMES, MANGLED, SUBSTITUTES, Fault
from mptcp_top.simulator.replies import Member, Style
from mptcp_top.simulator.resources import RESOURCES
from mptcp_top.simulator.sessions import Restricted
from mptcp_top.simulator.wire import WIRES
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_FAULT: Final = re.compile(r"(?P<name>[^@:]*)(?:@(?P<on>[^:]*))?(?::(?P<options>.*))?")
_ANOTHER: Final = re.compile(r",(?=\w+=)")  # a comma that is no part of a value
_MOST: Final = 1 << 40


def _whole(least: int = 0, most: int = _MOST) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if not (text.isdecimal() and text.isascii() and least <= int(text[:20]) <= most):
            raise ValueError(f"give a whole number {f'from {least} to {most}' if most < _MOST else f'from {least} on'}")
        return int(text)

    return whole


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ValueError("give a number from 0 on")
    return value


def _one_of(**known: object) -> Callable[[str], Any]:
    def one_of(text: str) -> object:
        if text not in known:
            raise ValueError(f"give {' or '.join(known)}{nearest(text, known)}")
        return known[text]

    return one_of


def _same(*known: str) -> Callable[[str], Any]:
    return _one_of(**{each: each for each in known})


def _fields(text: str) -> frozenset[str]:
    known = [each.name for each in fields()] + [each.rate_name for each in fields() if each.rate_name]
    names = frozenset(text.split("+")) - {""}
    for name in sorted(names.difference(known)):
        raise ValueError(f"no appliance has a field {printable(name, 60)!r}{nearest(name, known)}")
    return names


def _members(text: str) -> tuple[Member, ...]:
    try:
        found = json.loads(f"{{{text}}}")
    except (ValueError, RecursionError) as error:
        raise ValueError('give JSON members, such as "mptcpnew": "5"') from error
    return tuple((name, json.dumps(value)) for name, value in found.items())


_FLAG: Final = _one_of(true=True, false=False)
_STATUS: Final = _whole(200, 599)


class Switch(NamedTuple):
    """One thing that ``--set`` sets: what it means, and how its value is read."""

    meaning: str
    read: Callable[[str], Any]


SWITCHES: Final[Mapping[str, Switch]] = {
    "form": Switch("protocolmptcp is an object, a list of one, or not there: none", _same("object", "list", "none")),
    "totals": Switch("how JSON has totals: string or number", _same("string", "number")),
    "rates": Switch("how JSON has rates: string or number", _same("string", "number")),
    "rate_digits": Switch("decimals of a rate, 0 cuts them off", _whole(0, 20)),
    "unavailable": Switch("FIELD+FIELD: these show 4294967295, which is no value", _fields),
    "missing": Switch("FIELD+FIELD: these are left out", _fields),
    "extra": Switch('"NAME": VALUE, ...: JSON members that are added', _members),
    "twins": Switch("the ambiguous fields and their rates come twice", _FLAG),
    "v1": Switch("the fields that 14.1 added are there (by the version)", _FLAG),
    "marker": Switch("_nextgenapiresource is there (by the version)", _FLAG),
    "basic": Switch("Basic authentication is accepted", _FLAG),
    "restricted": Switch(
        "what restrictedtimeout makes of a login that asks for more than 900 s: off, refuse or cap",
        _one_of(**{each.value: each for each in Restricted}),
    ),
    "session_limit": Switch("places for sessions", _whole()),
    "expired_code": Switch("what a dead session is told: 444 or 1027", _one_of(**{"444": 444, "1027": 1027})),
    "expired_status": Switch("the HTTP status of that", _STATUS),
    "full_status": Switch("the HTTP status of 446, where no place is left", _STATUS),
    "old_firmware": Switch("there is no protocolmptcp (1232)", _FLAG),
    "old_status": Switch("the HTTP status of that", _STATUS),
    "keep_alive": Switch("connections are kept", _FLAG),
    "latency_seconds": Switch("how long an answer takes", _number),
}
_OPTIONS: Final[Mapping[str, Callable[[str], Any]]] = {
    "int": _whole(),
    "float": _number,
    "float | None": _number,
    "str": str,
    "bytes": str.encode,
}
"""How an option of a fault is read, by its annotation."""
COUNTS: Final = {"times": _whole(1), "skip": _whole()}
"""What every fault takes."""


def switches_of(texts: Iterable[str]) -> dict[str, Any]:
    """Return what ``KEY=VALUE`` texts switch, for `Box.switch`; the last word on a key holds.

    >>> switches_of(["form=list", "session_limit=3"])
    {'form': 'list', 'session_limit': 3}

    Raises:
        SettingsError: there is no such key, or it cannot have this value.
    """
    changes = {}
    for text in texts:
        key, equals, value = text.partition("=")
        _known("--set: there is no switch", key, SWITCHES)
        if not equals:
            raise SettingsError(f"--set {key}: give {key}=VALUE: {SWITCHES[key].meaning}")
        changes[key] = _read(f"--set {key}", SWITCHES[key].read, value)
    return changes


def fault_of(text: str) -> Fault:
    """Return the fault that ``NAME[@RESOURCE][:key=value,...]`` means; every one takes ``times`` and ``skip``.

    >>> fault_of("redirect@login:to=http://192.0.2.9/?a,b,times=2")
    Fault(name='redirect', on='login', times=2, skip=0, options={'to': 'http://192.0.2.9/?a,b'})

    Raises:
        SettingsError: there is no such fault, resource or option, or one that must be is not there.
    """
    parts = _FAULT.fullmatch(text) if text.isprintable() else None
    if parts is None:
        raise SettingsError(f"--fault: give NAME[@RESOURCE][:key=value,...], not {printable(text, 60)!r}")
    name, on = parts["name"], parts["on"] if parts["on"] is not None else ANY
    _known("--fault: there is no fault", name, FAULT_NAMES)
    _known(f"--fault {name}: there is no resource", on, resources())
    options = _options(name, parts["options"] or "")
    counts = {key: options.pop(key) for key in COUNTS if key in options}
    fault = Fault(name, on, **counts, options=options)
    if name in SUBSTITUTES:
        try:
            SUBSTITUTES[name](**options)
        except KeyError as error:
            raise SettingsError(f"--fault {name}: no appliance says errorcode {error} there") from error
    return fault


def _options(name: str, text: str) -> dict[str, Any]:
    takes = options_of(name)
    readers = {key: _OPTIONS[each.annotation] for key, each in takes.items()} | COUNTS
    readers |= {key: read for key, read in {"status": _STATUS, "size": _whole(1)}.items() if key in readers}
    options = {}
    for part in _ANOTHER.split(text) if text else ():
        key, equals, value = part.partition("=")
        _known(f"--fault {name}: there is no option", key, readers)
        if not equals:
            raise SettingsError(f"--fault {name}: give {key}=VALUE")
        options[key] = _read(f"--fault {name}: {key}", readers[key], value)
    if lacks := [key for key, each in takes.items() if each.default is Parameter.empty and key not in options]:
        raise SettingsError(f"--fault {name}: it needs {lacks[0]}, so give {name}:{lacks[0]}=VALUE")
    return options


def options_of(name: str) -> dict[str, Parameter]:
    """Return the options of a fault: the parameters it has besides the reply and the connection."""
    parameters = signature({**SUBSTITUTES, **MANGLED, **WIRES}[name]).parameters
    return {key: each for key, each in parameters.items() if each.annotation in _OPTIONS}


def resources() -> set[str]:
    """Return what a fault can be of."""
    paths = {*RESOURCES, "config/login", "config/logout"}
    return {ANY, *paths, *(path.rpartition("/")[2] for path in paths)}


def _known(complaint: str, name: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if name not in names:
        advice = nearest(name.casefold(), names) or f" (there are {', '.join(names)})"
        raise SettingsError(f"{complaint} {printable(name, 60)!r}{advice}")


def _read(where: str, read: Callable[[str], Any], value: str) -> object:
    try:
        return read(value)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}, not {printable(value, 60)!r}") from error


def explained() -> Iterator[str]:
    """Yield a line for every fault and every switch, under a headline each."""
    yield "--fault NAME[@RESOURCE][:key=value,...], each with times=N and skip=N, too"
    yield from _table([*faults().items()])
    yield "--set KEY=VALUE"
    ordinary = {**_values(Style()), **_values(Switches())}
    yield from _table([(key, f"{each.meaning}{_usually(ordinary[key])}") for key, each in SWITCHES.items()])


def faults() -> dict[str, str]:
    """Return every fault, and what it does."""
    everything = {**SUBSTITUTES, **MANGLED, **WIRES}
    return {name: _of_fault(name, getdoc(fault) or "") for name, fault in everything.items()}


def _of_fault(name: str, text: str) -> str:
    takes = (
        key if each.default in {Parameter.empty, None, b""} else f"{key}={each.default}"
        for key, each in options_of(name).items()
    )
    options = ", ".join(takes)
    return text.partition("\n")[0].rstrip(".").replace("``", "") + (f" ({options})" if options else "")


def _values(switches: Style | Switches) -> dict[str, object]:
    return {name: getattr(switches, name) for name in switches.__dataclass_fields__}


def _usually(value: object) -> str:
    if isinstance(value, bool):
        return f" ({str(value).lower()})"
    return f" ({value})" if isinstance(value, str | int | float) else ""


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}  {text}" for name, text in rows]
