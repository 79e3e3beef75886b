"""The verdict on simulated appliances: in trouble, away, too slow; and how it leaves them."""

from __future__ import annotations

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.nitro.appliances import USER, assert_was_a_good_guest, at_least, environment, ran, running, started, until
from tests.nitro.test_stat import RunningFor
from tests.nitro.troubles import TROUBLES, without_access
from tests.plugin_output import Output, understood

if TYPE_CHECKING:
    from pathlib import Path

    from mptcp_top.simulator.running import Box

APART = ("--interval", "8")
"""The shortest there is where growth is judged: an appliance takes stock every seven seconds."""

LEVEL = ("--rule", "sessions < 1")


def on(*boxes: Box | str) -> list[str]:
    hosts = [part for box in boxes for part in ("--host", box if isinstance(box, str) else box.url)]
    return [*hosts, "--allow-http", "--user", USER]


def check(home: Path, *arguments: str, **more: str) -> Output:
    return understood(ran(home, "check", *arguments, **more))


class Expected:
    """A scenario some time after its start, what is judged there, and what must be said of it."""

    def __init__(self, scenario: str, state: str, says: str, *rules: str, seconds: float = 300.0) -> None:
        self.scenario, self.state, self.says, self.seconds = scenario, state, says, seconds
        self.rules = [part for rule in rules for part in ("--rule", rule)]


INCIDENTS = (
    Expected("day", "OK", "5 rules over 8 s; no TLS", seconds=10.0),
    Expected("token-mismatch", "WARNING", "errors rise: unknown token (mptcperrunknowntoken)"),
    Expected("token-mismatch", "CRITICAL", "join_success ", "critical: join_success < 80% for 30s", "TokenEr > 1/s"),
    Expected("memory-pressure", "WARNING", "no memory for sessions"),
    Expected("checksum-middlebox", "WARNING", "bad checksum (mptcperrbadcksum)"),
    Expected("token-mismatch", "UNKNOWN", "DataCsumErr rises: not counted there", "DataCsumErr rises"),
)


def test_an_incident_is_told_with_its_counter_and_leaves_one_login_and_one_logout(home: Path) -> None:
    """All at once, because each takes the eight seconds between two samples."""

    def judged(one: Expected) -> tuple[Output, Box]:
        with running(one.scenario, clock=RunningFor(one.seconds)) as simulation:
            box = simulation.appliances["ns1"]
            return check(home, *on(box), *APART, *one.rules), box

    with ThreadPoolExecutor() as pool:
        for one, (said, box) in zip(INCIDENTS, pool.map(judged, INCIDENTS), strict=True):
            assert (one.scenario, said.state) == (one.scenario, one.state), said
            assert one.says in said.says
            assert_was_a_good_guest(box)
            assert len(box.audit().of("protocolmptcp")) == 2


def test_of_a_fleet_the_worst_is_told_and_what_cannot_be_read_comes_after_it(home: Path) -> None:
    with running("demo", clock=RunningFor(300.0)) as simulation, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        boxes = list(simulation.appliances.values())
        said = check(home, *on(closed, *boxes), *APART, "--rule", "critical: errors rises")
        assert said.state == "CRITICAL"
        assert said.says.startswith(f"{boxes[0].url}: unknown token (mptcperrunknowntoken) ")
        assert f"{closed} (not judged)" in said.says
        assert [said.numbers[f"{box.url}:errors/s"].value or 0 for box in boxes][1] == 0
        for box in boxes:
            assert_was_a_good_guest(box)


@pytest.mark.parametrize("status", TROUBLES)
def test_what_cannot_be_read_is_unknown_with_its_reason(box: Box, home: Path, status: str) -> None:
    TROUBLES[status](box)
    said = check(home, *on(box), *LEVEL)
    assert said.state == "UNKNOWN"
    assert said.says.startswith(f"{box.url}: {status}: ")
    entered = 0 if status in {"auth_failed", "unreachable"} else 1
    assert (box.audit().logins, box.audit().logouts, box.sessions()) == (entered, entered, 0)


def test_a_refused_password_is_tried_once_however_many_samples_are_wanted(box: Box, home: Path) -> None:
    without_access(box)
    assert check(home, *on(box), "--samples", "50").state == "UNKNOWN"
    assert (box.audit().failed_logins, len(box.audit().records)) == (1, 1)


def test_one_sample_and_no_more_is_read_where_every_rule_is_about_a_level(box: Box, home: Path) -> None:
    said = check(home, *on(box), "--rule", "critical: sessions < 10000", "--rule", "subflows / sessions > 3")
    assert (said.state, said.says) == ("CRITICAL", f"{box.url}: sessions 1,000 (< 10000); no TLS")
    assert len(box.audit().of("protocolmptcp")) == 1
    assert_was_a_good_guest(box)


def test_an_answer_that_comes_after_the_deadline_is_unknown_and_the_session_is_given_back(box: Box, home: Path) -> None:
    box.fault("stall", on="protocolmptcp")
    said = check(home, *on(box), *LEVEL, "--timeout", "600", "--deadline", "4")
    assert said.state == "UNKNOWN"
    assert said.says == f"{box.url}: no answer in time for the deadline of 4 s; no TLS"
    assert (box.audit().logins, box.audit().logouts, box.sessions()) == (1, 1, 0)


def test_a_slow_answer_is_waited_for_though_the_deadline_is_near(box: Box, home: Path) -> None:
    box.switch(latency_seconds=0.3)  # all that is read takes six answers
    said = check(home, *on(box), *LEVEL, "--deadline", "9")
    assert said.numbers["sessions"].value == 1000
    assert_was_a_good_guest(box)


def test_an_appliance_that_says_nothing_at_all_does_not_outlast_the_deadline(box: Box, home: Path) -> None:
    with running(deaf=True) as simulation:
        deaf = f"http://127.0.0.1:{simulation.deaf_port}"
        said = check(home, *on(deaf, box), *LEVEL, "--timeout", "600", "--deadline", "9")
    assert said.state == "UNKNOWN"
    assert said.says.startswith(f"{deaf}: no answer in time for the deadline of 9 s")
    assert said.numbers[f"{box.url}:sessions"].value == 1000
    assert_was_a_good_guest(box)


def test_a_name_server_that_never_answers_does_not_outlast_the_deadline(home: Path) -> None:
    arguments = ["check", "--host", "ns1.invalid", "--user", USER, *LEVEL, "--deadline", "4"]
    script = (
        "import socket, time\nsocket.getaddrinfo = lambda *_, **__: time.sleep(3600)\n"
        f"from mptcp_top.cli.main import main\nraise SystemExit(main({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, env=environment(home), timeout=60
    )
    said = understood(done)
    assert (said.state, said.says) == ("UNKNOWN", "ns1.invalid: no answer in time for the deadline of 4 s")


def test_without_a_deadline_of_one_s_own_a_timeout_ends_it(home: Path) -> None:
    with running(deaf=True) as simulation:
        said = check(home, *on(f"http://127.0.0.1:{simulation.deaf_port}"), *LEVEL, "--timeout", "0.5")
    assert said.state == "UNKNOWN"
    assert ": unreachable: " in said.says


def test_a_signal_ends_it_with_a_verdict_and_logs_out(box: Box, home: Path) -> None:
    with started(home, "check", *on(box), "--interval", "3000") as process:
        until(lambda: at_least(box, 1), "the first sample was read")
        until(lambda: box.audit().in_flight == 0, "it was answered")
        process.terminate()
        out, err = process.communicate(timeout=60)
    said = understood(subprocess.CompletedProcess((), process.returncode, out, err))
    assert said.state == "UNKNOWN"
    assert "samples before SIGTERM came" in said.says or "no answer before SIGTERM came" in said.says
    assert_was_a_good_guest(box)


def test_counters_that_somebody_cleared_between_the_samples_are_no_ok(home: Path) -> None:
    with running("day", clock=RunningFor(600.0)) as simulation:
        box = simulation.appliances["ns1"]
        with started(home, "check", *on(box), *APART, "--rule", "errors rises") as process:
            until(lambda: at_least(box, 1), "the first sample was read")
            box.clear()
            out, err = process.communicate(timeout=60)
    said = understood(subprocess.CompletedProcess((), process.returncode, out, err))
    assert said.state == "UNKNOWN"
    assert "(the counters began anew between the samples)" in said.says


def test_samples_within_a_beat_are_refused_before_anybody_is_asked(box: Box, home: Path) -> None:
    said = check(home, *on(box), "--interval", "2")
    assert said.state == "UNKNOWN"
    assert said.says.endswith("takes stock every 7 s only: give --interval 8 or more, or --samples 5")
    assert box.audit().records == []


def test_what_an_appliance_says_cannot_break_the_line(box: Box, home: Path) -> None:
    box.fault("specific-error", on="protocolmptcp", message="no | 'errors'=0;1;2\nMPTCP OK: \x1b[2Jall is well")
    said = check(home, *on(box), *LEVEL, "-v")
    assert said.state == "UNKNOWN"
    assert said.numbers == {}
    assert "no ¦ 'errors'=0;1;2·MPTCP OK: ·[2Jall is well" in said.says


def test_the_password_is_told_to_nobody(box: Box, home: Path) -> None:
    done = ran(home, "check", "--json", *on(box), "--samples", "1", "--rule", "sessions < 1")
    assert "tulip" not in done.stdout + done.stderr
