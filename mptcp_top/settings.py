"""What the user asked for: flag > environment > config file > default, with the origin of each value."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FASTEST_SECONDS: Final = 0.1
SLOWEST_SECONDS: Final = 3600.0
TIMEOUT_SECONDS: Final = 5.0
THEMES: Final = ("ansi", "dark", "light", "okabe-ito")
HERE: Final = ("local",)
"""What is read when nobody asked for anything."""


class Between:
    """A parser of a number of something that accepts what lies between two bounds.

    >>> Between(1, 3650, "days")("7")
    7.0

    It raises ValueError with a text that says what is allowed.
    """

    def __init__(self, low: float, high: float, unit: str) -> None:
        self.low, self.high, self.unit = low, high, unit

    def __call__(self, text: str) -> float:
        """Return the number in a text."""
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not self.low <= value <= self.high:
            raise ValueError(f"give {self.unit} from {self.low:g} to {self.high:g}, not {printable(text, 40)!r}")
        return value


class SecondsBetween(Between):
    """A parser of seconds that accepts what lies between two bounds, with or without the unit.

    >>> SecondsBetween(0.1, 60)("0.5s")
    0.5
    """

    def __init__(self, low: float, high: float) -> None:
        super().__init__(low, high, "seconds")

    def __call__(self, text: str) -> float:
        """Return the seconds in a text."""
        return super().__call__(text.removesuffix("s"))


def _yes_or_no(text: str) -> bool:
    known = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
    try:
        return known[text.casefold()]
    except KeyError as error:
        raise ValueError(f"give yes or no, not {printable(text, 40)!r}") from error


def parse_target(text: str) -> str:
    """Return the text of a target, of which this only knows what none may hold: the sources know the rest.

    Raises:
        ValueError: it is empty, unprintable, or holds a user, perhaps with the password: that is not repeated.
    """
    if not text.strip() or not text.isprintable():
        raise ValueError(f"{printable(text, 40)!r} is no target")
    if "@" in text and not text.startswith("local:"):
        raise ValueError("an address holds no user and no password (the text before @): give them by themselves")
    return text


def _names(text: str) -> tuple[str, ...]:
    names = tuple(parse_target(name) for name in text.replace(",", " ").split())
    if not names:
        raise ValueError("give at least one target, for instance: local")
    return names


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError(f"give a name, not {printable(text, 40)!r}")
    return text


def _theme(text: str) -> str:
    name = text.strip().casefold()
    if name not in THEMES:
        raise ValueError(f"give {', '.join(THEMES[:-1])} or {THEMES[-1]}, not {printable(text, 40)!r}")
    return name


def _path(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("give the path of a file")
    return text


def parse_pin(text: str) -> str:
    """Return the fingerprint of a certificate in the one way it is compared; as openssl prints it will do.

    >>> parse_pin("SHA256:" + "AB:" * 31 + "CD") == "sha256:" + "ab" * 31 + "cd"
    True

    Raises:
        ValueError: it is none.
    """
    kind, _, digits = text.strip().casefold().replace(" fingerprint=", ":", 1).partition(":")
    digits = digits.replace(":", "")
    if kind != "sha256" or len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
        raise ValueError(
            f"give sha256: and 64 hexadecimal digits, not {printable(text, 80)!r}, or all that this prints: "
            "openssl x509 -in CERTIFICATE -noout -fingerprint -sha256"
        )
    return f"sha256:{digits}"


parse_interval = SecondsBetween(FASTEST_SECONDS, SLOWEST_SECONDS)


class Settings(NamedTuple):
    """Everything that can be set, with its default. One field here is one option and one ``MPTCP_TOP_*`` variable.

    No interval means: as often as the kind of source is best read; no theme: the one that was chosen last.
    """

    host: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    interval: float | None = None
    timeout: float = TIMEOUT_SECONDS
    hold: float = 30.0
    ascii: bool = False
    mark: bool = False
    theme: str | None = None
    output_diff: bool = True
    record: bool = True
    keep_days: float = 7.0
    keep_mb: float = 500.0
    user: str | None = None
    password_file: str | None = None
    cacert: str | None = None
    pin: str | None = None
    insecure: bool = False
    allow_http: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """What to read besides the groups: this host, if nobody asked for anything."""
        return self.host or (() if self.group else HERE)


class Access(NamedTuple):
    """How to get at one target, and in ``origins`` where each of these comes from.

    A password itself is in none of them: the credentials read it.
    """

    address: str
    user: str | None = None
    password_file: str | None = None
    password_command: tuple[str, ...] | None = None
    cacert: str | None = None
    pin: str | None = None
    insecure: bool = False
    allow_http: bool = False
    interval: float | None = None
    timeout: float = TIMEOUT_SECONDS
    origins: Mapping[str, str] = MappingProxyType({})


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "host": _names,
    "group": _names,
    "interval": parse_interval,
    "timeout": SecondsBetween(0.1, 600),
    "hold": SecondsBetween(0, 86_400),
    "ascii": _yes_or_no,
    "mark": _yes_or_no,
    "theme": _theme,
    "output_diff": _yes_or_no,
    "record": _yes_or_no,
    "keep_days": Between(0.01, 3650, "days"),
    "keep_mb": Between(1, 1_000_000, "megabytes"),
    "user": _line,
    "password_file": _path,
    "cacert": _path,
    "pin": parse_pin,
    "insecure": _yes_or_no,
    "allow_http": _yes_or_no,
}
DEFAULTS_TABLE: Final = "file: [defaults]"
RECORDING_TABLE: Final = "file: [recording]"
_RANKS: Final = {"flag": 0, DEFAULTS_TABLE: 2, "default": 3}
_PASSWORDS: Final = frozenset({"password_file", "password_command"})

if TYPE_CHECKING:
    Tables = Mapping[str, Mapping[str, Any]]
    """What tables of the config file say, by the name of that origin, the one that wins first."""


def variable_of(name: str) -> str:
    """Return the environment variable of a setting.

    >>> variable_of("interval")
    'MPTCP_TOP_INTERVAL'
    """
    return f"MPTCP_TOP_{name.upper()}"


def table_of(name: str, kind: str = "targets") -> str:
    """Return the header of a target's table in the config file, its name quoted where TOML wants that.

    >>> table_of("ns1"), table_of("10.0.0.1"), table_of("edge.1", "groups")
    ('[targets.ns1]', '[targets."10.0.0.1"]', '[groups."edge.1"]')
    """
    bare = name.isascii() and name.replace("-", "a").replace("_", "a").isalnum()
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"[{kind}.{name}]" if bare else f'[{kind}."{printable(quoted)}"]'


def is_typed(origin: str) -> bool:
    """Whether a value is from this very command: a flag or a variable, not the config file and no default.

    >>> is_typed("flag"), is_typed("MPTCP_TOP_PIN"), is_typed("file: [defaults]"), is_typed("default")
    (True, True, False, False)
    """
    return origin == "flag" or origin.startswith("MPTCP_TOP_")


def settle(
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    file: Mapping[str, Any] = MappingProxyType({}),
    recording: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Settings, Mapping[str, str]]:
    """Return the settings in force, and for each where it comes from.

    That is ``flag``, the variable's name, the table of the config ``file`` or ``default``; ``recording`` is another
    table of that file.

    Raises:
        SettingsError: a variable holds what its option would not take, or two settings contradict each other.
    """
    values, origins = _look_up(Settings._fields, flags, environment, {DEFAULTS_TABLE: file, RECORDING_TABLE: recording})
    ranks = {name: _RANKS.get(origins[name], 1) for name in ("host", "group")}
    for name, rank in ranks.items():  # who types --group gets that group, and no host of a variable or the file
        if rank > min(ranks.values()):
            _unset(name, values, origins)
    _refuse_contradictions(values, origins)
    return Settings(**values), origins


def access(name: str, flags: Mapping[str, Any], environment: Mapping[str, str], tables: Tables) -> Access:
    """Return how to get at the target ``name``; its own table comes before the defaults in ``tables``.

    Raises:
        SettingsError: as for `settle`.
    """
    values, origins = _look_up(Access._fields[:-1], flags, environment, _with_one_password(tables))
    if is_typed(origins["password_file"]):
        _unset("password_command", values, origins)
    _refuse_contradictions(values, origins)
    return Access(**{"address": name, **values}, origins=origins)


def _with_one_password(tables: Tables) -> Tables:
    """Leave a password only in the first table that has one: its command comes before another's file."""
    first = next((origin for origin, table in tables.items() if not _PASSWORDS.isdisjoint(table)), None)
    return {
        origin: {name: value for name, value in table.items() if name not in _PASSWORDS or origin == first}
        for origin, table in tables.items()
    }


def _unset(name: str, values: dict[str, Any], origins: dict[str, str]) -> None:
    values.pop(name, None)
    origins[name] = "default"


def _look_up(
    names: Iterable[str], flags: Mapping[str, Any], environment: Mapping[str, str], tables: Tables
) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name in names:
        variable = variable_of(name)
        origin = next((origin for origin, table in tables.items() if name in table), "default")
        if flags.get(name) is not None:
            values[name], origins[name] = flags[name], "flag"
        elif name in PARSERS and environment.get(variable):
            try:
                values[name], origins[name] = PARSERS[name](environment[variable]), variable
            except ValueError as error:
                raise SettingsError(f"{variable}: {error}") from error
        else:
            origins[name] = origin
            if origin != "default":
                values[name] = tables[origin][name]
        if isinstance(values.get(name), list):
            values[name] = tuple(values[name])
    return values, origins


def _refuse_contradictions(values: Mapping[str, Any], origins: Mapping[str, str]) -> None:
    for name in ("pin", "cacert"):
        if values.get("insecure") and values.get(name):
            raise SettingsError(
                f"insecure ({origins['insecure']}) asks to trust any certificate and {name} ({origins[name]}) to check "
                "it: drop one of them"
            )
