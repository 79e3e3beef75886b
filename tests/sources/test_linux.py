"""The local source on recorded trees, on this kernel, and in real network namespaces."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.errors import BadReply, NoAccess, SourceError, Unreachable, Unsupported
from mptcp_top.model import Group, Sample, Target
from mptcp_top.sources.linux import CONTEXT_SECONDS, LinuxSource
from mptcp_top.sources.registry import target_of
from tests.lab import why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[1] / "netstat"
LOCAL = Target("local", "linux")
needs_namespaces = pytest.mark.skipif(bool(why_not()), reason=str(why_not()))


def tree(folder: Path, netstat: bytes, **sysctls: str) -> Path:
    """Build what of /proc the source reads."""
    (folder / "thread-self/net").mkdir(parents=True)
    (folder / "thread-self/net/netstat").write_bytes(netstat)
    (folder / "sys/net/mptcp").mkdir(parents=True)
    (folder / "sys/kernel/random").mkdir(parents=True)
    (folder / "sys/kernel/random/boot_id").write_text("0d9f6c0e\n")
    for name, value in sysctls.items():
        (folder / "sys/net/mptcp" / name).write_text(f"{value}\n")
    return folder


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def recorded(name: str) -> bytes:
    return (FOLDER / f"linux-{name}.txt").read_bytes()


@contextmanager
def reading(target: Target, proc: Path = Path("/proc")) -> Iterator[LinuxSource]:
    source = LinuxSource(target, proc)
    try:
        yield source
    finally:
        source.close_now()


def value(sample: Sample, name: str) -> int | None:
    return sample.values[sample.layout.index[name]]


def test_the_header_line_is_told_kernel_host_boot_and_sysctls(tmp_path: Path) -> None:
    with reading(LOCAL, tree(tmp_path, recorded("6.18.44"), enabled="1", scheduler="default")) as source:
        identity = source.read().identity
    assert identity.product == f"Linux {os.uname().release}"
    assert identity.host == os.uname().nodename
    assert identity.boot is not None
    assert identity.boot.partition("/")[0] == "0d9f6c0e"
    assert identity.facts == {"net.mptcp.enabled": "1", "net.mptcp.scheduler": "default"}
    assert identity.notices == ()


def test_mptcp_switched_off_is_a_notice_with_the_command_and_counters_go_on(tmp_path: Path) -> None:
    with reading(LOCAL, tree(tmp_path, recorded("6.18.44"), enabled="0")) as source:
        sample = source.read()
    assert "sysctl -w net.mptcp.enabled=1" in sample.identity.notices[0]
    assert value(sample, "MPCapableSYNRX") == 41


def test_a_kernel_without_mptcp_is_unsupported(tmp_path: Path) -> None:
    with (
        reading(LOCAL, tree(tmp_path, recorded("6.18-without-mptcp"))) as source,
        pytest.raises(Unsupported, match="no MPTCP counters"),
    ):
        source.read()


def test_no_proc_at_all_is_unsupported(tmp_path: Path) -> None:
    with reading(LOCAL, tmp_path) as source, pytest.raises(Unsupported, match="thread-self/net/netstat"):
        source.read()


def test_a_truncated_file_is_a_bad_reply_and_the_next_read_may_be_good(tmp_path: Path) -> None:
    proc = tree(tmp_path, recorded("6.18.44")[:-40])
    with reading(LOCAL, proc) as source:
        with pytest.raises(BadReply):
            source.read()
        (proc / "thread-self/net/netstat").write_bytes(recorded("6.18.44"))
        assert value(source.read(), "MPRstRx") == 10


def test_a_file_larger_than_the_first_read_is_read_whole(tmp_path: Path) -> None:
    padded = b"XExt: " + b"a " * 20_000 + b"\nXExt: " + b"1 " * 20_000 + b"\n" + recorded("6.18.44")
    with reading(LOCAL, tree(tmp_path, padded)) as source:
        assert value(source.read(), "MPRstRx") == 10


def test_counters_nobody_knows_are_kept_in_the_panel_their_name_suggests(tmp_path: Path) -> None:
    raw = recorded("6.18.44").replace(b" WinProbe\n", b" WinProbe MPJoinBrandNew\n")[:-1] + b" 7\n"
    with reading(LOCAL, tree(tmp_path, raw)) as source:
        sample = source.read()
    metric = sample.layout.metrics[sample.layout.index["MPJoinBrandNew"]]
    assert (metric.group, value(sample, "MPJoinBrandNew")) == (Group.MP_JOIN, 7)


def test_a_header_that_changes_under_way_is_read_by_its_new_names(tmp_path: Path) -> None:
    proc = tree(tmp_path, recorded("6.1.192"))
    with reading(LOCAL, proc) as source:
        assert len(source.read().values) == 56
        (proc / "thread-self/net/netstat").write_bytes(recorded("7.3.4"))
        sample = source.read()
        assert (len(sample.values), value(sample, "MPRstRx")) == (86, 10)


def test_the_layout_is_the_same_object_while_the_header_is_the_same(tmp_path: Path) -> None:
    with reading(LOCAL, tree(tmp_path, recorded("6.18.44"))) as source:
        assert source.read().layout is source.read().layout


def test_closing_gives_every_descriptor_back(tmp_path: Path) -> None:
    before = descriptors()
    source = LinuxSource(LOCAL, tree(tmp_path, recorded("6.18.44"), enabled="1", scheduler="default"))
    source.read()
    asyncio.run(source.close())
    asyncio.run(source.close())
    assert descriptors() == before


def test_a_failing_source_does_not_leak_descriptors(tmp_path: Path) -> None:
    before = descriptors()
    source = LinuxSource(Target("local:gone", "linux", "gone"), tmp_path)
    for _ in range(20):
        with pytest.raises(SourceError):
            source.read()
    assert descriptors() == before


def told(name: str) -> dict[str, int]:
    """Return what the kernel says inside a namespace."""
    command = ["ip", "netns", "exec", name, "grep", "^MPTcpExt:", "/proc/net/netstat"]
    names, values = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {key: int(count) for key, count in zip(names.split()[1:], values.split()[1:], strict=True)}


@contextmanager
def namespace(name: str) -> Iterator[str]:
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@needs_namespaces
def test_a_namespace_is_read_and_not_the_host() -> None:
    with namespace(f"mtt{os.getpid()}a") as name, reading(target_of(f"local:{name}")) as source:
        sample = source.read()
        assert {metric.name: v for metric, v in zip(sample.layout.metrics, sample.values, strict=True)} == told(name)
        assert sample.identity.boot is not None
        assert "/" in sample.identity.boot


@needs_namespaces
def test_the_sysctls_are_those_of_the_namespace() -> None:
    name = f"mtt{os.getpid()}b"
    with namespace(name), reading(target_of(f"local:{name}")) as source:
        subprocess.run(["ip", "netns", "exec", name, "sysctl", "-qw", "net.mptcp.enabled=0"], check=True)
        assert source.read().identity.notices
        with reading(LOCAL) as host:
            assert host.read().identity.facts["net.mptcp.enabled"] == "1"


@needs_namespaces
def test_a_vanished_namespace_is_unreachable_although_its_file_still_reads() -> None:
    name = f"mtt{os.getpid()}c"
    with namespace(name), reading(target_of(f"local:{name}")) as source:
        source.read()
        subprocess.run(["ip", "netns", "del", name], check=True)
        with pytest.raises(Unreachable, match="no network namespace") as caught:
            source.read()
        assert "ip netns list" in caught.value.advice


@needs_namespaces
def test_watching_does_not_keep_a_deleted_namespace_alive() -> None:
    name, link = f"mtt{os.getpid()}f", f"mt{os.getpid()}x"
    with namespace(name), reading(target_of(f"local:{name}")) as source:
        subprocess.run(["ip", "link", "add", link, "type", "veth", "peer", "mtpeer", "netns", name], check=True)
        source.read()
        subprocess.run(["ip", "netns", "del", name], check=True)
        with pytest.raises(Unreachable):
            source.read()
        deadline = time.monotonic() + 10  # the kernel takes a namespace down in its own time
        while Path("/sys/class/net", link).exists():
            assert time.monotonic() < deadline
            os.sched_yield()


@needs_namespaces
def test_a_namespace_made_anew_under_its_name_is_another_boot() -> None:
    name = f"mtt{os.getpid()}d"
    with namespace(name), reading(target_of(f"local:{name}")) as source:
        first = source.read().identity.boot
        subprocess.run(["ip", "netns", "del", name], check=True)
        subprocess.run(["ip", "netns", "add", name], check=True)
        assert source.read().identity.boot != first


@needs_namespaces
def test_a_path_means_a_namespace_too() -> None:
    with reading(target_of("local:/proc/self/ns/net")) as source:
        assert value(source.read(), "MPCapableSYNRX") is not None
    with reading(target_of("local:/etc/hostname")) as source, pytest.raises(Unreachable, match="no network namespace"):
        source.read()


@needs_namespaces
def test_without_the_right_to_enter_it_says_which_is_missing() -> None:
    with namespace(f"mtt{os.getpid()}e") as name:
        script = (
            "import ctypes\nimport os\nfrom mptcp_top.sources.linux import LinuxSource\n"
            "from mptcp_top.sources.registry import target_of\nos.setgid(65534)\nos.setuid(65534)\n"
            f"try:\n    LinuxSource(target_of('local:{name}')).read()\n"
            "except Exception as error:\n    print(type(error).__name__, error.reason, error.advice)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]
        )
    assert NoAccess.__name__ in done.stdout
    assert "CAP_SYS_ADMIN" in done.stdout


@pytest.mark.skipif(shutil.which("nstat") is None, reason="nstat (iproute2) is not installed")
def test_this_kernel_is_read_as_nstat_reads_it() -> None:
    with reading(LOCAL) as source:
        sample = source.read()
    listed = subprocess.run(["nstat", "-asz", "MPTcpExt*"], check=True, capture_output=True, text=True).stdout
    theirs = {row.split()[0].removeprefix("MPTcpExt") for row in listed.splitlines() if row.startswith("MPTcpExt")}
    assert set(sample.layout.index) == theirs


def test_context_is_read_rarely() -> None:
    assert CONTEXT_SECONDS >= 5
