"""A NetScaler over real HTTP: every shape of its statistics, its companions, and what it does not know or allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mptcp_top.errors import BadReply, NoAccess, SettingsError, Unreachable, Unsupported
from mptcp_top.model import Secret, Target
from mptcp_top.settings import Access
from mptcp_top.simulator.accounts import NO_MPTCP, READ_ONLY, TIGHT, Account
from mptcp_top.simulator.counters import TWINS
from mptcp_top.simulator.scenario import load_scenario
from mptcp_top.sources.netscaler import NetScalerSource
from mptcp_top.sources.registry import source_of, target_of
from tests.sources.nitro_replies import body, good_fields
from tests.sources.scene import COUNTERS, PASSWORD, USER, Login, Scene, value

COMPANIONS = ("system", "hanode", "nshostname", "nsversion")
REFUSED = {"withheld": "no right", "unsupported": "does not know", "bad": "no JSON", "down": "not ready"}


def assert_everything_is_known(scene: Scene) -> None:
    """Assert that a poll reads exactly what the appliance shows."""
    sample = scene.poll()
    for metric, read, rate in zip(sample.layout.metrics, sample.values, sample.own_rates or (), strict=True):
        assert read == scene.box.truth(metric.name), metric.name
        assert (rate is None) == (not metric.grows), metric.name


@pytest.mark.parametrize(
    "style",
    [
        {},
        {"form": "list"},
        {"totals": "number"},
        {"rates": "string"},
        {"totals": "number", "rates": "number", "rate_digits": 6},
        {"totals": "string", "rates": "string", "rate_digits": 6},
        {"form": "list", "totals": "number", "rates": "string"},
        {"v1": False, "marker": False},
        {"extra": (("mptcpunknown", '"text"'), ("sortorder", '"ascending"'))},
    ],
    ids=str,
)
def test_every_shape_of_the_statistics_is_read(scene: Scene, style: dict[str, Any]) -> None:
    scene.clock.now = 70
    scene.box.switch(**{name: set_ for name, set_ in style.items() if name != "extra"})
    assert_everything_is_known(scene)
    scene.box.switch(**style)
    assert len(scene.poll().layout.metrics) == (77 if "v1" in style else 82 if "extra" in style else 81)


@pytest.mark.parametrize(("version", "counters", "product"), [("13.1", 77, "13.1-59.22"), ("14.1", 81, "14.1-51.80")])
def test_both_generations_of_firmware_are_read(version: str, counters: int, product: str) -> None:
    scenario = load_scenario("constant")
    with Scene(replace(scenario, appliances=(replace(scenario.appliances[0], version=version),))) as scene:
        sample = scene.poll()
        assert len(sample.layout.metrics) == counters
        assert sample.identity.product == f"NetScaler {product}"


def test_the_layout_stays_the_same_object(scene: Scene) -> None:
    assert scene.poll().layout is scene.later(5).layout


def test_a_sample_says_when_it_was_read_and_who_answered(scene: Scene) -> None:
    scene.clock.now = 1234
    sample = scene.poll()
    assert (sample.monotonic, sample.latency_seconds, sample.refresh_seconds) == (1234, 0.0, 7.0)
    assert (sample.wrap_bits, sample.reset) == (None, False)
    assert (sample.identity.host, sample.identity.role) == ("ns1", "")
    assert sample.identity.boot == "Sat Nov 21 10:00:00 2026 ns1"
    assert sample.identity.notices == ()
    assert "not readable" not in sample.identity.facts


def test_ambiguous_counters_are_not_known_where_both_are_given(scene: Scene) -> None:
    scene.clock.now = 700
    scene.box.switch(twins=True)
    sample = scene.poll()
    assert {
        metric.name for metric, read in zip(sample.layout.metrics, sample.values, strict=True) if read is None
    } == set(TWINS)


def test_unavailable_and_missing_counters_are_not_zero(scene: Scene) -> None:
    scene.box.switch(unavailable=frozenset({"mptcptotdss", "mptcpdssrate"}), missing=frozenset({"mptcptotmpcapsyn"}))
    sample = scene.poll()
    assert value(sample, "mptcptotdss") is None
    assert sample.own_rates is not None
    assert sample.own_rates[sample.layout.index["mptcptotdss"]] is None
    assert "mptcptotmpcapsyn" not in sample.layout.index


def test_a_reply_without_statistics_is_unsupported(scene: Scene) -> None:
    scene.box.switch(form="none")
    scene.failure(Unsupported)


@pytest.mark.parametrize("status", [599, 404, 200])
def test_old_firmware_is_unsupported_and_told_since_when_it_would_not_be(scene: Scene, status: int) -> None:
    scene.box.switch(old_firmware=True, old_status=status)
    error = scene.failure(Unsupported)
    assert "NITRO error 1232: Invalid object name [protocolmptcp]" in error.reason
    assert "12.1" in error.advice
    scene.box.switch(old_firmware=False)
    scene.poll()


def test_a_missing_right_names_the_command(scene: Scene) -> None:
    scene.box.add_account(Account(USER, Secret(PASSWORD), NO_MPTCP))
    error = scene.failure(NoAccess)
    assert "[stat protocol mptcp]" in error.reason
    assert "^stat protocol mptcp" in error.advice
    scene.box.add_account(Account(USER, Secret(PASSWORD), READ_ONLY))
    scene.poll()


def test_a_tight_policy_is_enough_for_everything(scene: Scene) -> None:
    scene.box.add_account(Account(USER, Secret(PASSWORD), TIGHT))
    sample = scene.poll()
    assert "not readable" not in sample.identity.facts
    assert sample.identity.host == "ns1"


def test_without_any_right_but_one_the_counters_come_all_the_same(scene: Scene) -> None:
    scene.box.add_account(Account(USER, Secret(PASSWORD), "^stat protocol mptcp$"))
    sample = scene.poll()
    assert len(sample.values) == 81
    assert (sample.identity.host, sample.identity.boot, sample.identity.product) == ("", None, "NetScaler")
    for command in ("stat system", "stat ha node", "show ns hostName", "show ns version"):
        assert f"{command}: the user has no right to: {command}" in sample.identity.facts["not readable"]


@pytest.mark.parametrize("on", COMPANIONS)
@pytest.mark.parametrize(
    "fault",
    [
        *("unavailable", "html-401", "login-page", "specific-error", "expired", "full", "empty-body", "truncated-json"),
        *(
            "huge-body",
            "deep-nesting",
            "hang-up",
            "reset",
            "short-body",
            "bad-chunk",
            "bad-status-line",
            "huge-headers",
        ),
    ],
)
def test_a_companion_that_fails_costs_neither_the_counters_nor_the_other_companions(
    scene: Scene, on: str, fault: str
) -> None:
    scene.box.fault(fault, on=on)
    sample = scene.poll()
    assert len(sample.values) == 81
    assert not sample.reset
    identity = sample.identity
    known = {"system": identity.boot, "hanode": identity.facts.get("ha"), "nshostname": identity.host}
    known["nsversion"] = identity.facts.get("version")
    assert {name for name, known_ in known.items() if not known_} == {on}
    assert identity.facts["not readable"].isprintable()
    scene.box.mend()
    assert "not readable" not in scene.later(61).identity.facts
    assert scene.box.audit().logins == 1


@pytest.mark.parametrize("on", COMPANIONS)
def test_a_companion_that_hangs_delays_one_poll_by_a_part_of_its_time(on: str) -> None:
    with Scene() as scene:
        scene.use(scene.source_at(scene.box.url, timeout=0.8))
        scene.box.fault("stall", on=on)
        first = scene.poll(0.8)
        second = scene.poll(0.8)
        known = {"system": second.identity.boot, "hanode": second.identity.facts.get("ha")}
        known |= {"nshostname": second.identity.host, "nsversion": second.identity.facts.get("version")}
        assert {name for name, known_ in known.items() if not known_} == {on}
        assert "no answer in time" in first.identity.facts["not readable"]
        asked = len(scene.box.audit().records)
        scene.later(5)
        assert len(scene.box.audit().records) == asked + 1  # the counters alone, until a minute is over
        scene.box.mend()
        assert "not readable" not in scene.later(61).identity.facts
        scene.close()
        scene.assert_well_behaved()


def test_companions_are_asked_once_a_minute(scene: Scene) -> None:
    for _ in range(24):
        scene.later(5)
    audit = scene.box.audit()
    assert [len(audit.of(name)) for name in (*COMPANIONS, COUNTERS)] == [2, 2, 2, 2, 24]


FEW = {name: text for name, text in good_fields().items() if name in {"mptcptotdss", "mptcpcursfconnections"}}


def test_a_plain_reply_with_few_counters_makes_it_ask_in_detail(scene: Scene) -> None:
    scene.box.fault("body", on=COUNTERS, times=1, raw=body(FEW))
    assert len(scene.poll().layout.metrics) == 81
    assert len(scene.later(5).layout.metrics) == 81
    assert [dict(record.args) for record in scene.box.audit().of(COUNTERS)] == [
        {},
        {"detail": "true"},
        {"detail": "true"},
    ]


@pytest.mark.parametrize("fault", ["specific-error", "hang-up", "truncated-json", "unavailable", "expired"])
def test_an_appliance_that_gives_no_detail_is_read_as_it_is(scene: Scene, fault: str) -> None:
    for number in range(6):
        scene.box.mend()
        scene.box.fault("body", on=COUNTERS, times=1, raw=body(FEW))
        scene.box.fault(fault, on=COUNTERS)
        assert len(scene.poll().layout.metrics) == 2
        assert len(scene.box.audit().of(COUNTERS)) >= number + 1
    asked = [record for record in scene.box.audit().of(COUNTERS) if record.args]
    assert 3 <= len(asked) <= 6  # a connection that breaks is tried twice
    assert scene.box.audit().logins == 1


def test_a_box_that_knows_no_detail_any_more_is_asked_plainly(scene: Scene) -> None:
    scene.box.fault("body", on=COUNTERS, times=1, raw=body(FEW))
    scene.poll()
    scene.box.fault("specific-error", on=COUNTERS, times=1, code=1090, message="No such argument [detail]")
    scene.failure(BadReply)
    scene.later(5)
    assert not scene.box.audit().of(COUNTERS)[-1].args


def test_a_full_table_of_sessions_costs_no_companion(scene: Scene) -> None:
    scene.box.fault("full", on="login")
    assert scene.poll().identity.host == "ns1"


def test_the_registry_makes_the_source_that_reads_it(scene: Scene) -> None:
    access = Access(scene.box.url, allow_http=True)
    target = target_of("ns1", access)
    assert target == Target("ns1", "netscaler", scene.box.url, "no TLS")
    source = source_of(target, access, Login())
    assert isinstance(source, NetScalerSource)
    assert len(scene.run(source.poll()).values) == 81
    scene.run(source.close())


def test_clear_text_has_to_be_allowed() -> None:
    with pytest.raises(SettingsError, match="--allow-http"):
        target_of("ns1", Access("http://ns1"))


def test_nobody_there_is_unreachable_until_there_is(scene: Scene) -> None:
    with Scene() as gone:
        url = gone.box.url
    scene.use(scene.source_at(url))
    error = scene.failure(Unreachable)
    assert "127.0.0.1" in error.reason
    assert "ACLs" in error.advice


def test_an_unknown_name_is_unreachable(scene: Scene) -> None:
    scene.use(scene.source_at("https://ns1.invalid"))
    assert "the name ns1.invalid is not known" in scene.failure(Unreachable).reason
