"""A question in the last line: what is typed there, letter by letter, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.text import printable, shortened
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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


class Typed(NamedTuple):
    """What stands in the line, and before which of its characters the caret is."""

    text: str = ""
    at: int = 0

    def put(self, characters: str) -> Typed:
        """Return the line with characters at the caret.

        >>> Typed("mk 1", 1).put("ar")
        Typed(text='mark 1', at=3)
        """
        text = (self.text[: self.at] + characters + self.text[self.at :])[:LONGEST]
        return Typed(text, min(self.at + len(characters), len(text)))

    def without(self, since: int) -> Typed:
        """Return the line without what is between a place and the caret.

        >>> Typed("before the", 10).without(7)
        Typed(text='before ', at=7)
        """
        return Typed(self.text[:since] + self.text[self.at :], since)

    def word_begin(self) -> int:
        """Return where the word at the caret begins.

        >>> Typed("before the", 10).word_begin()
        7
        """
        return self.text[: self.at].rstrip().rfind(" ") + 1


_EDITING: Final[Mapping[str, Callable[[Typed], Typed]]] = {
    "left": lambda typed: typed._replace(at=max(0, typed.at - 1)),
    "right": lambda typed: typed._replace(at=min(len(typed.text), typed.at + 1)),
    "home": lambda typed: typed._replace(at=0),
    "ctrl+a": lambda typed: typed._replace(at=0),
    "end": lambda typed: typed._replace(at=len(typed.text)),
    "ctrl+e": lambda typed: typed._replace(at=len(typed.text)),
    "backspace": lambda typed: typed.without(max(0, typed.at - 1)),
    "ctrl+h": lambda typed: typed.without(max(0, typed.at - 1)),
    "ctrl+w": lambda typed: typed.without(typed.word_begin()),
    "ctrl+u": lambda typed: typed.without(0),
    "delete": lambda typed: Typed(typed.text[: typed.at] + typed.text[typed.at + 1 :], typed.at),
    "ctrl+k": lambda typed: typed._replace(text=typed.text[: typed.at]),
}
PASSED_ON: Final = frozenset({"up", "down", "pageup", "pagedown", "ctrl+c", "ctrl+q", "ctrl+z", "ctrl+l", "f1", "f2"})
"""The only keys that mean to the screen what they always do while something is asked."""

_LEAST_ROOM: Final = 12
"""Cells for what is typed, however long the question is."""


class Prompt(Lines):
    """The last line while something is asked. It takes the keys, and no screen sees them."""

    can_focus = True

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.question: Question | None = None
        self._typed = Typed()
        self._fresh = False

    @property
    def asking(self) -> bool:
        """Whether something is asked."""
        return self.question is not None

    def ask(self, question: Question) -> None:
        """Show a question and take the keys."""
        self.question, self._fresh = question, bool(question.answer)
        self._typed = Typed(question.answer, len(question.answer))
        self.display = True
        self.screen.set_focus(self)  # at once: what is typed next is the answer already
        self._show()

    def close(self) -> None:
        """Give the line and the keys back."""
        self.question = None
        self.display = False
        self.screen.set_focus(None)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is ours and no binding of the screen: all but a few."""
        del character
        return self.asking and key not in PASSED_ON

    def on_key(self, event: events.Key) -> None:
        """Take one key."""
        if self.question is None or event.key in PASSED_ON:
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self._end(self.question, self._typed.text)
        elif event.key == "escape":
            self._end(self.question, None)
        elif event.key in _EDITING:
            self._type(_EDITING[event.key](self._typed))
        elif event.character is not None and event.character.isprintable():
            self._put(event.character)

    def on_resize(self) -> None:
        """Lay the line out for another width."""
        self._show()

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted: its first line, without what cannot be shown."""
        event.stop()
        if self.asking:
            self._put(printable(event.text.partition("\n")[0], LONGEST))

    def _put(self, characters: str) -> None:
        """Take characters; the first ones replace what stood there when the question was asked."""
        self._type((Typed() if self._fresh else self._typed).put(characters))

    def _type(self, typed: Typed) -> None:
        changed, self._typed, self._fresh = typed.text != self._typed.text, typed, False
        self._show()
        if changed and self.question is not None and self.question.while_typing is not None:
            self.question.while_typing(typed.text)

    def _end(self, question: Question, answer: str | None) -> None:
        self.close()
        if answer is not None:
            question.then(answer)
        elif question.given_up is not None:
            question.given_up()

    def _show(self) -> None:
        if self.question is None:
            return
        width, typed = self.app.size.width, self._typed
        words = f" {shortened(self.question.words, max(4, width - _LEAST_ROOM - 4))}: "
        room = max(4, width - len(words) - 2)
        since = max(0, typed.at - room)
        before, after = typed.text[since : typed.at], typed.text[typed.at :][: room - (typed.at - since)]
        look = Look.QUIET if self._fresh else Look.PLAIN
        pieces = [Piece(words, Look.TITLE), Piece(before, look), Piece("_", Look.TITLE), Piece(after, look)]
        left = width - sum(len(piece.text) for piece in pieces) - 1
        hint = self.question.hint
        if hint and left > len(hint) + 1:
            pieces.append(Piece(f"{hint:>{left}}", Look.QUIET))
        self.show([Line(tuple(pieces))])
