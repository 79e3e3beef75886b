"""Make the pictures of the README from a real run: this kernel, real MPTCP traffic, real errors.

uv run python -m screenshots.make      (needs root, for network namespaces; takes about two minutes)
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mptcp_top.collector import Collector, CollectorThread, Pace
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.sources.registry import source_of, target_of
from mptcp_top.ui.app import MptcpTopApp
from tests.lab import Lab, mixing, why_not

if TYPE_CHECKING:
    from textual.pilot import Pilot

FOLDER: Final = Path(__file__).parent
WATCHED_SECONDS: Final = 75
SHOTS: Final = (
    ("host-120x40", (120, 40), ()),
    ("host-80x24", (80, 24), ()),
    ("host-60x20", (60, 20), ()),
    ("host-200x50", (200, 50), ()),
    ("explain-120x40", (120, 40), ("down", "down", "enter")),
    ("help-80x24", (80, 24), ("question_mark",)),
)


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


async def take_all(store: Store, collector: Collector) -> None:
    """Watch for a while, then save every shot."""
    app = MptcpTopApp(store, collector, output_diff=False)
    async with app.run_test(size=SHOTS[0][1], notifications=False) as pilot:
        await asyncio.sleep(WATCHED_SECONDS)
        for name, size, keys in SHOTS:
            await _take(app, pilot, FOLDER / f"{name}.svg", size, keys)


async def _take(app: MptcpTopApp, pilot: Pilot[int], file: Path, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    await pilot.resize_terminal(*size)
    await pilot.press(*keys)
    await asyncio.sleep(1.5)
    save(file, without_web_fonts(app.export_screenshot(title=f"mptcp-top, {file.stem}")))
    await pilot.press(*(["escape", "escape"] if keys else ()))


def main() -> int:
    """Build the lab, watch it, save the pictures."""
    if reason := why_not():
        print(f"no pictures: {reason}", file=sys.stderr)
        return 1
    with Lab() as lab, mixing(lab, trouble_seconds=7):
        target = target_of(f"local:{lab.server.name}")
        store = Store([target])
        collector = Collector([source_of(target)], Engine(store), Pace(), lambda _: None)
        thread = CollectorThread(collector, lambda: None)
        thread.start()
        try:
            asyncio.run(take_all(store, collector))
        finally:
            thread.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
