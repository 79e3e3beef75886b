"""No password, no token and no word of a command is anywhere in a report, packed or not, nor in the slice in it."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from mptcp_top.cli.targets import jobs_of
from mptcp_top.collector import Collector, CollectorThread
from mptcp_top.config import ask
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.recording import place
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.writer import Writer
from tests.nitro.appliances import PASSWORD, USER, environment, ran, running, tokens, until

if TYPE_CHECKING:
    from mptcp_top.model import Observation
    from mptcp_top.recording.writer import Seen
    from mptcp_top.simulator.running import Simulation

IN_COMMANDS = "orchid-Canary-90417"
PIECE = 12


def recorded(simulation: Simulation, home: Path, path: Path) -> set[str]:
    """Record every appliance as the program would, and return the tokens of the sessions."""
    hosts = tuple(box.url for box in simulation.appliances.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPTCP_TOP_PASSWORD", PASSWORD)
        jobs = jobs_of(ask({"host": hosts, "user": USER, "allow_http": True, "interval": 1.0}, environment(home)))
    targets = [job.source.target for job in jobs]
    store = Store(targets)
    taps = Tap(store)
    seen: list[Seen | None] = []

    def take(observation: Observation) -> None:
        seen.append(taps.seen(observation))

    thread = CollectorThread(Collector(jobs, Engine(store), take), lambda: None)
    thread.start()
    try:
        until(lambda: len(seen) >= 3 * len(targets), "three samples of each")
        found = tokens(simulation)
        simulation.appliances["ns1"].switch(latency_seconds=0.2)
        until(lambda: len(seen) >= 5 * len(targets), "some more samples")
        found |= tokens(simulation)
    finally:
        thread.stop()
    claimed = place.claim(path)
    connection = place.to_write(path)
    first = next(one.reading for one in seen if one is not None)
    writer = Writer(connection, targets, first.monotonic - 1, first.wall - 1)
    writer.write([one for one in seen if one is not None])
    writer.finish()
    connection.close()
    place.let_go(claimed)
    return found


def test_no_secret_is_in_a_report(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    config = Path(ran(home, "config", "path").stdout.strip())
    config.parent.mkdir(parents=True, exist_ok=True)
    secret_file = home / "secret"
    secret_file.write_text(f"{PASSWORD}\n")
    secret_file.chmod(0o600)
    config.write_text(
        f'[targets.one]\nhost = "https://192.0.2.1"\nuser = "{USER}"\npassword_file = "{secret_file}"\n'
        f'[targets.two]\nhost = "https://192.0.2.2"\npassword_command = ["pass", "{IN_COMMANDS}"]\n'
        f'[alerts]\ncommand = ["curl", "https://hooks.example/{IN_COMMANDS}"]\n'
    )
    config.chmod(0o600)
    with running("demo") as simulation:
        held = recorded(simulation, home, tmp_path / "fleet.db")
    assert held, "no token was seen, so none can be looked for"
    for output, password in (("out", PASSWORD), ("out.tar.gz", "")):
        arguments = ("report", str(tmp_path / "fleet.db"), "-o", str(tmp_path / output))
        done = ran(home, *arguments, MPTCP_TOP_PASSWORD=password)
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
    with tarfile.open(tmp_path / "out.tar.gz") as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    secrets = {PASSWORD, IN_COMMANDS, *held, *(quote(token, safe="") for token in held)}
    pieces = {secret[begin : begin + PIECE] for secret in secrets for begin in range(len(secret) - PIECE + 1)}
    for folder in (tmp_path / "out", tmp_path / "unpacked"):
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert {"summary.md", "settings.txt", "recording.db"} <= {path.name for path in files}
        for path in files:
            content = path.read_bytes().decode("utf-8", "replace")
            assert [piece for piece in pieces if piece in content] == [], path
    assert "curl …" in (tmp_path / "out/settings.txt").read_text()
    assert "password_command pass " in (tmp_path / "unpacked/out/settings.txt").read_text()
