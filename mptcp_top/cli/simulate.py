"""``mptcp-top simulate``: appliances to try the dashboard on, without a NetScaler in the house."""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.passwords import read_password_file
from mptcp_top.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from mptcp_top.simulator.certificate import Certificate
    from mptcp_top.simulator.running import Simulation

PASSWORD_VARIABLE: Final = "MPTCP_TOP_SIMULATE_PASSWORD"  # noqa: S105  # the name of a variable


class _Password(NamedTuple):
    secret: Secret
    file: Path | None = None


def simulate(options: argparse.Namespace) -> int:
    """Run appliances until a signal ends them, and return the exit code.

    Raises:
        SettingsError: what is asked for cannot be.
    """
    if options.list:
        return _list()
    if not 0 <= options.port <= 65_535:
        raise SettingsError(f"give a --port from 0 to 65535, not {options.port}")
    from mptcp_top.simulator.running import Simulation  # noqa: PLC0415  # aiohttp takes a while to import

    with ExitStack() as undo:
        ended = _until_a_signal(undo)
        password = _password(options, undo)
        certificate = _certificate(options, undo)
        simulation = undo.enter_context(
            Simulation(
                options.scenario,
                password=password.secret.reveal(),
                user=options.user,
                listen=options.listen,
                port=options.port,
                certificate=certificate,
            )
        )
        if not options.quiet:
            print("\n".join(_introduction(simulation, password, certificate)), flush=True)
        number = ended()
    return 128 + number


def _list() -> int:
    from mptcp_top.simulator.scenario import load_scenario, scenario_names  # noqa: PLC0415  # only the command needs it

    names = scenario_names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:<{width}}  {load_scenario(name).title}")
    return 0


def _until_a_signal(undo: ExitStack) -> Callable[[], int]:
    """Return a function that waits for SIGINT or SIGTERM and returns its number."""
    got: list[int] = []
    happened = Event()

    def note(number: int, _frame: object) -> None:
        got.append(number)
        happened.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        undo.callback(signal.signal, number, signal.signal(number, note))

    def wait() -> int:
        while not happened.wait(3600):
            pass
        return got[0]

    return wait


def _password(options: argparse.Namespace, undo: ExitStack) -> _Password:
    if options.password_file is not None:
        return _Password(read_password_file(Path(options.password_file)), Path(options.password_file))
    if from_environment := os.environ.get(PASSWORD_VARIABLE):
        return _Password(Secret(from_environment))
    if options.quiet:
        raise SettingsError(
            f"--quiet would not say where a random password is: give --password-file or {PASSWORD_VARIABLE}"
        )
    made = Secret(secrets.token_urlsafe(18))
    descriptor, name = tempfile.mkstemp(prefix="mptcp-top-simulate-", suffix=".password")  # 0600
    undo.callback(Path(name).unlink, missing_ok=True)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(made.reveal() + "\n")
    return _Password(made, Path(name))


def _certificate(options: argparse.Namespace, undo: ExitStack) -> Certificate | None:
    if bool(options.cert) != bool(options.key):
        raise SettingsError("a certificate has a key: give --cert FILE and --key FILE, or --tls alone to have one made")
    if not (options.tls or options.cert):
        return None
    from mptcp_top.simulator.certificate import Certificate, self_signed  # noqa: PLC0415  # only TLS needs it
    from mptcp_top.simulator.running import reachable  # noqa: PLC0415  # the same

    if options.cert:
        return Certificate(Path(options.cert), Path(options.key))
    made = self_signed(reachable(options.listen).strip("[]"))
    undo.callback(made.discard)
    return made


def _introduction(simulation: Simulation, password: _Password, certificate: Certificate | None) -> Iterator[str]:
    """Yield a line for every appliance, and how to look at all of them."""
    flags = ["--allow-http"] if certificate is None else []
    if certificate is not None and certificate.made:
        flags += ["--cacert", str(certificate.cert)]
    flags += ["--user", shlex.quote(simulation.user)]
    if password.file is not None:
        flags += ["--password-file", shlex.quote(str(password.file))]
    for name, box in simulation.appliances.items():
        yield f"{name}  {box.url}  user {printable(simulation.user)}  mptcp-top --host {box.url} {' '.join(flags)}"
    if password.file is not None:
        yield f"password: in {printable(str(password.file))}"
    else:
        yield f"password: that of {PASSWORD_VARIABLE}"
