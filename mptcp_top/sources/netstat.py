"""Parse ``/proc/net/netstat`` (``net/mptcp/mib.c``, ``mptcp_seq_show``): by header name, never by position."""

from __future__ import annotations

from typing import Final, NamedTuple

from mptcp_top.errors import BadReply, Unsupported

_MARK: Final = b"MPTcpExt: "
_NEXT_MARK: Final = b"\n" + _MARK
_DIGITS: Final = b"0123456789 "
_BITS: Final = 64


class Table(NamedTuple):
    """The two lines about MPTCP, as they stand in the file."""

    header: bytes
    values: bytes


def find_table(raw: bytes) -> Table:
    r"""Return the MPTcpExt lines of a netstat file.

    >>> find_table(b"IpExt: A\nIpExt: 1\nMPTcpExt: MPCapableSYNRX\nMPTcpExt: 7\n")
    Table(header=b'MPCapableSYNRX', values=b'7')

    Raises:
        Unsupported: a whole file without MPTCP counters.
        BadReply: the file is cut off or not a netstat file.
    """
    middle = raw.rfind(_NEXT_MARK)
    start = raw.rfind(_MARK, 0, middle) if middle > 0 else -1
    if start < 0:
        raise _why_no_table(raw)
    end = raw.find(b"\n", middle + 1)
    values = raw[middle + len(_NEXT_MARK) : end if end > 0 else None]
    if end < 0 and values.strip(b"0 "):
        # Kernels up to 5.10 leave out the last newline, but only while every counter is still zero.
        raise BadReply("/proc/net/netstat ends in the middle of the MPTcpExt values", "it is read again by itself")
    return Table(raw[start + len(_MARK) : middle], values)


def _why_no_table(raw: bytes) -> Unsupported | BadReply:
    whole = raw.endswith(b"\n") and raw.count(b"TcpExt: ") >= 2 and raw.count(b"\nIpExt: ") >= 2
    if whole and _MARK not in raw:
        return Unsupported(
            "this kernel gives no MPTCP counters (no MPTcpExt in /proc/net/netstat)",
            "MPTCP counters need Linux 5.7 or later, built with CONFIG_MPTCP=y: zgrep MPTCP /proc/config.gz",
        )
    return BadReply("/proc/net/netstat is cut off or not a netstat file", "look at it: tail -n 2 /proc/net/netstat")


def parse_names(header: bytes) -> tuple[str, ...]:
    """Return the counter names of a header line.

    >>> parse_names(b"MPCapableSYNRX MPCapableSYNTX")
    ('MPCapableSYNRX', 'MPCapableSYNTX')

    Raises:
        BadReply: a name occurs twice, or is no text.
    """
    try:
        names = tuple(header.decode("ascii").split())
    except UnicodeDecodeError as error:
        raise BadReply("the MPTcpExt header in /proc/net/netstat is not text") from error
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadReply(f"/proc/net/netstat names {twice} twice: its values cannot be told apart")
    return names


def parse_values(values: bytes, expected: int) -> tuple[int, ...]:
    """Return the ``expected`` values of a value line as exact integers.

    >>> parse_values(b"7 18446744073709551615", 2)
    (7, 18446744073709551615)

    Raises:
        BadReply: not that many values, or one that is no unsigned 64-bit number.
    """
    fields = values.split()
    if len(fields) != expected:
        raise BadReply(f"/proc/net/netstat has {expected} MPTcpExt names but {len(fields)} values")
    if values.translate(None, _DIGITS):
        raise BadReply("/proc/net/netstat has an MPTcpExt value that is no number")
    try:
        numbers = tuple(map(int, fields))
    except ValueError as error:  # more digits than int() takes
        raise BadReply("/proc/net/netstat has an MPTcpExt value beyond 64 bits") from error
    if numbers and max(numbers) >> _BITS:
        raise BadReply("/proc/net/netstat has an MPTcpExt value beyond 64 bits")
    return numbers
