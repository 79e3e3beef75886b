"""Open files as another network namespace sees them. The descriptors stay bound to it."""

from __future__ import annotations

import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from mptcp_top.errors import NoAccess, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
NAMED: Final = Path("/run/netns")
_CLONE_NEWNET: Final = 0x40000000
_NETNS_COOKIE: Final = 71
"""SO_NETNS_COOKIE, which the module socket does not know."""


def path_of(namespace: str) -> Path:
    """Return the file of a namespace: of a name given by ``ip netns``, or of an absolute path.

    >>> str(path_of("red")), str(path_of("/proc/1/ns/net"))
    ('/run/netns/red', '/proc/1/ns/net')
    """
    return Path(namespace) if namespace.startswith("/") else NAMED / namespace


def named() -> tuple[str, ...]:
    """Return the namespaces that ``ip netns`` has given names; none where that cannot be looked at."""
    try:
        return tuple(sorted(path.name for path in NAMED.iterdir()))
    except OSError:
        return ()


def prefix_of(namespace: str) -> str:
    """Return what to put before a command so that it runs in the namespace; nothing for the host's own.

    >>> prefix_of("red"), prefix_of("/run/docker/netns/1"), prefix_of("")
    ('ip netns exec red ', 'nsenter --net=/run/docker/netns/1 ', '')
    >>> prefix_of("red; reboot")
    "ip netns exec 'red; reboot' "
    """
    if not namespace:
        return ""
    from shlex import quote  # noqa: PLC0415  # only for namespaces

    return f"nsenter --net={quote(namespace)} " if namespace.startswith("/") else f"ip netns exec {quote(namespace)} "


def inode_of(namespace: str) -> int:
    """Return the inode that identifies the namespace; another one under the same name has another.

    Raises:
        Unreachable: there is no such namespace (any more).
        NoAccess: it may not be looked at.
    """
    try:
        return path_of(namespace).stat().st_ino
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Unreachable(f"there is no network namespace {namespace}", "see which there are: ip netns list") from error
    except OSError as error:
        raise NoAccess(f"network namespace {namespace}: {error.strerror}", "run it as root (sudo)") from error


def cookie() -> str:
    """Return the kernel's own number of the namespace we are in, which no other gets; "" before Linux 5.14.

    The inode is no such number: the next namespace gets that of one that is gone.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as any_socket:
        try:
            return str(int.from_bytes(any_socket.getsockopt(socket.SOL_SOCKET, _NETNS_COOKIE, 8), sys.byteorder))
        except OSError:
            return ""


def inside(namespace: str, action: Callable[[], T]) -> T:
    """Return what ``action`` returns when called by a thread of its own inside ``namespace``.

    Raises:
        Unreachable: there is no such namespace.
        NoAccess: entering it needs CAP_SYS_ADMIN.
    """
    inode_of(namespace)
    with ThreadPoolExecutor(max_workers=1) as pool:  # setns is for one thread, and this one ends here
        return pool.submit(_enter_and_do, namespace, action).result()


def _enter_and_do(namespace: str, action: Callable[[], T]) -> T:
    try:
        descriptor = os.open(path_of(namespace), os.O_RDONLY | os.O_CLOEXEC)
        try:
            _setns(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise Unreachable(f"network namespace {namespace} is gone", "see which there are: ip netns list") from error
    except PermissionError as error:
        raise NoAccess(
            f"network namespace {namespace} may not be entered", "that needs CAP_SYS_ADMIN: run it as root (sudo)"
        ) from error
    except OSError as error:
        raise Unreachable(f"{namespace} is no network namespace ({error.strerror})") from error
    return action()


def _setns(descriptor: int) -> None:
    import ctypes  # noqa: PLC0415  # only for namespaces, and slow to import

    libc = ctypes.CDLL(None, use_errno=True)  # os.setns is there from Python 3.12 on
    if libc.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
