"""The theme in force, put on: our own lines, and what Textual draws around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme as Palette

from mptcp_top.ui.line import Look
from mptcp_top.ui.lines import Lines, styles_of
from mptcp_top.ui.themes import THEMES, after, css

if TYPE_CHECKING:
    from textual.app import App

    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.themes import Theme

_OWN_COLOURS: Final = "ansi-dark"
"""What Textual calls its theme of nothing but the terminal's own colours."""


class AsciiBar(ScrollBarRender):
    """A scrollbar of blanks only: its ends are as fine as a cell."""

    VERTICAL_BARS: ClassVar = [" "]
    HORIZONTAL_BARS: ClassVar = [" "]


def keep_to(*, ascii_only: bool) -> None:
    """Draw with 7-bit characters only, or with all there are. To be said before anything is drawn."""
    Lines.ascii_only = ascii_only
    ScrollBar.renderer = AsciiBar if ascii_only else ScrollBarRender


def palette_of(theme: Theme) -> Palette:
    """Return a theme as Textual has it, for what is no line of ours: the scrollbar, and the list of commands."""
    ink = {look: css(ink.colour) for look, ink in theme.inks.items() if ink.colour is not None}
    paper = css(theme.paper or 0)
    return Palette(
        f"mptcp-top-{theme.name}",
        primary=ink[Look.TREND],
        warning=ink[Look.WARN],
        error=ink[Look.BAD],
        success=ink[Look.GOOD],
        accent=ink[Look.TREND],
        foreground=ink[Look.PLAIN],
        background=paper,
        surface=paper,
        panel=paper,
        dark=theme.dark,
        variables={
            "scrollbar": ink[Look.QUIET],
            "scrollbar-hover": ink[Look.TREND],
            "scrollbar-active": ink[Look.TREND],
            "scrollbar-background": paper,
            "scrollbar-background-hover": paper,
            "scrollbar-background-active": paper,
            "scrollbar-corner-color": paper,
        },
    )


def put_on(app: App[int], theme: Theme) -> None:
    """Draw everything in a theme, what is drawn already as well."""
    Lines.styles_by_look = styles_of(theme)
    app.ansi_color = theme.own
    if not theme.own:
        app.register_theme(palette_of(theme))
    app.theme = _OWN_COLOURS if theme.own else f"mptcp-top-{theme.name}"
    for screen in app.screen_stack:
        for lines in screen.query(Lines):
            lines.forget()


def change(app: App[int], deck: Deck, name: str = "") -> str:
    """Put on a theme, the next one if none is named, remember it, and return what to tell the user of it."""
    if deck.why_only_ansi:
        return f"the colours stay the terminal's own: {deck.why_only_ansi}"
    deck.theme = THEMES[name] if name else after(deck.theme)
    put_on(app, deck.theme)
    return deck.remember("theme", deck.theme.name) or f"theme {deck.theme.name}: {deck.theme.meaning}"
