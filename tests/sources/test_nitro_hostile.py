"""Ten thousand replies that nobody should send: understood or refused, and never anything else."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mptcp_top.errors import SourceError
from mptcp_top.sources.nitro.context import PARTS, Context, _facts_in
from mptcp_top.sources.nitro.counters import Counters
from mptcp_top.sources.nitro.reply import Answer, understand
from tests.sources.nitro_replies import TOTAL, WHAT, body, good_fields

GOOD = body({name: good_fields()[name] for name in list(good_fields())[:24]})
KEYS = (TOTAL, "mptcpdssrate", "mptcperrfastclose", "mptcpcurbrandnew", "mptcptotbrandnew", "starttime", "hostname", "")
STATUSES = st.sampled_from((200, 200, 200, 200, 200, 201, 209, 204, 302, 400, 401, 403, 404, 500, 503, 599))
NUMBERS = st.one_of(
    st.integers(),
    st.integers(2**53 - 2, 2**64 + 2),
    st.floats(),
    st.sampled_from((2**32 - 1, 2**64 - 1, 0, -1, 10**30, 1e22, True, None)),
)
SCALARS = st.one_of(
    NUMBERS, NUMBERS.map(str), st.text(max_size=8), st.sampled_from(("1,234", "NaN", "1e999", "\x1b]0;x"))
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
RESOURCES = st.sampled_from(("protocolmptcp", "system", "hanode", "nshostname", "nsversion"))
CHEAP = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def take_in(status: int, raw: bytes) -> None:
    """Read a reply as the source does; whatever it is, only a SourceError with clean texts may come out."""
    try:
        document = understand(Answer(status, raw), WHAT)
        reading = Counters().read(document)
    except SourceError as error:
        assert (error.reason + error.advice).isprintable()  # both ways are right
    else:
        assert len(reading.values) == len(reading.own_rates) == len(reading.layout.metrics) > 0
        assert all(value is None or (type(value) is int and 0 <= value < 2**64 - 1) for value in reading.values)
        assert all(rate is None or (type(rate) is float and rate >= 0 and isfinite(rate)) for rate in reading.own_rates)
    for part in PARTS:
        try:
            facts = _facts_in(understand(Answer(status, raw), part.what), part)
        except SourceError:
            continue
        context = Context()
        context._facts.update(facts)
        if "started" in facts:
            context._note_boot(facts)
        shown = context.identity(())
        assert "".join((shown.host, shown.product, shown.role, shown.boot or "", *shown.facts.values())).isprintable()


@settings(CHEAP, max_examples=5000)
@given(STATUSES, st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 6), st.binary(max_size=4)), max_size=6))
def test_bytes_changed_left_out_or_put_in(status: int, edits: list[tuple[int, int, bytes]]) -> None:
    raw = bytearray(GOOD)
    for place, length, inserted in edits:
        raw[place : place + length] = inserted
    take_in(status, bytes(raw))


@settings(CHEAP, max_examples=1000)
@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))
def test_a_piece_of_a_reply_and_another(end: int, begin: int) -> None:
    take_in(200, GOOD[:end] + GOOD[begin:])


@settings(CHEAP, max_examples=2500)
@given(STATUSES, RESOURCES, st.lists(st.tuples(st.sampled_from(KEYS), ANYTHING), max_size=6), st.booleans())
def test_values_of_every_kind_under_keys_that_may_occur_twice(
    status: int, resource: str, pairs: list[tuple[str, Any]], listed: bool
) -> None:
    text = "{" + ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in pairs) + "}"
    shape = f"[{text}]" if listed else text
    take_in(status, f'{{"errorcode": 0, "severity": "NONE", "{resource}": {shape}}}'.encode())


@settings(CHEAP, max_examples=1500)
@given(
    STATUSES,
    st.dictionaries(
        st.sampled_from(("errorcode", "message", "severity", "protocolmptcp", "system", "sessionid", "x")),
        st.one_of(ANYTHING, st.sampled_from((0, 444, 2138, "WARNING", "ERROR", "0"))),
    ),
    st.sampled_from(("utf-8", "utf-16", "utf-8-sig")),
)
def test_any_json_at_all(status: int, document: dict[str, Any], encoding: str) -> None:
    take_in(status, json.dumps(document, ensure_ascii=False).encode(encoding, "surrogatepass"))
