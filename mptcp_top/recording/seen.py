"""What of an observation is recorded. Imported before the first paint, so that nothing stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.reading import Reading
    from mptcp_top.engine.slumps import Slump


class Seen(NamedTuple):
    """A reading, and what was known when it was taken in. ``rising`` are its open episodes, by counter."""

    reading: Reading
    rising: Mapping[str, Kept]
    events: Sequence[Event] = ()
    slumps: Sequence[Slump] = ()
    alerts: Sequence[Alert] = ()
