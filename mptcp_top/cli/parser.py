"""The command line's grammar (a contract: names are public)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, NoReturn

from mptcp_top import __version__
from mptcp_top.settings import PARSERS
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

_TARGETS: Final = """\
TARGET is one of
  local          this host's kernel
  local:NETNS    a network namespace of it: a name of `ip netns list`, or an absolute path

Exit codes: 0 fine, 1 a target could not be read, 2 usage, 128 + N ended by signal N.
Variables: MPTCP_TOP_HOST, _INTERVAL, _TIMEOUT, _HOLD, _ASCII; a flag wins. NO_COLOR is honoured.
"""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose complaints are fit for a terminal, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and exit with 2."""
        self.exit(2, f"{self.prog}: {printable(message, 400)}\nTry: {self.prog} --help\n")


def _number(name: str) -> Callable[[str], object]:
    def parse(text: str) -> object:
        try:
            return PARSERS[name](text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parse


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 10_000_000:
        raise argparse.ArgumentTypeError(f"give a whole number from 1 to 10000000, not {printable(text, 40)!r}")
    return int(text)


def _add_connection(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument(
        "--host", metavar="TARGET", action="append", default=default, help="what to read; may be given again"
    )
    parser.add_argument(
        "--interval", metavar="S", type=_number("interval"), default=default, help="seconds between polls (1)"
    )
    parser.add_argument(
        "--timeout", metavar="S", type=_number("timeout"), default=default, help="seconds to wait for an answer (5)"
    )


def build() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="mptcp-top",
        description="A live dashboard for Multipath TCP. Without a command: the dashboard.",
        epilog=_TARGETS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mptcp-top {__version__}")
    _add_connection(parser, default=None)
    parser.add_argument(
        "--hold", metavar="S", type=_number("hold"), help="seconds an error stays flagged after its last rise (30)"
    )
    parser.add_argument("--ascii", action="store_true", default=None, help="draw with 7-bit characters only")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    _add_stat(commands)
    _add_explain(commands)
    return parser


def _add_stat(commands: argparse._SubParsersAction[Parser]) -> None:
    stat = commands.add_parser(
        "stat",
        help="print counters, once or --count N times",
        description="Print the counters that are not zero, or those that PATTERNs mean.",
        epilog="A PATTERN is a counter's name, alias, label or panel; * and ? stand for any text.",
        allow_abbrev=False,
    )
    stat.add_argument("pattern", metavar="PATTERN", nargs="*", help="only these counters")
    _add_connection(stat, default=argparse.SUPPRESS)
    stat.add_argument("--json", action="store_true", help="one JSON object a line and a sample")
    stat.add_argument("--count", metavar="N", type=_count, default=1, help="how many samples (1)")
    stat.add_argument("--zeros", action="store_true", help="counters that are zero, too")


def _add_explain(commands: argparse._SubParsersAction[Parser]) -> None:
    explain = commands.add_parser(
        "explain",
        help="say what a counter is and what its rise means",
        description="Say what counters are, what a rise means and what to check next. Without NAME: list them all.",
        allow_abbrev=False,
    )
    explain.add_argument("name", metavar="NAME", nargs="*", help="a counter's name, alias or label; * and ? work")
