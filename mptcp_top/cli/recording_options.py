"""What the commands about recordings take: their flags and words (a contract: names are public)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mptcp_top.cli.options import add_connection, checked
from mptcp_top.settings import PARSERS, Between

if TYPE_CHECKING:
    from mptcp_top.cli.parser import Parser


def record(parser: Parser) -> None:
    """Add what ``record`` takes."""
    add_connection(parser, default=argparse.SUPPRESS)
    parser.add_argument("-o", "--output", metavar="FILE", help="where to record; goes on in a file that is there")
    add_bounds(parser)


def add_bounds(parser: argparse.ArgumentParser) -> None:
    """Add how much of a recording is kept."""
    for flag, metavar, parse, meaning in (
        ("--keep-days", "N", PARSERS["keep_days"], "forget what is older (7)"),
        ("--keep-mb", "N", PARSERS["keep_mb"], "forget the oldest beyond so many megabytes (500)"),
    ):
        parser.add_argument(flag, metavar=metavar, type=checked(parse), default=argparse.SUPPRESS, help=meaning)


def replay(parser: Parser) -> None:
    """Add what ``replay`` takes."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="the recording, if it is not the current one")
    parser.add_argument("--at", metavar="TIME", help="the moment to begin at: 03:12, -15m, start; without it, the end")
    factor = checked(Between(0.1, 3600, "a factor"))
    parser.add_argument(
        "--speed",
        metavar="N",
        type=factor,
        default=None,
        help="play so many times as fast; without --at, from the start",
    )


def _add_span(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="since", metavar="TIME", help="not what was before: 03:12, -15m, start")
    parser.add_argument("--to", dest="until", metavar="TIME", help="not what was after")


def _add_hosts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="NAME", action="append", help="only this target; may be given again")


def report(parser: Parser) -> None:
    """Add what ``report`` takes."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="the recording, if it is not the current one")
    _add_span(parser)
    _add_hosts(parser)
    parser.add_argument("-o", "--output", metavar="DIR|FILE.tar.gz", help="a new folder, or a new archive")


def dump(parser: Parser) -> None:
    """Add what ``dump`` takes."""
    parser.add_argument("file", metavar="FILE", help="the recording")
    parser.add_argument("pattern", metavar="PATTERN", nargs="*", default=[], help="only these counters")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="one JSON object a line and a sample, as stat --json prints")
    forms.add_argument("--csv", action="store_true", help="a line a counter and a sample, as stat --csv prints")
    _add_span(parser)
    _add_hosts(parser)


def take_in(parser: Parser) -> None:
    """Add what ``import`` takes."""
    parser.add_argument(
        "file", metavar="FILE", nargs="*", help="what stat --json or nstat --json printed; - is standard input"
    )
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the recording to make; it must be new")
    parser.add_argument("--host", metavar="NAME", help="what to call a target that has no name there")


def recordings(parser: Parser) -> None:
    """Add the actions of ``recordings``, and what they take."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=type(parser), required=True)
    for name, meaning in (
        ("list", "print which recordings there are, and what is in them"),
        ("prune", "delete recordings that are too old, or too much together, the oldest first"),
        ("verify", "read recordings whole, and print what is wrong with them"),
        ("schema", "print what the tables of a recording mean, with queries to begin with"),
    ):
        action = actions.add_parser(name, help=meaning, description=f"{meaning.capitalize()}.", allow_abbrev=False)
        if name == "schema":
            continue
        if name == "prune":
            _add_what_to_keep(action)
        else:
            action.add_argument("file", metavar="FILE", nargs="*", help="these, and not those of the state folder")
        action.add_argument("--json", action="store_true", help="one JSON object a line and a recording")


def _add_what_to_keep(parser: argparse.ArgumentParser) -> None:
    for flag, metavar, parse, meaning in (
        ("--keep-days", "N", Between(0, 3650, "days"), "delete what was last written longer ago (30)"),
        (
            "--keep-mb",
            "N",
            Between(0, 1_000_000, "megabytes"),
            "delete the oldest beyond so many megabytes in all (2000)",
        ),
    ):
        parser.add_argument(flag, metavar=metavar, type=checked(parse), default=argparse.SUPPRESS, help=meaning)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
