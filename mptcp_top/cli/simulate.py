"""``mptcp-top simulate``: appliances to try the dashboard on, without a NetScaler in the house."""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.passwords import read_password_file
from mptcp_top.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

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
    if options.list_faults:
        return _list_faults()
    if not 0 <= options.port <= 65_535:
        raise SettingsError(f"give a --port from 0 to 65535, not {options.port}")

    with ExitStack() as undo:
        wait_for_signal = _held_signals(undo)
        password = _password(options, undo)
        certificate = _certificate(options, undo)
        afterwards = undo.enter_context(ExitStack())
        simulation = undo.enter_context(_simulation(options, password, certificate))
        _write_audit(options, simulation, afterwards)
        if not options.quiet:
            print("\n".join(_introduction(simulation, password, certificate)), flush=True)
        number = wait_for_signal()
        if not options.quiet:
            afterwards.callback(_say, _summary(simulation))
    return 128 + number


def _simulation(options: argparse.Namespace, password: _Password, certificate: Certificate | None) -> Simulation:
    """Return what is asked for, with its faults and switches; it does not run yet."""
    from mptcp_top.simulator.accounts import NO_MPTCP, READ_ONLY  # noqa: PLC0415  # only the command needs it
    from mptcp_top.simulator.asked import fault_of, switches_of  # noqa: PLC0415  # the same
    from mptcp_top.simulator.running import Simulation  # noqa: PLC0415  # aiohttp takes a while to import

    faults, switches = [fault_of(text) for text in options.fault], switches_of(options.set)
    simulation = Simulation(
        options.scenario,
        password=password.secret.reveal(),
        user=options.user,
        policy=NO_MPTCP if options.deny else READ_ONLY,
        listen=options.listen,
        port=options.port,
        certificate=certificate,
    )
    for box in simulation.appliances.values():
        box.switch(**switches)
        for fault in faults:
            box.fault(fault.name, fault.on, fault.times, fault.skip, **fault.options)
    return simulation


def _list() -> int:
    from mptcp_top.simulator.scenario import load_scenario, scenario_names  # noqa: PLC0415  # only the command needs it

    names = scenario_names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:<{width}}  {load_scenario(name).title}")
    return 0


def _list_faults() -> int:
    from mptcp_top.simulator.asked import explained  # noqa: PLC0415  # only the command needs it

    print("\n".join(explained()))
    return 0


def _held_signals(undo: ExitStack) -> Callable[[], int]:
    """Return a function that waits for a signal that ends the program, and returns its number.

    The signals are held back from now on, so that none comes between a file and its removal. After one has come they
    are held back for good: a second one changes nothing. An ignored SIGHUP (nohup) stays ignored.
    """
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        numbers.remove(signal.SIGHUP)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    ended: list[int] = []

    def wait() -> int:
        ended.append(signal.sigwait(numbers))
        return ended[0]

    def release() -> None:
        if not ended:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    undo.callback(release)
    return wait


def _write_audit(options: argparse.Namespace, simulation: Simulation, afterwards: ExitStack) -> None:
    if options.audit is None:
        return
    from mptcp_top.simulator.audit import AuditFile  # noqa: PLC0415  # only who asks for it needs it

    file = AuditFile(Path(options.audit))
    afterwards.callback(file.close)
    for box in simulation.appliances.values():
        box.tell(file.write)


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


def _summary(simulation: Simulation) -> Iterator[str]:
    """Yield a line for every appliance: what it was asked, and what is left of that."""
    for name, box in simulation.appliances.items():
        audit = box.audit()
        said = {
            "requests": len(audit.records),
            "logins": audit.logins,
            "failed logins": audit.failed_logins,
            "logouts": audit.logouts,
            "stateless calls": audit.stateless,
            "clearstats": audit.clearstats,
            "most requests in flight": audit.in_flight_maximum,
            "sessions still open": box.sessions(),
        }
        yield f"{name}  {', '.join(f'{what} {count}' for what, count in said.items())}"


def _say(lines: Iterable[str]) -> None:
    """Print lines, unless nobody is there any more: that the terminal was closed is why we are here."""
    try:
        print("\n".join(lines), flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
