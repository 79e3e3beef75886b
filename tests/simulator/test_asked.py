"""Faults and switches as they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.errors import SettingsError
from mptcp_top.simulator.appliance import Switches
from mptcp_top.simulator.asked import SWITCHES, explained, fault_of, switches_of
from mptcp_top.simulator.faults import ANY, FAULT_NAMES, Fault
from mptcp_top.simulator.replies import Style
from mptcp_top.simulator.sessions import Restricted
from tests.simulator.calls import call

if TYPE_CHECKING:
    from mptcp_top.simulator.running import Box


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("stall", Fault("stall", ANY)),
        ("unavailable@protocolmptcp", Fault("unavailable", "protocolmptcp")),
        (
            "expired@stat/hanode:code=444,status=200",
            Fault("expired", "stat/hanode", options={"code": 444, "status": 200}),
        ),
        ("reset@*:after=10,times=2,skip=1", Fault("reset", ANY, 2, 1, {"after": 10})),
        ("redirect:to=http://192.0.2.9:80/@x,y", Fault("redirect", ANY, None, 0, {"to": "http://192.0.2.9:80/@x,y"})),
        ("drip@login:seconds=0.5,size=3", Fault("drip", "login", None, 0, {"seconds": 0.5, "size": 3})),
        ('body:raw={"protocolmptcp": NaN}', Fault("body", ANY, None, 0, {"raw": b'{"protocolmptcp": NaN}'})),
        ("raw:data=", Fault("raw", ANY, None, 0, {"data": b""})),
    ],
)
def test_a_fault_has_a_name_a_resource_and_options(text: str, fault: Fault) -> None:
    assert fault_of(text) == fault


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "there is no fault ''"),
        ("gremlin", r"no fault 'gremlin' \(there are bad-chunk, "),
        ("Unavailabel", "did you mean unavailable"),
        ("stall@protocolmptpc", "no resource 'protocolmptpc': did you mean protocolmptcp"),
        ("stall@", "no resource ''"),
        ("stall:second=3", "did you mean seconds"),
        ("stall:seconds", "give seconds=VALUE"),
        ("stall:seconds=nan", "seconds: give a number from 0 on, not 'nan'"),
        ("stall:times=0", "times: give a whole number from 1 on, not '0'"),
        ("drip:size=0", "size: give a whole number from 1 on"),
        ("full:status=99", "status: give a whole number from 200 to 599"),
        ("expired:code=3", "no appliance says errorcode 3 there"),
        ("redirect", "it needs to, so give redirect:to=VALUE"),
        ("redirect:to=http://x\r\nSet-Cookie: y", "give NAME"),
        ("stall\x1b[31m", "give NAME"),
    ],
)
def test_a_fault_that_cannot_be_is_answered_with_advice(text: str, advice: str) -> None:
    with pytest.raises(SettingsError, match=advice) as caught:
        fault_of(text)
    assert str(caught.value).isprintable()


def test_switches_are_read_as_what_they_are() -> None:
    typed = {
        "form=list": "list",
        "rate_digits=6": 6,
        "unavailable=mptcptotdss+mptcpdssrate": frozenset({"mptcptotdss", "mptcpdssrate"}),
        "missing=": frozenset(),
        'extra="new": "5", "more": [1]': (("new", '"5"'), ("more", "[1]")),
        "twins=true": True,
        "v1=false": False,
        "restricted=cap": Restricted.CAP,
        "expired_code=1027": 1027,
        "latency_seconds=0.25": 0.25,
        "totals=number": "number",
    }
    found = switches_of(typed)
    assert found == {text.partition("=")[0]: value for text, value in typed.items()}
    assert switches_of(["form=list", "form=none"]) == {"form": "none"}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("session_limits=3", "did you mean session_limit?"),
        ("session_limit", "give session_limit=VALUE: places for sessions"),
        ("session_limit=-1", "a whole number from 0 on, not '-1'"),
        ("session_limit=\u0663", "a whole number from 0 on"),
        ("twins=yes", "give true or false, not 'yes'"),
        ("totals=numbers", "give string or number: did you mean number?"),
        ("expired_code=445", "give 444 or 1027"),
        ("missing=mptcptotds", "no appliance has a field 'mptcptotds': did you mean mptcptotdss?"),
        ("extra=5", "give JSON members"),
        ("latency_seconds=inf", "give a number from 0 on"),
        ("old_status=1000", "from 200 to 599"),
    ],
)
def test_a_switch_that_cannot_be_is_answered_with_advice(text: str, advice: str) -> None:
    with pytest.raises(SettingsError) as caught:
        switches_of([text])
    assert advice in str(caught.value)
    assert str(caught.value).isprintable()


def test_everything_that_can_be_switched_can_be_typed_and_is_explained() -> None:
    assert set(SWITCHES) == {*Style.__dataclass_fields__, *Switches.__dataclass_fields__} - {"style"}
    lines = list(explained())
    assert [line.split()[0] for line in lines] == ["--fault", *FAULT_NAMES, "--set", *SWITCHES]
    assert all(len(line.split()) > 1 for line in lines)


def test_every_fault_can_be_typed() -> None:
    needs: dict[str, str] = {"redirect": ":to=http://192.0.2.1/", "body": ":raw=x"}
    assert [fault_of(name + needs.get(name, "")).name for name in FAULT_NAMES] == list(FAULT_NAMES)


def test_what_was_typed_is_what_an_appliance_does(box: Box) -> None:
    changes: dict[str, Any] = switches_of(["form=list", "totals=number", "missing=mptcptotdssa"])
    box.switch(**changes)
    (statistics,) = call(box).json["protocolmptcp"]
    assert statistics["mptcptotdss"] == 0
    assert "mptcptotdssa" not in statistics
