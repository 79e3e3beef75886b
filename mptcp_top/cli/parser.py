"""The command line's grammar (a contract: names are public)."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from mptcp_top.cli import options, recording_options
from mptcp_top.cli.options import add_connection, checked
from mptcp_top.errors import SettingsError
from mptcp_top.settings import PARSERS
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from _typeshed import SupportsWrite

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
Variables: MPTCP_TOP_HOST, _GROUP, _INTERVAL, _TIMEOUT, _HOLD, _ASCII, _MARK, _THEME, _RECORD,
_KEEP_DAYS, _KEEP_MB, _USER, _PASSWORD, _PASSWORD_FILE, _CACERT, _PIN, _INSECURE, _ALLOW_HTTP, and _CONFIG for
another config file. A flag wins over its variable, and that over the file. NO_COLOR is honoured.
"""


def say(words: str) -> None:
    """Print what was asked for, all of it before this returns.

    Raises:
        SettingsError: standard output is closed.
        OSError: it takes nothing more.
    """
    if sys.stdout is None:
        raise SettingsError("standard output: it is closed")
    sys.stdout.write(words)
    sys.stdout.flush()


class Typed(argparse.Namespace):
    """What was typed. Targets named before a command and after it are all meant; argparse would keep the last ones.

    >>> typed = build(["--host", "a", "stat"]).parse_args(["--host", "a", "stat", "--host", "b"], Typed())
    >>> typed.host
    ['a', 'b']
    """

    def __setattr__(self, name: str, value: object) -> None:
        known = self.__dict__.get(name)
        if isinstance(known, list) and isinstance(value, list) and value[: len(known)] != known:
            value = known + value
        super().__setattr__(name, value)


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose complaints are fit for a terminal, whatever was typed.

    What ``judges`` complains as monitoring systems want it: 2 would mean that a target is in a critical state. Where
    JSON is asked for it ``answers_json``, to a mistake as well.
    """

    judges = answers_json = False

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Print the help, or fail if it cannot be printed."""
        if file is None:
            say(self.format_help())
        else:
            super().print_help(file)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and exit with 2, or 3 as a verdict."""
        if self.judges:
            from mptcp_top.cli.check.telling import tell_mistake  # noqa: PLC0415  # only for mistakes

            self.exit(tell_mistake(f"{self.prog}: {message}", as_json=self.answers_json))
        self.exit(2, f"{self.prog}: {printable(message, 400)}\nTry: {self.prog} --help\n")


class _Version(argparse.Action):
    """Prints the versions of everything, and finds them only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from mptcp_top.cli.version import parts  # noqa: PLC0415  # few ask, and it takes longer than most commands

        say("".join(f"{part.name} {part.version or 'is missing'}\n" for part in parts()))
        parser.exit()


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
        options.stat,
        "A PATTERN is a counter's name, alias, label or panel; * and ? stand for any text.",
    ),
    "check": _Command(
        "give one verdict, as a plugin of a monitoring system",
        "Judge targets by rules and print one line, with exit code 0 OK, 1 WARNING, 2 CRITICAL or 3 UNKNOWN. A target "
        "that cannot be read is UNKNOWN; WARNING and CRITICAL elsewhere come first.",
        options.check,
        "Without --rule the rules are those of the alerts ([alerts.rules] in the config file), and that no error may "
        "rise. A SEVERITY is warning (where none is said), critical, error or security; the last three are CRITICAL. "
        "For example: --rule 'critical: join_success < 50%'. Samples are --interval S apart (5; a NetScaler, which "
        "takes stock every 7 s, 10). A --rule that a target has no counter for is UNKNOWN there. What is silenced in "
        "the dashboard is judged all the same: a monitoring system has downtimes of its own.",
    ),
    "explain": _Command(
        "say what a counter is and what its rise means",
        "Say what counters are, what a rise means and what to check next. Without COUNTER: list them all.",
        options.explain,
    ),
    "record": _Command(
        "record counters into a file, without a screen",
        "Poll targets and record what they count, until it is ended. The file opens in the sqlite3 shell, too.",
        recording_options.record,
        "It is watched while it grows with: mptcp-top replay FILE. Without -o it is kept in your state folder: "
        "mptcp-top recordings list.",
    ),
    "replay": _Command(
        "show a recording in the dashboard",
        "Show a recording on the same screens, with the same keys. One that is still being written is followed.",
        recording_options.replay,
    ),
    "report": _Command(
        "make an incident report of a recording",
        "Make a folder or an archive to hand over: a summary in Markdown, events, charts, screens as text, and that "
        "part of the recording.",
        recording_options.report,
    ),
    "dump": _Command(
        "print what a recording holds",
        "Print the samples of a recording, as stat --json or --csv would have.",
        recording_options.dump,
        "A PATTERN is a counter's name, alias, label or panel; * and ? stand for any text.",
    ),
    "import": _Command(
        "make a recording of what others collected",
        "Make a recording of the lines that stat --json or nstat --json printed.",
        recording_options.take_in,
    ),
    "recordings": _Command(
        "say which recordings there are, delete old ones, check them",
        "Look after the recordings in your state folder.",
        recording_options.recordings,
    ),
    "config": _Command(
        "say what is set, by whom, and what could be",
        "Say what is set, by whom, and what could be.",
        options.config,
    ),
    "clear": _Command(
        "set an appliance's counters to zero, for everybody",
        "Set the counters of one NetScaler to zero, for everybody who reads them. It asks for the name of the target, "
        "and saves what the counters read before.",
        options.clear,
        "There is no way back. To count from now on for yourself only, set a mark: m in the dashboard, --mark, or stat "
        "--since-last.",
    ),
    "doctor": _Command(
        "say what would work here, and what would not",
        "Look at the program, the terminal, the settings, this host's kernel and every target that is asked for, step "
        "by step, and say what to do about what does not work.",
        options.doctor,
        "One login and one logout each; nothing is changed. It exits with 1 if something that is needed does not work.",
    ),
    "simulate": _Command(
        "run simulated NetScaler appliances on this host",
        "Run simulated NetScaler appliances that answer NITRO REST, with the traffic of a scenario.",
        options.simulate,
        "The password is that of --password-file or MPTCP_TOP_SIMULATE_PASSWORD, else a random one, in a file.",
    ),
    "completion": _Command(
        "print what makes a shell complete this command line",
        "Print what makes a shell complete this command line: flags, targets and groups of the config file, counters.",
        options.completion,
        'For a try: eval "$(mptcp-top completion bash)", source <(mptcp-top completion zsh), or mptcp-top completion '
        "fish | source. The packages bring it along, too.",
    ),
    "man": _Command("print the manual page", "Print the manual page: mptcp-top man | man -l -", options.nothing),
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
    add_connection(parser, default=None)
    parser.add_argument(
        "--hold",
        metavar="S",
        type=checked(PARSERS["hold"]),
        help="seconds an error stays flagged after its last rise (30)",
    )
    parser.add_argument("--ascii", action="store_true", default=None, help="draw with 7-bit characters only")
    parser.add_argument(
        "--mark", action="store_true", default=None, help="set a mark at the start, and show what grew since"
    )
    parser.add_argument(
        "--theme",
        metavar="THEME",
        type=checked(PARSERS["theme"]),
        help="colours: ansi (the terminal's own), dark, light, okabe-ito (colour-blind safe); F2 changes them",
    )
    parser.add_argument(
        "--no-record", dest="record", action="store_false", default=None, help="do not record what is shown"
    )
    parser.add_argument("--demo", action="store_true", help="show a simulated fleet in which something goes wrong")
    parser.judges, parser.answers_json = first_command(arguments) == "check", "--json" in arguments
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, command in COMMANDS.items():
        added = commands.add_parser(
            name, help=command.help, description=command.description, epilog=command.epilog, allow_abbrev=False
        )
        added.judges, added.answers_json = name == "check", parser.answers_json
        if name in arguments:
            command.fill(added)
    return parser


def first_command(arguments: Sequence[str]) -> str:
    """Return the command that is meant, as far as that can be said before anything is understood.

    >>> first_command(["--interval", "x", "check", "--host", "stat"])
    'check'
    """
    return next((text for text in arguments if text in COMMANDS), "")
