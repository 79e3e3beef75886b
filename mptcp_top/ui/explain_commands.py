"""What to check next, as commands that can be run: inside the namespace the counter is of, where there is one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHELL: Final = "dmesg ethtool free grep ip nstat pgrep slabtop ss sysctl tcpdump top uname"
_APPLIANCE: Final = "shell show start stat"
PROGRAMS: Final = frozenset(f"{_SHELL} {_APPLIANCE}".split())
"""The first words of what is a command; every other step is a sentence."""

OF_A_NAMESPACE: Final = frozenset({"ethtool", "ip", "nstat", "ss", "sysctl", "tcpdump"})
"""Programs that say something else in every network namespace."""

_CHANGES: Final = re.compile(r"\b(limits set|sysctl -p|start nstrace)\b")
_ELSEWHERE: Final = re.compile(r"^on the |^in the host's own namespace")
_QUOTED_OR_JOINT: Final = re.compile(r"""('[^']*'|"[^"]*")|(\s*[|;]\s+)""")
_BLANKS: Final = re.compile(r"\b(CLIENT|ENDPOINT|IFACE|NAME|PEER|VIP)\b")


class Step(NamedTuple):
    """One thing to do: a command to copy, or a sentence to follow; and a comment."""

    says: str
    comment: str = ""
    is_command: bool = True

    @property
    def changes(self) -> bool:
        """Whether it does more than look."""
        return bool(_CHANGES.search(self.says))

    @property
    def blanks(self) -> tuple[str, ...]:
        """What has to be filled in by hand before it runs."""
        return tuple(dict.fromkeys(_BLANKS.findall(self.says))) if self.is_command else ()


def step_of(written: str, prefix: str = "") -> Step:
    """Return a step as the catalogue has it, with what makes it run in the right namespace.

    >>> step_of("ss -Mn   # does it?", "ip netns exec red ")
    Step(says='ip netns exec red ss -Mn', comment='does it?', is_command=True)
    >>> step_of("ask the other backends", "ip netns exec red ").says, step_of("ask the other backends").is_command
    ('ask the other backends', False)
    >>> step_of("ss -Mn   # on the peer: Recv-Q", "ip netns exec red ").says
    'ss -Mn'
    """
    says, _, comment = written.partition("   # ")
    if says.split(maxsplit=1)[0] not in PROGRAMS:
        return Step(says, comment, is_command=False)
    return Step(says if _ELSEWHERE.match(comment) else _inside(says, prefix), comment)


def _inside(command: str, prefix: str) -> str:
    """Return a command line with the prefix before each program that needs it.

    >>> _inside("sysctl net.mptcp.x | sysctl -p -", "ip netns exec red ")
    'ip netns exec red sysctl net.mptcp.x | ip netns exec red sysctl -p -'
    >>> _inside("tcpdump 'a | ip b' | grep ss", "ip netns exec red "), _inside("grep M /proc/net/x", "nsenter ")
    ("ip netns exec red tcpdump 'a | ip b' | grep ss", 'nsenter grep M /proc/net/x')
    """
    parts: list[str] = [""]
    begin = 0
    for joint in _QUOTED_OR_JOINT.finditer(command):
        if joint[2]:
            parts += [command[begin : joint.start()], joint[2]]
            begin = joint.end()
    parts.append(command[begin:])
    return "".join(f"{prefix}{part}" if _needs_prefix(part) else part for part in parts)


def _needs_prefix(part: str) -> bool:
    program = next(iter(part.split(maxsplit=1)), "")
    return program in OF_A_NAMESPACE or (program == "grep" and "/proc/net" in part)


def steps_of(written: Sequence[str], prefix: str = "") -> list[Step]:
    """Return all steps of a counter."""
    return [step_of(one, prefix) for one in written]


def all_of(steps: Sequence[Step]) -> list[str]:
    """Return the commands that may be run one after the other without a thought: those that only look.

    >>> all_of(steps_of(["ip mptcp limits show", "ip mptcp limits set subflows 4", "compare MPRstRx"]))
    ['ip mptcp limits show']
    """
    return [step.says for step in steps if step.is_command and not step.changes]
