"""The Linux kernel's MPTCP counters: of this host, or of one of its network namespaces."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mptcp_top import clock
from mptcp_top.catalogue.catalogue import linux
from mptcp_top.errors import BadReply, NoAccess, SourceError, Unsupported
from mptcp_top.model import Identity, Layout, Sample
from mptcp_top.sources import namespace
from mptcp_top.sources.netstat import find_table, parse_names, parse_values
from mptcp_top.text import printable

if TYPE_CHECKING:
    from mptcp_top.model import Target

CONTEXT_SECONDS: Final = 10.0
_FIRST_READ: Final = 16_384
_LARGEST_READ: Final = 4 << 20
_NARROW: Final = ("armv", "i386", "i486", "i586", "i686", "mips", "parisc", "ppc", "sh4", "m68k", "riscv32", "xtensa")
_WIDE: Final = ("mips64", "parisc64", "ppc64")


class LinuxSource:
    """One kernel, read through descriptors that are kept open, so that a poll is one ``pread`` and one parse.

    A descriptor stays bound to its network namespace. It also keeps a deleted one alive, with counters that never
    move again, so each poll looks whether the namespace is still there.
    """

    def __init__(self, target: Target, proc: Path = Path("/proc")) -> None:
        self.target = target
        self._proc = proc
        self._files: _OpenFiles | None = None
        self._header = b""
        self._layout = Layout(())
        self._lives = 0
        self._wrap_bits = width_of(os.uname().machine)

    async def poll(self) -> Sample:
        """Read every counter once.

        Raises:
            SourceError: with the reason and what to do about it.
        """
        return self.read()

    def read(self) -> Sample:
        """Read every counter once; it takes some ten microseconds and never waits."""
        files = self._current_files()
        before = clock.monotonic()
        table = find_table(files.counters.read())
        monotonic, wall = clock.monotonic(), time.time()
        if table.header != self._header:
            self._layout = linux().layout(parse_names(table.header), os.uname().release)
            self._header = table.header
        return Sample(
            self.target,
            self._layout,
            parse_values(table.values, len(self._layout.metrics)),
            monotonic,
            wall,
            monotonic - before,
            files.context.identity(monotonic),
            self._wrap_bits,
        )

    async def close(self) -> None:
        """Give every descriptor back."""
        self.close_now()

    def close_now(self) -> None:
        """Give every descriptor back; nothing here has to be waited for."""
        if self._files is not None:
            self._files.close()
            self._files = None

    def _current_files(self) -> _OpenFiles:
        address = self.target.address
        if not address:
            self._files = self._files or _OpenFiles(self._proc, "")
            return self._files
        try:
            inode = namespace.inode_of(address)
        except SourceError:
            self.close_now()  # an open file would keep a deleted namespace and its interfaces alive
            self._lives += 1  # and the next one under this name may get the same inode
            raise
        life = f"/{inode}.{self._lives}"
        if self._files is None or self._files.life != life:
            self.close_now()
            self._files = namespace.inside(address, lambda: _OpenFiles(self._proc, life, address))
        return self._files


class _OpenFiles:
    """The kept descriptors of one network namespace, opened by a thread that is inside it."""

    def __init__(self, proc: Path, life: str, address: str = "") -> None:
        self.life = life
        self.counters = _KeptFile(proc / "thread-self/net/netstat")
        self.context = _Context(proc, life, address)  # last, because it opens what it can and cannot fail

    def close(self) -> None:
        """Give every descriptor back."""
        self.counters.close()
        self.context.close()


class _Context:
    """What the header line says beside the counters: kernel release, boot id, the ``net.mptcp`` sysctls."""

    def __init__(self, proc: Path, life: str, address: str) -> None:
        boot, cookie = _boot_id(proc), namespace.cookie()
        # A namespace made anew under the same name counts from zero, like a boot; so does another one that we are in.
        self._boot = f"{boot}/{cookie}" if boot and cookie else f"{boot}{life}" if life else boot
        self._address = address
        folder = proc / "sys/net/mptcp"
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        self._sysctls: dict[str, _KeptFile] = {}
        for file in files:
            with suppress(SourceError):  # context is a courtesy: a sysctl that may not be read is left out
                self._sysctls[file.name] = _KeptFile(file)
        self._identity = Identity()
        self._due = 0.0

    def identity(self, monotonic: float) -> Identity:
        """Return who we are looking at, read again every `CONTEXT_SECONDS`."""
        if monotonic >= self._due:
            self._due = monotonic + CONTEXT_SECONDS
            self._identity = self._read()
        return self._identity

    def _read(self) -> Identity:
        system = os.uname()
        facts = {
            name: printable(file.read().decode("utf-8", "replace").strip()) for name, file in self._sysctls.items()
        }
        return Identity(
            host=printable(system.nodename),
            product=printable(f"Linux {system.release}"),
            boot=self._boot,
            facts={f"net.mptcp.{name}": value for name, value in facts.items()},
            prefix=namespace.prefix_of(self._address),
            notices=(_switched_off(self._address),) if facts.get("enabled") == "0" else (),
        )

    def close(self) -> None:
        """Give every descriptor back."""
        for file in self._sysctls.values():
            file.close()


class _KeptFile:
    """A proc file kept open: each read makes the kernel write it afresh."""

    def __init__(self, path: Path) -> None:
        self._size = _FIRST_READ
        self._path = path
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise Unsupported(f"there is no {path}", "mptcp-top reads Linux kernels with /proc mounted") from error
        except OSError as error:
            raise NoAccess(f"{path}: {error.strerror}", f"see who may read it: ls -l {path}") from error

    def read(self) -> bytes:
        """Return the whole file as it is now.

        Raises:
            BadReply: the kernel gives an error, or more than any such file can be.
        """
        try:
            raw = os.pread(self._descriptor, self._size, 0)
            while len(raw) == self._size and self._size < _LARGEST_READ:
                self._size *= 2
                raw = os.pread(self._descriptor, self._size, 0)
        except OSError as error:
            raise BadReply(f"{self._path}: {error.strerror}") from error
        return raw

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)


def _switched_off(address: str) -> str:
    """Return what to say where net.mptcp.enabled is 0, with a command that means the right namespace."""
    inside = namespace.prefix_of(address)
    return (
        "MPTCP is switched off: programs that open an MPTCP socket get an error, and stop or use TCP; "
        f"to switch it on: {inside}sysctl -w net.mptcp.enabled=1"
    )


def _boot_id(proc: Path) -> str | None:
    try:
        return printable((proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError):
        return None


def width_of(machine: str) -> int:
    """Return how wide the kernel's ``unsigned long`` is on a machine as ``uname -m`` calls it.

    >>> [width_of(m) for m in ("x86_64", "armv7l", "i686", "ppc64le", "aarch64")]
    [64, 32, 32, 64, 64]
    """
    return 32 if machine.startswith(_NARROW) and not machine.startswith(_WIDE) else 64
