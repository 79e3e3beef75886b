"""Every parser of what others wrote, each as one function of bytes that asserts what must come of any bytes at all.

The tests beside this file, `benchmarks.hostile` and `benchmarks.fuzz` hand them the same things.
"""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.cli.selection import Selection
from mptcp_top.cli.stat.last_calls import Stamp, told_since, zeros_after
from mptcp_top.cli.stat.records import as_json
from mptcp_top.cli.stat.zero_files import text_of, zeros_in
from mptcp_top.config_text import examine, parse
from mptcp_top.engine.silences import Silences, silences_in
from mptcp_top.errors import SettingsError, SourceError
from mptcp_top.model import Identity, Target
from mptcp_top.passwords import secret_of
from mptcp_top.remembered import _content_of, _parse, _Unfit, known
from mptcp_top.rules.parser import parse as parse_rule
from mptcp_top.rules.tokens import RuleError
from mptcp_top.settings import PARSERS, parse_pin, parse_target
from mptcp_top.sources.netstat import find_table, parse_names, parse_values
from mptcp_top.sources.nitro.address import address_of
from mptcp_top.sources.nitro.context import PARTS, Context, _facts_in, same_boot
from mptcp_top.sources.nitro.counters import Counters
from mptcp_top.sources.nitro.http import Date
from mptcp_top.sources.nitro.reply import Answer, understand
from mptcp_top.sources.nitro.session import _token_of
from mptcp_top.ui.silenced import silenced_words, until_of
from mptcp_top.when import parse_when
from tests.cli.test_selection import observed
from tests.hostile import words
from tests.hostile.recordings import NSTAT_LINES, STAT_LINE, columns, good, take_lines, take_recording
from tests.sources.nitro_replies import WHAT, body, error_body, good_fields

if TYPE_CHECKING:
    from collections.abc import Callable

NOW: Final = 1_795_255_200.0
HERE: Final = Target("here", "linux")
GOOD_REPLY: Final = body({name: good_fields()[name] for name in list(good_fields())[:24]})
GOOD_FILE: Final = (Path(__file__).parents[1] / "netstat/linux-6.18.44.txt").read_bytes()
GOOD_ZEROS: Final = (
    b'{"schema": 1, "target": ["here", "linux", ""], "boot": "b", "stamps": [[1795255100.0, 5.0, "m"]], '
    b'"counters": {"MPJoinSynRx": [5, 0], "MPRstTx": [18446744073709551615, null]}}'
)
GOOD_STATE: Final = (
    b'{"schema": 1, "remembered": {"theme": "dark", "silences": [{"target": "ns1", "subject": "MPRstTx", '
    b'"since": 1795255100.0, "until": 1795265100.0}]}}'
)
GOOD_CONFIG: Final = (
    b'[defaults]\nhost = ["ns1"]\ninterval = 2\nhold = 30.5\n[targets.ns1]\nhost = "https://10.0.0.1:8443"\n'
    b'user = "monitor"\npassword_command = ["pass", "ns1"]\n[groups.edge]\ntargets = ["ns1", "local:red"]\n'
    b'[alerts]\nclean_hours = 24\ncommand = ["logger", "{says}"]\n[alerts.rules]\n'
    b'joins = { rule = "join_success < 90% for 30s", severity = "error" }\n'
)


class Parser(NamedTuple):
    """One parser: what it is given at its best, and the words of its language; slow ones are tried less in tests."""

    take: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...]
    slowness: int = 1


def take_reply(raw: bytes, status: int = 200) -> None:
    """Read a reply as the source does; whatever it is, only a SourceError with clean texts may come out."""
    try:
        document = understand(Answer(status, raw), WHAT)
        reading = Counters().read(document)
    except SourceError as error:
        assert (error.reason + error.advice).isprintable()  # both ways are right
    else:
        assert len(reading.values) == len(reading.own_rates) == len(reading.layout.metrics) > 0
        assert all(value is None or (type(value) is int and 0 <= value < 2**64 - 1) for value in reading.values)
        assert all(rate is None or (type(rate) is float and 0 <= rate < 2**64) for rate in reading.own_rates)
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


def take_login(raw: bytes) -> None:
    """Read the answer to a login, from its body and from a cookie."""
    cookie = raw.decode("latin-1")
    for answer in (Answer(201, raw), Answer(200, b"", cookies=(cookie,)), Answer(200, raw, cookies=(cookie,))):
        try:
            token = _token_of(answer).reveal()
        except SourceError as error:
            assert (error.reason + error.advice).isprintable()
        else:
            assert token.isascii()
            assert token.isprintable()
            assert not set(token) & set(' ;,"\\')


def take_date(raw: bytes) -> None:
    """Read the header by which an appliance tells the time."""
    ahead = Date(raw.decode("latin-1"), NOW).ahead_seconds
    assert ahead is None or isfinite(ahead)


def take_boots(raw: bytes) -> None:
    """Compare two boot identities."""
    one, _, other = raw.decode("latin-1").partition("|")
    assert same_boot(one, one)
    assert same_boot(one, other) == same_boot(other, one)


def take_netstat(raw: bytes) -> None:
    """Read a file of kernel counters."""
    for content in (raw, b"TcpExt: A\nTcpExt: 1\nIpExt: A\nIpExt: 1\nMPTcpExt: " + raw):
        try:
            table = find_table(content)
            names = parse_names(table.header)
            values = parse_values(table.values, len(names))
        except SourceError as error:
            assert (error.reason + error.advice).isprintable()
        else:
            assert len(set(names)) == len(values)
            assert all(0 <= value < 2**64 for value in values)


def take_config(raw: bytes) -> None:
    """Read a config file: either everything in it means something, or there is a mistake with clean words."""
    path = Path("/nowhere/config.toml")
    found = examine(raw, path)
    assert all(mistake.told(path).isprintable() for mistake in found.mistakes)
    try:
        said = parse(raw, path)
    except SettingsError as error:
        assert found.mistakes
        assert str(error).isprintable()
    else:
        assert said == found.said
        assert found.mistakes == ()


def take_rule(raw: bytes) -> None:
    """Read a rule: it reads back as itself, or it is told where it is wrong."""
    rule = raw.decode("utf-8", "surrogateescape")
    try:
        found = parse_rule(rule)
    except RuleError as error:
        assert str(error).isprintable()
    else:
        assert parse_rule(str(found)) == found


def take_password(raw: bytes) -> None:
    """Read what a password file holds; a complaint repeats nothing of it."""
    try:
        secret = secret_of(raw, "file")
    except SettingsError as error:
        assert str(error).startswith("file: ")
        assert str(error).isascii()
    else:
        assert secret.reveal().encode().rstrip(b"\r\n") == raw.rstrip(b"\r\n")


def take_setting(raw: bytes) -> None:
    """Read what is typed for an option, a target, an address."""
    typed = raw.decode("utf-8", "surrogateescape")
    for check in (*PARSERS.values(), parse_pin, parse_target):
        try:
            check(typed)
        except ValueError as error:
            assert str(error).isprintable()
    try:
        origin = address_of(typed).origin
    except SettingsError as error:
        assert str(error).isprintable()
    else:
        assert origin.isprintable()
        assert address_of(origin) == address_of(typed)


def take_state(raw: bytes) -> None:
    """Read what is remembered, use it, and write it again."""
    try:
        values = _parse(raw)
    except _Unfit:
        return
    for parser in PARSERS.values():
        known(values, "theme", parser)
    silences = silences_in(values.get("silences"), NOW)
    for silence in silences:
        assert silenced_words(silence.until, NOW).isprintable()
    assert silences_in(json.loads(json.dumps(Silences(silences).written())), NOW) == silences
    try:
        written = _content_of(values)
    except _Unfit:
        return
    assert _parse(written.encode()) == values


def take_zeros(raw: bytes) -> None:
    """Read the zeros of the last call, count from them, tell it in JSON, and write the next ones."""
    try:
        zeros = zeros_in(raw, HERE)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return  # as `ZeroFiles.read` has it
    seen = observed(HERE, "MPJoinSynRx", "MPRstTx", "MPCurrEstab")._replace(identity=Identity("box", "Linux", "b"))
    now = Stamp(NOW, 1000.0, "m")
    told = told_since(seen, zeros, now, 64, {0, 1, 2})
    assert all(grown is None or grown >= 0 for grown in told.observation.increases)
    json.loads(as_json(told, Selection()))
    if told.since is not None:
        assert told.since.said(NOW).isprintable()
    after = zeros_after(told, zeros, {0, 1, 2}, now)
    assert after is None or zeros_in(text_of(after, HERE).encode(), HERE) == after


def take_when(raw: bytes) -> None:
    """Read a moment as it is typed; what is one can be shown."""
    typed = raw.decode("utf-8", "surrogateescape")
    try:
        moment = parse_when(typed, NOW - 3600, NOW)
    except ValueError as error:
        assert str(error).isprintable()
    else:
        assert text.iso_time(moment).isprintable()
        assert text.when(moment, NOW).isprintable()
    try:
        until = until_of(typed, NOW)
    except ValueError as error:
        assert str(error).isprintable()
    else:
        assert text.dated(until)


PARSERS_OF: Final = {
    "NITRO reply": Parser(take_reply, (GOOD_REPLY, error_body(444)), words.NITRO),
    "NITRO login": Parser(
        take_login, (b'{"errorcode": 0, "sessionid": "##A1B2"}', b"NITRO_AUTH_TOKEN=%23%23A; path=/"), words.NITRO
    ),
    "Date header": Parser(take_date, (b"Sat, 21 Nov 2026 10:00:42 GMT",), words.DATE),
    "boot identity": Parser(take_boots, (b"Sat Nov 21 09:59:58 2026 ns1|Sat Nov 21 10:00:01 2026 ns2",), words.DATE),
    "netstat": Parser(take_netstat, (GOOD_FILE, b"A B\nMPTcpExt: 1 2\n"), words.NETSTAT),
    "config file": Parser(take_config, (GOOD_CONFIG,), words.TOML),
    "rule": Parser(
        take_rule, (b"join_success < 90% for 30s until > 95%", b"TokenEr > 3/min and errors rises"), words.RULE
    ),
    "password": Parser(take_password, (b"hunter2\n", b"p" * 4096), words.PASSWORD),
    "option": Parser(take_setting, (b"https://ns1:8443", b"sha256:" + b"ab" * 32, b"[fe80::1%eth0]:443"), words.OPTION),
    "state file": Parser(take_state, (GOOD_STATE,), words.FILES),
    "zero file": Parser(take_zeros, (GOOD_ZEROS,), words.FILES),
    "recording": Parser(
        take_recording, (good(), b"targets.name=\nstretches.first=-1\n"), (*columns(), *words.CELLS), slowness=20
    ),
    "imported line": Parser(take_lines, (STAT_LINE * 2, NSTAT_LINES), words.LINES, slowness=10),
    "moment": Parser(take_when, (b"-1m30s", b"yesterday 03:12", b"2026-11-21T03:12:30.5+01:00"), words.WHEN),
}
