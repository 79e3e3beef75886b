"""Real Multipath TCP between network namespaces of our own: to test against, to look at.

    with Lab() as lab:
        moved = SCENARIOS["join_rejected"].observe(lab)

makes a client and a server (``lab.client.name``, ``lab.server.name``), does the deed, and returns what it
moved in the kernel's own counters. Traffic stays inside. By hand: ``python -m tests.lab --help``.
"""

from .background import mixed, mixing
from .effects import SCENARIOS, WINDOW, Moved, Scenario
from .laboratory import Lab, leftovers, why_not
from .namespace import LabError, Namespace, counters
from .traffic import Watch, awaiting, wait_until

__all__ = [
    "SCENARIOS",
    "WINDOW",
    "Lab",
    "LabError",
    "Moved",
    "Namespace",
    "Scenario",
    "Watch",
    "awaiting",
    "counters",
    "leftovers",
    "mixed",
    "mixing",
    "wait_until",
    "why_not",
]
