"""What others collected, line by line: of ``stat --json``, and of ``nstat --json`` with a time before each. No I/O."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from mptcp_top.model import Group, Identity, Kind, Layout, Metric, Severity, Status
from mptcp_top.recording import strict
from mptcp_top.recording.clock_words import FORMS, Moment, moment_in
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SCHEMA: Final = 1
NSTAT: Final = "MPTcpExt"
LONGEST_LINE: Final = 4 << 20
COUNTERS_AT_MOST: Final = 1000
LAYOUTS_KEPT: Final = 256
LARGEST: Final = 2**64 - 2
"""The next number is how "not known" is kept in memory."""

PRETTY_LINES: Final = 5000
_ABOUT: Final = ("label", "group", "kind", "severity", "ambiguous")
_TIMES: Final = ("time", "timestamp", "ts", "date", "at")
NO_TIME: Final = f"nstat does not say when it was: there must be a time before each of its objects ({FORMS})"


class Poll(NamedTuple):
    """One line that can be used: what was read, or why nothing was. ``line`` is where it is in its file.

    ``elapsed_seconds`` is how long after the sample before it was read, ``increases`` and ``rates`` what it says of
    its counters itself; None where it does not.
    """

    line: int
    target: str
    source: str
    milliseconds: int
    layout: Layout
    values: tuple[int | None, ...] | None
    identity: Identity = Identity()
    elapsed_seconds: float | None = None
    increases: tuple[int | None, ...] = ()
    rates: tuple[float | None, ...] = ()
    reset: bool = False
    status: Status = Status.OK
    reason: str = ""
    advice: str = ""
    zoned: bool = True


class Unusable(NamedTuple):
    """A line that cannot be used, and why. ``milliseconds`` is when the line before it was."""

    line: int
    why: str
    milliseconds: int = 0


class Lines:
    """Understands the lines of one file, one after the other. What has no name in them is called ``name``."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._layouts: dict[object, Layout] = {}
        self._time: Moment | None = None
        self._open: list[str] = []
        self._newest = 0

    def understood(self, lines: Iterable[bytes], first: int = 1) -> Iterator[Poll | Unusable]:
        """Yield what the lines say, of which the ``first`` has that number. Nothing is raised, whatever they are."""
        number = first
        for number, raw in enumerate(lines, first):
            text = raw.decode("utf-8-sig", "replace").rstrip()
            if len(raw) >= LONGEST_LINE:
                yield Unusable(number, "it is longer than any sample can be", self._newest)
                continue
            text = self._joined(text)
            if not text.strip():
                continue
            try:
                found = self._line(number, text)
            except (ValueError, TypeError, KeyError) as error:
                yield Unusable(number, printable(_complaint(error), 200), self._newest)
                continue
            if found is not None:
                self._newest = found.milliseconds
                yield found
        if self._open:
            yield Unusable(number, "it ends in the middle of an object", self._newest)

    def _joined(self, text: str) -> str:
        """Return a line, or an object that was written over many of them once its last one is here."""
        if self._open or text == "{":
            self._open.append(text)
            if text != "}" and len(self._open) < PRETTY_LINES:
                return ""
            text, self._open = " ".join(self._open), []
        return text

    def _line(self, number: int, text: str) -> Poll | None:
        before, brace, rest = text.partition("{")
        if before.strip():
            time = moment_in(before if brace else text)
            if time is None:
                raise ValueError("it is neither a JSON object nor a time")
            self._time = time
        if not brace:
            return None
        said = strict.loaded(brace + rest)
        if "schema" in said and "target" in said:
            return self._stat(number, said)
        for name in _TIMES:
            if isinstance(said.get(name), str | int | float):
                self._time = moment_in(str(said[name]))
                if self._time is None:
                    raise ValueError(f"{name!r} says no time: {strict.shown(said[name])}")
        kernels = [part for part in said.values() if isinstance(part, dict)]
        if not kernels and any(name in said for name in _TIMES):
            return None
        return self._nstat(number, {name: value for part in kernels for name, value in part.items()})

    def _nstat(self, number: int, said: Mapping[str, Any]) -> Poll:
        time, self._time = self._time, None
        values = {name.removeprefix(NSTAT): _value(name, said[name]) for name in said if name.startswith(NSTAT)}
        if not values:
            raise ValueError("it has no MPTCP counters (MPTcpExt…): what is read is nstat -az --json, and stat --json")
        if time is None:
            raise ValueError(NO_TIME)
        layout = self._layout("linux", "", {name: {} for name in values})
        return Poll(number, self._name, "linux", time.milliseconds, layout, tuple(values.values()), zoned=time.zoned)

    def _stat(self, number: int, said: Mapping[str, Any]) -> Poll:
        if said["schema"] != SCHEMA:
            raise ValueError(f"schema {strict.shown(said['schema'])}: this mptcp-top reads {SCHEMA}")
        target, source, status = strict.words(said["target"]), strict.words(said["source"]), Status(said["status"])
        time = moment_in(strict.words(said["taken_at"]))
        if time is None or not target:
            raise ValueError("it does not say when it was, or of which target it is")
        if source not in CATALOGUES:
            raise ValueError(f"{source!r} is no kind of target that this mptcp-top knows")
        identity = _identity(_object(said.get("identity") or {}))
        poll = Poll(number, target, source, time.milliseconds, Layout(()), None, identity, status=status)
        if status is not Status.OK:
            return poll._replace(
                reason=strict.words(said["error"] or ""), advice=strict.words(said.get("advice") or "")
            )
        metrics = {name: _object(metric) for name, metric in _object(said["metrics"]).items()}
        if not metrics:
            raise ValueError("it has no counters")
        elapsed = said.get("elapsed_seconds")
        return poll._replace(
            layout=self._layout(source, identity.product.removeprefix("Linux "), metrics),
            values=tuple(_value(name, metric["value"]) for name, metric in metrics.items()),
            elapsed_seconds=strict.real(elapsed) if elapsed and strict.real(elapsed) > 0 else None,
            increases=tuple(_value(name, metric.get("increase")) for name, metric in metrics.items()),
            rates=tuple(_rate(metric.get("rate")) for metric in metrics.values()),
            reset=said.get("reset") is True,
        )

    def _layout(self, source: str, release: str, metrics: Mapping[str, Mapping[str, Any]]) -> Layout:
        """Return the layout of these metrics: the same one for the same ones."""
        if len(metrics) > COUNTERS_AT_MOST:
            raise ValueError(f"it has more than {COUNTERS_AT_MOST} counters")
        about = tuple((name, tuple(_word(metric.get(key)) for key in _ABOUT)) for name, metric in metrics.items())
        key = source, release, about
        if key not in self._layouts:
            if len(self._layouts) >= LAYOUTS_KEPT:
                self._layouts.clear()
            self._layouts[key] = Layout(tuple(_metric(source, release, *one) for one in about))
        return self._layouts[key]


def _metric(source: str, release: str, name: str, said: Sequence[object]) -> Metric:
    """Return what a counter is: as the catalogue has it, and as the line says."""
    if not name or len(name) > 60 or printable(name) != name:
        raise ValueError(f"{strict.shown(name)!r} is no name of a counter")
    label, group, kind, severity, ambiguous = said
    known = catalogue_of(source).metric(name, release)
    return known._replace(
        label=known.label if label is None else strict.words(label),
        group=known.group if group is None else Group(strict.words(group)),
        kind=known.kind if kind is None else Kind(strict.words(kind)),
        severity=known.severity if severity is None else Severity(strict.words(severity)),
        ambiguous=known.ambiguous if ambiguous is None else ambiguous is True,
    )


def _identity(said: Mapping[str, Any]) -> Identity:
    host, product, boot, role = (
        None if said.get(key) is None else strict.words(said[key]) for key in ("host", "product", "boot", "role")
    )
    facts = {strict.words(name): strict.words(fact) for name, fact in _object(said.get("facts") or {}).items()}
    notices = tuple(strict.words(notice) for notice in said.get("notices") or ())
    return Identity(host or "", product or "", boot, facts, notices, role=role or "")


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{strict.shown(value)} is no JSON object")  # noqa: TRY004  # as all that makes no sense
    return value


def _value(name: str, value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= LARGEST + 1:
        raise ValueError(f"the value of {name} is no number from 0 to 2**64 - 1: {strict.shown(value)}")
    return value if value <= LARGEST else None


def _word(value: object) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else strict.words(value)


def _rate(value: object) -> float | None:
    return None if value is None else strict.real(value)


def _complaint(error: Exception) -> str:
    """Return what to say of a line that could not be understood; what we found ourselves says it already."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON object ({error})"
    if isinstance(error, KeyError):
        return f"it lacks {error}"
    return str(error) if isinstance(error, ValueError) else f"it cannot be understood ({error})"
