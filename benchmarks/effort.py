"""How much is done to measure something."""

from typing import Final, NamedTuple


class Effort(NamedTuple):
    """How often, and how long."""

    rounds: int
    starts: int
    """Starts and quits after each whole run of a program: start-up times scatter most."""
    steady_seconds: int
    keys: int
    many_seconds: float
    """Of polling very many targets."""
    recorded_hours: int


FULL: Final = Effort(rounds=3, starts=2, steady_seconds=8, keys=12, many_seconds=10.0, recorded_hours=24)
QUICK: Final = Effort(rounds=1, starts=2, steady_seconds=5, keys=10, many_seconds=6.0, recorded_hours=1)
