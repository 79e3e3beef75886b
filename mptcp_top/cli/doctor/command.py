"""``mptcp-top doctor``, built from its parts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.doctor.finding import Area, skipped
from mptcp_top.cli.doctor.kernel import kernel
from mptcp_top.cli.doctor.program import program, settings
from mptcp_top.cli.doctor.said import json_of, lines_of, verdict_of
from mptcp_top.cli.doctor.targets import asks_of, look
from mptcp_top.cli.doctor.terminal import terminal
from mptcp_top.cli.saying import tell, width_of
from mptcp_top.ui.glyphs import locale_is_utf8

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.cli.doctor.program import Settled

WIDEST: Final = 120
NOT_ASKED: Final = Area("targets", (skipped("address", "the settings come first"),))


def doctor(options: Mapping[str, object], environment: Mapping[str, str]) -> int:
    """Say what would work here, and return the exit code: 1 if something needed does not, 2 if it was asked wrongly."""
    told = _Told(environment, as_json=bool(options["json"]))
    settled = settings(options, environment)
    told.tell([program(), terminal(environment), settled.area, kernel(needed=_needs_the_kernel(settled))])
    if settled.asked is None:
        told.tell([NOT_ASKED])
        ended_by = 0
    else:
        ended_by = look(asks_of(settled.asked, environment), told.tell)
        told.others = sorted({*settled.asked.config.targets} - {area.target for area in told.areas})
    told.end()
    return ended_by or (2 if settled.asked is None else int(not all(area.works for area in told.areas)))


def _needs_the_kernel(settled: Settled) -> bool:
    """Whether a kernel of this host is to be read."""
    if settled.asked is None:
        return False
    return any(host.partition(":")[0] == "local" for host in settled.asked.settings.hosts)


class _Told:
    """Tells people what was found as it comes, and programs everything at the end."""

    def __init__(self, environment: Mapping[str, str], *, as_json: bool) -> None:
        self.areas: list[Area] = []
        self.others: list[str] = []
        self._as_json = as_json
        self._ascii_only = not locale_is_utf8(environment)

    def tell(self, areas: Sequence[Area]) -> None:
        """Take in what was found."""
        self.areas += areas
        if not self._as_json:
            width = width_of(sys.stdout)
            room = None if width is None else min(width, WIDEST)
            print("\n".join(lines_of(areas, room, ascii_only=self._ascii_only)), flush=True)

    def end(self) -> None:
        """Say what it comes to."""
        if self._as_json:
            print(json_of(self.areas, self.others))
            return
        others = [f"not looked at: {', '.join(self.others)} (--host NAME or --group NAME)"] if self.others else []
        tell([*others, verdict_of(self.areas)], sys.stdout)
