"""What a hostile host may put into its texts, each with the raw characters that must never reach a terminal."""

from __future__ import annotations

from typing import Final

PAYLOADS: Final = (
    "T\x1b]0;owned\x07T",
    "T\x1b[2J\x1b[31mT",
    "T\x1b]52;c;b3duZWQ=\x07T",
    "T\x9b31mT\x9d0;owned\x9cT",
    "T\u202egnp.exe\u202cT",
    "T\u200b\u2066\ufeffT",
    "T\x00\x07\x08\x7fT",
    "T\r\n\tT",
    "T[/x]T",
    "T[@click=app.leave(7)]T[/]T",
    "T[red]T",
    "T\U000e0041\u2028T",
    "T\x1bP+q544e\x1b\\T",
)
"""In turn: title, clear, clipboard, C1, bidi, zero width, C0, line breaks, markup, click, colour, tags, DCS."""
