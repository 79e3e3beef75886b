"""Who reads what ``stat`` prints: fast, slowly, not at all, no longer; and signals meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.cli.stat.output import WAITING_AT_MOST_BYTES, Output
from tests.nitro.appliances import at, environment, running
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUICKLY = ("--interval", "0.1")
ENDLESS = ("--count", "0", *QUICKLY)
NEARLY_FULL = 40_000
"""Bytes in a pipe of 16 pages that has no room for another sample, the ends of some pages being empty."""


@contextmanager
def begun(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        mptcp_top("stat", *arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    said: dict[str, Any] = json.loads(process.stdout.readline())
    return said


def test_who_puts_text_does_not_wait_for_who_reads_it() -> None:
    lines = [f"{number} {'x' * 12_000}\n" for number in range(200)]
    source, sink = os.pipe()
    with os.fdopen(source, encoding="utf-8") as reader, os.fdopen(sink, "w", encoding="utf-8") as stream:
        output = Output(stream)
        writing = Thread(target=output.pump)
        writing.start()
        for line in lines:
            output.put(line)  # nobody has read anything
        output.end()
        assert writing.is_alive()
        assert [reader.readline() for _ in lines] == lines
        writing.join()


def test_what_waits_for_a_reader_has_an_end_and_an_end_lets_everybody_go() -> None:
    source, sink = os.pipe()
    with os.fdopen(source, "rb"), os.fdopen(sink, "w", encoding="utf-8") as stream:
        output = Output(stream)
        line = "x" * (WAITING_AT_MOST_BYTES // 4)
        for _ in range(4):
            output.put(line)

        def put_more() -> None:  # one of them when the pipe has taken a little, the other never
            output.put(line)
            output.put(line)

        putting = Thread(target=put_more)
        putting.start()
        output.interrupt()
        output.pump()  # what the pipe takes at once, and no more
        assert putting.is_alive()
        output.close()
        putting.join()


def test_a_reader_that_comes_late_gets_every_sample() -> None:
    with begun("--json", "--count", "20", *QUICKLY) as process:
        assert process.stdout is not None
        while waiting_in(process.stdout.fileno()) < NEARLY_FULL:
            assert process.poll() is None
        assert [line_of(process)["status"] for _ in range(20)] == ["ok"] * 20
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_at_once_with_whole_lines(number: signal.Signals, tmp_path: Path) -> None:
    with (tmp_path / "said").open("wb") as file:
        process = subprocess.Popen(mptcp_top("stat", "--json", *ENDLESS), stdout=file, stderr=subprocess.PIPE)
        while (tmp_path / "said").read_bytes().count(b"\n") < 3:
            assert process.poll() is None
        process.send_signal(number)
        _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (128 + number, b"")
    assert all(json.loads(line) for line in (tmp_path / "said").read_text().splitlines())


def test_with_nohup_it_outlives_the_terminal() -> None:
    command = ["nohup", *mptcp_top("stat", "--json", *ENDLESS)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        line_of(process)
        process.send_signal(signal.SIGHUP)
        assert [line_of(process)["status"] for _ in range(3)] == ["ok"] * 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143


def test_a_signal_ends_it_though_nobody_reads() -> None:
    with begun("--json", *ENDLESS) as process:
        line_of(process)
        assert process.stdout is not None
        while waiting_in(process.stdout.fileno()) < NEARLY_FULL:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143


def waiting_in(pipe: int) -> int:
    import array  # noqa: PLC0415
    import fcntl  # noqa: PLC0415
    import termios  # noqa: PLC0415

    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return size[0]


def test_a_reader_that_goes_ends_it_before_the_next_sample() -> None:
    with begun("--json", "--count", "2", "--interval", "3600") as process:
        line_of(process)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_an_appliance_is_logged_out_of_when_the_reader_goes(tmp_path: Path) -> None:
    with running() as simulation:
        box = simulation.appliances["ns1"]
        command = [*mptcp_top("stat", "--json", *at(box)), "--count", "100"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(tmp_path)) as process:
            line_of(process)
            assert process.stdout is not None
            process.stdout.close()
            assert process.wait(timeout=30) == 0
        assert (box.audit().logins, box.audit().logouts, box.sessions()) == (1, 1, 0)


COMMANDS = (
    "stat",
    "explain TokenEr",
    "config show",
    "config schema",
    "doctor",
    "man",
    "completion bash",
    "simulate --list",
    "--version",
    "--help",
    "stat --help",
)


@pytest.mark.parametrize("words", [*COMMANDS, "clear --host ns1 --yes-clear ns1"])
def test_a_closed_standard_output_is_told_in_a_line(words: str) -> None:
    command = " ".join(mptcp_top(*words.split()))
    done = subprocess.run(["bash", "-c", f"{command} >&-"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "mptcp-top: standard output: it is closed\n")


def test_a_standard_output_that_does_not_wait_still_gets_everything() -> None:
    script = (
        "import os, sys\nos.set_blocking(1, False)\nfrom mptcp_top.cli.main import main\n"
        f"sys.exit(main(['stat', '--json', '--count', '20', *{QUICKLY!r}]))"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while waiting_in(process.stdout.fileno()) < NEARLY_FULL:
            assert process.poll() is None
        samples = [json.loads(line) for line in process.stdout.read().splitlines()]
        assert process.wait(timeout=30) == 0
    assert len(samples) == 20


def test_a_pipe_gets_the_same_text_whatever_the_variables_say_of_the_terminal() -> None:
    texts = set()
    for more in ({}, {"COLUMNS": "20", "LINES": "5"}, {"TERM": "xterm-256color", "CLICOLOR_FORCE": "1"}):
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **more}
        said = subprocess.run(
            mptcp_top("stat", "--detail"), check=True, capture_output=True, text=True, env=environment
        ).stdout
        assert "\x1b" not in said
        texts.add(tuple(line.split()[0] for line in said.splitlines()[1:]))
        assert all(word in said for word in ("MPJoinNoTokenFound", "unknown token"))
    assert len(texts) == 1


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("more", [(), ("--changed", "--zeros"), ("--rate",), ("--host", "local", "--host", "local:x")])
def test_a_terminal_gets_no_line_that_it_has_to_break(width: int, more: tuple[str, ...]) -> None:
    command = mptcp_top("stat", "--detail", "--count", "2", *QUICKLY, *more)
    with Terminal(command, (width, 400)) as terminal:
        assert terminal.wait_for_end() == bool("local:x" in more)
        lines = [line.rstrip("\r") for line in terminal.written.split("\n")]
    assert max(map(len, lines)) <= width
    assert sum("MPCurrEstab" in line for line in lines) == 2
    if more or width < 40:
        return
    counters = [line for line in lines if line.startswith("    ")]
    assert len(counters) > 100
    columns = " ".join(lines).partition("not shown in")[2]
    assert ("label" in columns) == ("unknown token" not in " ".join(lines))


NOT_UTF_8: tuple[dict[str, str], ...] = (
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0"},
    {},
    {"LANG": "C.UTF-8", "MPTCP_TOP_ASCII": "1"},
)


@pytest.mark.parametrize("variables", NOT_UTF_8)
def test_who_does_not_read_utf_8_reads_a_dash_where_a_number_is_not_known(variables: dict[str, str]) -> None:
    hosts = ("--host", "local", "--host", "local:no-such-namespace")
    for form in ((), ("--json",)):
        done = subprocess.run(
            mptcp_top("stat", *hosts, *form, "MPCurrEstab"),
            check=False,
            capture_output=True,
            env={"PATH": "/bin", **variables},
        )
        said = done.stdout.decode("ascii")
        assert "?" not in said
        assert form or any(line.split()[:1] == ["MPCurrEstab"] and line.split()[2] == "-" for line in said.splitlines())
