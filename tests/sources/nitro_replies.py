"""Replies to ``stat protocol mptcp``, made by hand, and the way they are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.model import Kind
from mptcp_top.sources.nitro.counters import Counters, Reading, rate_name
from mptcp_top.sources.nitro.reply import Answer, understand

if TYPE_CHECKING:
    from collections.abc import Mapping

WHAT: Final = "stat protocol mptcp"
TOTAL: Final = "mptcptotdss"
"""A counter to try values on."""

OTHER: Final = "mptcptotmpcapsyn"


def good_fields() -> dict[str, Any]:
    """Return the statistics as a 14.1 gives them: totals and gauges are strings, rates are numbers."""
    found: dict[str, Any] = {"_nextgenapiresource": "/nextgen/v1/stat/protocolmptcp"}
    for number, (name, entry) in enumerate(netscaler().entries.items(), 1):
        found[name] = str(1000 * number)
        if entry.metric.kind is Kind.COUNTER:
            found[rate_name(name)] = number
    return found


def document(fields: object) -> dict[str, Any]:
    return {"errorcode": 0, "message": "Done", "severity": "NONE", "protocolmptcp": fields}


def body(fields: object) -> bytes:
    return json.dumps(document(fields)).encode()


def raw_body(members: str) -> bytes:
    """Return a reply whose statistics are this JSON text: with keys that occur twice, NaN, anything."""
    return b'{"errorcode": 0, "message": "Done", "severity": "NONE", "protocolmptcp": {%b}}' % members.encode()


def error_body(code: object, message: object = "Something", severity: str = "ERROR") -> bytes:
    return json.dumps({"errorcode": code, "message": message, "severity": severity}).encode()


def read(raw: bytes, counters: Counters | None = None, status: int = 200) -> Reading:
    return (counters or Counters()).read(understand(Answer(status, raw), WHAT))


def values(reading: Reading) -> Mapping[str, int | None]:
    return {metric.name: value for metric, value in zip(reading.layout.metrics, reading.values, strict=True)}


def own_rates(reading: Reading) -> Mapping[str, float | None]:
    return {metric.name: rate for metric, rate in zip(reading.layout.metrics, reading.own_rates, strict=True)}
