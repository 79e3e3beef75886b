"""The audit of a simulation that runs for days."""

from __future__ import annotations

from mptcp_top.simulator.audit import KEPT, Audit, Record
from mptcp_top.simulator.messages import Request


def test_of_very_many_requests_the_last_are_remembered() -> None:
    audit = Audit()
    for number in range(5 * KEPT // 2):
        audit.add(Record(float(number), "GET", "/", {}, "", "", 200, 0), Request("GET", "/"), ())
    assert KEPT <= len(audit.records) <= 2 * KEPT
    assert audit.records[-1].at == 5 * KEPT // 2 - 1
    assert audit.records[-KEPT].at == 5 * KEPT // 2 - KEPT
