"""What ordinary traffic makes of every counter: a few drivers, and factors for the rest. Profiles are data files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from mptcp_top.model import Kind
from mptcp_top.simulator.counters import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Driver(NamedTuple):
    """One number everything else follows from, such as new sessions a second.

    ``daily`` ones follow the course of the day; ``noise`` is how far they stray from it, as a share.
    """

    value: float
    daily: bool = False
    noise: float = 0.0


class Share(NamedTuple):
    """So much for every 1.0 of these drivers."""

    size: float
    drivers: frozenset[str]


@dataclass(frozen=True)
class Profile:
    """What one kind of traffic makes of the counters.

    ``past`` holds events of the days before that do not happen in ordinary traffic: totals which do not rise.
    """

    drivers: Mapping[str, Driver]
    shares: Mapping[str, tuple[Share, ...]]
    past: Mapping[str, int]

    def size_of(self, name: str) -> float:
        """Return what a field is (a second, or as a level) where every curve is 1."""
        return sum(share.size for share in self.shares[name])


def load_profile(name: str, drivers: Mapping[str, float] | None = None) -> Profile:
    """Return the profile of a data file, with other values for some ``drivers`` where wanted.

    Raises:
        ValueError: it names a driver or a field that is not there.
    """
    raw = tomllib.loads(files(__package__).joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8"))
    known = {key: Driver(**settings) for key, settings in raw["drivers"].items()}
    for key, value in (drivers or {}).items():
        if key not in known:
            raise ValueError(f"profile {name} has no driver {key}: it has {', '.join(known)}")
        known[key] = known[key]._replace(value=value)
    names = {field.name for field in fields()}
    unknown = (set(raw["fields"]) | set(raw["past"])) - names
    if unknown:
        raise ValueError(f"profile {name} names fields that no appliance has: {', '.join(sorted(unknown))}")
    return Profile(known, _shares(raw, known), raw["past"])


def _shares(raw: Mapping[str, Any], drivers: Mapping[str, Driver]) -> dict[str, tuple[Share, ...]]:
    """Return what each field is made of; a product may name drivers and the fields above it."""
    done: dict[str, tuple[Share, ...]] = {
        name: (Share(driver.value, frozenset({name})),) for name, driver in drivers.items()
    }
    for name, products in raw["fields"].items():
        rows = products if isinstance(products[0], list) else [products]
        done[name] = tuple(share for row in rows for share in _multiplied(row, done))
    every: Mapping[str, list[float | str]] = raw.get("every", {})
    for field in fields():
        tokens = every.get("counter" if field.kind is Kind.COUNTER else "gauge")
        done.setdefault(field.name, tuple(_multiplied(tokens, done)) if tokens else ())
    return {field.name: done[field.name] for field in fields()}


def _multiplied(tokens: list[float | str], done: Mapping[str, tuple[Share, ...]]) -> Iterator[Share]:
    sums = [done[token] if isinstance(token, str) else (Share(token, frozenset()),) for token in tokens]
    rows: list[tuple[Share, ...]] = [()]
    for addends in sums:
        rows = [(*row, addend) for row in rows for addend in addends]
    for row in rows:
        yield Share(prod(share.size for share in row), frozenset().union(*(share.drivers for share in row)))
