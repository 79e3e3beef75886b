"""What each command takes: its flags and words (a contract: names are public)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from mptcp_top.settings import PARSERS, SecondsBetween, parse_target
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.cli.parser import Parser


class _NoPassword(argparse.Action):
    """Says why there is no such flag, without repeating what was given to it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error(
            "there is no --password, because everybody on this machine can read a command line. Give --password-file "
            "FILE, MPTCP_TOP_PASSWORD, or password_file or password_command in the config file (mptcp-top config "
            "example); or nothing of these, to be asked"
        )


class _Collected(argparse.Action):
    """Keeps every value of a flag that is meant to be given once."""

    def __call__(self, _: argparse.ArgumentParser, options: argparse.Namespace, value: object, *__: object) -> None:
        setattr(options, self.dest, [*(getattr(options, self.dest, None) or ()), value])


def checked(parse: Callable[[str], object]) -> Callable[[str], object]:
    """Return a parser as argparse wants one: what a value may not be is told as it says."""

    def checked(text: str) -> object:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked


def _count(text: str) -> int:
    if not text.isdecimal() or int(text[:9]) > 10_000_000:
        raise argparse.ArgumentTypeError(
            f"give a whole number up to 10000000, or 0 for no end, not {printable(text, 40)!r}"
        )
    return int(text)


def _samples(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 1000:
        raise argparse.ArgumentTypeError(f"give a whole number from 1 to 1000, not {printable(text, 40)!r}")
    return int(text)


def add_connection(parser: argparse.ArgumentParser, default: object) -> None:
    """Add what says which targets are read, how often, and how to get at them."""
    for name, metavar, meaning in (
        ("host", "TARGET", "what to read; may be given again"),
        ("group", "GROUP", "read the targets of a group in the config file; may be given again"),
    ):
        parser.add_argument(
            f"--{name}", metavar=metavar, action="append", type=checked(parse_target), default=default, help=meaning
        )
    parser.add_argument(
        "--interval",
        metavar="S",
        type=checked(PARSERS["interval"]),
        default=default,
        help="seconds between polls (1; a NetScaler 5, at least 1; for stat 1 and 7; for check 5 and 10)",
    )
    _add_access(parser, default)


def _add_access(parser: argparse.ArgumentParser, default: object) -> None:
    """Add what says how to get at a target."""
    for name, metavar, meaning in (
        ("user", "NAME", "who logs in to a NetScaler"),
        ("password_file", "FILE", "where the password is; only you may read it (mode 600)"),
        ("cacert", "FILE", "the certificates (PEM) to trust instead of the system's"),
        ("pin", "sha256:HEX", "the fingerprint of the one certificate to trust"),
        ("timeout", "S", "seconds to wait for an answer (5)"),
    ):
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, metavar=metavar, type=checked(PARSERS[name]), default=default, help=meaning)
    for flag, meaning in (
        ("--insecure", "trust whatever certificate a NetScaler shows: anybody in between can read the password"),
        ("--allow-http", "read http:// targets, too: the password crosses the network as it is"),
    ):
        parser.add_argument(flag, action="store_true", default=default, help=meaning)
    parser.add_argument("--password", nargs="?", action=_NoPassword, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def stat(parser: Parser) -> None:
    """Add what ``stat`` takes."""
    parser.add_argument("pattern", metavar="PATTERN", nargs="*", help="only these counters")
    add_connection(parser, default=argparse.SUPPRESS)
    parser.add_argument("--count", metavar="N", type=_count, default=1, help="how many samples (1); 0: without end")
    forms = parser.add_mutually_exclusive_group()
    for flag, meaning in (
        ("--json", "one JSON object a line and a sample"),
        ("--csv", "a line a counter, under the names of the columns"),
        ("--openmetrics", "one moment as OpenMetrics 1.0"),
        ("--prometheus", "the same in the older text format: for the textfile collector and promtool"),
    ):
        forms.add_argument(flag, action="store_true", help=meaning)
    for flag, meaning in (
        ("--detail", "every counter, zero or not, instead of a summary"),
        ("--zeros", "counters that are zero, or did not move, too"),
        ("--changed", "only what moved since the sample before"),
        ("--rate", "what counters do per second"),
        ("--full-values", "abbreviate no number, however narrow the terminal is"),
        ("--since-last", "what moved since the last such call of yours, which sets the zero for the next one"),
        ("--no-update", "with --since-last: leave that zero where it is"),
        ("--reset", "set the zero now and print nothing; with --since-last: forget the last call"),
    ):
        parser.add_argument(flag, action="store_true", help=meaning)


def check(parser: Parser) -> None:
    """Add what ``check`` takes."""
    add_connection(parser, default=argparse.SUPPRESS)
    for flag, metavar, parse, meaning in (
        ("--samples", "N", _samples, "how many samples to judge (2; 1 where every rule is about a level)"),
        (
            "--deadline",
            "S",
            checked(SecondsBetween(0.1, 86_400)),
            "seconds until there is an answer, whatever happens",
        ),
    ):
        parser.add_argument(flag, metavar=metavar, type=parse, help=meaning)
    parser.add_argument(
        "--rule",
        metavar="[SEVERITY:]EXPR",
        action="append",
        help="judge by this rule, and not by those of the alerts; may be given again",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="a line a target and a rule below the verdict")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def explain(parser: Parser) -> None:
    """Add what ``explain`` takes."""
    parser.add_argument(
        "name", metavar="COUNTER", nargs="*", help="its name, alias, label, panel or concept; * and ? work"
    )
    parser.add_argument("--list", action="store_true", help="a line a counter: name, severity, panel, source, label")
    parser.add_argument("--json", action="store_true", help="one JSON object a line and a counter")


def config(parser: Parser) -> None:
    """Add the actions of ``config``, and what they take."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=type(parser), required=True)
    meaning = "print every setting and target, and where each value comes from"
    show = actions.add_parser("show", help=meaning, description=f"{meaning.capitalize()}.", allow_abbrev=False)
    add_connection(show, default=argparse.SUPPRESS)
    show.add_argument("--json", action="store_true", help="as one JSON object")
    check = actions.add_parser(
        "check",
        help="print everything that is wrong with a config file",
        description="Print everything that is wrong with a config file and with the files it names, with the lines. "
        "Nothing is run, and no target is asked. It exits with 2 if anything is wrong.",
        allow_abbrev=False,
    )
    check.add_argument("file", metavar="FILE", nargs="?", help="the file, if it is not the one that is used")
    for name, meaning in (
        ("path", "print where the config file is, or would be"),
        ("example", "print a config file to start from"),
        ("schema", "print the JSON Schema of the config file"),
    ):
        actions.add_parser(name, help=meaning, description=f"{meaning.capitalize()}.", allow_abbrev=False)


def clear(parser: Parser) -> None:
    """Add what ``clear`` takes. That it wants one target it says itself, of several and of a group alike."""
    for flag, meaning in (("--host", "the one appliance to clear"), ("--group", argparse.SUPPRESS)):
        parser.add_argument(
            flag,
            metavar="TARGET",
            action=_Collected,
            type=checked(parse_target),
            default=argparse.SUPPRESS,
            help=meaning,
        )
    _add_access(parser, default=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help="clear everything it can, not just the basic counters")
    parser.add_argument(
        "--yes-clear", metavar="NAME", help="the target's name once more: it is meant, and nobody is asked"
    )


def doctor(parser: Parser) -> None:
    """Add what ``doctor`` takes."""
    add_connection(parser, default=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def completion(parser: Parser) -> None:
    """Add what ``completion`` takes."""
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")
    parser.add_argument("--line", help=argparse.SUPPRESS)  # of the scripts: what may stand at the end of this line


def nothing(_: Parser) -> None:
    """Take nothing."""


def simulate(parser: Parser) -> None:
    """Add what ``simulate`` takes."""
    parser.add_argument("--scenario", metavar="SCENARIO", default="demo", help="what happens (demo)")
    parser.add_argument("--list", action="store_true", help="say which scenarios there are")
    parser.add_argument("--port", metavar="N", type=int, default=8080, help="first port, 0 for any (8080)")
    parser.add_argument("--listen", metavar="ADDRESS", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--tls", action="store_true", help="speak HTTPS, with a self-signed certificate")
    parser.add_argument("--cert", metavar="FILE", help="speak HTTPS with this certificate (PEM)")
    parser.add_argument("--key", metavar="FILE", help="its key (PEM)")
    parser.add_argument("--user", metavar="NAME", default="monitor", help="who may log in (monitor)")
    parser.add_argument("--password-file", metavar="FILE", help="the first line of it is the password")
    parser.add_argument("--deny", action="store_true", help="the user may not read protocolmptcp")
    parser.add_argument(
        "--fault",
        metavar="NAME[@RESOURCE][:key=value,...]",
        action="append",
        default=[],
        help="what goes wrong with requests, or those for one resource; may be given again",
    )
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="how its answers look; may be given again"
    )
    parser.add_argument("--list-faults", action="store_true", help="say which faults and which KEYs there are")
    parser.add_argument("--audit", metavar="FILE", help="write every request into a new file, a line of JSON each")
    parser.add_argument("--quiet", action="store_true", help="say neither where they are nor what they were asked")
