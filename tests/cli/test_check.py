"""``check`` as a monitoring system calls it: one line on standard output and 0, 1, 2 or 3, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugin_output import Output, numbers_in, understood
from tests.terminal import mptcp_top

NEVER_IMPORTED = ("textual", "rich", "aiohttp", "plotext")
QUICK = ("--interval", "0.1")
HERE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        mptcp_top(*arguments), check=False, capture_output=True, text=True, env={**HERE, **environment}, timeout=60
    )


def check(*arguments: str, **environment: str) -> Output:
    return understood(run("check", *arguments, **environment))


def test_it_starts_without_the_screens_and_without_http() -> None:
    script = (
        f"import sys\nfrom mptcp_top.cli.main import main\nmain(['check', *{QUICK!r}])\n"
        f"print([name for name in {NEVER_IMPORTED!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ("sessions < 0", "OK"),
        ("sessions >= 0", "WARNING"),
        ("critical: sessions >= 0", "CRITICAL"),
        ("TokenEr rises", "UNKNOWN"),
    ],
)
def test_each_verdict_has_its_exit_code(rule: str, state: str) -> None:
    said = check("--rule", rule, *QUICK)
    assert (said.state, said.below) == (state, [])


def test_the_worst_of_several_rules_is_the_verdict() -> None:
    rules = ("sessions >= 0", "critical: sessions >= 0", "sessions < 0")
    said = check(*(part for rule in rules for part in ("--rule", rule)))
    assert said.state == "CRITICAL"
    assert said.numbers["sessions"].crit == "@0:"


def test_what_cannot_be_read_is_unknown_beside_what_can() -> None:
    said = check("--host", "local", "--host", "local:no-such-namespace", *QUICK, "--rule", "errors > 1000/s")
    assert said.state == "UNKNOWN"
    assert said.says.startswith("local:no-such-namespace: unreachable: there is no network namespace no-such-namespace")
    assert set(said.numbers) == {"local:errors/s"}


def test_json_is_one_object_of_the_same_verdict() -> None:
    done = run("check", "--json", *QUICK, "--samples", "3")
    told = json.loads(done.stdout)
    assert (told["exit_code"], done.stderr) == (done.returncode, "")
    (target,) = told["targets"]
    assert (target["target"], target["status"], target["samples"]) == ("local", "ok", 3)
    assert {rule["origin"] for rule in target["rules"]} == {"default"}
    assert numbers_in(told["perfdata"])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check", "--bogus"], "unrecognized arguments: --bogus"),
        (["check", "--samples", "0"], "whole number from 1"),
        (["check", "--samples", "|"], "not '¦'"),
        (["check", "--interval", "soon"], "not 'soon'"),
        (["--interval", "soon", "check"], "not 'soon'"),
        (["check", "--deadline", "x"], "give seconds"),
        (["check", "--password", "x"], "there is no --password"),
        (["check", "pattern"], "unrecognized arguments: pattern"),
        (["--demo", "check"], "--demo is the dashboard's"),
        (["check", "--rule", "errors > 3"], "at column 10"),
        (["check", "--rule", "errrs > 3/s"], "did you mean errors"),
        (["check", "--group", "nobody"], "there is no group 'nobody'"),
        (["check", "--host", "ns1/nitro"], "only the host and port"),
        (["check", "--host", "http://ns1"], "--allow-http"),
        (["check", "--host", "ns1", "--user", "u"], "ns1: no password for u"),
        (["check", "--samples", "1"], "give --samples 2 or more"),
        (["check", "--rule", "sessions < 1", "--deadline", "0.5"], "to end takes 0.5 s: give more"),
        (["check", "--rule", "bogus < 1"], "figures: join_success, joins_in"),
        (["check", "--deadline", "3"], "the samples alone take 5 s, and to end 0.5 s"),
        (
            ["check", "--samples", "7", "--interval", "10", "--deadline", "60"],
            "the samples alone take 60 s, and to end 0.5 s",
        ),
        (["check", "--host", "ns1", "--interval", "4"], "give --interval 8 or more, or --samples 3"),
        (["check", "--host", "ns1", "--samples", "3", "--interval", "3"], "--interval 4 or more, or --samples 4"),
    ],
)
def test_a_mistake_is_unknown_and_told_where_monitoring_looks(arguments: list[str], complaint: str) -> None:
    said = understood(run(*arguments))
    assert said.state == "UNKNOWN"
    assert complaint in said.says
    assert (said.numbers, said.below) == ({}, [])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check", "--json", "--bogus"], "unrecognized arguments: --bogus"),
        (["check", "--samples", "0", "--json"], "whole number from 1"),
        (["--interval", "soon", "check", "--json"], "not 'soon'"),
        (["check", "--json", "--rule", "errrs > 3/s"], "did you mean errors"),
        (["check", "--json", "--host", "http://ns1"], "--allow-http"),
    ],
)
def test_a_program_is_told_of_a_mistake_as_an_object_and_people_beside_it(arguments: list[str], complaint: str) -> None:
    done = run(*arguments)
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"], told["state"]) == (3, 3, "unknown")
    assert complaint in told["says"]
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_that_nobody_can_be_told_of_is_unknown_all_the_same() -> None:
    for arguments in (["--bogus"], ["--json", "--bogus"], ["--json", "--rule", "x"]):
        line = " ".join(mptcp_top("check", *arguments))
        for redirection in (">/dev/full", ">/dev/full 2>&1", ">&-", ">&- 2>&-", "2>&-"):
            done = subprocess.run(["bash", "-c", f"{line} {redirection}"], check=False, capture_output=True, text=True)
            assert done.returncode == 3, redirection
            assert "Traceback" not in done.stderr


def test_the_mistakes_of_other_commands_keep_their_exit_code() -> None:
    for arguments in (["stat", "--bogus"], ["--bogus"], ["stat", "check", "--bogus"]):
        assert run(*arguments).returncode == 2


def test_a_mistake_in_the_environment_or_the_file_is_unknown(tmp_path: Path) -> None:
    assert "there is no such variable" in check(MPTCP_TOP_HOSTS="local").says
    file = tmp_path / "config.toml"
    file.write_text('[alerts.rules]\n"mine" = "errors > 3"\n')
    assert "errors is a counter" in check(MPTCP_TOP_CONFIG=str(file)).says
    told = json.loads(run("check", "--json", MPTCP_TOP_CONFIG=str(file)).stdout)
    assert (told["state"], told["exit_code"]) == ("unknown", 3)


def test_the_interval_of_the_file_is_the_dashboard_s(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[defaults]\ninterval = 3600\n")
    said = check("--deadline", "30", "--rule", "errors > 1000/s", "-v", MPTCP_TOP_CONFIG=str(file))
    assert said.below[0] == "local: 2 of 2 samples, 5 s apart"


def test_the_targets_of_a_group_are_judged(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[targets.here]\nhost = "local"\n[groups.all]\ntargets = ["here", "local"]\n')
    said = check("--group", "all", "--rule", "sessions < 0", MPTCP_TOP_CONFIG=str(file))
    assert set(said.numbers) == {"here:sessions", "local:sessions"}


def test_a_command_that_gives_no_password_does_not_outlast_the_deadline(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[targets.ns1]\nuser = "u"\npassword_command = ["/bin/sleep", "29"]\n')
    file.chmod(0o600)
    arguments = ("--host", "ns1", "--rule", "sessions < 1", "--deadline", "4")
    said = check(*arguments, MPTCP_TOP_CONFIG=str(file))
    assert said.state == "UNKNOWN"
    assert said.says.startswith("ns1: the deadline of 4 s came before anybody could be asked: a command gives no pass")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_with_a_verdict(number: signal.Signals) -> None:
    command = mptcp_top("check", "--interval", "3000", "--rule", "critical: errors > 1/s")
    environment = {**HERE, "PYTHONUNBUFFERED": "1", "PYTHONVERBOSE": ""}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        wait_for_handlers(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    said = understood(subprocess.CompletedProcess(command, process.returncode, out, err))
    assert said.state == "UNKNOWN"
    assert said.says.endswith(f"before {number.name} came")


def wait_for_handlers(pid: int) -> None:
    """Wait until a process has a handler of its own for the last of the signals that end it."""
    caught = 0
    while not caught & 1 << signal.SIGQUIT - 1:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)


def test_who_cannot_be_told_gets_no_verdict() -> None:
    line = " ".join(mptcp_top("check", "--rule", "'sessions < 0'"))
    for redirection, complaint in ((">/dev/full", "No space left"), (">&-", "")):
        done = subprocess.run(["bash", "-c", f"{line} {redirection}"], check=False, capture_output=True, text=True)
        assert done.returncode == 3
        assert complaint in done.stderr
        assert "Traceback" not in done.stderr


def test_a_bug_is_loud_and_no_warning() -> None:
    script = (
        "from mptcp_top.cli.check.judge import Judge\nJudge.take = None\n"
        f"from mptcp_top.cli.main import main\nraise SystemExit(main(['check', *{QUICK!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (3, "MPTCP UNKNOWN: a bug in mptcp-top: ExceptionGroup\n")
    assert "Traceback" in done.stderr


def test_a_closed_standard_input_is_no_matter() -> None:
    line = " ".join(mptcp_top("check", "--host", "ns1.invalid", "--user", "u", "--rule", "'sessions < 0'"))
    done = subprocess.run(["bash", "-c", f"{line} <&-"], check=False, capture_output=True, text=True, env=HERE)
    assert "no password for u" in understood(done).says


def test_a_locale_without_utf8_is_no_reason_to_crash() -> None:
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        mptcp_top("check", "-v", *QUICK), check=False, capture_output=True, text=True, env=environment, timeout=60
    )
    assert understood(done).below


def test_the_help_says_what_a_check_does_not_share_with_the_dashboard() -> None:
    said = " ".join(run("check", "--help").stdout.split())
    assert "for check 5 and 10" in said
    assert "What is silenced in the dashboard is judged all the same" in said


def test_options_before_the_command_count_too() -> None:
    assert "local:elsewhere" in understood(run("--host", "local:elsewhere", "check", *QUICK)).says


NEGATE = shutil.which("negate", path="/usr/lib/nagios/plugins:/usr/lib64/nagios/plugins") or os.environ.get(
    "NEGATE", ""
)


@pytest.mark.skipif(not NEGATE, reason="negate is in Debian's monitoring-plugins-basic")
def test_a_plugin_that_calls_plugins_understands_it() -> None:
    for rule, code in (("sessions < 0", 2), ("critical: sessions >= 0", 0), ("sessions >= 0", 1), ("TokenEr > 1/s", 3)):
        command = [NEGATE, "-s", *mptcp_top("check", "--rule", rule, *QUICK)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=HERE, timeout=60)
        assert (done.returncode, done.stderr) == (code, "")
        assert understood(done).state == ("OK", "WARNING", "CRITICAL", "UNKNOWN")[code]


PARSE = (
    "use Monitoring::Plugin::Performance; "
    "printf qq(%s %s %s %s\\n), $_->label, $_->value, $_->warning // '', $_->critical // '' "
    "for Monitoring::Plugin::Performance->parse_perfstring($ARGV[0])"
)


def test_the_perl_library_of_plugins_reads_the_same_numbers() -> None:
    if subprocess.run(["perl", "-MMonitoring::Plugin", "-e1"], check=False, capture_output=True).returncode:
        pytest.skip("the Perl module is in Debian's libmonitoring-plugin-perl")
    done = run("check", "--host", "local", "--host", "local:/proc/self/ns/net", *QUICK)
    numbers = understood(done).numbers
    data = done.stdout.partition("| ")[2].strip()
    read = subprocess.run(["perl", "-e", PARSE, data], check=True, capture_output=True, text=True).stdout
    known = {label: number for label, number in numbers.items() if number.value is not None}  # it has no word for U
    assert read.splitlines() == [
        f"{label} {number.value:g} {number.warn} {number.crit}" for label, number in known.items()
    ]


def test_a_deadline_counts_from_the_start_of_the_process_however_long_python_takes_to_begin() -> None:
    script = "import sys, time\ntime.sleep(1.5)\nfrom mptcp_top.cli.main import main\nsys.exit(main(sys.argv[1:]))"
    arguments = ("check", "--host", "local", "--rule", "errors < 1000000/s", "--interval", "1", "--deadline", "2")
    done = subprocess.run([sys.executable, "-c", script, *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 3
    assert "in time for the deadline of 2 s" in done.stdout


def test_a_deadline_shorter_than_a_log_out_is_no_mistake_where_one_sample_is_enough() -> None:
    said = understood(run("check", "--host", "ns1", "--user", "u", "--rule", "sessions < 1", "--deadline", "2"))
    assert "samples" not in said.says
