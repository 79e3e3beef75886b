"""A view whose rows can be narrowed to what somebody looks for: the keys of it, and what the screen says of it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar, Final

from mptcp_top.ui.find import ALL, LEVELS, TOKENS, advice, filter_line, filter_of
from mptcp_top.ui.keys import clearing
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.prompt import Question
from mptcp_top.ui.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.find import Filter, Tally, Tokens
    from mptcp_top.ui.fuzzy import Rank
    from mptcp_top.ui.keys import Key

_SEVERITIES: Final = tuple(severity for severity, _ in LEVELS)


class Finding(View):
    """The base of the screens with rows. A subclass keeps back what is not ``wanted``, and tells how much that is.

    What is looked for is typed in the last line, and the rows follow letter by letter.
    """

    TOKENS: ClassVar[Tokens] = TOKENS
    FIND_HINT: ClassVar = ":errors :join :error :moving…   Enter keeps  Esc clears"

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.wanted = ALL

    def tally(self) -> Tally:
        """Return how many rows are shown of how many, and how many errors rise in the others."""
        raise NotImplementedError

    def rows_shown(self) -> list[str]:
        """Return the keys of the rows that are shown, from the top."""
        raise NotImplementedError

    def ranks(self) -> Mapping[str, Rank]:
        """Return the rows that are wanted, drawn or not yet, and how well each is what was typed."""
        raise NotImplementedError

    def row_chosen(self) -> str:
        """Return the key of the row with the row cursor, "" if it is nowhere."""
        raise NotImplementedError

    def choose(self, key: str) -> None:
        """Put the row cursor on a row, or nowhere."""
        raise NotImplementedError

    def filter_lines(self, width: int) -> list[Line]:
        """Return what the screen says of the filter while there is one, and of tokens that are none yet."""
        lines = [filter_line(self.wanted, self.tally(), self.deck.basis, width)] if self.wanted.on else []
        words = textwrap.wrap(advice(self.wanted, self.TOKENS), max(20, width - 2), break_on_hyphens=False)
        return lines + [Line((Piece(f" {part}", Look.QUIET),)) for part in words]

    def keys_named(self) -> Sequence[Key]:
        """Return the keys the last line names now."""
        return clearing(super().keys_named()) if self.wanted.on else super().keys_named()

    def want(self, wanted: Filter) -> None:
        """Keep back what is not wanted. The row cursor goes to what was meant most likely, or off what is not shown."""
        self.wanted = wanted
        ranks = self.ranks() if wanted.text else {}
        if ranks:
            self.choose(min(ranks, key=ranks.__getitem__))
        else:
            self.draw()
        if self.row_chosen() not in {"", *self.rows_shown()}:
            self.choose("")

    def clears(self) -> bool:
        """Take the filter away; whether there was one."""
        was_on = self.wanted.on
        if self.wanted != ALL:
            self.want(ALL)
        return was_on

    # What the keys do

    def action_row(self, step: int) -> None:
        """Move the row cursor."""
        raise NotImplementedError

    def action_half(self, step: int) -> None:
        """Move the row cursor by half of a screen."""
        self.action_row(step * max(1, self.app.size.height // 2))

    def action_find(self) -> None:
        """Ask what to look for."""
        self.ask(
            Question("find", self.wanted.typed, self._keep, self._follow_typing, self._give_up, hint=self.FIND_HINT)
        )

    def action_severity(self) -> None:
        """Show only what is worse, or all again."""
        place = _SEVERITIES.index(self.wanted.least) + 1
        self.want(self.wanted._replace(least=_SEVERITIES[place % len(_SEVERITIES)]))

    def action_moving(self) -> None:
        """Show only what moves, or all again."""
        self.want(self.wanted._replace(moving=not self.wanted.moving))

    def _follow_typing(self, typed: str) -> None:
        self.want(filter_of(typed, self.TOKENS))

    def _keep(self, typed: str) -> None:
        """Keep the filter, and the row cursor where it is by now."""
        wanted = filter_of(typed, self.TOKENS)
        if wanted != self.wanted:
            self.want(wanted)
        if wanted.unsettled:
            self.wanted = wanted._replace(unsettled=())
            self.tell(f"{wanted.unsettled[-1]} means nothing here")
        self.draw()

    def _give_up(self) -> None:
        self.clears()
        self.draw()
