"""A question in the last line: what is typed there, letter by letter, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.text import printable
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

LONGEST: Final = 200
"""Characters of an answer; what is pasted beyond that is dropped."""


class Question(NamedTuple):
    """What is asked, what is in the line at first, and who wants to know: at the end, and at every key on the way.

    ``given_up`` hears of Esc. ``hint`` stands at the right where there is room.
    """

    words: str
    answer: str
    then: Callable[[str], None]
    while_typing: Callable[[str], None] | None = None
    given_up: Callable[[], None] | None = None
    hint: str = ""


class Prompt(Lines):
    """The last line while something is asked. It takes the keys that mean letters, and no screen sees them."""

    can_focus = True

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.question: Question | None = None
        self._typed = ""
        self._fresh = False

    @property
    def asking(self) -> bool:
        """Whether something is asked."""
        return self.question is not None

    def ask(self, question: Question) -> None:
        """Show a question and take the keys."""
        self.question, self._typed, self._fresh = question, question.answer, bool(question.answer)
        self.display = True
        self.screen.set_focus(self)  # at once: what is typed next is the answer already
        self._show()

    def close(self) -> None:
        """Give the line and the keys back."""
        self.question = None
        self.display = False
        self.screen.set_focus(None)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is ours and no binding of the screen: every letter, and the keys of a line."""
        return self.asking and (key in _EDITING or (character is not None and character.isprintable()))

    def on_key(self, event: events.Key) -> None:
        """Take one key."""
        if self.question is None or not self.check_consume_key(event.key, event.character):
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self._end(self.question, self._typed)
        elif event.key == "escape":
            self._end(self.question, None)
        else:
            self._type(_EDITING.get(event.key, _put)(self._typed, event.character or "", fresh=self._fresh))

    def on_resize(self) -> None:
        """Lay the line out for another width."""
        self._show()

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted: its first line, without what cannot be shown."""
        event.stop()
        if self.asking:
            self._type(_put(self._typed, printable(event.text.partition("\n")[0], LONGEST), fresh=self._fresh))

    def _type(self, typed: str) -> None:
        self._typed, self._fresh = typed[:LONGEST], False
        self._show()
        if self.question is not None and self.question.while_typing is not None:
            self.question.while_typing(self._typed)

    def _end(self, question: Question, answer: str | None) -> None:
        self.close()
        if answer is not None:
            question.then(answer)
        elif question.given_up is not None:
            question.given_up()

    def _show(self) -> None:
        if self.question is None:
            return
        width = self.app.size.width
        words = f" {self.question.words}: "
        room = max(4, width - len(words) - 2)
        seen = self._typed[-room:]
        hint = self.question.hint
        left = width - len(words) - len(seen) - 2
        tail = f"{hint:>{left - 1}}" if hint and left > len(hint) + 2 else ""
        look = Look.QUIET if self._fresh else Look.PLAIN
        self.show(
            [Line((Piece(words, Look.TITLE), Piece(seen, look), Piece("_", Look.TITLE), Piece(tail, Look.QUIET)))]
        )


def _put(typed: str, character: str, *, fresh: bool) -> str:
    """Return a line with a character at its end. What stood there at first is replaced.

    >>> _put("mark 1", "b", fresh=True), _put("b", "e", fresh=False)
    ('b', 'be')
    """
    return character if fresh else typed + character


def _back(typed: str, character: str, *, fresh: bool) -> str:
    del character, fresh
    return typed[:-1]


def _word_back(typed: str, character: str, *, fresh: bool) -> str:
    """Return a line without its last word.

    >>> _word_back("before the", "", fresh=False)
    'before '
    """
    del character, fresh
    return typed[: typed.rstrip().rfind(" ") + 1]


def _nothing(typed: str, character: str, *, fresh: bool) -> str:
    del typed, character, fresh
    return ""


_EDITING: Final = {
    "enter": _put,
    "escape": _put,
    "backspace": _back,
    "ctrl+h": _back,
    "ctrl+w": _word_back,
    "ctrl+u": _nothing,
}
