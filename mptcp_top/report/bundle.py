"""A bundle on the disk: made beside its place and moved there when it is whole, so that half a one is never found."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mptcp_top.errors import SettingsError
from mptcp_top.recording.place import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ARCHIVES: Final = (".tar.gz", ".tgz")
OTHER_ARCHIVES: Final = (".zip", ".7z", ".tar", ".gz", ".xz", ".bz2", ".zst", ".txz", ".tbz2")
MANIFEST: Final = "MANIFEST"
_PART: Final = ".part-"


class Bundle:
    """A folder that is filled file by file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, pieces: str | Iterable[str]) -> None:
        """Write a file, in pieces if it may be long."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.writelines([pieces] if isinstance(pieces, str) else pieces)

    def files(self) -> list[Path]:
        """Return every file in it, in the order of their names."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@contextmanager
def bundled(output: Path) -> Iterator[Bundle]:
    """Make a bundle at a place that is free: a folder, or an archive where its name ends like one.

    Raises:
        SettingsError: it cannot be made there; then nothing is left of it.
    """
    refuse_unfit(output)
    try:
        with _beside(output) as folder:
            inner = folder / stem_of(output)
            inner.mkdir(mode=0o700)
            bundle = Bundle(inner)
            yield bundle
            bundle.add(MANIFEST, _manifest(bundle))
            if is_archive(output):
                _archive(bundle, folder / "archive")
                _move_file(folder / "archive", output)
            else:
                refuse_unfit(output)
                inner.rename(output)
    except OSError as error:
        raise SettingsError(
            f"{shown(output)}: it cannot be written ({error.strerror}); nothing is left of it"
        ) from error


def is_archive(output: Path) -> bool:
    """Whether a bundle is to be one file.

    >>> is_archive(Path("x.tar.gz")), is_archive(Path("x.tar"))
    (True, False)
    """
    return output.name.endswith(ARCHIVES)


def stem_of(output: Path) -> str:
    """Return what the folder of a bundle is called, inside of an archive too.

    >>> stem_of(Path("/tmp/report-1.tar.gz")), stem_of(Path("/tmp/report.1"))
    ('report-1', 'report.1')
    """
    ending = next((one for one in ARCHIVES if output.name.endswith(one)), "")
    return output.name.removesuffix(ending) or "report"


def free_name(folder: Path, stem: str, ending: str) -> Path:
    """Return a name in a folder that nothing has: with a number where something has it already."""
    names = (f"{stem}{'' if number == 1 else f'-{number}'}{ending}" for number in range(1, 1000))
    return next(path for name in names if not os.path.lexists(path := folder / name))


def refuse_unfit(output: Path) -> None:
    """Refuse a place where no bundle can be made.

    Raises:
        SettingsError: something is there, or the folder it is to be in is not.
    """
    if os.path.lexists(output):
        raise SettingsError(f"{shown(output)}: it is there already; give a name that is free")
    if not output.parent.is_dir():
        raise SettingsError(f"{shown(output.parent)}: there is no such folder; make it first")
    if output.name.endswith(OTHER_ARCHIVES) and not is_archive(output):
        raise SettingsError(f"{shown(output)}: give a name that ends with .tar.gz, or the name of a folder")


@contextmanager
def _beside(output: Path) -> Iterator[Path]:
    """Make a folder beside a place, and remove it with all that is left in it."""
    folder = Path(tempfile.mkdtemp(prefix=f".{output.name[:100]}{_PART}", dir=output.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _manifest(bundle: Bundle) -> Iterator[str]:
    for path in bundle.files():
        if path.name != MANIFEST:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            yield f"{digest}  {path.stat().st_size:>12}  {path.relative_to(bundle.folder)}\n"


def _archive(bundle: Bundle, path: Path) -> None:
    """Write all files into an archive: in the order of their names, of nobody, for their reader alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with (
        os.fdopen(descriptor, "wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for one in bundle.files():
            archive.add(one, arcname=str(one.relative_to(bundle.folder.parent)), recursive=False, filter=_of_nobody)


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    member.mtime = int(member.mtime)
    return member


def _move_file(path: Path, output: Path) -> None:
    """Give a file its name, unless something has that name by now."""
    try:
        os.link(path, output)
    except FileExistsError:
        refuse_unfit(output)
        raise
    except OSError:  # a file system without hard links
        refuse_unfit(output)
        path.rename(output)
    else:
        with suppress(OSError):
            path.unlink()
