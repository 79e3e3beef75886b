"""Where nothing is wrong nothing is named: no false verdict in hours of ordinary traffic, none where nothing moves."""

from __future__ import annotations

import pytest

from tests.incidents.appliances import Watched
from tests.incidents.kernels import Bench
from tests.incidents.screens import transcript
from tests.lab import why_not
from tests.lab.scenarios import churn, joins

HOUR = 3600.0


def told(box: Watched) -> list[str]:
    return [event.says for event in box.screens.store.events(box.target.name)]


def test_six_hours_of_an_ordinary_day_name_nothing() -> None:
    with Watched("day", interval_seconds=7.0) as box:
        seen = box.poll_until(6 * HOUR)
        loud = [one for one in seen[1:] if not one.calm or one.why]
        assert not loud, transcript(loud)
        assert told(box) == []
        assert seen[0].verdict == ("◌ whether errors rise is known after the first refresh",)
        assert seen[-1].verdict == ("● no error is rising  watching for 5 h 59 min",)


def test_a_standby_that_idles_names_nothing() -> None:
    with Watched("failover", box=1, calm=True) as box:
        seen = box.poll_until(HOUR)
        assert all(one.calm for one in seen if one.at > 14), transcript(seen)
        assert told(box) == []


def test_a_night_of_little_traffic_names_nothing() -> None:
    with Watched("day", begins=19 * HOUR, interval_seconds=7.0) as box:
        seen = box.poll_until(21 * HOUR)
        assert all(one.calm for one in seen[2:]), transcript(seen)


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "")
def test_healthy_traffic_of_real_kernels_names_nothing() -> None:
    with Bench() as bench:
        for deed in (joins, lambda lab: churn(lab, 10), lambda _: None, joins) * 15:
            client, server = bench.poll(deed)
            assert client.calm, transcript([client])
            assert server.calm, transcript([server])
        assert [bench.screens.store.events(target.name) for target in bench.targets] == [[], []]
