"""What the user asked for: flag > environment > default, with the origin of each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FASTEST_SECONDS: Final = 0.1
SLOWEST_SECONDS: Final = 3600.0


def seconds_between(low: float, high: float) -> Callable[[str], float]:
    """Return a parser of seconds that accepts what lies between two bounds.

    >>> seconds_between(0.1, 60)("0.5")
    0.5

    The parser raises ValueError with a text that says what is allowed.
    """

    def parse(text: str) -> float:
        try:
            value = float(text.removesuffix("s"))
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise ValueError(f"give seconds from {low:g} to {high:g}, not {printable(text, 40)!r}")
        return value

    return parse


def _yes_or_no(text: str) -> bool:
    known = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
    try:
        return known[text.casefold()]
    except KeyError as error:
        raise ValueError(f"give yes or no, not {printable(text, 40)!r}") from error


def _targets(text: str) -> tuple[str, ...]:
    names = tuple(text.replace(",", " ").split())
    if not names:
        raise ValueError("give at least one target, for instance: local")
    return names


parse_interval = seconds_between(FASTEST_SECONDS, SLOWEST_SECONDS)


class Settings(NamedTuple):
    """Everything that can be set, with its default. One field here is one option and one ``MPTCP_TOP_*`` variable."""

    host: tuple[str, ...] = ("local",)
    interval: float = 1.0
    timeout: float = 5.0
    hold: float = 30.0
    ascii: bool = False
    output_diff: bool = True


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "host": _targets,
    "interval": parse_interval,
    "timeout": seconds_between(0.1, 600),
    "hold": seconds_between(0, 86_400),
    "ascii": _yes_or_no,
    "output_diff": _yes_or_no,
}


def variable_of(name: str) -> str:
    """Return the environment variable of a setting.

    >>> variable_of("interval")
    'MPTCP_TOP_INTERVAL'
    """
    return f"MPTCP_TOP_{name.upper()}"


def settle(flags: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[Settings, Mapping[str, str]]:
    """Return the settings in force, and for each where it comes from: ``flag``, the variable's name or ``default``.

    Raises:
        SettingsError: a variable holds what its option would not take.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name in Settings._fields:
        variable = variable_of(name)
        origins[name] = "default"
        if flags.get(name) is not None:
            values[name], origins[name] = flags[name], "flag"
        elif environment.get(variable):
            try:
                values[name], origins[name] = PARSERS[name](environment[variable]), variable
            except ValueError as error:
                raise SettingsError(f"{variable}: {error}") from error
    return Settings(**values), origins
