"""What came from elsewhere, made harmless in CSV, in SVG and in names of files: a host may be called anything."""

from __future__ import annotations

from html import escape
from typing import Final

from mptcp_top.text import printable

_FORMULA: Final = ("=", "+", "-", "@")


def cell(value: object) -> str:
    """Return a value as a cell of a CSV file that no spreadsheet takes for a formula; what is not known is empty.

    >>> cell("=cmd()"), cell(-1), cell(None), cell(0)
    ("'=cmd()", '-1', '', '0')
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    clean = printable(value, 1000)
    return f"'{clean}" if clean.lstrip().startswith(_FORMULA) else clean


def xml(words: str, limit: int = 200) -> str:
    """Return words as they stand in an SVG picture.

    >>> xml("</svg><script>")
    '&lt;/svg&gt;&lt;script&gt;'
    """
    return escape(printable(words, limit))


def file_name(words: str) -> str:
    """Return words as a part of a file's name.

    >>> file_name("../../etc"), file_name("local:red"), file_name("...")
    ('etc', 'local_red', 'target')
    """
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "-.") else "_" for char in words)
    return kept.strip("._-")[:40] or "target"
