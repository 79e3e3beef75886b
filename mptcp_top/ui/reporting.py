"""The key R: ask where to, have a report written beside all else, and say where it is."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from mptcp_top import text
from mptcp_top.ui.prompt import Question

if TYPE_CHECKING:
    from mptcp_top.ui.view import View

NOT_RECORDED = "no report: nothing is recorded here"


class Reports(Protocol):
    """Who writes reports of what is recorded."""

    def why_not(self) -> str:
        """Return why there can be none now; mostly nothing."""

    def name(self) -> str:
        """Return what one is called that nobody gives a name."""

    def began(self) -> float | None:
        """Return from when on one tells, by the wall clock, None for all that is recorded."""

    def write(self, name: str, since: float | None) -> str:
        """Write one, from a moment of the wall clock on, and return what to tell of it. It takes seconds."""


def ask_for_report(view: View) -> None:
    """Ask for the name of a report, and have it written."""
    reports = view.deck.reports
    if reports is None or (why := reports.why_not()):
        view.tell(NOT_RECORDED if reports is None else f"no report: {why}")
        return
    mark = view.deck.store.mark_at(view.deck.cursor)
    since = reports.began() if mark is None else mark.wall
    name = reports.name()

    def named(answer: str) -> None:
        view.tell("writing the report…")
        written = (view, reports, answer.strip() or name, since)
        Thread(target=_write, args=written, name="report", daemon=True).start()

    begin = "all that is recorded" if since is None else f"since {text.clock(since)}"
    begin = f"since the mark of {text.clock(mark.wall)}" if mark is not None else begin
    words = f"report, {begin}, to"
    view.ask(Question(words, name, named, given_up=view.draw, hint="Enter keeps  Esc leaves"))


def _write(view: View, reports: Reports, name: str, since: float | None) -> None:
    said = reports.write(name, since)
    with suppress(RuntimeError):  # the dashboard was left meanwhile
        view.app.call_from_thread(_tell, view, said)


def _tell(view: View, said: str) -> None:
    """Tell it on the screen that is shown by now."""
    from mptcp_top.ui.view import View as Any  # noqa: PLC0415  # it imports us

    shown = view.app.screen
    (shown if isinstance(shown, Any) else view).tell(said)
