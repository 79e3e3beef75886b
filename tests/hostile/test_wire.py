"""B2, B5, B7 where the tests beside the source leave off: the login, the companions, and TLS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.errors import BadReply, Unreachable
from mptcp_top.simulator.certificate import self_signed
from tests.sources.conftest import scene
from tests.sources.scene import COUNTERS, Scene, never_called

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

__all__ = ["scene"]
COMPANIONS = ("system", "hanode", "nshostname", "nsversion")


def peak_kib() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def test_b2_a_reset_at_every_64th_byte_of_a_login_is_survived(scene: Scene) -> None:
    after = 0
    while after < 1 << 16:
        scene.box.fault("reset", on="login", after=after, times=1)
        try:
            scene.poll()
        except (Unreachable, BadReply):
            scene.poll()  # the next poll has a login of its own
            scene.close_and_wait()  # nobody knows the token of the one before, which ends by itself
            scene.use(scene.source_at(scene.box.url))
            after += 64
        else:
            break
    assert after >= 256


@pytest.mark.parametrize("on", COMPANIONS)
def test_b2_a_companion_reset_anywhere_costs_no_counter(scene: Scene, on: str) -> None:
    for after in range(0, 641, 128):
        scene.box.mend()
        scene.box.fault("reset", on=on, after=after)
        assert len(scene.later(61).values) == 81


@pytest.mark.parametrize("on", ["login", "system", "nsversion"])
def test_b5_a_gzip_bomb_in_any_answer_takes_less_than_50_mib(scene: Scene, on: str) -> None:
    scene.poll()
    if on == "login":
        scene.close_and_wait()
    scene.box.fault("gzip-bomb", on=on)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is counted from here
    before = peak_kib()
    if on == "login":
        assert "longer than 4 MiB" in scene.failure(BadReply).reason
    else:
        assert "longer than 4 MiB" in scene.later(61).identity.facts["not readable"]
    assert peak_kib() - before < 50 * 1024
    scene.box.mend()
    scene.later(61)
    scene.close_and_wait()


@pytest.fixture
def plain() -> Iterator[socket.socket]:
    """A listener for plain HTTP, to which nothing is ever to be sent."""
    with never_called() as listener:
        yield listener


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("on", ["login", COUNTERS, "system"])
def test_b7_from_https_to_http_nothing_follows(plain: socket.socket, status: int, on: str) -> None:
    certificate = self_signed()
    try:
        with Scene(options={"certificate": certificate}) as secure:
            secure.use(secure.source_at(secure.box.url, insecure=True))
            to = f"http://127.0.0.1:{plain.getsockname()[1]}/nitro/v1/"
            secure.box.fault("redirect", on=on, to=to, status=status)
            if on == "system":
                assert to in secure.poll().identity.facts["not readable"]
            else:
                assert f"redirects to {to}" in secure.failure(BadReply).reason
            secure.close()
            secure.assert_well_behaved()
    finally:
        certificate.discard()
