"""What the user looks at: the screen that is shown, and the counter its row cursor is on. And the help page for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.ui.abouts import ABOUTS
from mptcp_top.ui.help import Focus, help_lines
from mptcp_top.ui.keys import without_polling
from mptcp_top.ui.pages import Page

if TYPE_CHECKING:
    from mptcp_top.ui.view import View


def focus_of(view: View) -> Focus:
    """Return what is in focus on a screen."""
    about, keys = ABOUTS[type(view).__name__], view.KEYS
    if view.deck.player is not None:
        keys = without_polling(keys)
    target, metric = view.subject()
    recorded = view.deck.recorded()
    if metric is None:
        return Focus(about, keys, recorded=recorded)
    source = view.deck.store.tracks[target].target.source
    return Focus(about, keys, target, catalogue_of(source).entries.get(metric.name), recorded)


def help_of(view: View) -> Page:
    """Return the help page of a screen, for what is in focus on it now."""
    focus = focus_of(view)
    return Page(view.deck, lambda width: help_lines(focus, width))
