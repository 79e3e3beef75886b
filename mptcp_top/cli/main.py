"""The entry point: which command, which exit code."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import TYPE_CHECKING

from mptcp_top.cli.parser import build
from mptcp_top.errors import SettingsError
from mptcp_top.settings import settle

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

FINE = 0
USAGE = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale that cannot say a sign is no reason to crash
    options = build().parse_args(arguments)
    try:
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
    if options.command == "explain":
        from mptcp_top.cli.explain import explain  # noqa: PLC0415

        code = explain(options.name)
        sys.stdout.flush()
        return code
    settings, _ = settle(vars(options), os.environ)
    if options.command == "stat":
        from mptcp_top.cli.stat import Selection, stat  # noqa: PLC0415

        selection = Selection(tuple(options.pattern), zeros=options.zeros)
        return stat(settings, selection, samples=options.count, as_json=options.json)
    gc.disable()  # what is imported and built now stays: looking for garbage in it costs a tenth of the start
    from mptcp_top.cli.dashboard import dashboard  # noqa: PLC0415

    return dashboard(settings)
