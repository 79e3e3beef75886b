"""The help page: what is in focus first, and every key there is, on every screen."""

from __future__ import annotations

import asyncio
import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from mptcp_top import ui
from mptcp_top.catalogue import catalogue
from mptcp_top.ui import keys as tables
from mptcp_top.ui.abouts import ABOUTS
from mptcp_top.ui.app import VIEWS, MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.help import Focus, drawn, help_lines, keys_listed
from mptcp_top.ui.keys import Key
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.view import View
from tests.feed import Feed, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = {
    name: table
    for name, table in vars(tables).items()
    if isinstance(table, tuple) and all(isinstance(key, Key) for key in table)
}


for found in pkgutil.iter_modules(ui.__path__, "mptcp_top.ui."):
    if found.name.endswith("_screen"):
        import_module(found.name)  # some are imported only when they are opened


def screens(kind: type[View] = View) -> Iterator[type[View]]:
    """Yield every kind of screen there is; those that only others are made from have no keys."""
    for one in kind.__subclasses__():
        if one.KEYS:
            yield one
        yield from screens(one)


SCREENS = sorted(screens(), key=lambda kind: kind.__name__)


def page(focus: Focus, width: int = 79) -> str:
    return "\n".join(text_of(help_lines(focus, width)))


@pytest.mark.parametrize("name", TABLES)
def test_every_key_of_every_table_is_listed_and_no_other(name: str) -> None:
    listed = keys_listed(TABLES[name])
    said = dict(listed)
    assert len(said) == len(listed), "two actions of one sign"
    for group, (sign, meaning) in zip(grouped(TABLES[name]), listed, strict=True):
        keys = {drawn(key) for row in group for key in row.keys.split(",")}
        also = meaning.rpartition(" (also ")[2].rstrip(")") if " (also " in meaning else ""
        others = {part for part in also.split(", ") if part}
        assert all(key in sign or key in others for key in keys), sign
        assert others <= keys
        assert group[0].meaning in meaning


@pytest.mark.parametrize("width", [59, 79, 119])
def test_where_it_is_recorded_stands_before_the_keys(width: int) -> None:
    lines = page(
        Focus(ABOUTS["FleetScreen"], (), recorded="into /var/lib/x/recordings/ns1-3f2a.db since 03:10:00"), width
    )
    assert "into /var/lib/x/recordings/ns1-3f2a.db" in lines.partition(" Recording\n")[2].partition(" Keys\n")[0]
    assert "Recording" not in page(Focus(ABOUTS["FleetScreen"], ()))


def grouped(rows: tuple[Key, ...]) -> list[list[Key]]:
    groups: list[list[Key]] = []
    for row in rows:
        groups.append([row]) if row.sign else groups[-1].append(row)
    return groups


@pytest.mark.parametrize("kind", SCREENS, ids=lambda kind: kind.__name__)
def test_every_screen_binds_the_keys_of_its_table_and_says_what_it_is_for(kind: type[View]) -> None:
    assert [key.binding for key in kind.KEYS] == kind.BINDINGS
    assert kind.KEYS in TABLES.values()
    assert ABOUTS[kind.__name__].purpose


def test_nothing_is_said_of_screens_that_are_none() -> None:
    assert set(ABOUTS) == {kind.__name__ for kind in SCREENS}
    assert set(VIEWS.values()) <= set(SCREENS)


@pytest.mark.parametrize("width", [39, 59, 79, 119, 199])
@pytest.mark.parametrize("kind", SCREENS, ids=lambda kind: kind.__name__)
def test_the_page_fits_any_width_and_lists_every_sign(kind: type[View], width: int) -> None:
    entry = catalogue.linux().entries["MPJoinNoTokenFound"]
    lines = text_of(help_lines(Focus(ABOUTS[kind.__name__], kind.KEYS, "local", entry), width))
    assert all(len(line) <= width for line in lines)
    for key in kind.KEYS:
        assert not key.sign or any(line.startswith(f"  {key.sign} ") for line in lines)


def test_the_counter_in_focus_comes_before_all_else() -> None:
    entry = catalogue.linux().entries["MPJoinNoTokenFound"]
    shown = page(Focus(ABOUTS["HostScreen"], tables.HOST, "ns1", entry)).splitlines()
    assert shown[0] == " unknown token  MPJoinNoTokenFound, in SYNs, of ns1"
    assert shown[1].startswith("  What it is")
    words = " ".join(" ".join(shown).split())
    assert entry.meaning in words
    assert entry.on_rise in words
    assert words.index("A rise means") < words.index("Enter explains it") < words.index("Target Everything about one")


@pytest.mark.parametrize("name", TABLES)
def test_a_replay_lists_every_key_but_those_that_poll(name: str) -> None:
    left_out = dict(set(keys_listed(TABLES[name])) - set(keys_listed(tables.without_polling(TABLES[name]))))
    assert left_out.keys() <= {"r", "+ -"}
    assert all("poll" in meaning for meaning in left_out.values())


def test_the_question_mark_explains_the_row_that_is_chosen() -> None:
    feed = Feed()
    feed.tick(MPCapableSYNRX=100, MPCapableACKRX=100, MPJoinNoTokenFound=1)
    feed.tick(MPCapableSYNRX=100, MPCapableACKRX=100)

    async def play() -> None:
        app = MptcpTopApp(Deck(feed.store, feed), output_diff=False)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("question_mark")
            first = app.screen.query_one("#text", Lines)
            assert text_of(list(first.lines))[0] == " Target"
            await pilot.press("q", "down", "down", "down", "question_mark")
            assert "MPCurrEstab" in text_of(list(app.screen.query_one("#text", Lines).lines))[0]
            await pilot.press("pagedown", "pagedown", "pagedown")
            assert app.screen.scroll_offset.y > 0

    asyncio.run(play())
