"""TCP segments as a middlebox sees them: to look at, to edit, to forge."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from socket import IPPROTO_TCP, inet_aton
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

ETHERNET: Final = 14
IPV4: Final = b"\x08\x00"
FIN, SYN, RST, ACK = 1, 2, 4, 16
END, NOP, MPTCP_OPTION = 0, 1, 30
MP_CAPABLE, MP_JOIN = 0, 1


def internet_checksum(octets: bytes) -> int:
    """Return the ones' complement checksum of RFC 1071.

    >>> hex(internet_checksum(bytes.fromhex("0001f203f4f5f6f7")))
    '0x220d'
    """
    padded = octets + bytes(len(octets) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def with_checksum(tcp: bytes, addresses: bytes) -> bytes:
    """Return a TCP segment with its checksum put right; ``addresses`` are source and destination."""
    blank = tcp[:16] + bytes(2) + tcp[18:]
    pseudo = addresses + struct.pack("!xBH", IPPROTO_TCP, len(tcp))
    return tcp[:16] + struct.pack("!H", internet_checksum(pseudo + blank)) + tcp[18:]


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment over IPv4 inside the Ethernet frame that carries it."""

    frame: bytes
    start: int
    end: int

    @classmethod
    def of(cls, frame: bytes) -> Self | None:
        """Find the segment in a frame; None if it carries something else."""
        if frame[12:14] != IPV4 or frame[ETHERNET + 9] != IPPROTO_TCP:
            return None
        (length,) = struct.unpack_from("!H", frame, ETHERNET + 2)
        return cls(frame, ETHERNET + (frame[ETHERNET] & 15) * 4, ETHERNET + length)

    @property
    def sequence(self) -> int:
        """Its sequence number: of a SYN, one that tells a repetition from another attempt."""
        return int.from_bytes(self.frame[self.start + 4 : self.start + 8])

    @property
    def destination_port(self) -> int:
        """The port it is sent to."""
        return int.from_bytes(self.frame[self.start + 2 : self.start + 4])

    @property
    def flags(self) -> int:
        """The flag byte: FIN, SYN, RST, ACK and their like."""
        return self.frame[self.start + 13]

    @property
    def _body(self) -> int:
        return self.start + (self.frame[self.start + 12] >> 4) * 4

    @property
    def payload(self) -> bytes:
        """The application's bytes."""
        return self.frame[self._body : self.end]

    def _mptcp_options(self) -> Iterator[tuple[int, int]]:
        """Yield where each MPTCP option begins and how long it is."""
        at = self.start + 20
        while at < self._body and self.frame[at] != END:
            if self.frame[at] == NOP:
                at += 1
                continue
            length = self.frame[at + 1]
            if self.frame[at] == MPTCP_OPTION:
                yield at, length
            at += length

    @property
    def mptcp_subtypes(self) -> frozenset[int]:
        """The kinds of MPTCP option it carries."""
        return frozenset(self.frame[at + 2] >> 4 for at, _ in self._mptcp_options())

    def without_mptcp(self) -> bytes:
        """Return the frame with every MPTCP option overwritten by NOPs."""
        edited = bytearray(self.frame)
        for at, length in self._mptcp_options():
            edited[at : at + length] = bytes([NOP]) * length
        return self._repaired(edited)

    def with_damaged_payload(self) -> bytes:
        """Return the frame with its last payload byte altered, and a TCP checksum that hides it."""
        edited = bytearray(self.frame)
        edited[self.end - 1] ^= 0xFF
        return self._repaired(edited)

    def _repaired(self, edited: bytearray) -> bytes:
        addresses = bytes(edited[ETHERNET + 12 : ETHERNET + 20])
        edited[self.start : self.end] = with_checksum(bytes(edited[self.start : self.end]), addresses)
        return bytes(edited)


def forged_join(source: tuple[str, int], destination: tuple[str, int], token: int) -> bytes:
    """Return a SYN that asks to join the connection a token names, as a raw TCP socket sends it."""
    option = struct.pack("!BBBBII", MPTCP_OPTION, 12, MP_JOIN << 4, 1, token, token)
    return _forged_syn(source, destination, option, token)


def forged_capable(source: tuple[str, int], destination: tuple[str, int], number: int) -> bytes:
    """Return a SYN that asks for MPTCP (version 1, HMAC-SHA256), as a raw TCP socket sends it."""
    return _forged_syn(source, destination, struct.pack("!BBBB", MPTCP_OPTION, 4, MP_CAPABLE << 4 | 1, 1), number)


def _forged_syn(source: tuple[str, int], destination: tuple[str, int], option: bytes, number: int) -> bytes:
    words = (20 + len(option)) // 4
    header = struct.pack("!HHIIBBHHH", source[1], destination[1], number, 0, words << 4, SYN, 0xFFFF, 0, 0)
    return with_checksum(header + option, inet_aton(source[0]) + inet_aton(destination[0]))
