"""The entry point: which command, which exit code."""

from __future__ import annotations

import gc
import io
import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.arranged import arranged
from mptcp_top.cli.parser import Typed, build
from mptcp_top.config import ask
from mptcp_top.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from mptcp_top.cli.alerting import Alerting
    from mptcp_top.config import Config
    from mptcp_top.engine.store import Store
    from mptcp_top.recording.recorder import Recorder

FINE = 0
USAGE = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale that cannot say a sign is no reason to crash
    typed = sys.argv[1:] if arguments is None else arguments
    try:
        options = build(typed).parse_args(arranged(typed), Typed())
        if options.command == "check":  # whatever goes wrong there is a verdict, too
            from mptcp_top.cli.check.command import check  # noqa: PLC0415

            return check(options, os.environ)
        return _run(options)
    except SettingsError as error:
        print(f"mptcp-top: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader of a pipe has seen enough
            return FINE
        print(f"mptcp-top: standard output: {error.strerror}", file=sys.stderr)
        return USAGE


def _run(options: argparse.Namespace) -> int:
    """Import only what the command needs: start-up counts over SSH."""
    if options.demo:
        _refuse_to_demonstrate(options)
    if options.command in _BY_THEMSELVES:
        if sys.stdout is None:  # closed by whoever started us: nothing is done of which nothing could be said
            raise SettingsError("standard output: it is closed")
        code = _BY_THEMSELVES[options.command](options)
        sys.stdout.flush()
        return code
    asked = ask(vars(options), os.environ)
    if options.command == "stat":
        from mptcp_top.cli.stat.command import stat  # noqa: PLC0415

        return stat(asked, options)
    gc.disable()  # what is imported and built now stays: looking for garbage in it costs a tenth of the start
    if options.demo:
        from mptcp_top.cli.demo import demo  # noqa: PLC0415

        return demo(asked.settings)
    from mptcp_top.cli.dashboard import dashboard  # noqa: PLC0415
    from mptcp_top.cli.recording_into import beside_the_dashboard  # noqa: PLC0415
    from mptcp_top.cli.targets import jobs_of  # noqa: PLC0415

    def recorder_of(store: Store) -> Recorder | None:
        return beside_the_dashboard(asked.settings, os.environ, store)

    alerting, groups = partial(_alerting, asked.config), asked.config.groups
    return dashboard(asked.settings, lambda: jobs_of(asked), alerting, groups, recorder_of)


def _alerting(config: Config) -> Alerting:
    from mptcp_top.cli.alerting import alerting_of, remembered_silences  # noqa: PLC0415  # after the first paint

    return alerting_of(config)._replace(silences=remembered_silences(os.environ, time.time()))


def _explain(options: argparse.Namespace) -> int:
    from mptcp_top.cli.explain import explain  # noqa: PLC0415

    return explain(options.name, as_json=options.json, as_list=options.list)


def _config(options: argparse.Namespace) -> int:
    from mptcp_top.cli.config import config  # noqa: PLC0415

    return config(vars(options), os.environ)


def _clear(options: argparse.Namespace) -> int:
    from mptcp_top.cli.clear import clear  # noqa: PLC0415

    return clear(vars(options), os.environ)


def _doctor(options: argparse.Namespace) -> int:
    from mptcp_top.cli.doctor.command import doctor  # noqa: PLC0415

    return doctor(vars(options), os.environ)


def _simulate(options: argparse.Namespace) -> int:
    from mptcp_top.cli.simulate import simulate  # noqa: PLC0415

    return simulate(options)


def _completion(options: argparse.Namespace) -> int:
    from mptcp_top.cli.completion.command import completion  # noqa: PLC0415

    return completion(options, os.environ)


def _man(_: argparse.Namespace) -> int:
    from mptcp_top.cli.man import man  # noqa: PLC0415

    return man()


def _record(options: argparse.Namespace) -> int:
    from mptcp_top.cli.record import record  # noqa: PLC0415

    return record(options, os.environ)


def _replay(options: argparse.Namespace) -> int:
    from mptcp_top.cli.replay import replay  # noqa: PLC0415

    return replay(options, os.environ)


def _report(options: argparse.Namespace) -> int:
    from mptcp_top.cli.report import report  # noqa: PLC0415

    return report(options, os.environ)


def _dump(options: argparse.Namespace) -> int:
    from mptcp_top.cli.dump import dump  # noqa: PLC0415

    return dump(options, os.environ)


def _take_in(options: argparse.Namespace) -> int:
    from mptcp_top.cli.take_in import take_in  # noqa: PLC0415

    return take_in(options, os.environ)


def _recordings(options: argparse.Namespace) -> int:
    from mptcp_top.cli.recordings import recordings  # noqa: PLC0415

    return recordings(options, os.environ)


_BY_THEMSELVES: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "explain": _explain,
    "config": _config,
    "clear": _clear,
    "doctor": _doctor,
    "simulate": _simulate,
    "completion": _completion,
    "record": _record,
    "replay": _replay,
    "report": _report,
    "dump": _dump,
    "import": _take_in,
    "recordings": _recordings,
    "man": _man,
}
"""The commands that work out for themselves what was asked for."""


def _refuse_to_demonstrate(options: argparse.Namespace) -> None:
    if options.command:
        raise SettingsError(f"--demo is the dashboard's: mptcp-top --demo, without {options.command}")
    if options.host or options.group:
        raise SettingsError("--demo brings its own targets: give no --host and no --group with it")
