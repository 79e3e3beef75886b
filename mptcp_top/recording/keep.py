"""How much of a recording is kept, and how that is shared out within the file."""

from __future__ import annotations

from typing import Final, NamedTuple

DAYS: Final = 7.0
MEGABYTES: Final = 500.0
_MEGABYTE: Final = 1_000_000
_WAL_BYTES: Final = 8 << 20
_FREE_BYTES: Final = 4 << 20


class Keep(NamedTuple):
    """How much of a recording is kept: of so many days, and no more than so much, the oldest forgotten first."""

    days: float = DAYS
    megabytes: float = MEGABYTES

    @property
    def seconds(self) -> float:
        """How old what is recorded may become."""
        return self.days * 86_400

    @property
    def bytes(self) -> int:
        """What the files of a recording may take together."""
        return round(self.megabytes * _MEGABYTE)

    @property
    def wal_bytes(self) -> int:
        """How large the WAL becomes before SQLite takes it over, as long as no reader holds on to it."""
        return min(_WAL_BYTES, self.bytes // 8)

    @property
    def free_bytes(self) -> int:
        """How much of the file may be free, to be written again; beyond that it is made shorter."""
        return min(_FREE_BYTES, self.bytes // 16)

    @property
    def used_bytes(self) -> int:
        """How much of the file may be in use. A transaction may be as large as the WAL should be.

        >>> Keep(7, 500).used_bytes, Keep(7, 1).used_bytes
        (479028480, 687500)
        """
        return self.bytes - 2 * self.wal_bytes - self.free_bytes
