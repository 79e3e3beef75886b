"""The list of everything that can be done, searched by a few letters: Textual's command palette, filled and dressed.

Imported when it is first opened, and not before.
"""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.command import CommandInput, CommandPalette, Hit, Provider
from textual.content import Content

from mptcp_top.ui.commands import Command, commands_of
from mptcp_top.ui.fuzzy import Candidate, ranked
from mptcp_top.ui.glyphs import drawable
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.view import View

if TYPE_CHECKING:
    from textual.app import App
    from textual.command import Hits

_SIGN: Final = 10
_AROUND: Final = 5
"""Cells beside the words: what is left free at both sides, and the scrollbar."""

_ASKS: Final = "a few letters of what to do, of a target, or of a counter"


class Palette(CommandPalette):
    """The list over the whole screen, so that it can be read whatever is behind it."""

    def on_mount(self) -> None:
        """Let the cursor stand still: what moves on a screen means something."""
        self.query_one(CommandInput).cursor_blink = False


class Everything(Provider):
    """What can be done on the screen the list was opened over."""

    async def startup(self) -> None:
        """Work out once what there is."""
        self._commands = commands_of(self.screen) if isinstance(self.screen, View) else []
        self._candidates = [Candidate(str(place), command.names) for place, command in enumerate(self._commands)]

    async def discover(self) -> Hits:
        """List what there is before anything is typed."""
        offered = [command for command in self._commands if command.offered]
        for place, command in enumerate(offered):
            yield self._hit(command, 1 - place / len(offered))

    async def search(self, query: str) -> Hits:
        """List what can be meant, the likeliest first."""
        found = ranked(query, self._candidates)
        for place, one in enumerate(found):
            yield self._hit(self._commands[int(one.key)], 1 - place / len(found))

    def _hit(self, command: Command, score: float) -> Hit:
        width = self.app.size.width - _AROUND
        return Hit(score, prompt_of(command, width), partial(self._run, command), text=command.words)

    async def _run(self, command: Command) -> None:
        if isinstance(command.act, str):
            await self.app.run_action(command.act, self.screen)
        else:
            self.screen.post_message(command.act)


def prompt_of(command: Command, width: int) -> Content:
    r"""Return a command as it is listed: its key, and what it does under itself. Nothing in it is markup.

    >>> prompt_of(Command("M", "what moved since the mark, errors first", "", ()), 32).plain
    'M          what moved since the\n           mark, errors first'
    """
    first, *rest = textwrap.wrap(command.words, max(10, width - _SIGN - 1), break_on_hyphens=False) or [""]
    lines = [f"{command.sign:<{_SIGN}} {first}", *(f"{'':{_SIGN}} {more}" for more in rest)]
    return Content("\n".join(drawable(line, ascii_only=Lines.ascii_only) for line in lines))


def open_palette(app: App[Any]) -> None:
    """Open the list, or close it."""
    if isinstance(app.screen, Palette):
        app.screen.dismiss()
    else:
        app.push_screen(Palette([Everything], placeholder=_ASKS))
