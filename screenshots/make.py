"""Make the pictures of the README from a real run: this kernel with real MPTCP traffic and real errors, and the demo.

uv run python -m screenshots.make      (needs root, for network namespaces; takes about three minutes)
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.demo import demo_jobs
from mptcp_top.collector import Collector, CollectorThread, Job
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.settings import Access, Settings
from mptcp_top.sources.registry import source_of, target_of
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from tests.lab import Lab, mixing, why_not

if TYPE_CHECKING:
    from textual.pilot import Pilot

FOLDER: Final = Path(__file__).parent
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


def take_all(jobs: list[Job], shots: Shots) -> None:
    """Watch some targets for a while, then save every shot."""
    store = Store([job.source.target for job in jobs])
    collector = Collector(jobs, Engine(store), lambda _: None)
    thread = CollectorThread(collector, lambda: None)
    thread.start()
    try:
        asyncio.run(_show(store, collector, shots))
    finally:
        thread.stop()


async def _show(store: Store, collector: Collector, shots: Shots) -> None:
    app = MptcpTopApp(Deck(store, collector), output_diff=False)
    async with app.run_test(size=shots[0][1], notifications=False) as pilot:
        await asyncio.sleep(WATCHED_SECONDS)
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
    if reason := why_not():
        print(f"no pictures: {reason}", file=sys.stderr)
        return 1
    with Lab() as lab, mixing(lab, trouble_seconds=7):
        access = Access(f"local:{lab.server.name}")
        take_all([Job(source_of(target_of(access.address, access), access))], KERNEL)
    with demo_jobs(Settings()) as jobs:
        take_all(jobs, DEMO)
    return 0


if __name__ == "__main__":
    sys.exit(main())
