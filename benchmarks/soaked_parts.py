"""The parts of a dashboard that lives in fast time: all of them real, but for the clock, in one loop."""

import asyncio
import contextlib
from pathlib import Path
from typing import Final

from textual.events import Key

from benchmarks.nitro_poll import source_at
from benchmarks.soaked import INTERVAL_SECONDS, KEY_SECONDS, Schedule, Soak, keys
from mptcp_top.cli.alerting import shipped
from mptcp_top.collector import Collector, Job, Pace
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Observation, Sample
from mptcp_top.recording.recorder import Plan, Recorder
from mptcp_top.settings import Settings
from mptcp_top.sources.registry import Source
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck

CHARACTER: Final = 1
AN_HOUR: Final = 720
"""Polls in memory: as long a past as a target has there that is polled once a second."""


class Noted:
    """A source that notes when it is asked, and that it is."""

    def __init__(self, source: Source, soaked: Soak) -> None:
        self.target = source.target
        self._source, self._soaked = source, soaked
        self._schedule = soaked.schedules.setdefault(source.target.name, Schedule())

    async def poll(self) -> Sample:
        """Read the target once."""
        schedule = self._schedule
        schedule.asked(self._soaked.clock.now())
        schedule.failed = True
        self._soaked.ask()
        try:
            sample = await self._source.poll()
        finally:
            self._soaked.answer()
            schedule.failures += 1
        schedule.failures -= 1
        schedule.failed = False
        return sample

    async def close(self) -> None:
        """Give back what it holds."""
        self._soaked.ask()
        try:
            await self._source.close()
        finally:
            self._soaked.answer()


async def live(soaked: Soak, recording: Path, seconds: float, urls: list[str]) -> None:
    """Collect, record and show for so long, and end in good order."""
    sources = [Noted(source_at(url, INTERVAL_SECONDS), soaked) for url in urls]
    targets = [source.target for source in sources]
    store = Store(targets, Settings().hold, rows={target.name: AN_HOUR for target in targets})
    recorder = Recorder(store, Plan(lambda: [recording], Settings().hold, seam=True))
    app: MptcpTopApp | None = None

    def observed(observation: Observation) -> None:
        recorder.observed(observation)
        if app is not None:
            app.wake()

    collector = Collector([Job(source, Pace(INTERVAL_SECONDS)) for source in sources], Engine(store), observed)
    store.watch(shipped().watched)
    deck = Deck(store, collector)
    deck.recording = recorder.words
    app = MptcpTopApp(deck)
    recorder.start()
    collecting = asyncio.create_task(collector.run())
    typing = asyncio.create_task(type_keys(app, soaked, soaked.clock.now() + seconds))
    await app.run_async()
    typing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await typing
    collector.stop()
    await collecting
    recorder.stop()
    if app.return_value is None:
        soaked.wrong.append(f"the app ended with {app.return_code}")


async def type_keys(app: MptcpTopApp, soaked: Soak, until: float) -> None:
    """Press the keys of the tour until that time, and take a look after each round."""
    for key in keys():
        await asyncio.sleep(KEY_SECONDS)
        if key:
            app.post_message(Key(key, key if len(key) == CHARACTER else None))
        name = type(app.screen).__name__
        soaked.screens[name] = soaked.screens.get(name, 0) + 1
        if key:
            continue
        if name != "FleetScreen":
            soaked.wrong.append(f"the tour ended on {name}")
        await soaked.quiet.wait()
        soaked.note()
        if soaked.clock.now() >= until:
            app.action_leave(0)
            return
