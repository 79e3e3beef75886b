"""``mptcp-top recordings``: what there is, what of it is deleted, whether it is sound, and what its tables mean."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mptcp_top import text
from mptcp_top.errors import SettingsError
from mptcp_top.recording.library import folder_of, written_at
from mptcp_top.recording.library import recordings as in_folder
from mptcp_top.recording.place import shown
from mptcp_top.recording.retention import BYTES_IN_ALL, DAYS_IN_ALL, delete, size_of
from mptcp_top.recording.summary import Summary, is_being_written, summary_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping

    from mptcp_top.recording.verify import Verified


def recordings(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Look after recordings; the exit code is 1 where one is not sound.

    Raises:
        SettingsError: there is no such file, or one cannot be deleted.
    """
    return _ACTIONS[options.action](options, environment)


def _list(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    folder = folder_of(environment)
    paths = [_there(name) for name in options.file] or in_folder(folder)
    if not paths and not options.json:
        print(f"there is no recording in {shown(folder)}")
    if paths and not options.file and not options.json:
        print(f"in {shown(folder)}:")
    for path in paths:
        found = summary_of(path)
        called = shown(path) if options.file else text.printable(path.name)
        print(json.dumps(_as_object(found)) if options.json else "\n".join(_lines_of(found, called)))
    return 0


def _as_object(found: Summary) -> dict[str, Any]:
    """Return a recording as its public JSON object."""
    return {
        "file": shown(found.path),
        "size_bytes": found.size_bytes,
        "writing": found.writing,
        "readable": not found.wrong,
        "error": found.wrong or None,
        "targets": list(found.targets) if not found.wrong else None,
        "from": None if found.first is None else text.iso_time(found.first),
        "to": None if found.last is None else text.iso_time(found.last),
        "samples": found.samples,
        "missed": found.missed,
        "program": found.program or None,
        "schema": found.schema,
    }


def _lines_of(found: Summary, called: str) -> Iterator[str]:
    state = ", it is being written" if found.writing else ""
    program = f", by {found.program}, schema {found.schema}" if found.program else ""
    yield f"{called}: {_megabytes(found.size_bytes)}{program}{state}"
    if found.wrong:
        yield f"    it cannot be read: {found.wrong}"
    elif found.first is None or found.last is None:
        yield "    nothing is recorded in it yet"
    else:
        yield f"    {_named(found.targets)}"
        reach = f"{_moment(found.first)} to {_moment(found.last)} ({text.duration(found.last - found.first)})"
        yield f"    {reach}: {text.count(found.samples)} samples, {text.count(found.missed)} missed polls"


def _prune(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    days, most = getattr(options, "keep_days", DAYS_IN_ALL), getattr(options, "keep_mb", BYTES_IN_ALL / 1e6) * 1e6
    paths = in_folder(folder_of(environment))
    sizes = {path: size_of(path) for path in paths}
    together, freed, now, left = sum(sizes.values()), 0, time.time(), len(paths)
    unable = False
    for path, size in sizes.items():
        try:
            old = written_at(path) < now - days * 86_400
            if not (old or together > most) or is_being_written(path):
                continue
            if not options.dry_run:
                delete(path)
        except FileNotFoundError:
            continue
        except (OSError, SettingsError) as error:
            unable = True
            said = error if isinstance(error, SettingsError) else f"{shown(path)}: {error.strerror}"
            print(f"mptcp-top: {said}", file=sys.stderr)
            continue
        together, freed, left = together - size, freed + size, left - 1
        why = f"older than {days:g} days" if old else f"beyond {most / 1e6:g} MB"
        print(_deleted(path, size, why, options))
    if not options.json:
        frees = "it would free" if options.dry_run else "freed"
        print(f"{frees} {_megabytes(freed)}; recordings left: {left}, {_megabytes(together)}")
    return int(unable)


def _deleted(path: Path, size: int, why: str, options: argparse.Namespace) -> str:
    if options.json:
        return json.dumps({"file": shown(path), "size_bytes": size, "why": why, "deleted": not options.dry_run})
    return f"{'would delete' if options.dry_run else 'deleted'} {shown(path)}: {_megabytes(size)}, {why}"


def _verify(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    from mptcp_top.recording.verify import verified  # noqa: PLC0415  # who only lists has no use for it

    paths = [_there(name) for name in options.file] or in_folder(folder_of(environment))
    if not paths and not options.json:
        print(f"there is no recording in {shown(folder_of(environment))}")
    unsound = False
    for path in paths:
        found = verified(path)
        unsound |= bool(found.wrong)
        print(json.dumps(_verdict(found)) if options.json else "\n".join(_verdict_lines(found)), flush=True)
    return int(unsound)


def _verdict(found: Verified) -> dict[str, Any]:
    """Return what was found as its public JSON object."""
    return {
        "file": shown(found.path),
        "sound": not found.wrong,
        "wrong": list(found.wrong),
        "targets": found.targets,
        "samples": found.samples,
        "missed": found.missed,
        "episodes": found.episodes,
        "episodes_recomputed": found.recomputed,
        "gaps": [
            {"from": text.iso_time(begin), "to": text.iso_time(end), "why": why} for begin, end, why in found.gaps
        ],
        "torn_pages": 0 if found.tail is None else found.tail.torn,
    }


def _verdict_lines(found: Verified) -> Iterator[str]:
    counted = ((found.samples, "sample"), (found.missed, "missed poll"), (found.targets, "target"))
    rises = _counted(found.episodes, "rise")
    held = f"{', '.join(_counted(*one) for one in counted)}, {rises} ({found.recomputed} of them worked out again)"
    yield f"{shown(found.path)}: {'it is not sound' if found.wrong else 'sound'}: {held}"
    yield from (f"    wrong: {complaint}" for complaint in found.wrong)
    for begin, end, why in found.gaps:
        yield f"    nothing was recorded from {_moment(begin)} to {_moment(end)}: {why}"
    if found.tail is not None and found.tail.torn:
        yield f"    its last transaction was cut short ({found.tail.torn} pages): what came before it is there"


def _counted(number: int | None, what: str) -> str:
    """Return how many there are of something.

    >>> _counted(1, "target"), _counted(4000, "sample"), _counted(None, "sample")
    ('1 target', '4,000 samples', '– samples')
    """
    return f"{'–' if number is None else text.count(number)} {what}{'s' * (number != 1)}"


def _schema(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    from mptcp_top.recording.explained import EXPLAINED  # noqa: PLC0415  # few ask

    del options, environment
    print(EXPLAINED, end="")
    return 0


def _there(name: str) -> Path:
    path = Path(name)
    if not path.exists():
        raise SettingsError(f"{shown(path)}: there is no such file")
    return path


def _named(targets: tuple[str, ...]) -> str:
    more = f" and {len(targets) - 5} more" if len(targets) > 6 else ""
    return ", ".join(targets[:5] if more else targets) + more


def _moment(wall: float) -> str:
    """Return a moment in this host's time zone, with its day."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(wall))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


_ACTIONS: Final[Mapping[str, Callable[[argparse.Namespace, Mapping[str, str]], int]]] = {
    "list": _list,
    "prune": _prune,
    "verify": _verify,
    "schema": _schema,
}
