"""B8: whom it talks to over TLS. What cannot be trusted is named with the way to trust it, and sent nothing."""

from __future__ import annotations

import hashlib
import re
import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from mptcp_top.errors import SettingsError, Unreachable
from mptcp_top.settings import parse_pin
from mptcp_top.simulator.certificate import Certificate, self_signed
from mptcp_top.simulator.running import Simulation
from tests.sources.scene import PASSWORD, USER, Floating, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def certificates() -> Iterator[dict[str, Certificate]]:
    """Self-signed ones: for this address, another for this address, and one for somebody else."""
    made = {"first": self_signed(), "second": self_signed(), "mismatch": self_signed(names="mismatch")}
    yield made
    for certificate in made.values():
        certificate.discard()


def pin_of(certificate: Certificate) -> str:
    der = ssl.PEM_cert_to_DER_cert(certificate.cert.read_text())
    return "sha256:" + hashlib.sha256(der).hexdigest()


def scene_with(certificate: Certificate) -> Scene:
    return Scene(options={"certificate": certificate})


def issued(
    folder: Path, authority: trustme.CA, name: str = "127.0.0.1", years: tuple[int, int] = (2020, 2100)
) -> Certificate:
    begin, end = (datetime(year, 1, 1, tzinfo=UTC) for year in years)
    made = authority.issue_cert(name, not_before=begin, not_after=end)
    files = Certificate(folder / "cert.pem", folder / "key.pem")
    files.cert.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
    made.private_key_pem.write_to_path(files.key)
    return files


def assert_works(scene: Scene, **access: Any) -> None:  # noqa: ANN401  # any field of Access
    scene.use(scene.source_at(scene.box.url, **access))
    assert len(scene.poll().values) == 81
    scene.close()
    scene.assert_well_behaved()


def test_a_self_signed_certificate_is_named_with_the_exact_way_to_trust_it(
    certificates: dict[str, Certificate],
) -> None:
    pin = pin_of(certificates["first"])
    with scene_with(certificates["first"]) as scene:
        error = scene.failure(Unreachable)
        assert f"not trusted: self-signed certificate; it is {pin}" in error.reason
        assert f"--pin {pin}," in error.advice
        assert f'pin = "{pin}" under [targets.ns1]' in error.advice
        assert scene.box.audit().records == []
        found = re.search(r"--pin (\S+),", error.advice)
        assert found is not None
        assert_works(scene, pin=parse_pin(found[1]))


def test_a_self_signed_certificate_is_trusted_as_its_own_authority(certificates: dict[str, Certificate]) -> None:
    with scene_with(certificates["first"]) as scene:
        assert_works(scene, cacert=str(certificates["first"].cert))


def test_who_says_insecure_gets_in_whatever_the_certificate(certificates: dict[str, Certificate]) -> None:
    for certificate in certificates.values():
        with scene_with(certificate) as scene:
            assert_works(scene, insecure=True)


def test_a_certificate_of_a_known_authority_is_trusted(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    with scene_with(issued(tmp_path, authority)) as scene:
        scene.failure(Unreachable)
        assert_works(scene, cacert=str(tmp_path / "authority.pem"))


def test_a_certificate_for_another_name_is_refused_and_can_be_pinned(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    certificate = issued(tmp_path, authority, "ns2.example.net")
    with scene_with(certificate) as scene:
        scene.use(scene.source_at(scene.box.url, cacert=str(tmp_path / "authority.pem")))
        error = scene.failure(Unreachable)
        assert "not valid for '127.0.0.1'" in error.reason
        assert scene.box.audit().records == []
        assert_works(scene, pin=pin_of(certificate))


@pytest.mark.parametrize(("from_", "until", "says"), [(2020, 2021, "has expired"), (2090, 2091, "not yet valid")])
def test_a_certificate_out_of_its_time_is_refused_and_can_be_pinned(
    tmp_path: Path, from_: int, until: int, says: str
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    certificate = issued(tmp_path, authority, years=(from_, until))
    with scene_with(certificate) as scene:
        scene.use(scene.source_at(scene.box.url, cacert=str(tmp_path / "authority.pem")))
        assert says in scene.failure(Unreachable).reason
        assert scene.box.audit().records == []
        assert_works(scene, pin=pin_of(certificate))


def test_a_certificate_that_is_not_the_pinned_one_gets_nothing(certificates: dict[str, Certificate]) -> None:
    shown, pinned = (pin_of(certificates[name]) for name in ("first", "second"))
    with scene_with(certificates["first"]) as scene:
        scene.use(scene.source_at(scene.box.url, pin=pinned))
        error = scene.failure(Unreachable)
        assert f"it shows {shown}, pinned is {pinned}" in error.reason
        assert "nothing was sent" in error.advice
        assert scene.box.audit().records == []


def with_another(certificate: Certificate) -> Simulation:
    return Simulation("constant", user=USER, password=PASSWORD, certificate=certificate)


@pytest.mark.parametrize("trust", ["pin", "cacert"])
def test_a_certificate_that_changes_between_polls_is_noticed(certificates: dict[str, Certificate], trust: str) -> None:
    first = certificates["first"]
    access = {"pin": pin_of(first)} if trust == "pin" else {"cacert": str(first.cert)}
    with scene_with(first) as scene, with_another(certificates["second"]) as other:
        address = Floating(scene, scene.box)
        scene.use(scene.source_at(address.url, **access))
        scene.poll()
        (stranger,) = other.appliances.values()
        address.move(stranger)
        for _ in range(2):
            assert pin_of(certificates["second"]) in scene.failure(Unreachable).reason
        assert stranger.audit().records == []
        address.move(scene.box)
        scene.poll()
        scene.close()
        address.close()
        scene.assert_well_behaved()
        assert scene.box.audit().logins == 1


def test_plain_http_on_a_tls_port_and_tls_on_a_plain_one_are_told_apart(certificates: dict[str, Certificate]) -> None:
    with Scene() as scene:
        scene.use(scene.source_at(scene.box.url.replace("http://", "https://")))
        error = scene.failure(Unreachable)
        assert "does not speak TLS" in error.reason
        assert "whether this port is for HTTPS" in error.advice
        assert scene.box.audit().records == []
    with scene_with(certificates["first"]) as scene:
        scene.use(scene.source_at(scene.box.url.replace("https://", "http://")))
        scene.failure()
        assert scene.box.audit().records == []


def test_a_handshake_that_stalls_is_given_up_with_the_poll() -> None:
    with Scene(options={"deaf": True}) as scene:
        scene.use(scene.source_at(f"https://127.0.0.1:{scene.simulation.deaf_port}"))
        scene.gives_up()
        scene.gives_up()
        scene.close()


@pytest.mark.parametrize(("secure", "polled"), [(True, True), (True, False), (False, False)])
def test_closing_ends_where_the_other_side_is_frozen(
    certificates: dict[str, Certificate], secure: bool, polled: bool
) -> None:
    with scene_with(certificates["first"]) if secure else Scene() as scene:
        address = Floating(scene, scene.box)
        scene.use(scene.source_at(address.url, insecure=True))
        scene.poll()
        address.freeze()
        if polled:
            scene.gives_up()
        scene.close_and_wait()
        address.close()
        scene.assert_well_behaved()


@dataclass(frozen=True, slots=True)
class Ancient(Certificate):
    """A server that knows nothing after TLS 1.1."""

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        return context


@pytest.mark.parametrize("trust", ["pin", "cacert", "insecure"])
def test_a_server_that_knows_no_tls_1_2_is_refused(certificates: dict[str, Certificate], trust: str) -> None:
    if not (ssl.HAS_TLSv1 or ssl.HAS_TLSv1_1):
        pytest.skip("THIS OPENSSL CANNOT MAKE A SERVER OF TLS 1.0 OR 1.1: not tested that it would be refused")
    first = certificates["first"]
    access: dict[str, Any] = {"pin": {"pin": pin_of(first)}, "cacert": {"cacert": str(first.cert)}}.get(
        trust, {"insecure": True}
    )
    with scene_with(Ancient(first.cert, first.key)) as scene:
        scene.use(scene.source_at(scene.box.url, **access))
        error = scene.failure(Unreachable)
        assert "does not speak TLS as we do" in error.reason
        assert "TLS 1.2" in error.advice


@pytest.mark.parametrize("fault", ["reset", "hang-up", "short-body", "bad-chunk"])
def test_faults_over_tls_are_survived(certificates: dict[str, Certificate], fault: str) -> None:
    first = certificates["first"]
    with scene_with(first) as scene:
        scene.use(scene.source_at(scene.box.url, pin=pin_of(first)))
        scene.poll()
        scene.box.fault(fault, on="protocolmptcp")
        scene.failure()
        scene.box.mend()
        scene.poll()
        scene.close()
        scene.assert_well_behaved()


@pytest.mark.parametrize(
    ("content", "says"), [(None, "No such file"), ("nothing of the kind", "no certificate"), ("", "no certificate")]
)
def test_a_file_that_holds_no_authority_is_said_at_the_start(tmp_path: Path, content: str | None, says: str) -> None:
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content)
    with Scene() as scene, pytest.raises(SettingsError, match=f"--cacert .*{says}"):
        scene.source_at("https://ns1", cacert=str(file))


def test_a_directory_is_no_authority(tmp_path: Path) -> None:
    with Scene() as scene, pytest.raises(SettingsError, match="--cacert"):
        scene.source_at("https://ns1", cacert=str(tmp_path))
