"""How long this process has been running: Python needs some of that before the first line of ours."""

from __future__ import annotations

import os
import time
from pathlib import Path


def age_seconds() -> float:
    """Return since when this process runs, to a hundredth of a second; 0 where /proc does not tell (proc(5), stat).

    >>> 0.0 <= age_seconds() < 1e6
    True
    """
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started)
    except (OSError, ValueError, IndexError):
        return 0.0
