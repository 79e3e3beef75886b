"""An independent NITRO client reads the simulator: its numbers are the truth."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.simulator.counters import fields
from tests.simulator.calls import PASSWORD, USER, Clock, running

if TYPE_CHECKING:
    from mptcp_top.simulator.running import Box

PROGRAM = Path(sys.executable).with_name("check_netscaler")


def check(box: Box, *arguments: str) -> str:
    where = ("-H", "127.0.0.1", "--no-ssl", "-P", str(box.port))
    done = subprocess.run(
        [PROGRAM, *where, *arguments, "-o", "protocolmptcp"],
        check=False,
        capture_output=True,
        text=True,
        env={"NETSCALER_USER": USER, "NETSCALER_PASS": PASSWORD, "NO_PROXY": "127.0.0.1"},
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("form", ["object", "list"])
def test_it_reads_every_field_as_it_is(form: str) -> None:
    clock = Clock()
    with running("checksum-middlebox", clock) as simulation:
        box, clock.now = simulation.appliances["ns1"], 444.0
        box.switch(form=form)
        out = check(box, "-C", "debug")
        found = json.loads(out[out.index("{") : out.rindex("}") + 1])["protocolmptcp"]
        (statistics,) = found if form == "list" else [found]
        assert {each.name: int(statistics[each.name]) for each in fields()} == {
            each.name: box.truth(each.name) for each in fields()
        }
        audit = box.audit()
        assert (audit.logins, audit.logouts, box.sessions()) == (1, 1, 0)


@pytest.mark.parametrize("form", ["object", "list"])
def test_it_makes_performance_data_of_them(form: str) -> None:
    clock = Clock()
    with running("token-mismatch", clock) as simulation:
        box, clock.now = simulation.appliances["ns1"], 100.0
        box.switch(form=form)
        names = ("mptcperrunknowntoken", "mptcpcursfconnections", "mptcptotmpjoinsyn")
        out = check(box, "-C", "perfdata", "-n", ",".join(names))
        seen = dict(re.findall(r"'?(mptcp\w+)'?=([\d.]+)", out))
        assert {name: float(value) for name, value in seen.items()} == {name: box.truth(name) for name in names}
