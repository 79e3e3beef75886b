"""Replies that nobody should send, a thousand of them: understood or refused, and never anything else."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.inputs import HOSTILE, TIMES
from tests.hostile.parsers import GOOD_REPLY, take_reply
from tests.sources.nitro_replies import TOTAL

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


@settings(HOSTILE, max_examples=500 * TIMES)
@given(
    STATUSES, st.lists(st.tuples(st.integers(0, len(GOOD_REPLY)), st.integers(0, 6), st.binary(max_size=4)), max_size=6)
)
def test_bytes_changed_left_out_or_put_in(status: int, edits: list[tuple[int, int, bytes]]) -> None:
    raw = bytearray(GOOD_REPLY)
    for place, length, inserted in edits:
        raw[place : place + length] = inserted
    take_reply(bytes(raw), status)


@settings(HOSTILE, max_examples=100 * TIMES)
@given(st.integers(0, len(GOOD_REPLY)), st.integers(0, len(GOOD_REPLY)))
def test_a_piece_of_a_reply_and_another(end: int, begin: int) -> None:
    take_reply(GOOD_REPLY[:end] + GOOD_REPLY[begin:])


@settings(HOSTILE, max_examples=250 * TIMES)
@given(STATUSES, RESOURCES, st.lists(st.tuples(st.sampled_from(KEYS), ANYTHING), max_size=6), st.booleans())
def test_values_of_every_kind_under_keys_that_may_occur_twice(
    status: int, resource: str, pairs: list[tuple[str, Any]], listed: bool
) -> None:
    text = "{" + ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in pairs) + "}"
    shape = f"[{text}]" if listed else text
    take_reply(f'{{"errorcode": 0, "severity": "NONE", "{resource}": {shape}}}'.encode(), status)


@settings(HOSTILE, max_examples=150 * TIMES)
@given(
    STATUSES,
    st.dictionaries(
        st.sampled_from(("errorcode", "message", "severity", "protocolmptcp", "system", "sessionid", "x")),
        st.one_of(ANYTHING, st.sampled_from((0, 444, 2138, "WARNING", "ERROR", "0"))),
    ),
    st.sampled_from(("utf-8", "utf-16", "utf-8-sig")),
)
def test_any_json_at_all(status: int, document: dict[str, Any], encoding: str) -> None:
    take_reply(json.dumps(document, ensure_ascii=False).encode(encoding, "surrogatepass"), status)
