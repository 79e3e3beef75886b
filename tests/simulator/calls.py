"""HTTP as a client speaks it: one request, and everything that came back."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.simulator.running import Box, Simulation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.simulator.scenario import Scenario

USER: Final = "monitor"
PASSWORD: Final = "throw-away"
STATELESS: Final = {"X-NITRO-USER": USER, "X-NITRO-PASS": PASSWORD}
MPTCP: Final = "/nitro/v1/stat/protocolmptcp"
LOGIN: Final = "/nitro/v1/config/login"


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  # as it came
        return json.loads(self.body)

    @property
    def statistics(self) -> dict[str, Any]:
        found = self.json["protocolmptcp"]
        assert isinstance(found, dict)
        return found

    def header(self, name: str) -> str:
        return next(value for key, value in self.headers if key == name)

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (value.split(";")[0].partition("=") for key, value in self.headers if key == "Set-Cookie")
        return {name: value for name, _, value in pairs}


def call(
    box: Box, path: str = MPTCP, method: str = "GET", headers: Mapping[str, str] = STATELESS, body: bytes = b""
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=20)
    try:
        connection.request(method, path, body or None, dict(headers))
        with connection.getresponse() as reply:
            return Answer(reply.status, reply.reason, reply.getheaders(), reply.read())
    finally:
        connection.close()


def login(
    box: Box,
    user: str = USER,
    password: str = PASSWORD,
    kind: str = "application/json",
    timeout: object = None,
) -> Answer:
    asked = {"username": user, "password": password} | ({} if timeout is None else {"timeout": timeout})
    return call(box, LOGIN, "POST", {"Content-Type": kind}, json.dumps({"login": asked}).encode())


def token_of(box: Box, timeout: object = None) -> str:
    answer = login(box, timeout=timeout)
    assert answer.status == 201, answer.body
    return str(answer.json["sessionid"])


def with_token(box: Box, token: str, path: str = MPTCP) -> Answer:
    return call(box, path, headers={"Cookie": f"NITRO_AUTH_TOKEN={token}"})


def everything(box: Box, path: str = MPTCP, most: int = 1 << 16) -> bytes:
    """Return the bytes that come back, until the other side hangs up or ``most`` are there."""
    with socket.create_connection(("127.0.0.1", box.port), timeout=20) as connection:
        headers = "".join(f"{name}: {value}\r\n" for name, value in STATELESS.items())
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: ns\r\nConnection: close\r\n{headers}\r\n".encode())
        got = b""
        while len(got) < most:
            part = connection.recv(1 << 16)
            if not part:
                break
            got += part
        return got


def running(
    scenario: Scenario | str = "constant",
    clock: Clock | None = None,
    **options: Any,  # noqa: ANN401  # passed on
) -> Simulation:
    return Simulation(scenario, user=USER, password=PASSWORD, clock=clock or Clock(), **options)
