"""Simulations as they run: in a thread or a loop, several appliances, over TLS, and gone without a trace."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest
import trustme

from mptcp_top.errors import SettingsError
from mptcp_top.simulator.certificate import Certificate, Names, self_signed
from mptcp_top.simulator.scenario import Event, What, load_scenario
from tests.simulator.calls import MPTCP, STATELESS, Clock, call, running, token_of, with_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def certificate(request: pytest.FixtureRequest) -> Iterator[Certificate]:
    names: Names = getattr(request, "param", "address")
    made = self_signed(names=names)
    yield made
    made.discard()


def get(port: int, context: ssl.SSLContext) -> int:
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    try:
        connection.request("GET", MPTCP, headers=STATELESS)
        return connection.getresponse().status
    finally:
        connection.close()


def test_each_appliance_of_a_scenario_listens_on_loopback_on_a_port_of_its_own() -> None:
    with running("demo") as simulation:
        boxes = simulation.appliances
        assert list(boxes) == ["ns1", "ns2", "ns3"]
        assert len({box.port for box in boxes.values()}) == 3
        assert simulation.url("ns2") == f"http://127.0.0.1:{boxes['ns2'].port}"
        assert [len(call(box).statistics) for box in boxes.values()] == [158, 158, 150]
        assert boxes["ns1"].audit().records[0].user == simulation.user


def test_a_simulation_leaves_nothing_behind() -> None:
    before = threading.active_count()
    with running("demo") as simulation:
        port = simulation.appliances["ns1"].port
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        kept.request("GET", MPTCP, headers=STATELESS)
        kept.getresponse().read()
    kept.close()
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)


def test_a_simulation_runs_in_a_loop_that_is_there() -> None:
    async def scene() -> int:
        async with running() as simulation, aiohttp.ClientSession() as session:
            box = simulation.appliances["ns1"]
            async with session.get(box.url + MPTCP, headers=STATELESS) as reply:
                await reply.json()
            return len(box.audit().records)

    assert asyncio.run(scene()) == 1


def test_a_port_that_is_taken_is_said_so_and_nothing_is_left_listening() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port} is taken"), running("demo", port=port):
            pass


def test_an_address_that_is_not_ours_is_said_so() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1 is no address of this host"), running(listen="192.0.2.1"):
        pass


def test_it_listens_on_ip_addresses_only_and_needs_ports_enough() -> None:
    with pytest.raises(SettingsError, match="give an IP address to listen on"), running(listen="example.net"):
        pass
    with pytest.raises(SettingsError, match="give a lower --port"), running("demo", port=65_534):
        pass


def test_a_slow_answer_that_nobody_waits_for_is_no_bug(clock: Clock) -> None:
    with running(clock=clock) as simulation:
        box = simulation.appliances["ns1"]
        box.switch(latency_seconds=3600)
        connection = socket.create_connection(("127.0.0.1", box.port), timeout=20)
        connection.sendall(f"GET {MPTCP} HTTP/1.1\r\nHost: ns\r\n\r\n".encode())
        while not box.audit().in_flight:
            pass
    connection.close()


def test_requests_in_flight_are_counted(clock: Clock) -> None:
    async def scene() -> int:
        async with running(clock=clock) as simulation, aiohttp.ClientSession() as session:
            box = simulation.appliances["ns1"]
            box.switch(latency_seconds=3600)
            asking = [asyncio.ensure_future(session.get(box.url + MPTCP, headers=STATELESS)) for _ in range(4)]
            while box.audit().in_flight < 4:  # noqa: ASYNC110  # the simulator has no event for that
                await asyncio.sleep(0)
            for each in asking:
                each.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            return box.audit().in_flight_maximum

    assert asyncio.run(scene()) == 4


def test_a_failover_at_run_time_flips_the_pair(clock: Clock) -> None:
    with running("failover", clock) as simulation:
        ns1, ns2 = simulation.appliances.values()
        clock.now = 14.0
        simulation.failover()
        frozen = ns1.truth("mptcptotmpcapsyn", 21.0)
        clock.now = 35.0
        assert call(ns1).statistics["mptcptotmpcapsyn"] == str(frozen)
        assert call(ns1, "/nitro/v1/stat/hanode").json["hanode"]["hacurmasterstate"] == "Secondary"
        assert call(ns2, "/nitro/v1/stat/hanode").json["hanode"]["hacurmasterstate"] == "Primary"
        assert int(call(ns2).statistics["mptcptotmpcapsyn"]) > ns2.truth("mptcptotmpcapsyn", 10.0)


def test_clear_and_reboot_at_run_time(clock: Clock) -> None:
    with running("constant", clock) as simulation:
        box = simulation.appliances["ns1"]
        clock.now = 70.0
        token = token_of(box)
        box.clear()
        assert with_token(box, token).statistics["mptcptotdss"] == "0"
        clock.now = 80.0
        box.reboot()
        assert with_token(box, token).status == 401
        assert call(box).statistics["mptcptotdss"] == "0"
        box.happen(Event(90.0, "ns1", What.CLEAR))
        clock.now = 91.0
        assert call(box).statistics["mptcptotdss"] == "14"


def test_a_bug_of_the_simulator_is_no_silent_500() -> None:
    scenario = load_scenario("constant")
    broken = replace(scenario, appliances=(replace(scenario.appliances[0], version="not a number"),))
    with pytest.raises(ExceptionGroup, match="the simulator could not answer"), running(broken) as simulation:
        call(simulation.appliances["ns1"])


def test_a_self_signed_certificate_holds_for_its_address(certificate: Certificate) -> None:
    with running(certificate=certificate) as simulation:
        box = simulation.appliances["ns1"]
        assert box.url.startswith("https://127.0.0.1:")
        assert get(box.port, ssl.create_default_context(cafile=certificate.cert)) == 200
        with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
            get(box.port, ssl.create_default_context())


@pytest.mark.parametrize("certificate", ["mismatch"], indirect=True)
def test_a_certificate_can_be_somebody_else_s(certificate: Certificate) -> None:
    with running(certificate=certificate) as simulation:
        port = simulation.appliances["ns1"].port
        with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
            get(port, ssl.create_default_context(cafile=certificate.cert))


def test_faults_work_over_tls_too(certificate: Certificate) -> None:
    with running(certificate=certificate) as simulation:
        box = simulation.appliances["ns1"]
        box.fault("reset", after=10)
        with pytest.raises((ConnectionResetError, http.client.BadStatusLine)):
            get(box.port, ssl.create_default_context(cafile=certificate.cert))


def test_a_certificate_of_one_s_own_is_used(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    files = Certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(files.cert)
    issued.private_key_pem.write_to_path(files.key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with running(certificate=files) as simulation:
        assert get(simulation.appliances["ns1"].port, context) == 200
    files.discard()
    assert files.cert.exists()


def test_files_that_are_no_certificate_are_said_so(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("nothing of the kind")
    with (
        pytest.raises(SettingsError, match="no certificate with its key"),
        running(certificate=Certificate(tmp_path / "cert.pem", tmp_path / "cert.pem")),
    ):
        pass


def test_a_deaf_listener_accepts_and_never_answers() -> None:
    with running(deaf=True) as simulation:
        connection = socket.create_connection(("127.0.0.1", simulation.deaf_port), timeout=0.2)
        connection.sendall(b"hello")
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.close()
