"""The command line's grammar (a contract: names are public)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from mptcp_top.settings import PARSERS, parse_target, seconds_between
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TARGETS: Final = """\
TARGET is one of
  NAME                     of a [targets.NAME] table in the config file
  local                    this host's kernel
  local:NETNS              a network namespace of it: a name of `ip netns list`, or an absolute path
  [https://]HOST[:PORT]    a NetScaler, over NITRO
  http://HOST[:PORT]       the same, unencrypted: only with --allow-http
"""
EXIT_CODES: Final = "0 fine, 1 a target could not be read, 2 usage, 128 + N ended by signal N; check has its own."
_EPILOG: Final = f"""\
{TARGETS}
Exit codes: {EXIT_CODES}
Variables: MPTCP_TOP_HOST, _GROUP, _INTERVAL, _TIMEOUT, _HOLD, _ASCII, _MARK, _THEME, _USER, _PASSWORD,
_PASSWORD_FILE, _CACERT, _PIN, _INSECURE, _ALLOW_HTTP, and _CONFIG for another config file. A flag wins over its
variable, and that over the file. NO_COLOR is honoured.
"""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose complaints are fit for a terminal, whatever was typed.

    What ``judges`` complains as monitoring systems want it: 2 would mean that a target is in a critical state.
    """

    judges = False

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and exit with 2, or 3 as a verdict."""
        if self.judges:
            from mptcp_top.cli.check.state import State, first_line  # noqa: PLC0415  # only for mistakes

            print(first_line(State.UNKNOWN, f"{self.prog}: {message}"))
            self.exit(State.UNKNOWN)
        self.exit(2, f"{self.prog}: {printable(message, 400)}\nTry: {self.prog} --help\n")


class _NoPassword(argparse.Action):
    """Says why there is no such flag, without repeating what was given to it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error(
            "there is no --password, because everybody on this machine can read a command line. Give --password-file "
            "FILE, MPTCP_TOP_PASSWORD, or password_file or password_command in the config file (mptcp-top config "
            "example); or nothing of these, to be asked"
        )


class _Version(argparse.Action):
    """Prints the versions of everything, and finds them only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from mptcp_top.cli.version import parts  # noqa: PLC0415  # few ask, and it takes longer than most commands

        print("\n".join(f"{part.name} {part.version or 'is missing'}" for part in parts()))
        parser.exit()


def _checked(parse: Callable[[str], object]) -> Callable[[str], object]:
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


def _add_connection(parser: argparse.ArgumentParser, default: object) -> None:
    for name, metavar, meaning in (
        ("host", "TARGET", "what to read; may be given again"),
        ("group", "GROUP", "read the targets of a group in the config file; may be given again"),
    ):
        parser.add_argument(
            f"--{name}", metavar=metavar, action="append", type=_checked(parse_target), default=default, help=meaning
        )
    for name, metavar, meaning in (
        ("user", "NAME", "who logs in to a NetScaler"),
        ("password_file", "FILE", "where the password is; only you may read it (mode 600)"),
        ("cacert", "FILE", "the certificates (PEM) to trust instead of the system's"),
        ("pin", "sha256:HEX", "the fingerprint of the one certificate to trust"),
        ("interval", "S", "seconds between polls (1; a NetScaler 5, for stat 7, at least 1)"),
        ("timeout", "S", "seconds to wait for an answer (5)"),
    ):
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, metavar=metavar, type=_checked(PARSERS[name]), default=default, help=meaning)
    for flag, meaning in (
        ("--insecure", "trust whatever certificate a NetScaler shows: anybody in between can read the password"),
        ("--allow-http", "read http:// targets, too: the password crosses the network as it is"),
    ):
        parser.add_argument(flag, action="store_true", default=default, help=meaning)
    parser.add_argument("--password", nargs="?", action=_NoPassword, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def _stat(parser: Parser) -> None:
    parser.add_argument("pattern", metavar="PATTERN", nargs="*", help="only these counters")
    _add_connection(parser, default=argparse.SUPPRESS)
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


def _check(parser: Parser) -> None:
    _add_connection(parser, default=argparse.SUPPRESS)
    for flag, metavar, parse, meaning in (
        ("--samples", "N", _samples, "how many samples to judge (2; 1 where every rule is about a level)"),
        (
            "--deadline",
            "S",
            _checked(seconds_between(0.1, 86_400)),
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


def _explain(parser: Parser) -> None:
    parser.add_argument(
        "name", metavar="COUNTER", nargs="*", help="its name, alias, label, panel or concept; * and ? work"
    )
    parser.add_argument("--list", action="store_true", help="a line a counter: name, severity, panel, source, label")
    parser.add_argument("--json", action="store_true", help="one JSON object a line and a counter")


def _config(parser: Parser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser, required=True)
    meaning = "print every setting and target, and where each value comes from"
    show = actions.add_parser("show", help=meaning, description=f"{meaning.capitalize()}.", allow_abbrev=False)
    _add_connection(show, default=argparse.SUPPRESS)
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


def _clear(parser: Parser) -> None:
    _add_connection(parser, default=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help="clear everything it can, not just the basic counters")
    parser.add_argument(
        "--yes-clear", metavar="NAME", help="the target's name once more: it is meant, and nobody is asked"
    )


def _doctor(parser: Parser) -> None:
    _add_connection(parser, default=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _completion(parser: Parser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")
    parser.add_argument("--line", help=argparse.SUPPRESS)  # of the scripts: what may stand at the end of this line


def _nothing(_: Parser) -> None:
    """Take nothing."""


def _simulate(parser: Parser) -> None:
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


class _Command(NamedTuple):
    """A command: what it says of itself, and what it takes."""

    help: str
    description: str
    fill: Callable[[Parser], None]
    epilog: str = ""


COMMANDS: Final[Mapping[str, _Command]] = {
    "stat": _Command(
        "print counters, once or --count N times",
        "Print the counters that matter most and are not zero, or those that PATTERNs mean. Several targets stand side "
        "by side.",
        _stat,
        "A PATTERN is a counter's name, alias, label or panel; * and ? stand for any text.",
    ),
    "check": _Command(
        "give one verdict, as a plugin of a monitoring system",
        "Judge targets by rules and print one line, with exit code 0 OK, 1 WARNING, 2 CRITICAL or 3 UNKNOWN. A target "
        "that cannot be read is UNKNOWN; WARNING and CRITICAL elsewhere come first.",
        _check,
        "Without --rule the rules are those of the alerts ([alerts.rules] in the config file), and that no error may "
        "rise. A SEVERITY is warning (where none is said), critical, error or security; the last three are CRITICAL. "
        "For example: --rule 'critical: join_success < 50%'. Samples are --interval S apart (5; a NetScaler, which "
        "takes stock every 7 s, 10).",
    ),
    "explain": _Command(
        "say what a counter is and what its rise means",
        "Say what counters are, what a rise means and what to check next. Without COUNTER: list them all.",
        _explain,
    ),
    "config": _Command(
        "say what is set, by whom, and what could be",
        "Say what is set, by whom, and what could be.",
        _config,
    ),
    "clear": _Command(
        "set an appliance's counters to zero, for everybody",
        "Set the counters of one NetScaler to zero, for everybody who reads them. It asks for the name of the target, "
        "and saves what the counters read before.",
        _clear,
        "There is no way back. To count from now on for yourself only, set a mark: m in the dashboard, --mark, or stat "
        "--since-last.",
    ),
    "doctor": _Command(
        "say what would work here, and what would not",
        "Look at the program, the terminal, the settings, this host's kernel and every target that is asked for, step "
        "by step, and say what to do about what does not work.",
        _doctor,
        "One login and one logout each; nothing is changed. It exits with 1 if something that is needed does not work.",
    ),
    "simulate": _Command(
        "run simulated NetScaler appliances on this host",
        "Run simulated NetScaler appliances that answer NITRO REST, with the traffic of a scenario.",
        _simulate,
        "The password is that of --password-file or MPTCP_TOP_SIMULATE_PASSWORD, else a random one, in a file.",
    ),
    "completion": _Command(
        "print what makes a shell complete this command line",
        "Print what makes a shell complete this command line: flags, targets and groups of the config file, counters.",
        _completion,
        'For a try: eval "$(mptcp-top completion bash)", source <(mptcp-top completion zsh), or mptcp-top completion '
        "fish | source. The packages bring it along, too.",
    ),
    "man": _Command("print the manual page", "Print the manual page: mptcp-top man | man -l -", _nothing),
}


def build(arguments: Sequence[str]) -> Parser:
    """Return the parser of the whole command line, with the options of those commands that ``arguments`` can mean.

    To build the others would take a millisecond of every start.
    """
    parser = Parser(
        prog="mptcp-top",
        description="A live dashboard for Multipath TCP. Without a command: the dashboard.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", nargs=0, action=_Version, help="say which versions of what are at work")
    _add_connection(parser, default=None)
    parser.add_argument(
        "--hold",
        metavar="S",
        type=_checked(PARSERS["hold"]),
        help="seconds an error stays flagged after its last rise (30)",
    )
    parser.add_argument("--ascii", action="store_true", default=None, help="draw with 7-bit characters only")
    parser.add_argument(
        "--mark", action="store_true", default=None, help="set a mark at the start, and show what grew since"
    )
    parser.add_argument(
        "--theme",
        metavar="THEME",
        type=_checked(PARSERS["theme"]),
        help="colours: ansi (the terminal's own), dark, light, okabe-ito (colour-blind safe); F2 changes them",
    )
    parser.add_argument("--demo", action="store_true", help="show a simulated fleet in which something goes wrong")
    parser.judges = _first_command(arguments) == "check"
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, command in COMMANDS.items():
        added = commands.add_parser(
            name, help=command.help, description=command.description, epilog=command.epilog, allow_abbrev=False
        )
        added.judges = name == "check"
        if name in arguments:
            command.fill(added)
    return parser


def _first_command(arguments: Sequence[str]) -> str:
    """Return the command that is meant, as far as that can be said before anything is understood.

    >>> _first_command(["--interval", "x", "check", "--host", "stat"])
    'check'
    """
    return next((text for text in arguments if text in COMMANDS), "")
