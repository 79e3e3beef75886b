"""The terms of mptcp-top as frozen values. ``None`` means "not known", never zero.

They are named tuples where they could be dataclasses: those take six times as long to build, at every start.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Secret:
    """A text that nothing shows by itself: no print, no traceback with local variables, no pickle.

    >>> str(Secret("hunter2")), bool(Secret("")), Secret("a") == Secret("a")
    ('***', False, True)
    """

    __slots__ = ("_reveal",)

    def __init__(self, text: str) -> None:
        self._reveal: Callable[[], str] = lambda: text  # even who prints every attribute prints a function

    def reveal(self) -> str:
        """Return the text. Call it inside the expression that uses it, and keep it nowhere."""
        return self._reveal()

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __rich_repr__(self) -> Iterator[str]:
        yield "***"

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest  # noqa: PLC0415  # it takes long, and few starts compare secrets

        mine, theirs = (secret.reveal().encode("utf-8", "surrogatepass") for secret in (self, other))
        return compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is written nowhere")


class Kind(StrEnum):
    """How a metric behaves: a counter only grows, a gauge goes up and down."""

    COUNTER = "counter"
    GAUGE = "gauge"


class Group(StrEnum):
    """The panels, in reading order. The values are the public group names of ``stat --json``."""

    SESSIONS = "sessions"
    MP_CAPABLE = "MP_CAPABLE"
    MP_JOIN = "MP_JOIN"
    ADDRESSING = "addressing"
    DSS = "DSS"
    TERMINATION = "termination"
    ERRORS = "errors"
    MEMORY = "memory"


class Severity(StrEnum):
    """How bad it is when a counter rises."""

    NORMAL = "normal"
    NOTABLE = "notable"
    WARNING = "warning"
    ERROR = "error"
    SECURITY = "security"

    @property
    def rank(self) -> int:
        """Its place on the scale, the worst highest."""
        return tuple(Severity).index(self)

    @property
    def alarming(self) -> bool:
        """Whether a rise is flagged.

        >>> Severity.WARNING.alarming, Severity.NOTABLE.alarming
        (True, False)
        """
        return self in {Severity.WARNING, Severity.ERROR, Severity.SECURITY}


class Status(StrEnum):
    """How the last attempt to read a target ended. Public values of ``stat --json``."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    AUTH_FAILED = "auth_failed"
    BAD_REPLY = "bad_reply"
    UNSUPPORTED = "unsupported"
    NO_ACCESS = "no_access"


class Target(NamedTuple):
    """One thing to read: its name on the screen, the kind of source, and where that source finds it.

    ``caution`` is what everybody who reads its numbers must be told all the time: that nobody has verified who it is.
    """

    name: str
    source: str
    address: str = ""
    caution: str = ""


class Metric(NamedTuple):
    """What one counter or gauge is, as far as engine and screens need it. Prose stays in the catalogue.

    ``flag_above`` is the rate per second below which a rise is not worth a flag; ``net_of`` names the counter whose
    own rise explains this one's innocently. An ``ambiguous`` one may be either of two counters that share the name:
    its value is shown, and nothing is derived from it.
    """

    name: str
    label: str
    group: Group
    kind: Kind = Kind.COUNTER
    severity: Severity = Severity.NORMAL
    concept: str = ""
    hint: str = ""
    unit: str = ""
    flag_above: float | None = None
    net_of: str | None = None
    ambiguous: bool = False

    @property
    def grows(self) -> bool:
        """Whether the difference of two values is an increase."""
        return self.kind is Kind.COUNTER and not self.ambiguous

    @property
    def flagged(self) -> bool:
        """Whether its rises open episodes."""
        return self.grows and self.severity.alarming


@dataclass(frozen=True, eq=False)
class Layout:
    """The metrics of a sample, in the order of its values. Kept and compared by identity: one a source, reused."""

    metrics: tuple[Metric, ...]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Column of each metric by its name."""
        return {metric.name: column for column, metric in enumerate(self.metrics)}

    @cached_property
    def concepts(self) -> Mapping[str, int]:
        """Column of each metric by its concept."""
        return {metric.concept: column for column, metric in enumerate(self.metrics) if metric.concept}

    @cached_property
    def gauges(self) -> tuple[int, ...]:
        """Columns whose difference is no increase: of gauges, and of what may be either of two counters."""
        return tuple(i for i, metric in enumerate(self.metrics) if not metric.grows)

    @cached_property
    def flagged(self) -> tuple[int, ...]:
        """Columns whose rises open episodes."""
        return tuple(i for i, metric in enumerate(self.metrics) if metric.flagged)

    @cached_property
    def pick_flagged(self) -> Callable[[Sequence[int | None]], tuple[int | None, ...]]:
        """A picker of the flagged columns, at C speed."""
        if len(self.flagged) < 2:
            return lambda row: tuple(row[i] for i in self.flagged)
        return itemgetter(*self.flagged)


class Identity(NamedTuple):
    """Who answered: for the header line, and to notice that it is no longer the same one.

    ``boot`` changes when counters started again from zero. ``facts`` is context for people (sysctls, versions),
    ``notices`` are conditions worth a line although the counters are readable, and ``prefix`` is what to put before a
    shell command so that it runs there. ``role`` is its part in a pair (primary, secondary), if it is in one.
    """

    host: str = ""
    product: str = ""
    boot: str | None = None
    facts: Mapping[str, str] = NOTHING
    notices: tuple[str, ...] = ()
    prefix: str = ""
    role: str = ""


class Sample(NamedTuple):
    """What one poll read. ``monotonic`` is for arithmetic, ``wall`` for people.

    ``wrap_bits`` is the width of the counters where going down can only mean that they wrapped; ``None`` where
    somebody may have cleared them. ``refresh_seconds`` is how often the owner takes stock: between two refreshes every
    poll gives the same numbers; 0 where they are of this very moment. ``own_rates`` are the rates per second that the
    owner itself gives, and ``reset`` is set where the source knows that these counters do not continue the last ones.
    """

    target: Target
    layout: Layout
    values: tuple[int | None, ...]
    monotonic: float
    wall: float
    latency_seconds: float = 0.0
    identity: Identity = Identity()
    wrap_bits: int | None = None
    refresh_seconds: float = 0.0
    own_rates: tuple[float | None, ...] | None = None
    reset: bool = False


class Failure(NamedTuple):
    """A poll that did not read anything, why, and when the next one is due."""

    target: Target
    status: Status
    reason: str
    monotonic: float
    wall: float
    advice: str = ""
    retry_seconds: float | None = None


class Change(NamedTuple):
    """What one metric did since the sample before. A gauge has no increase and no rate."""

    value: int | None
    increase: int | None = None
    rate: float | None = None
    rising: bool = False


class Episode(NamedTuple):
    """One stretch of time in which an error counter rose, with pauses no longer than the hold.

    ``total`` counts only what is not explained by the counter's ``net_of``. Times are wall-clock stamps, but for
    ``base``: the time the last sample before the first rise stood for (see `Observation.data_time`).
    """

    metric: Metric
    started: float
    last_rise: float
    total: int
    peak_rate: float
    ongoing: bool = True
    base: float = 0.0

    def mean_rate(self, data_time: float) -> float | None:
        """Return its rate per second from its beginning to a moment, on the clock the counters themselves keep."""
        return self.total / (data_time - self.base) if data_time > self.base else None


class Observation(NamedTuple):
    """What is known of one target at one moment: the engine's only product, immutable.

    After a failed poll ``values`` are those of the last good one, and ``increases`` are unknown. ``values_monotonic``
    is when the values were counted; ``data_time`` is the same on a clock that moves with the counters, by which growth
    is divided. ``rates`` are given where they are not simply increases over ``elapsed_seconds``:
    a source that refreshes its counters every ``refresh_seconds`` has rates over its refreshes, not over our polls.
    """

    target: Target
    layout: Layout
    values: tuple[int | None, ...]
    increases: tuple[int | None, ...]
    elapsed_seconds: float | None
    monotonic: float
    wall: float
    values_monotonic: float | None
    latency_seconds: float | None
    rising: Mapping[str, Episode]
    reset: bool = False
    identity: Identity = Identity()
    failure: Failure | None = None
    rates: tuple[float | None, ...] | None = None
    own_rates: tuple[float | None, ...] | None = None
    refresh_seconds: float = 0.0
    data_time: float = 0.0

    @property
    def status(self) -> Status:
        """How the poll behind this observation ended."""
        return Status.OK if self.failure is None else self.failure.status

    def change(self, name: str) -> Change | None:
        """Return what the metric ``name`` did, or None where this target has no such metric."""
        column = self.layout.index.get(name)
        return None if column is None else self.change_at(column)

    def error_rate(self, episode: Episode) -> float | None:
        """Return the rate of an error that rises: the newest where that is steady, else its mean since it began."""
        if not self.refresh_seconds:
            return episode.mean_rate(self.data_time)
        change = self.change(episode.metric.name)
        return None if change is None else change.rate

    def change_at(self, column: int) -> Change:
        """Return what the metric in ``column`` did."""
        grown = self.increases[column]
        if self.rates is not None:
            per_second = self.rates[column]
        else:
            per_second = None if grown is None or not self.elapsed_seconds else grown / self.elapsed_seconds
        return Change(self.values[column], grown, per_second, self.layout.metrics[column].name in self.rising)
