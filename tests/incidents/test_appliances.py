"""The seven incidents an appliance meets: what the screens say, and after how many polls.

How it is counted: an appliance takes stock every 7 s. The first refresh that can show an incident is the first one in
which the counter that ``shows`` it has moved (there is none of it in calm traffic, so one is beyond chance); for what
happens at once it is the first one from that moment on, or that moment where it needs no refresh to be seen. ``polls``
is how many polls from there on, that one included, it takes until the verdict says it. At any pace it is said no later
than by the first poll after the second refresh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.incidents.appliances import REFRESH_SECONDS, Watched
from tests.incidents.screens import NARROW, clock, transcript

if TYPE_CHECKING:
    from tests.incidents.screens import Seen

EARLIEST = 14.0
"""Before its first refresh nothing is known of an appliance."""


class Incident(NamedTuple):
    """What is to be seen: at first, and when it is in full swing (``later``)."""

    scenario: str
    begins: float
    names: str
    polls: int
    verdict: tuple[str, ...]
    later: float
    later_verdict: tuple[str, ...]
    rising: tuple[str, ...] = ()
    later_rising: tuple[str, ...] = ()
    worse: tuple[tuple[str, str, str], ...] = ()
    explained: tuple[str, ...] = ()
    shows: str = ""
    at_once: bool = False
    box: int = 0

    @property
    def id(self) -> str:
        return self.scenario + (f" of ns{self.box + 1}" if self.scenario == "failover" else "")

    def first_refresh(self, box: Watched) -> float:
        """The first refresh that can show it."""
        if self.at_once:
            return self.begins
        if not self.shows:
            return box.ticks(self.begins)[0]
        before = self.begins - REFRESH_SECONDS
        return next(
            tick for tick in box.ticks(self.begins) if box.truth(self.shows, tick) > box.truth(self.shows, before)
        )


UNKNOWN_TOKEN = "MP_JOIN unknown token  since {}  join reaches the wrong node?"
CHECKSUM = "DSS bad checksum  since {}  middlebox edits payload?"
COOKIE = "▲ 1 error rising  MP_CAPABLE final ACK, bad cookie  since {}  forged ACKs, or a failover?"
MEMORY = "memory subflow PCB, no memory  since {}  appliance out of memory?"
LOST_TO_MEMORY = "lost before SYN/ACK sent: perhaps subflow PCB, no memory"
LATER = "e shows it"
NO_RATES = "no rates before the next refresh"

INCIDENTS = [
    Incident(
        "token-mismatch",
        begins=30,
        shows="mptcperrunknowntoken",
        names="unknown token",
        polls=1,
        verdict=(f"▲ 1 error rising  {UNKNOWN_TOKEN.format(clock(40))}",),
        rising=("MP_JOIN unknown token",),
        later=80,
        later_verdict=(
            f"▲ 2 errors rising  cause: {UNKNOWN_TOKEN.format(clock(40))}",
            f"! joins in 36.9 %, was 96.9 %  since {clock(45)}  lost before SYN/ACK sent: unknown token",
        ),
        later_rising=("MP_JOIN unknown token", "reset for bad option"),
        worse=(("joins in", "SYN/ACK sent", "unknown token"),),
        explained=(
            "What it is A client asked to add a subflow with a token that belongs to no session",
            "A rise means Mostly joins that reach another node than their session",
            "Check next show ha node",
        ),
    ),
    Incident(
        "checksum-middlebox",
        begins=30,
        shows="mptcperrbadcksum",
        names="bad checksum",
        polls=1,
        verdict=(f"▲ 4 errors rising  cause: {CHECKSUM.format(clock(40))}",),
        rising=("DSS bad checksum", "MP_FAIL sent", "DSS infinite map received", "DSS infinite map, now TCP"),
        later=90,
        later_verdict=(
            f"▲ 7 errors rising  cause: {CHECKSUM.format(clock(40))}",
            "! only 94.1 % of joins come through  lost before SYN/ACK sent: join after fallback",
        ),
        later_rising=(
            "DSS bad checksum",
            "MP_FAIL sent",
            "MP_FAIL received",
            "DSS infinite map received",
            "DSS infinite map, now TCP",
            "DSS data without mapping",
            "DSS plain ACK, now TCP",
        ),
        worse=(("joins in", "SYN/ACK sent", "join after fallback"),),
        explained=(
            "What it is Data from a client did not match its DSS checksum.",
            "A rise means Payload is changed on the way to us",
        ),
    ),
    Incident(
        "syn-flood",
        begins=30,
        shows="mptcperrinvalcookie",
        names="inbound handshakes",
        polls=1,
        verdict=(
            "! only 17.6 % of inbound handshakes come through  a flood, or ACKs lost?",
            COOKIE.format(clock(40)),
        ),
        rising=("MP_CAPABLE final ACK, bad cookie",),
        later=80,
        later_verdict=(
            f"▲ 52 x as many MP_CAPABLE SYNs  accepted 1.9 %, was 97.7 %  since {clock(40)}  a flood of SYNs?",
            COOKIE.format(clock(40)),
        ),
        later_rising=("MP_CAPABLE final ACK, bad cookie",),
        worse=(("accepted", "final ACK received", "lost, flood or filtered"),),
        explained=(
            "What it is A client asked for MPTCP: its first SYN carried MP_CAPABLE.",
            "If that falls behind, clients do not finish: a SYN flood, ACKs lost on the way",
        ),
    ),
    Incident(
        "memory-pressure",
        begins=40,
        shows="mptcptotmpcapsfpcballoc",
        names="no memory",
        polls=1,
        verdict=(f"▲ 1 error rising  {MEMORY.format(clock(55))}",),
        rising=("memory subflow PCB, no memory",),
        later=180,
        later_verdict=(
            f"▲ 6 errors rising  cause: {MEMORY.format(clock(55))}",
            f"! joins in 86.6 %, was 96.0 %  since {clock(155)}  {LOST_TO_MEMORY}",
        ),
        later_rising=(
            "memory subflow PCB, no memory",
            "memory session, no memory",
            "memory session PCB, no memory",
            "memory subflow map, no memory",
            "memory output packet, no memory",
            "no subflow to send on",
        ),
        worse=(("joins in", "SYN/ACK sent", "perhaps subflow PCB, no memory"),),
        explained=(
            "What it is There was no memory for the TCP control block of a new subflow.",
            "A rise means The appliance is short of memory",
        ),
    ),
    Incident(
        "failover",
        begins=40,
        names="became secondary",
        polls=1,
        verdict=(f"! primary became secondary  at {clock(45)}  {LATER}",),
        later=120,
        later_verdict=(f"! primary became secondary  at {clock(45)}  {LATER}",),
    ),
    Incident(
        "failover",
        box=1,
        begins=40,
        shows="mptcptotmpcapsyn",
        names="became primary",
        polls=1,
        verdict=(f"! secondary became primary  at {clock(45)}  {LATER}",),
        later=120,
        later_verdict=(f"! secondary became primary  at {clock(45)}  {LATER}",),
    ),
    Incident(
        "takeover",
        begins=40,
        at_once=True,
        names="ns2 answers here",
        polls=1,
        verdict=(f"! ns2 answers here, no longer ns1: other counters  at {clock(40)}  {NO_RATES}",),
        later=60,
        later_verdict=(f"! ns2 answers here, no longer ns1: other counters  at {clock(40)}  {LATER}",),
    ),
    Incident(
        "reboot",
        begins=40,
        at_once=True,
        names="✕",
        polls=1,
        verdict=("✕ it is not ready (HTTP 503)",),
        later=55,
        later_verdict=(f"! rebooted: counters began anew  at {clock(55)}  {NO_RATES}",),
    ),
    Incident(
        "cleared",
        begins=40,
        at_once=True,
        names="cleared: counters began anew",
        polls=1,
        verdict=(f"! cleared: counters began anew  at {clock(40)}  {NO_RATES}",),
        later=60,
        later_verdict=(f"! cleared: counters began anew  at {clock(40)}  {LATER}",),
    ),
]


def named(seen: Seen, incident: Incident) -> bool:
    return any(incident.names in line for line in seen.verdict)


def polls_since(box: Watched, refresh: float) -> list[Seen]:
    return [seen for seen in box.seen if seen.at >= refresh]


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.id)
def test_an_incident_is_named_with_its_cause_its_rows_its_step_and_its_page(incident: Incident) -> None:
    with Watched(incident.scenario, incident.box) as box:
        box.poll_until(incident.later)
        refresh = incident.first_refresh(box)
        polls = polls_since(box, refresh)
        told = transcript(box.seen)
        assert all(seen.calm for seen in box.seen if EARLIEST <= seen.at < refresh), told
        first = polls[incident.polls - 1]
        assert not any(named(seen, incident) for seen in polls[: incident.polls - 1]), told
        assert (first.verdict, first.rising) == (incident.verdict, incident.rising), told
        last = box.seen[-1]
        assert (last.verdict, last.rising) == (incident.later_verdict, incident.later_rising), told
        assert last.worse == incident.worse, told
        page = box.explained() if incident.explained else ""
        for words in incident.explained:
            assert words in page


@pytest.mark.parametrize("interval", [1.0, 2.0, 5.0, 7.0])
@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.id)
def test_an_incident_is_named_within_two_refreshes_at_any_pace(incident: Incident, interval: float) -> None:
    with Watched(incident.scenario, incident.box, interval) as box:
        box.poll_until(100)
        refresh = incident.first_refresh(box)
        second = refresh + REFRESH_SECONDS
        polls = polls_since(box, refresh)
        in_time = next(seen for seen in polls if seen.at >= second)
        assert any(named(seen, incident) for seen in polls[: polls.index(in_time) + 1]), transcript(box.seen)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.id)
def test_the_fleet_says_why_in_its_row(incident: Incident) -> None:
    with Watched(incident.scenario, incident.box) as box:
        refresh = incident.first_refresh(box)
        seen = [one for one in box.poll_until(refresh + 20) if one.at >= refresh][incident.polls - 1]
        assert incident.names in seen.why or incident.names == "✕", transcript(box.seen)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.id)
def test_the_verdict_names_it_on_a_narrow_screen_as_well(incident: Incident) -> None:
    with Watched(incident.scenario, incident.box) as box:
        refresh = incident.first_refresh(box)
        box.poll_until(refresh + 20)
        at = polls_since(box, refresh)[incident.polls - 1].at
        narrow = box.screens.seen(box.target, box.seen[-1].at, NARROW)
        assert named(narrow, incident) or incident.scenario in {"reboot", "syn-flood"}, (at, narrow)
        assert all(len(line) <= NARROW for line in narrow.verdict)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.id)
def test_the_past_says_what_was_said_when_it_was_the_present(incident: Incident) -> None:
    with Watched(incident.scenario, incident.box) as box:
        live = box.poll_until(incident.later + 20)
        for then in live:
            if then.at < EARLIEST or then.verdict[0].startswith("✕"):
                continue  # what the appliance says itself, and why it could not be read, is not kept
            past = box.screens.seen(box.target, live[-1].at, cursor=then.at)
            assert (past.verdict, past.rising) == (then.verdict, then.rising), then.at


def test_an_incident_that_is_on_when_we_start_is_named_at_the_first_poll() -> None:
    for scenario, words in (
        ("token-mismatch", "by the appliance's own rates 1 rises  MP_JOIN unknown token"),
        ("syn-flood", "only 1.9 % of inbound handshakes come through"),
        ("memory-pressure", "by the appliance's own rates 5 rise  memory output packet, no memory 60.0 /s"),
    ):
        with Watched(scenario, begins=200) as box:
            assert words in box.poll().verdict[0], scenario


@pytest.mark.parametrize(
    ("scenario", "until", "words"),
    [
        ("token-mismatch", 720.0, f"last rise {clock(635)} unknown token (e shows it)"),
        ("syn-flood", 380.0, f"last rise {clock(270)} final ACK, bad cookie (e shows it)"),
        ("cleared", 180.0, f"last {clock(40)} cleared: counters began anew (e shows it)"),
        ("reboot", 180.0, f"last {clock(55)} rebooted: counters began anew (e shows it)"),
        ("takeover", 180.0, f"last {clock(40)} ns2 answers here, no longer ns1: other counters (e shows it)"),
    ],
)
def test_when_it_is_over_the_verdict_is_calm_and_points_to_it(scenario: str, until: float, words: str) -> None:
    with Watched(scenario) as box:
        last = box.poll_until(until)[-1]
        assert last.verdict == (f"● no error is rising  {words}",), transcript(box.seen[-6:])
