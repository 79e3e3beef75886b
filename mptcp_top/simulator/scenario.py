"""Scenarios: which appliances there are, what traffic they have, and what happens to them. They are data files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from mptcp_top.errors import SettingsError
from mptcp_top.model import Kind
from mptcp_top.simulator.counters import fields
from mptcp_top.simulator.profile import Profile, load_profile
from mptcp_top.simulator.traffic import Day, Factor, Multiplied, Noise, Strength, Term, Traffic
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_FLAT: Final = (1.0,)
_DAY: Final = (
    *(0.34, 0.25, 0.19, 0.16, 0.16, 0.20, 0.31, 0.50, 0.69, 0.79, 0.83, 0.84),
    *(0.76, 0.73, 0.78, 0.81, 0.84, 0.88, 0.93, 0.98, 1.00, 0.94, 0.76, 0.53),
)  # night low, morning rise, lunch dip, evening peak


_NOISE_SECONDS: Final = 10.0
_CALM: Final = (0.3, 60.0)  # a gauge's noise: how much of the rate's, and how slow


class What(StrEnum):
    """What can happen to an appliance at a moment."""

    SERVE = "serve"
    STAND_BY = "stand by"
    CLEAR = "clear"
    REBOOT = "reboot"
    FAILOVER = "failover"
    TAKEOVER = "takeover"
    KILL_SESSIONS = "kill sessions"


class Event(NamedTuple):
    """Something that happens to an appliance ``at`` so many seconds; a reboot takes ``down_seconds``.

    A takeover is a failover in which the address ``on`` moves to the other appliance of the pair, too.
    """

    at: float
    on: str
    what: What
    down_seconds: float = 0.0


class Incident(NamedTuple):
    """Something that goes wrong for a while.

    At full strength ``times`` multiplies what a field ordinarily is, ``adds`` adds so much a second (or to a level),
    and ``shares`` adds a share of what another field ordinarily is.
    """

    on: tuple[str, ...]
    strength: Strength
    title: str = ""
    times: Mapping[str, float] = {}
    adds: Mapping[str, float] = {}
    shares: Mapping[str, tuple[str, float]] = {}

    @property
    def names(self) -> frozenset[str]:
        """Every field it touches, or takes a share of."""
        sources = {source for source, _ in self.shares.values()}
        return frozenset({*self.times, *self.adds, *self.shares, *sources})


@dataclass(frozen=True)
class Plan:
    """One appliance of a scenario. ``scale`` is its part of the traffic, ``phase`` when in 7 seconds its tick is.

    One that is ``behind`` the address of its partner has none of its own, and answers there after a takeover.
    """

    name: str
    version: str = "14.1"
    role: str = "primary"
    partner: str | None = None
    behind: str | None = None
    scale: float = 1.0
    phase: float = 0.0
    up_seconds: float = 41 * 86_400.0
    address: str = "192.0.2.11"
    partner_address: str = ""
    past: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """Everything a simulation plays. ``repeat`` begins it again after so many seconds."""

    name: str
    title: str
    description: str
    profile: Profile
    day: Day
    appliances: tuple[Plan, ...]
    incidents: tuple[Incident, ...] = ()
    events: tuple[Event, ...] = ()
    repeat: float | None = None

    def behind(self, plan: Plan) -> list[Plan]:
        """Return those who answer at the address of an appliance, itself first."""
        return [plan, *(each for each in self.appliances if each.behind == plan.name)]

    def traffic_of(self, plan: Plan) -> Traffic:
        """Return the traffic of one appliance."""
        terms = {each.name: self._terms(plan, each.name) for each in fields()}
        return Traffic(terms, self.repeat)

    def history_of(self, plan: Plan) -> dict[str, int]:
        """Return what the counters of an appliance had counted when the scenario began."""
        average = sum(self.day.hours) / len(self.day.hours)
        ordinary = {each.name: plan.scale * average * self.profile.size_of(each.name) for each in fields()}
        return {
            each.name: int(plan.up_seconds * ordinary[each.name])
            + int(self.profile.past.get(each.name, 0) * plan.scale)
            + plan.past.get(each.name, 0)
            for each in fields()
            if each.kind is Kind.COUNTER
        }

    def _terms(self, plan: Plan, name: str) -> tuple[Term, ...]:
        mine = [incident for incident in self.incidents if plan.name in incident.on]
        changed = tuple(Multiplied(each.strength, each.times[name]) for each in mine if name in each.times)
        terms = [Term(term.size, (*term.factors, *changed)) for term in self._ordinary(plan, name)]
        for incident in mine:
            if name in incident.adds:
                terms.append(Term(incident.adds[name], (incident.strength,)))
            if name in incident.shares:
                source, share = incident.shares[name]
                ordinary = self._ordinary(plan, source)
                terms += [Term(term.size * share, (*term.factors, incident.strength)) for term in ordinary]
        return tuple(terms)

    def _ordinary(self, plan: Plan, name: str) -> list[Term]:
        """Return a field's terms without incidents. Levels wander less than rates: sessions last, arrivals do not."""
        calm, every = _CALM if name in _gauges() else (1.0, _NOISE_SECONDS)
        terms = []
        for size, names in self.profile.shares[name]:
            drivers = {driver: self.profile.drivers[driver] for driver in sorted(names)}
            factors: list[Factor] = [self.day] if any(each.daily for each in drivers.values()) else []
            for driver, each in drivers.items():
                if each.noise:
                    seed = crc32(f"{self.name} {plan.name} {driver}".encode())
                    factors.append(Noise(seed, each.noise * calm, every))
            terms.append(Term(size * plan.scale, tuple(factors)))
        return terms


@cache
def _gauges() -> frozenset[str]:
    return frozenset(each.name for each in fields() if each.kind is Kind.GAUGE)


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios there are."""
    found = (entry.name for entry in files(__package__).joinpath("scenarios").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load_scenario(name: str, drivers: Mapping[str, float] | None = None) -> Scenario:
    """Return a scenario by its name, with other values for some of its profile's drivers where wanted.

    Raises:
        SettingsError: there is none of this name.
    """
    known = scenario_names()
    if name not in known:
        from difflib import get_close_matches  # noqa: PLC0415  # only for mistakes, and slow to import

        near = get_close_matches(name.casefold(), known, n=1, cutoff=0.4)
        guess = f": did you mean {near[0]}?" if near else ""
        raise SettingsError(f"no scenario is called {printable(name, 60)!r}{guess} (there are {', '.join(known)})")
    raw = tomllib.loads(files(__package__).joinpath("scenarios", f"{name}.toml").read_text(encoding="utf-8"))
    return scenario_of(name, raw, drivers)


def scenario_of(name: str, raw: Mapping[str, Any], drivers: Mapping[str, float] | None = None) -> Scenario:
    """Return the scenario written as ``raw`` in a scenario file.

    Raises:
        KeyError, TypeError, ValueError: the file is not what we ship; a test holds it to this.
    """
    load = raw.get("load", {})
    scenario = Scenario(
        name=name,
        title=raw["title"],
        description=" ".join(raw["description"].split()),
        profile=load_profile(raw["profile"], {**raw.get("drivers", {}), **(drivers or {})}),
        day=Day(_DAY if load.get("course") == "day" else _FLAT, load.get("starts_at_hour", 0.0)),
        appliances=tuple(Plan(**plan) for plan in raw["appliance"]),
        incidents=tuple(_incident(each) for each in raw.get("incident", [])),
        events=tuple(Event(**{**each, "what": What(each["what"])}) for each in raw.get("event", [])),
        repeat=raw.get("repeat_seconds"),
    )
    _check(scenario)
    return scenario


def _incident(raw: Mapping[str, Any]) -> Incident:
    times = {"begin": raw["from"], "end": raw.get("until", float("inf"))}
    bends = {key: raw[key] for key in ("rise", "fall", "every", "lasting") if key in raw}
    return Incident(
        on=tuple(raw["on"]),
        strength=Strength(**times, **bends),
        title=raw.get("title", ""),
        times=raw.get("times", {}),
        adds=raw.get("adds", {}),
        shares={name: (each["of"], each["share"]) for name, each in raw.get("shares", {}).items()},
    )


def _check(scenario: Scenario) -> None:
    """Hold a scenario to the catalogue and to its own appliances."""
    boxes = {plan.name for plan in scenario.appliances}
    partners = {plan.partner for plan in scenario.appliances if plan.partner}
    named = {name for incident in scenario.incidents for name in incident.on} | {each.on for each in scenario.events}
    if lost := (named | partners) - boxes:
        raise ValueError(f"scenario {scenario.name} has no appliance {', '.join(sorted(lost))}")
    shared = {plan.behind for plan in scenario.appliances if plan.behind and plan.behind == plan.partner}
    moved = {each.on for each in scenario.events if each.what is What.TAKEOVER}
    if lone := (moved | {plan.behind for plan in scenario.appliances if plan.behind}) - shared:
        raise ValueError(f"scenario {scenario.name} has no pair behind the address of {', '.join(sorted(lone))}")
    touched = {name for incident in scenario.incidents for name in incident.names}
    touched |= {name for plan in scenario.appliances for name in plan.past}
    if unknown := touched - {each.name for each in fields()}:
        raise ValueError(f"scenario {scenario.name} names fields that no appliance has: {', '.join(sorted(unknown))}")
    if scenario.repeat and scenario.events:
        raise ValueError(f"scenario {scenario.name} repeats: what happens once has no place in it")
