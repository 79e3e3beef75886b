"""What the screen says of an appliance beside what it says of a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.model import Group, Identity, Target
from mptcp_top.ui.frame import Frame, Moment, frame_of
from mptcp_top.ui.header import header_lines
from mptcp_top.ui.panels import error_lines
from mptcp_top.ui.plan import Shape
from mptcp_top.ui.sketch import Wishes, sketch
from tests.feed import NETSCALER, WALL, Feed

if TYPE_CHECKING:
    from mptcp_top.ui.line import Line

BEFORE = {"mptcperrunknowntoken": 18_204, "mptcperrbadcksum": 911, "mptcpmpfailsent": 902, "mptcpplainackrst": 248}
TRAFFIC = {
    "mptcptotmpcapsyn": 280,
    "mptcptotmpcapfackrecvd": 273,
    "mptcptotmpjoinsyn": 70,
    "mptcptotmpjoin4thacksent": 69,
    "mptcptotrxdss": 100_000,
}


def appliance(caution: str = "") -> Feed:
    identity = Identity("ns1", "NetScaler 14.1-51.80", "a day", role="primary")
    box = Feed(Target("ns1", "netscaler", "https://ns1", caution), NETSCALER, identity, interval_seconds=7.0)
    box.refresh_seconds = 7.0
    return box


def watched(caution: str = "") -> Feed:
    box = appliance(caution)
    box.tick(**BEFORE, **{metric.name: 5 for metric in NETSCALER.metrics if not metric.flagged})
    for _ in range(5):
        box.tick(**TRAFFIC)
    return box


def frame(feed: Feed, later: float = 0.0) -> Frame:
    now = feed.now + later
    return frame_of(feed.store, feed.target, Moment(now, WALL + now), feed.interval_seconds)


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(piece.text for piece in line.pieces) for line in lines)


def test_the_header_says_build_role_and_how_old_the_data_is() -> None:
    first = text_of(header_lines(frame(watched()), 120)[:1])
    assert "NetScaler 14.1-51.80" in first
    assert "primary" in first
    assert "data 4 s old" in first


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_what_is_not_verified_is_said_at_every_width(width: int) -> None:
    assert "! TLS not verified" in text_of(header_lines(frame(watched("TLS not verified")), width)[:1])


def test_what_is_not_verified_is_said_while_the_target_is_down() -> None:
    box = watched("TLS not verified")
    box.fail("no route to host")
    assert "! TLS not verified" in text_of(header_lines(frame(box), 80))


def test_between_two_refreshes_a_panel_does_not_fall_quiet() -> None:
    box = watched()
    box.interval_seconds = 1.0
    box.tick()
    drawn = sketch(frame(box), 80, 12, Wishes(), "")
    assert "quiet" not in text_of(drawn.lines[Group.DSS][:1])


def test_errors_from_before_the_start_give_way_to_what_goes_on_now() -> None:
    drawn = sketch(frame(watched()), 80, 21, Wishes(), "")
    assert "unknown token" not in text_of(drawn.lines[Group.ERRORS])
    assert "4 from before the start (z)" in text_of(drawn.lines[Group.ERRORS])
    assert len(drawn.lines[Group.MP_CAPABLE]) > 1


def test_errors_from_before_the_start_come_back_with_all_rows() -> None:
    assert "unknown token" in text_of(error_lines(frame(watched()), Shape.FULL, 120, "", older=False))


def test_an_error_that_rose_while_we_watch_stays_in_sight() -> None:
    box = watched()
    box.tick(mptcperrbadcksum=3)
    shown = text_of(error_lines(frame(box), Shape.MOVED, 120, "", older=False))
    assert "DSS bad checksum" in shown
    assert "unknown token" not in shown


def test_before_the_first_refresh_the_verdict_is_not_that_all_is_well() -> None:
    box = appliance()
    box.tick(**BEFORE)
    verdict = text_of(header_lines(frame(box), 120)[1:2])
    assert "no error is rising" not in verdict
    assert "known after the first refresh" in verdict


def test_before_the_first_refresh_the_appliances_own_rates_name_the_error() -> None:
    box = appliance()
    box.own_rates = {"mptcperrunknowntoken": 18.0, "mptcperrbadcksum": 300.0, "mptcptotmpcapsyn": 40.0}
    box.tick(**BEFORE)
    verdict = text_of(header_lines(frame(box), 120)[1:2])
    assert "by the appliance's own rates 2 rise" in verdict
    assert "MP_JOIN unknown token 18.0 /s" in verdict  # the more severe one, not the faster


def test_after_a_refresh_the_verdict_is_ours() -> None:
    assert "no error is rising" in text_of(header_lines(frame(watched()), 120)[1:2])
