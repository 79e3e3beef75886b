"""The question of a silence: until when something is not to alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.engine.silences import Silence
from mptcp_top.ui.prompt import Question
from mptcp_top.ui.silenced import HINT, silenced_words, until_of

if TYPE_CHECKING:
    from mptcp_top.ui.silenced import Subject
    from mptcp_top.ui.view import View


def ask_to_silence(view: View, target: str, subject: Subject | str) -> None:
    """Ask until when something is not to alarm on a target, or tell why that is not asked."""
    if isinstance(subject, str):
        view.tell(subject)
        return
    name, called = subject

    def silence(typed: str) -> None:
        now = view.now()
        wall = now.shown_wall if now.replay else now.wall
        try:
            until = until_of(typed, wall)
        except ValueError as error:
            view.tell(str(error))
            return
        note = view.deck.controls.silence(Silence(target, name, wall, until))
        done = silenced_words(until, wall) if until > wall else "alarms again"
        view.tell(f"{called}: {done}{f'; {note}' if note else ''}")

    view.ask(Question(f"silence {called} until", "1h", silence, given_up=view.draw, hint=HINT))
