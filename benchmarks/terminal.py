"""The terminal's side of a pty: the answers a program waits for, and the picture it has drawn."""

import codecs
import re
from typing import Final

import pyte

UNFINISHED: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[()#% ]|[\]P_^X][^\x07\x1b]*\x1b?)?\Z")
"""An escape sequence of which only the beginning has arrived."""

ANSWERS: Final = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),  # DA1: a VT220 with colour
    (re.compile(rb"\x1b\[>0?c"), b"\x1b[>41;390;0c"),  # DA2: xterm
    (re.compile(rb"\x1b\[>0?q"), b"\x1bP>|meter\x1b\\\\"),  # XTVERSION
    (re.compile(rb"\x1b\[5n"), b"\x1b[0n"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),  # synchronised output: known, off
    (re.compile(rb"\x1b\[\?(?!2026)(\d+)\$p"), b"\x1b[?\\1;0$y"),  # 2048 and the rest: unknown, as in xterm
    (re.compile(rb"\x1b\[\?u"), b"\x1b[?0u"),  # kitty keyboard: known, off
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), b"\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\\\"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:0000/0000/0000\x1b\\\\"),
)

CURSOR_KEY_MODE: Final = re.compile(rb"\x1b\[\?(?:\d+;)*1(?:;\d+)*([hl])")
REPEAT: Final = re.compile(r"([^\x00-\x1f\x7f])\x1b\[(\d+)b")
UNKNOWN_TO_PYTE: Final = re.compile(
    r"\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[[0-?]*[ -/]+[@-~]|\x1b[P_^X][^\x07\x1b]*(?:\x07|\x1b\\)"
)


def split_whole(received: bytes) -> tuple[bytes, bytes]:
    r"""Split off an escape sequence that has not arrived in full.

    >>> split_whole(b"ab\x1b[?20")
    (b'ab', b'\x1b[?20')
    """
    cut = UNFINISHED.search(received)
    end = cut.start() if cut else len(received)
    return received[:end], received[end:]


class Terminal:
    """What a real terminal would type back, and how it would send the arrow keys."""

    def __init__(self) -> None:
        self._rest = b""
        self._application_keys = False

    def answer(self, received: bytes) -> bytes:
        r"""Return the replies to all queries in what was received, in the order of the queries.

        >>> Terminal().answer(b"\x1b[?u...\x1b[c")
        b'\x1b[?0u\x1b[?62;22c'
        """
        whole, self._rest = split_whole(self._rest + received)
        for mode in CURSOR_KEY_MODE.finditer(whole):
            self._application_keys = mode[1] == b"h"
        replies = [
            (query.start(), query.expand(reply)) for pattern, reply in ANSWERS for query in pattern.finditer(whole)
        ]
        return b"".join(reply for _, reply in sorted(replies))

    def arrow(self, *, up: bool) -> bytes:
        """Return an arrow key as the program has asked to receive it."""
        return (b"\x1bO" if self._application_keys else b"\x1b[") + (b"A" if up else b"B")


class Picture:
    """The screen as it looks after the bytes fed so far.

    It is right for a start. After scrolling by SU and SD, which htop does on arrow keys and pyte lacks, it is not.
    """

    def __init__(self, columns: int, lines: int) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = b""

    def feed(self, received: bytes) -> None:
        """Draw what was received; ``REP``, which ncurses uses and pyte lacks, is written out."""
        whole, self._rest = split_whole(self._rest + received)
        text = REPEAT.sub(lambda hit: hit[1] * (int(hit[2]) + 1), self._decoder.decode(whole))
        self._stream.feed(UNKNOWN_TO_PYTE.sub("", text))

    def text(self) -> str:
        """Return the screen as lines of text."""
        return "\n".join(self._screen.display)

    def visible_cells(self) -> int:
        """Count the cells that show something."""
        return sum(not character.isspace() for character in self.text())
