"""Everything that can be done on a screen, by name: its keys, the themes, the targets to go to, the counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.ui.help import drawn
from mptcp_top.ui.sheet import ShowCounter, ShowHost
from mptcp_top.ui.themes import THEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.message import Message

    from mptcp_top.ui.view import View

PALETTE: Final = "app.command_palette"
_MOVES: Final = ("row(", "half(", "scroll(", "bottom")


class Command(NamedTuple):
    """Something to do: an action or a message, the key that does it too, and the names it is found by.

    One that is not ``offered`` is listed only when it is asked for: of counters there are too many.
    """

    sign: str
    words: str
    act: str | Message
    names: tuple[str, ...]
    offered: bool = True


def commands_of(view: View) -> list[Command]:
    """Return what can be done on a screen, in the order in which it is listed: moving about comes last."""
    keys = list(_keys(view))
    moves = [key for key in keys if str(key.act).startswith(_MOVES)]
    return [*(key for key in keys if key not in moves), *_targets(view), *_themes(), *moves, *_counters(view)]


def _keys(view: View) -> Iterator[Command]:
    for key in view.KEYS:
        if key.action != PALETTE:
            sign = drawn(key.keys.split(",")[0])
            words = f"{key.name}: {key.meaning}" if key.name and key.name != key.meaning else key.meaning
            yield Command(sign, words, key.action, tuple(filter(None, (key.name, key.meaning, sign))))


def _themes() -> Iterator[Command]:
    for theme in THEMES.values():
        words = f"theme {theme.name}: {theme.meaning}"
        yield Command("", words, f"app.theme({theme.name!r})", (words,))


def _targets(view: View) -> Iterator[Command]:
    targets = view.deck.store.targets
    for target in targets if len(targets) > 1 else ():
        words = f"go to target {target.name}"
        yield Command("", words, ShowHost(target.name), (target.name, words))


def _counters(view: View) -> Iterator[Command]:
    """Yield a command for each counter that a target of the screen has, the one in focus first."""
    first, _ = view.subject()
    known: set[tuple[str, str]] = set()
    for name in dict.fromkeys((first, *view.watched())):
        track = view.deck.store.tracks[name]
        seen = view.deck.store.at(name)
        for metric in seen.layout.metrics if seen is not None else ():
            source = track.target.source
            if (source, metric.name) not in known:
                known.add((source, metric.name))
                entry = catalogue_of(source).entries.get(metric.name)
                names = entry.names if entry else (metric.name,)
                words = f"explain {metric.label}: {', '.join(names)}, of {name}"
                act = ShowCounter(name, metric.name)
                yield Command("", words, act, (*names, metric.label, f"explain {metric.label}"), offered=False)
