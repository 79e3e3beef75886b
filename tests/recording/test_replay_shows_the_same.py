"""A replay says what the live dashboard says of the same moments: every screen, every line, every episode."""

from __future__ import annotations

import difflib
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.played import deck_over
from mptcp_top.engine.basis import Basis
from mptcp_top.errors import SourceError
from mptcp_top.model import Failure, Identity, Sample, Status, Target
from mptcp_top.recording import place
from mptcp_top.recording.reader import Reader
from mptcp_top.simulator.scenario import load_scenario
from mptcp_top.sources.linux import LinuxSource
from mptcp_top.sources.registry import target_of
from tests.feed import LINUX_6_18, NETSCALER
from tests.lab import Lab, why_not
from tests.lab.scenarios import churn, csum_single, join_no_token, join_rejected, joins
from tests.recording.replayed import Recording, live_of, replay_of
from tests.sources.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mptcp_top.model import Episode

SIZES = [(80, 24), (120, 40)]
BOOT = 450
LAST = 900


def assert_the_same(recording: Recording, moments: list[float], size: tuple[int, int]) -> None:
    live, replayed = live_of(recording, moments, size), replay_of(recording, moments, size)
    for at, one, other in zip(moments, live, replayed, strict=True):
        assert one.keys() == other.keys(), at
        for screen in one:
            changes = difflib.unified_diff(
                one[screen].splitlines(), other[screen].splitlines(), "live", "replay", lineterm="", n=0
            )
            assert one[screen] == other[screen], f"{screen} at {at}\n" + "\n".join(changes)


def rounded(episode: Episode) -> Episode:
    """Return an episode as a recording has it, which knows times to the millisecond."""
    times = (round(episode.started, 2), round(episode.last_rise, 2))
    return episode._replace(base=0.0, started=times[0], last_rise=times[1], peak_rate=round(episode.peak_rate, 3))


def episodes(recording: Recording, at: float | None) -> list[list[tuple[str, str, Episode]]]:
    """Return the episodes as the live store knows them, and as a replay does."""
    with closing(place.to_read(recording.path)) as connection:
        deck = deck_over(Reader(connection), "", {}, growing=False)
        known = []
        for store, cursor in (
            (recording.store, None if at is None else recording.moment(at)),
            (deck.store, None if at is None else recording.recorded(at)),
        ):
            known.append(
                [
                    (target.name, one.metric.name, rounded(one))
                    for target in store.targets
                    for one in store.episodes(target.name, cursor)
                ]
            )
        return known


def kernel_at(poll: int) -> Sample | Failure:
    """What a kernel says at a poll: errors rise, joins fail, it boots anew, and for a while it does not answer."""
    kernel, booted = Target("kernel", "linux"), BOOT if poll >= BOOT else 0
    if poll in range(520, 560):
        return Failure(kernel, Status.UNREACHABLE, "no answer", 0.0, 0.0, "is it up?", 4.0)

    def polls(which: Iterable[int]) -> int:
        return sum(booted < one <= poll for one in which)

    grown = {
        "MPCapableSYNRX": 9 * (poll - booted),
        "MPCapableACKRX": 9 * (poll - booted),
        "MPJoinSynRx": 6 * (poll - booted),
        "MPJoinAckRx": 6 * (poll - booted) - 5 * polls(range(301, 500)),
        "MPJoinNoTokenFound": 3 * polls({*range(200, 260), *range(5, LAST, 97)}),
        "DataCsumErr": polls(range(320, 340)),
    }
    base = 0 if booted else 100
    row = tuple(base + grown.get(metric.name, 0) for metric in LINUX_6_18.metrics)
    return Sample(kernel, LINUX_6_18, row, 0.0, 0.0, 0.002, Identity("k1", "Linux 6.18.44", f"boot {booted}"), 64)


def box_at(poll: int) -> Sample:
    """What an appliance says at a poll: it takes stock every 7 s, an error rises on it, and it changes its role."""
    stock = (poll - 3) // 7
    grown = {"mptcptotmpcapsyn": 70 * stock, "mptcptotmpcapfinack": 70 * stock, "mptcpjoinsyn": 70 * stock}
    grown["mptcperrunknowntoken"] = 5 * min(max(stock - 43, 0), 14)
    row = tuple(1000 + grown.get(metric.name, 0) for metric in NETSCALER.metrics)
    identity = Identity("ns7", "NetScaler 14.1-51.80", "b", role="primary" if poll < 570 else "secondary")
    box = Target("box", "netscaler", "https://192.0.2.7", "not verified")
    return Sample(box, NETSCALER, row, 0.0, 0.0, 0.01, identity, None, refresh_seconds=7.0)


def scripted(path: Path) -> Iterator[Recording]:
    """A quarter of an hour of a kernel, read every second, and of an appliance, read every five."""
    with Recording(path, [kernel_at(0).target, box_at(0).target], 1.0, float(LAST)) as recording:
        for poll in range(LAST):
            recording.take(kernel_at(poll), float(poll))
            if poll % 5 == 0:
                recording.take(box_at(poll), poll + 0.25)
            if poll == 250:
                recording.mark("deploy", poll + 0.5)
        yield recording


@pytest.fixture(scope="module", autouse=True)
def noon() -> Iterator[None]:
    """It is noon here: live, what was before midnight has its day with it, and in a replay what is of another day."""
    with pytest.MonkeyPatch.context() as here:
        here.setenv("TZ", f"<here>{time.gmtime().tm_hour - 12:+d}")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    yield from scripted(tmp_path_factory.mktemp("recorded") / "script.db")


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_of_a_replay_reads_as_the_live_one_at_that_moment(
    script: Recording, size: tuple[int, int]
) -> None:
    assert_the_same(script, [30.3, 230.3, 333.3, 452.3, 540.3, 590.3], size)


@pytest.mark.parametrize("basis", list(Basis))
def test_the_numbers_are_the_same_on_every_basis(script: Recording, basis: Basis) -> None:
    moments = [230.3, 333.3, 480.3, 590.3]
    with closing(place.to_read(script.path)) as connection:
        deck = deck_over(Reader(connection), "", {}, growing=False)
        for at in moments:
            for name in ("kernel", "box"):
                one = script.store.grown(name, basis, script.moment(at))
                other = deck.store.grown(name, basis, script.recorded(at))
                assert (one and one.counts) == (other and other.counts), (at, name)


@pytest.mark.parametrize("at", [230.3, 333.3, 452.3, 540.3, None])
def test_the_episodes_are_the_same(script: Recording, at: float | None) -> None:
    live, replayed = episodes(script, at)
    assert len(live) > 1
    assert live == replayed


def test_a_fleet_of_appliances_reads_the_same(tmp_path: Path) -> None:
    scenario = load_scenario("demo")
    with ExitStack() as opened:
        scenes = []
        for number in range(len(scenario.appliances)):
            scene = opened.enter_context(Scene(scenario))
            scene.use(scene.source_at(scene.boxes[number].url, f"ns{number + 1}"))
            scenes.append((Target(f"ns{number + 1}", "netscaler"), scene))
        recording = opened.enter_context(Recording(tmp_path / "fleet.db", [one for one, _ in scenes], 5.0, 600.0))
        for poll in range(120):
            at = poll * 5.0
            for place_of, (target, scene) in enumerate(scenes):
                scene.clock.now = at
                try:
                    reading: Sample | Failure = scene.poll()
                except SourceError as error:
                    reading = Failure(target, Status(error.status), error.reason, at, at, error.advice, 5.0)
                recording.take(reading, at + 0.1 * place_of)
        for _, scene in scenes:
            scene.close_and_wait()
        for size in SIZES:
            assert_the_same(recording, [100.8, 222.8, 400.8], size)
        live, replayed = episodes(recording, 400.8)
        assert live == replayed


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "")
def test_real_kernels_read_the_same(tmp_path: Path) -> None:
    with ExitStack() as opened:
        lab = opened.enter_context(Lab())
        targets = [target_of(f"local:{host.name}") for host in (lab.client, lab.server)]
        sources = [LinuxSource(target) for target in targets]
        for source in sources:
            opened.callback(source.close_now)
        recording = opened.enter_context(Recording(tmp_path / "kernels.db", targets, 1.0, 90.0))
        deeds = {20: join_no_token, 25: join_rejected, 30: csum_single}
        for poll in range(60):
            churn(lab, 2)
            if poll % 3 == 0:
                joins(lab, 1)
            deeds.get(poll, lambda _: None)(lab)
            for source in sources:
                recording.take(source.read(), float(poll))
        for size in SIZES:
            assert_the_same(recording, [10.3, 22.3, 33.3], size)
        live, replayed = episodes(recording, None)
        assert live
        assert live == replayed
