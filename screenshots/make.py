"""Make the pictures of the README from a real run: this kernel with real MPTCP traffic and real errors, and the demo.

uv run python -m screenshots.make               (needs root, for network namespaces; takes about four minutes)
uv run python -m screenshots.make demo          only those of the demo, and of its recording
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from mptcp_top import clock
from mptcp_top.cli.alerting import shipped
from mptcp_top.cli.demo import demo_jobs
from mptcp_top.cli.played import deck_over
from mptcp_top.collector import Collector, CollectorThread, Job
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.episodes import HOLD_SECONDS
from mptcp_top.engine.store import Store
from mptcp_top.recording.place import to_read
from mptcp_top.recording.reader import Reader
from mptcp_top.recording.recorder import Plan, Recorder
from mptcp_top.settings import Access, Settings
from mptcp_top.sources.registry import source_of, target_of
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from tests.lab import Lab, mixing, why_not

if TYPE_CHECKING:
    from textual.pilot import Pilot

FOLDER: Final = Path(__file__).parent
MARKED_SECONDS: Final = 20
WATCHED_SECONDS: Final = 75
KERNEL: Final = (
    ("host-120x40", (120, 40), ()),
    ("host-80x24", (80, 24), ()),
    ("host-60x20", (60, 20), ()),
    ("host-200x50", (200, 50), ()),
    ("explain-120x40", (120, 40), ("down", "down", "enter")),
    ("help-80x24", (80, 24), ("question_mark",)),
)
SIZES: Final = ((80, 24), (120, 40))
SCREENS: Final = (
    ("fleet", ()),
    ("compare", ("c",)),
    ("split", ("s",)),
    ("events", ("e",)),
    ("moved", ("M",)),
    ("netscaler", ("enter",)),
    ("netscaler-explain", ("enter", "enter")),
    ("handshakes", ("enter", "h")),
    ("chart", ("enter", "g")),
    ("find", ("enter", "slash", *"join", "enter")),
    ("past", ("enter", "left_square_bracket")),
)
DEMO: Final = tuple(
    (f"{name}-{width}x{height}", (width, height), keys) for name, keys in SCREENS for width, height in SIZES
)
AT_AN_EVENT: Final = ("left_square_bracket", "left_square_bracket")
REPLAYED: Final = (
    ("replay-120x40", (120, 40), ("enter", *AT_AN_EVENT, "p")),
    ("replay-80x24", (80, 24), AT_AN_EVENT),
    ("replay-time-80x24", (80, 24), ("at", *"-1m")),
)
"""Of the recording that is made while the demo is watched."""

Shots = tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...]


def without_web_fonts(svg: str) -> str:
    """Return a picture that asks nobody for anything: the fonts are those of whoever looks."""
    bare = re.sub(r"@font-face\s*\{[^}]*\}", "", svg).replace("<text class", '<text xml:space="preserve" class')
    return bare.replace("Fira Code, monospace", "DejaVu Sans Mono, Menlo, Consolas, monospace").replace(
        "font-family: Fira Code", "font-family: DejaVu Sans Mono, Menlo, Consolas"
    )


def save(file: Path, svg: str) -> None:
    """Write a picture and say so."""
    file.write_text(svg, encoding="utf-8")
    print(f"{file.name}: {len(svg)} characters")


def take_all(jobs: list[Job], shots: Shots, recording: Path) -> None:
    """Watch and record some targets for a while, then save every shot."""
    store = Store([job.source.target for job in jobs])
    store.watch(shipped().watched)
    recorder = Recorder(store, Plan(lambda: [recording], HOLD_SECONDS))
    collector = Collector(jobs, Engine(store), recorder.observed)
    thread = CollectorThread(collector, lambda: None)
    thread.start()
    recorder.start()
    try:
        time.sleep(MARKED_SECONDS)
        collector.mark("the rollout", clock.monotonic(), time.time())
        asyncio.run(_show(Deck(store, collector, recorded=recorder.where), shots, WATCHED_SECONDS - MARKED_SECONDS))
    finally:
        thread.stop()
        recorder.stop()


def take_replayed(recording: Path, shots: Shots) -> None:
    """Save every shot of a recording."""
    with closing(to_read(recording)) as connection:
        for shot in shots:
            deck = deck_over(Reader(connection), recording.name, {}, growing=False)
            asyncio.run(_show(deck, (shot,)))


async def _show(deck: Deck, shots: Shots, watched_seconds: float = 0.0) -> None:
    app = MptcpTopApp(deck, output_diff=False)
    async with app.run_test(size=shots[0][1], notifications=False) as pilot:
        await asyncio.sleep(watched_seconds)
        for name, size, keys in shots:
            await _take(app, pilot, FOLDER / f"{name}.svg", size, keys)


async def _take(app: MptcpTopApp, pilot: Pilot[int], file: Path, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    await pilot.resize_terminal(*size)
    await pilot.press(*keys)
    await asyncio.sleep(1.5)
    save(file, without_web_fonts(app.export_screenshot(title=f"mptcp-top, {file.stem}")))
    await pilot.press("0", *(["escape"] * 4 if keys else ()))


def main() -> int:
    """Build the lab, watch it, save the pictures."""
    with TemporaryDirectory(prefix="mptcp-top-") as folder:
        if sys.argv[1:] != ["demo"]:
            if reason := why_not():
                print(f"no pictures: {reason}", file=sys.stderr)
                return 1
            with Lab() as lab, mixing(lab, trouble_seconds=7):
                access = Access(f"local:{lab.server.name}")
                take_all([Job(source_of(target_of(access.address, access), access))], KERNEL, Path(folder, "local.db"))
        recording = Path(folder, "demo.db")
        with demo_jobs(Settings()) as jobs:
            take_all(jobs, DEMO, recording)
        take_replayed(recording, REPLAYED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
