"""Parsing /proc/net/netstat: recorded files of several kernels, and files that are not what they should be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mptcp_top.errors import BadReply, SourceError, Unsupported
from mptcp_top.sources.netstat import find_table, parse_names, parse_values

FOLDER = Path(__file__).parents[1] / "netstat"
COUNTERS = {
    "linux-5.7": 13,
    "linux-5.10.223": 22,
    "linux-5.15": 44,
    "linux-5.17": 42,
    "linux-6.1.192": 56,
    "linux-6.6": 67,
    "linux-6.12.107": 70,
    "linux-6.18.44": 76,
    "linux-7.2.13": 76,
    "linux-7.3.4": 86,
}


def parse(raw: bytes) -> dict[str, int]:
    table = find_table(raw)
    names = parse_names(table.header)
    return dict(zip(names, parse_values(table.values, len(names)), strict=True))


def recorded(name: str) -> bytes:
    return (FOLDER / f"{name}.txt").read_bytes()


@pytest.mark.parametrize(("name", "count"), COUNTERS.items())
def test_every_kernel_gives_the_counters_it_has(name: str, count: int) -> None:
    assert len(parse(recorded(name))) == count


def test_values_are_found_by_name() -> None:
    counters = parse(recorded("linux-6.18.44"))
    assert (counters["MPCapableSYNRX"], counters["MPCapableACKRX"], counters["MPRstRx"]) == (41, 31, 10)
    assert parse(recorded("linux-7.3.4"))["MPRstRx"] == 10  # ten names further right


def test_a_counter_the_kernel_lacks_is_not_there() -> None:
    assert "MPCurrEstab" not in parse(recorded("linux-6.1.192"))


def test_another_order_of_names_gives_the_same_counters() -> None:
    counters = parse(recorded("linux-6.18.44"))
    turned = dict(reversed(counters.items()))
    lines = f"MPTcpExt: {' '.join(turned)}\nMPTcpExt: {' '.join(map(str, turned.values()))}\n"
    assert parse(b"TcpExt: A\nTcpExt: 1\n" + lines.encode()) == counters


def test_lines_after_the_mptcp_ones_do_not_matter() -> None:
    assert parse(recorded("linux-6.18.44") + b"NewExt: A B\nNewExt: 1 2\n") == parse(recorded("linux-6.18.44"))


def test_zeros_without_a_last_newline_are_an_old_kernel_at_rest() -> None:
    assert set(parse(recorded("linux-5.7")).values()) == {0}


def test_a_kernel_without_mptcp_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="no MPTCP counters") as caught:
        parse(recorded("linux-6.18-without-mptcp"))
    assert "CONFIG_MPTCP" in caught.value.advice


def test_a_file_cut_off_anywhere_is_never_read_as_other_numbers() -> None:
    raw = recorded("linux-6.18.44")
    whole = parse(raw)
    for length in range(len(raw)):
        try:
            found = parse(raw[:length])
        except SourceError:
            continue
        pytest.fail(f"{length} bytes were read as {found}" if found != whole else f"{length} bytes were enough")


def test_a_cut_file_is_a_bad_reply_and_not_a_kernel_without_mptcp() -> None:
    with pytest.raises(BadReply):
        parse(recorded("linux-6.18.44")[:700])
    with pytest.raises(BadReply):
        parse(b"")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        (b"1 2", "3 MPTcpExt names but 2 values"),
        (b"1 2 3 4", "but 4 values"),
        (b"1 -2 3", "no number"),
        (b"1 2_0 3", "no number"),
        (b"1 0x2 3", "no number"),
        (b"1 18446744073709551616 3", "beyond 64 bits"),
        (b"1 " + b"9" * 5000 + b" 3", "beyond 64 bits"),
    ],
)
def test_values_that_make_no_sense_are_a_bad_reply(values: bytes, complaint: str) -> None:
    with pytest.raises(BadReply, match=complaint):
        parse_values(values, 3)


def test_a_name_twice_is_a_bad_reply() -> None:
    with pytest.raises(BadReply, match="MPRstRx twice"):
        parse_names(b"MPRstRx MPRstTx MPRstRx")


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_whatever_crash_the_parser(noise: bytes) -> None:
    for raw in (noise, b"\nMPTcpExt: " + noise, b"MPTcpExt: A B\nMPTcpExt: " + noise):
        try:
            parse(raw)
        except SourceError as error:
            assert error.reason.isprintable()
