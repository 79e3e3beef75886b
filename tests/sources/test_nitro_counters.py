"""What the counters in a reply read: in every shape they come in, and never a zero that nobody sent."""

from __future__ import annotations

import time

import pytest

from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.errors import BadReply, Unsupported
from mptcp_top.model import Kind
from mptcp_top.sources.nitro.counters import Counters, rate_name
from mptcp_top.sources.nitro.reply import counter_of
from tests.sources.nitro_replies import OTHER, TOTAL, body, good_fields, own_rates, raw_body, read, values

RATE = rate_name(TOTAL)
UNREADABLE = [
    *('""', '" "', "null", "true", "false", '"NaN"', "NaN", "Infinity", "-Infinity", "1e999", '"1e999"', '"inf"'),
    *("-1", '"-1"', "-0.5", '"1,234"', '"1 234"', '"1_000"', '"1_0.0"', '" 12 "', '"+1"', '"0x10"', '"1e3"'),
    *(
        "[]",
        "[1]",
        "{}",
        '{"a": 1}',
        '"12.5"',
        "12.5",
        '"."',
        '"\uff11\uff12"',
        '"\uff11.0"',
        '"²"',
        '"1\\u0000"',
        '"\\ud800"',
    ),
    *("4294967295", '"4294967295"', "4294967295.0", '"4294967295.000000"', "4.294967295e9"),
    *("18446744073709551615", '"18446744073709551615"', "18446744073709551616", '"99999999999999999999"', "1e25"),
    *(
        "9" * 5000,
        f'"{"9" * 5000}"',
        f'"1.{"0" * 5000}"',
        f"{'9' * 5000}.0",
        "9007199254740993.0",
        "9007199254740992.0",
    ),
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"0"', 0),
        ("0", 0),
        ("0.0", 0),
        ('"0.000000"', 0),
        ("-0.0", 0),
        ('"12345"', 12345),
        ("12345", 12345),
        ("12345.0", 12345),
        ("1.2345e4", 12345),
        ('"12345.000000"', 12345),
        ('"12."', 12),
        ('"007"', 7),
        ('"4294967294"', 4294967294),
        ("4294967296", 4294967296),
        ('"9261622292"', 9261622292),
        ("9007199254740993", 2**53 + 1),
        ('"9007199254740993"', 2**53 + 1),
        ("18446744073709551614", 2**64 - 2),
        ('"18446744073709551614"', 2**64 - 2),
        ("9007199254740991.0", 2**53 - 1),
    ],
)
def test_a_total_is_read_to_the_last_digit_in_every_shape(text: str, value: int) -> None:
    found = values(read(raw_body(f'"{TOTAL}": {text}, "{OTHER}": "5"')))
    assert found == {TOTAL: value, OTHER: 5}


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_count_is_not_known_and_not_zero(text: str) -> None:
    reading = read(raw_body(f'"{TOTAL}": {text}, "{OTHER}": "5"'))
    assert values(reading) == {TOTAL: None, OTHER: 5}


@pytest.mark.parametrize(("text", "rate"), [("3", 3.0), ('"3"', 3.0), ("0.25", 0.25), ('"0.250000"', 0.25), ("0", 0.0)])
def test_an_own_rate_is_read_in_every_shape(text: str, rate: float) -> None:
    assert own_rates(read(raw_body(f'"{TOTAL}": "1", "{RATE}": {text}'))) == {TOTAL: rate}


@pytest.mark.parametrize(
    "text",
    [
        *('""', "null", "true", '"NaN"', "NaN", "Infinity", "1e999", "-1", "-0.5", '"1,5"', "[]", "{}", '"1_0"'),
        *("4294967295", '"4294967295"', "4294967295.0", "9" * 5000, f'"{"9" * 5000}"', f"{'9' * 5000}.5"),
    ],
)
def test_an_own_rate_that_is_none_is_not_known(text: str) -> None:
    assert own_rates(read(raw_body(f'"{TOTAL}": "1", "{RATE}": {text}'))) == {TOTAL: None}


def test_a_number_no_float_can_hold_is_unreadable() -> None:
    assert counter_of(10**400) is None


@pytest.mark.parametrize("fields", [good_fields(), [good_fields()]], ids=["bare", "list"])
def test_the_statistics_come_bare_or_in_a_list_of_one(fields: object) -> None:
    reading = read(body(fields))
    assert len(reading.layout.metrics) == len(netscaler().entries)
    assert values(reading)[TOTAL] == int(good_fields()[TOTAL])
    assert all(value is not None for value in reading.values)
    without = {metric.name for metric in reading.layout.metrics if not metric.grows}
    assert {name for name, rate in own_rates(reading).items() if rate is None} == without


def test_a_list_of_two_is_a_cluster_and_told_to_give_its_nodes() -> None:
    with pytest.raises(BadReply, match="protocolmptcp 2 times") as caught:
        read(body([good_fields(), good_fields()]))
    assert "each node" in caught.value.advice


@pytest.mark.parametrize("fields", [[], None])
def test_a_reply_about_nothing_is_unsupported(fields: object) -> None:
    with pytest.raises(Unsupported, match="holds no protocolmptcp"):
        read(body(fields))


def test_a_reply_without_the_resource_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="holds no protocolmptcp"):
        read(b'{"errorcode": 0, "message": "Done", "severity": "NONE"}')


@pytest.mark.parametrize("fields", [{}, {"mode": "0"}, {RATE: 3}, {"_nextgenapiresource": "/x"}, [{}]])
def test_a_reply_without_a_counter_is_unsupported(fields: object) -> None:
    with pytest.raises(Unsupported, match="no MPTCP counter"):
        read(body(fields))


@pytest.mark.parametrize("fields", ["text", 3, True, [3], ["text"], [[]], [None, None]])
def test_statistics_that_are_no_object_are_a_bad_reply(fields: object) -> None:
    with pytest.raises((BadReply, Unsupported)):
        read(body(fields))


def test_a_key_that_is_missing_is_not_in_the_layout() -> None:
    fields = good_fields()
    del fields[TOTAL], fields[rate_name(OTHER)]
    reading = read(body(fields))
    assert TOTAL not in reading.layout.index
    assert own_rates(reading)[OTHER] is None
    assert values(reading)[OTHER] is not None


def test_the_metrics_stand_in_the_order_of_the_catalogue_whatever_the_reply_s_is() -> None:
    backwards = dict(reversed(good_fields().items()))
    reading = read(body(backwards))
    assert [metric.name for metric in reading.layout.metrics] == list(netscaler().entries)
    assert values(reading)[TOTAL] == int(good_fields()[TOTAL])


def test_counters_nobody_told_us_of_come_after_the_known_ones() -> None:
    fields = {"mptcptotbrandnew": "7", "mptcpbrandnewrate": 2, "mptcpcurbrandnew": "3", **good_fields()}
    reading = read(body(fields))
    assert [metric.name for metric in reading.layout.metrics[-2:]] == ["mptcptotbrandnew", "mptcpcurbrandnew"]
    assert reading.layout.metrics[-1].kind is Kind.GAUGE
    assert (values(reading)["mptcptotbrandnew"], own_rates(reading)["mptcptotbrandnew"]) == (7, 2.0)


@pytest.mark.parametrize("key", ["mptcp\x1b[2J", "mptcp[red]", "MPTCPtot", "mptcp" + "x" * 61, "mptcp", "mptcpä", ""])
def test_a_key_that_is_no_counter_name_is_left_out(key: str) -> None:
    assert set(values(read(body({key: "1", TOTAL: "2"})))) == {TOTAL}


@pytest.mark.parametrize("count", [10_000, 100_000])
def test_of_very_many_fields_the_catalogue_and_500_more_are_kept(count: int) -> None:
    fields = {f"mptcpunheardof{number}": str(number) for number in range(count)} | good_fields()
    reading = read(body(fields))
    known = len(netscaler().entries)
    assert len(reading.layout.metrics) == known + 500
    assert [metric.name for metric in reading.layout.metrics[:known]] == list(netscaler().entries)
    assert values(reading)["mptcpunheardof499"] == 499


def test_a_key_a_hundred_thousand_times_takes_no_time_to_speak_of() -> None:
    raw = raw_body(", ".join(f'"{TOTAL}": "{number}"' for number in range(100_000)))
    began = time.process_time()
    assert values(read(raw)) == {TOTAL: None}
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", ["mptcptotdssa", "mptcptotdssm", "mptcperrfastclose", OTHER, "mptcpcursfconnections"])
@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        ('"5"', '"6"', None),
        ('"5"', '"5"', 5),
        ('"5"', "5", 5),
        ('"5"', "5.0", 5),
        ('"5"', "null", None),
        ("{}", "[]", None),
    ],
)
def test_a_key_that_occurs_twice_is_known_only_if_both_say_the_same(
    name: str, first: str, second: str, value: int | None
) -> None:
    rate = rate_name(name)
    raw = raw_body(f'"{name}": {first}, "{rate}": {first}, "{name}": {second}, "{rate}": {second}, "{TOTAL}": "1"')
    reading = read(raw)
    assert values(reading) == {name: value, TOTAL: 1}
    grows = reading.layout.metrics[reading.layout.index[name]].grows
    assert own_rates(reading)[name] == (value if grows else None)


def test_of_two_sets_of_statistics_the_last_one_counts() -> None:
    raw = b'{"errorcode": 0, "protocolmptcp": {"%b": 1}, "protocolmptcp": {"%b": 2}}' % ((TOTAL.encode(),) * 2)
    assert values(read(raw)) == {TOTAL: 2}


def test_the_layout_is_the_same_object_as_long_as_the_keys_are_the_same() -> None:
    counters, fields = Counters(), good_fields()
    first = read(body(fields), counters)
    fields[TOTAL] = "77"
    assert read(body(fields), counters).layout is first.layout
    many = fields | {f"mptcpunheardof{number}": "1" for number in range(10_000)}
    large = read(body(many), counters)
    assert read(body(many), counters).layout is large.layout
    without = {name: value for name, value in fields.items() if name != TOTAL}
    assert read(body(without), counters).layout is not first.layout


def test_keys_that_never_stay_the_same_are_not_hoarded() -> None:
    counters = Counters()
    for number in range(100):
        read(body({f"mptcptotnew{number}": "1"}), counters)
    assert len(counters._plans) <= 8


def test_a_real_reply_is_read_in_a_few_milliseconds() -> None:
    counters, raw = Counters(), body(good_fields())
    read(raw, counters)
    began = time.process_time()
    for _ in range(100):
        read(raw, counters)
    assert time.process_time() - began < 2
