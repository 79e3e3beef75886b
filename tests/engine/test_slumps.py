"""Handshakes that come through less often than before: when that is said, and that it is never said of chance."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

import pytest

from mptcp_top.engine.events import Happening
from mptcp_top.model import Identity, Target
from tests.feed import NETSCALER, Feed

BEGAN, ARRIVED = "MPJoinSynRx", "MPJoinAckRx"


@dataclass
class Joins:
    """A kernel to which joins come by chance: so many a second, of which a share comes through."""

    feed: Feed = field(default_factory=Feed)
    dice: random.Random = field(default_factory=lambda: random.Random(1))

    def second(self, pace: float, share: float) -> list[str]:
        """Let a second pass and return the funnels that slump."""
        began = int(pace) + (self.dice.random() < pace % 1)
        arrived = sum(self.dice.random() < share for _ in range(began))
        self.feed.tick(**{BEGAN: began, ARRIVED: arrived})
        return [slump.funnel for slump in self.feed.store.tracks["local"].slumps.ongoing]

    def seconds(self, many: int, pace: float, share: float) -> list[list[str]]:
        return [self.second(pace, share) for _ in range(many)]


@pytest.mark.parametrize("share", [0.999, 0.97, 0.8, 0.5])
@pytest.mark.parametrize("pace", [0.05, 0.7, 6.0, 60.0])
def test_chance_is_never_called_a_slump(pace: float, share: float) -> None:
    joins = Joins(dice=random.Random(f"{pace} {share}"))
    assert not any(joins.seconds(3600, pace, share))


@pytest.mark.parametrize("pace", [5.0, 50.0, 500.0])
def test_a_share_that_halves_is_known_within_seconds(pace: float) -> None:
    joins = Joins()
    assert not any(joins.seconds(120, pace, 0.97))
    found = joins.seconds(30, pace, 0.48)
    assert found.index(["joins in"]) + 1 <= (12 if pace == 5.0 else 3)
    assert found[-1] == ["joins in"]


def test_few_handshakes_take_longer_to_tell_and_tell_at_last() -> None:
    joins = Joins()
    assert not any(joins.seconds(600, 0.5, 1.0))
    assert joins.seconds(60, 0.5, 0.0)[-1] == ["joins in"]


def test_a_slump_is_over_when_they_come_through_again() -> None:
    joins = Joins()
    joins.seconds(120, 20.0, 0.97)
    assert joins.seconds(60, 20.0, 0.3)[-1] == ["joins in"]
    found = joins.seconds(60, 20.0, 0.97)
    assert found[0] == ["joins in"]
    assert found[15] == []
    assert not any(found[15:])


def test_a_slump_lasts_as_long_as_it_lasts_and_keeps_what_was_before() -> None:
    joins = Joins()
    joins.seconds(120, 20.0, 0.97)
    joins.seconds(1800, 20.0, 0.3)
    slumps = joins.feed.store.tracks["local"].slumps.ongoing
    assert [slump.funnel for slump in slumps] == ["joins in"]
    assert slumps[0].was.share == pytest.approx(0.97, abs=0.01)


def test_a_slump_of_which_nothing_is_known_any_more_ends() -> None:
    joins = Joins()
    joins.seconds(120, 20.0, 0.97)
    joins.seconds(30, 20.0, 0.3)
    assert joins.seconds(120, 0.0, 0.0)[-1] == []


def test_what_is_under_way_in_a_burst_is_not_lost() -> None:
    joins = Joins()
    joins.seconds(120, 5.0, 1.0)
    joins.feed.tick(**{BEGAN: 400, ARRIVED: 5})
    joins.feed.tick(**{BEGAN: 400, ARRIVED: 400})
    joins.feed.tick(**{BEGAN: 5, ARRIVED: 400})
    assert not any(joins.seconds(30, 5.0, 1.0))


def test_a_reboot_ends_it_and_what_was_before_is_forgotten() -> None:
    joins = Joins()
    joins.seconds(120, 20.0, 0.97)
    assert joins.seconds(30, 20.0, 0.3)[-1] == ["joins in"]
    joins.feed.identity = Identity("ns1", "Linux 6.18.44", "another boot")
    joins.feed.values.clear()
    assert not any(joins.seconds(120, 20.0, 0.3))


def test_a_slump_is_an_event_and_told_once() -> None:
    joins = Joins()
    joins.seconds(120, 20.0, 1.0)
    joins.seconds(60, 20.0, 0.3)
    (event,) = joins.feed.store.events("local")
    assert (event.kind, event.alarming) == (Happening.WORSE, True)
    assert re.fullmatch(r"joins in \d+\.\d %, was 100 %", event.says)


def test_it_is_known_at_an_earlier_moment_as_it_was_known_then() -> None:
    joins = Joins()
    known = [bool(found) for found in joins.seconds(120, 20.0, 0.97) + joins.seconds(60, 20.0, 0.3)]
    known += [bool(found) for found in joins.seconds(60, 20.0, 0.97)]
    slumps = joins.feed.store.tracks["local"].slumps
    assert [bool(slumps.ongoing_at(float(at))) for at in range(1, 241)] == known


def test_an_appliance_is_looked_at_once_a_refresh() -> None:
    box = Feed(Target("ns1", "netscaler"), NETSCALER, refresh_seconds=7.0)
    traffic = {"mptcptotmpcapsyn": 300, "mptcptotmpcapfackrecvd": 290}
    for second in range(300):
        box.tick(**(traffic if second % 7 == 0 else {}))
    slumps = box.store.tracks["ns1"].slumps
    assert not slumps.ongoing
    for second in range(14):
        box.tick(**({**traffic, "mptcptotmpcapfackrecvd": 40} if second % 7 == 0 else {}))
    assert [slump.funnel for slump in slumps.ongoing] == ["accepted"]
