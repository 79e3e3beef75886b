"""The admin session: one login, one logout, and nothing that locks anybody out."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mptcp_top.errors import AuthFailed, BadReply, SettingsError, Unreachable
from mptcp_top.model import Sample, Secret
from mptcp_top.simulator.accounts import READ_ONLY, Account
from mptcp_top.sources.nitro.reply import SessionOver, TableFull
from tests.sources.scene import COUNTERS, PASSWORD, USER, Login, Scene

if TYPE_CHECKING:
    from mptcp_top.sources.netscaler import NetScalerSource

COMPANIONS = ("system", "hanode", "nshostname", "nsversion")


def test_it_logs_in_once_sends_the_token_as_a_cookie_and_logs_out(scene: Scene) -> None:
    for _ in range(5):
        scene.later(5)
    assert scene.box.sessions() == 1
    scene.close()
    audit = scene.box.audit()
    assert (audit.logins, audit.logouts, audit.stateless, scene.box.sessions_peak()) == (1, 1, 0, 1)
    asked = [record for record in audit.records if record.method == "GET"]
    assert {record.authentication for record in asked} == {"cookie NITRO_AUTH_TOKEN"}
    assert len(audit.of(COUNTERS)) == 5
    assert audit.connections == 1
    assert scene.login.asked == 1


@pytest.mark.parametrize("code", [444, 1027])
@pytest.mark.parametrize("status", [401, 200, 403])
def test_a_session_that_was_ended_is_replaced_within_the_same_poll(scene: Scene, code: int, status: int) -> None:
    scene.box.switch(expired_code=code, expired_status=status)
    scene.poll()
    scene.box.kill_sessions()
    scene.later(5)
    scene.later(5)
    audit = scene.box.audit()
    assert (audit.logins, len(audit.of(COUNTERS)), scene.box.sessions()) == (2, 4, 1)


def test_sessions_ended_again_and_again_are_replaced_once_in_thirty_seconds(scene: Scene) -> None:
    scene.poll()
    for _ in range(12):
        scene.box.kill_sessions()
        scene.clock.now += 5
        try:
            scene.poll()
        except Unreachable as error:
            assert "ended our session again" in error.reason
            assert "show system session" in error.advice
    logins = [record.at for record in scene.box.audit().of("login")]
    assert logins[:2] == [0, 5]
    assert all(later - earlier >= 30 for earlier, later in pairwise(logins[1:]))
    assert len(logins) == 3


def test_an_appliance_that_takes_no_session_for_good_gets_one_login_in_thirty_seconds(scene: Scene) -> None:
    scene.box.fault("expired", on=COUNTERS)
    scene.failure(SessionOver)
    for _ in range(5):
        scene.failure(Unreachable)
    assert scene.box.audit().logins == 2
    scene.box.mend()
    scene.later(31)
    assert scene.box.sessions() == 3  # two of them were said to be over
    scene.close_and_wait()


def test_a_login_that_failed_is_no_reason_to_wait(scene: Scene) -> None:
    scene.poll()
    scene.box.kill_sessions()
    scene.box.fault("unavailable", on="login", times=1)
    scene.failure(Unreachable)
    scene.poll()
    assert scene.box.audit().logins == 2


def test_a_wrong_password_is_tried_once_a_poll(scene: Scene) -> None:
    scene.login.secret = "wrong"
    error = scene.failure(AuthFailed)
    assert "NITRO error 354" in error.reason
    assert "trying by itself might lock the account" in error.advice
    assert scene.box.audit().failed_logins == 1
    assert len(scene.box.audit().records) == 1
    scene.login.secret = PASSWORD
    scene.poll()


@pytest.mark.parametrize(
    ("code", "says"), [(1034, "second factor"), (1045, "licence"), (1046, "to be changed"), (1047, "default password")]
)
def test_who_may_not_enter_by_a_machine_is_told_why(scene: Scene, code: int, says: str) -> None:
    scene.box.add_account(Account(USER, Secret(PASSWORD), READ_ONLY, outcome=code))
    assert says in scene.failure(AuthFailed).reason
    assert scene.box.audit().failed_logins == 1


def test_a_password_that_cannot_be_had_any_more_is_not_tried(scene: Scene) -> None:
    class Gone(Login):
        def password(self) -> Secret:
            raise SettingsError("password_file /x: No such file or directory")

        def refused(self) -> None:
            raise AssertionError("nothing was tried")

    scene.login = Gone()
    scene.use(scene.source_at(scene.box.url))
    assert "No such file" in scene.failure(AuthFailed).reason
    assert scene.box.audit().records == []


def test_a_full_table_of_sessions_is_worked_around_until_there_is_a_place(scene: Scene) -> None:
    scene.box.switch(session_limit=0)
    scene.box.fault("full", on="login", times=1)
    scene.box.switch(session_limit=20)
    sample = scene.poll()
    assert "table of admin sessions is full" in sample.identity.notices[0]
    assert scene.box.sessions() == 0
    for _ in range(5):
        assert scene.later(5).identity.notices
    audit = scene.box.audit()
    assert (len(audit.of("login")), audit.logins) == (1, 0)
    assert {record.authentication for record in audit.records if record.method == "GET"} == {"X-NITRO-USER"}
    assert scene.later(40).identity.notices == ()
    scene.later(5)
    audit = scene.box.audit()
    assert (audit.logins, audit.of(COUNTERS)[-1].authentication) == (1, "cookie NITRO_AUTH_TOKEN")
    assert scene.source._session._kept is None


@pytest.mark.parametrize("status", [400, 503, 200])
def test_a_table_with_no_place_at_all_is_said_and_comes_back(scene: Scene, status: int) -> None:
    scene.box.switch(session_limit=0, full_status=status)
    error = scene.failure(TableFull)
    assert isinstance(error, Unreachable)
    assert error.status == "unreachable"
    assert "show system session" in error.advice
    for _ in range(10):
        scene.failure(TableFull)
    assert len(scene.box.audit().of("login")) == 1
    scene.box.switch(session_limit=20)
    scene.poll()


def test_a_password_refused_without_a_session_is_tried_once_a_poll(scene: Scene) -> None:
    scene.box.fault("full", on="login")
    scene.login.secret = "wrong"
    scene.failure(AuthFailed)
    assert scene.box.audit().failed_logins == 1
    scene.login.secret = PASSWORD
    scene.poll()


def test_a_login_without_a_session_in_its_answer_is_a_bad_reply(scene: Scene) -> None:
    for raw in (
        b'{"errorcode": 0}',
        b'{"errorcode": 0, "sessionid": "a\\r\\nX: y"}',
        b'{"errorcode": 0, "sessionid": 3}',
    ):
        scene.box.fault("body", on="login", times=1, raw=raw, status=201)
        assert "without a session" in scene.failure(BadReply).reason
    scene.poll()


def test_a_login_answered_with_a_cookie_alone_is_enough(scene: Scene) -> None:
    token = "%23%23" + "AB" * 32
    scene.box.fault(
        "raw",
        on="login",
        times=1,
        data=b"HTTP/1.1 201 Created\r\nSet-Cookie: SESSID=deleted\r\nSet-Cookie: sessionid=%b; path=/nitro/v1\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n" % token.encode(),
    )
    scene.poll()  # the box does not know that token, and is asked for one of its own
    assert scene.box.audit().of(COUNTERS)[0].authentication == "cookie NITRO_AUTH_TOKEN"
    scene.close_and_wait()


def test_a_poll_given_up_during_the_login_leaks_no_session(scene: Scene) -> None:
    scene.box.switch(latency_seconds=0.3)
    scene.gives_up(0.1)
    scene.close()
    audit = scene.box.audit()
    assert (audit.logins, audit.logouts, scene.box.sessions()) == (1, 1, 0)


def test_a_poll_given_up_during_the_login_leaves_it_to_the_next(scene: Scene) -> None:
    scene.box.switch(latency_seconds=0.3)
    scene.gives_up(0.1)
    scene.gives_up(0.1)
    scene.poll()
    assert (scene.box.audit().logins, scene.box.sessions_peak()) == (1, 1)


def test_a_login_refused_after_its_poll_was_given_up_is_not_tried_again(scene: Scene) -> None:
    scene.login.secret = "wrong"
    scene.box.switch(latency_seconds=0.3)
    scene.gives_up(0.1)
    login = scene.source._session._login
    assert login is not None
    scene.run(asyncio.wait([login]))
    scene.failure(AuthFailed)
    assert scene.box.audit().failed_logins == 1
    scene.failure(AuthFailed)  # that is who pressed r
    assert scene.box.audit().failed_logins == 2


def test_a_login_that_takes_longer_than_a_poll_leaves_one_session_not_one_a_poll(scene: Scene) -> None:
    scene.use(scene.source_at(scene.box.url, timeout=0.1))
    scene.box.switch(latency_seconds=0.25)
    for _ in range(2):
        with pytest.raises(Unreachable, match="not answered yet"):
            scene.poll()
    scene.box.switch(latency_seconds=0.0)
    scene.poll()
    assert scene.box.audit().logins == 1


@pytest.mark.parametrize("on", [*COMPANIONS, COUNTERS])
def test_a_session_is_believed_in_until_the_counters_say_it_is_over(scene: Scene, on: str) -> None:
    scene.box.fault("expired", on=on, times=1)
    scene.poll()
    scene.later(5)
    assert scene.box.audit().logins == (2 if on == COUNTERS else 1)
    scene.close_and_wait()


@pytest.mark.parametrize("on", COMPANIONS)
def test_a_companion_that_refuses_every_session_costs_no_login(scene: Scene, on: str) -> None:
    scene.box.fault("html-401", on=on)
    for _ in range(4):
        scene.later(61)
    assert scene.box.audit().logins == 1


def test_closing_twice_or_before_any_poll_or_between_polls_is_fine(scene: Scene) -> None:
    scene.close()
    scene.close()
    assert scene.box.audit().records == []
    scene.poll()
    scene.close()
    scene.close()
    assert scene.box.audit().logouts == 1
    scene.poll()
    assert scene.box.audit().logins == 2


def test_a_logout_over_a_connection_that_was_closed_meanwhile_is_sent_again(scene: Scene) -> None:
    scene.poll()
    scene.box.fault("reset", on="logout", times=1)
    scene.close()
    assert scene.box.sessions() == 0


@pytest.mark.parametrize(
    "fault", ["stall", "hang-up", "unavailable", "expired", "html-401", "login-page", "empty-body"]
)
def test_closing_ends_whatever_the_logout_meets(scene: Scene, fault: str) -> None:
    scene.poll()
    scene.box.fault(fault, on="logout")
    scene.close_and_wait()
    assert scene.box.sessions() == 0


def test_closing_during_a_login_that_does_not_end_ends() -> None:
    with Scene() as scene:
        scene.box.fault("stall", on="login")
        scene.gives_up(0.1)
        scene.close_and_wait()
        scene.assert_well_behaved()


def test_closing_when_the_box_is_gone_ends() -> None:
    with Scene() as scene:
        scene.poll()
        scene.simulation.__exit__(None, None, None)
        scene.run(scene.source.close(), 10)
        scene.run(scene.source.close(), 10)
        scene.simulation = scene.simulation.__class__("constant", user=USER, password=PASSWORD).__enter__()


def test_a_session_ends_by_itself_soon_after_us(scene: Scene) -> None:
    idle = {5.0: 180, 60.0: 240, 3600.0: 900}
    for interval, seconds in idle.items():
        source: NetScalerSource = scene.source_at(scene.box.url, interval=interval)
        scene.use(source)
        scene.poll()
        scene.clock.now += seconds - 1
        assert scene.box.sessions() == 1
        scene.clock.now += 2
        assert scene.box.sessions() == 0


def polled_until_it_is_told(scene: Scene) -> None:
    while True:
        with suppress(Unreachable):
            scene.poll()


def test_a_slow_refusal_is_one_refusal_and_is_told(scene: Scene) -> None:
    scene.login.secret = "wrong"
    scene.use(scene.source_at(scene.box.url, timeout=0.1))
    scene.box.switch(latency_seconds=0.25)
    with pytest.raises(Unreachable, match="not answered yet"):
        scene.poll()
    scene.box.switch(latency_seconds=0.0)
    with pytest.raises(AuthFailed, match="refused"):
        polled_until_it_is_told(scene)
    assert scene.box.audit().failed_logins == 1


def test_what_one_appliance_refused_is_not_tried_at_the_next(scene: Scene) -> None:
    scene.login.secret = "wrong"
    with Scene() as other:
        second = scene.source_at(other.box.url, "ns2")

        async def both() -> tuple[object, object]:
            return await asyncio.gather(scene.source.poll(), second.poll(), return_exceptions=True)

        found = scene.run(both(), 10)
        assert all(isinstance(error, AuthFailed) for error in found)
        assert sorted(str(error).startswith("not tried") for error in found) == [False, True]
        assert scene.box.audit().failed_logins + other.box.audit().failed_logins == 1
        with pytest.raises(AuthFailed):  # whoever asks again means it
            scene.run(second.poll())
        assert scene.box.audit().failed_logins + other.box.audit().failed_logins == 2
        scene.run(second.close())


def test_an_appliance_that_does_not_answer_keeps_no_other_from_logging_in(scene: Scene) -> None:
    with Scene() as other:
        other.box.fault("stall", on="login")
        stalled = scene.source_at(other.box.url, "ns2", timeout=3.0)

        async def both() -> tuple[object, object]:
            return await asyncio.gather(stalled.poll(), scene.source.poll(), return_exceptions=True)

        lost, read = scene.run(both(), 20)
        assert isinstance(lost, Unreachable)
        assert isinstance(read, Sample)
        other.box.mend()
        scene.run(stalled.close(), 10)
