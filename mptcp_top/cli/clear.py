"""``mptcp-top clear``: set an appliance's counters to zero, for everybody, and only if somebody really means it."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from typing import TYPE_CHECKING, Final

from mptcp_top.cli import clear_said as said
from mptcp_top.cli.clear_record import Deed, Record
from mptcp_top.cli.ending import to_the_end
from mptcp_top.cli.saying import Voice, folded, tell, width_of
from mptcp_top.config import ask
from mptcp_top.credentials import can_ask, credentials_of
from mptcp_top.errors import AuthFailed, NoAccess, SettingsError, SourceError, Unreachable, Unsupported
from mptcp_top.sources.nitro.reply import SessionOver, TableFull
from mptcp_top.sources.registry import target_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.cli.ending import Ending
    from mptcp_top.config import Asked
    from mptcp_top.credentials import Credentials
    from mptcp_top.model import Sample, Target
    from mptcp_top.settings import Access
    from mptcp_top.sources.nitro.clear import ClearableNetScaler, Scope

ANSWER_SECONDS: Final = 120.0
"""How long a question stands: less than the appliance keeps an idle session, and nobody leaves it open for good."""


def clear(options: Mapping[str, object], environment: Mapping[str, str]) -> int:
    """Clear the counters of one appliance, and return the exit code: 1 if it did not do it.

    Raises:
        SettingsError: it is not to be done, or not confirmed: then nothing was.
    """
    asked = ask(options, environment)
    target = _the_one(asked, options)
    _refuse_what_nobody_confirms(target, options["yes_clear"])
    record = Record(environment)
    access = asked.access_of(target.name)
    credentials = credentials_of(target.name, access, environment, interactive=can_ask())
    from mptcp_top.sources.nitro.address import address_of  # noqa: PLC0415  # brings an HTTP client along
    from mptcp_top.sources.nitro.clear import ClearableNetScaler, Scope  # noqa: PLC0415  # the same

    source = ClearableNetScaler(target, address_of(target.address), access, credentials)
    scope = Scope.FULL if options["full"] else Scope.BASIC
    visit = _Visit(source, scope, record, access, credentials)
    return to_the_end(lambda ending: visit.run(ending, confirmed=options["yes_clear"] is not None))


def _the_one(asked: Asked, options: Mapping[str, object]) -> Target:
    """Return the one target that was typed; what a variable or the config file names is not typed.

    Raises:
        SettingsError: there is none, more than one, or none that can be cleared.
    """
    hosts: Sequence[str] = asked.flags.get("host") or []
    if options.get("group"):
        raise SettingsError("clear takes no group: one target at a time, with --host NAME")
    if len(hosts) != 1:
        which = f"not {len(hosts)} of them" if hosts else "here on the command line, not by a variable or the file"
        raise SettingsError(f"clear takes one target, {which}: mptcp-top clear --host NAME")
    name = hosts[0]
    if name in asked.config.groups and name not in asked.config.targets:
        raise SettingsError(f"{printable(name)} is a group, and clear takes one target")
    asked.refuse_slash(name)
    target = target_of(name, asked.access_of(name))
    if target.source != "netscaler":
        raise SettingsError(
            f"{printable(name)}: a kernel's counters cannot be cleared, by nobody. To count from now on: m (mark) in "
            "the dashboard, or mptcp-top stat --since-last"
        )
    return target


def _refuse_what_nobody_confirms(target: Target, confirmed: object) -> None:
    if confirmed is not None and confirmed != target.name:
        slash = " (with one slash too many or too few)" if str(confirmed).rstrip("/") == target.name.rstrip("/") else ""
        raise SettingsError(
            f"--yes-clear {printable(str(confirmed), 80)} does not name the target, which is {printable(target.name)}"
            f"{slash}: nothing was cleared"
        )
    if confirmed is None and not can_ask():
        raise SettingsError(
            f"nobody is at a terminal to confirm it: --yes-clear {printable(target.name)} says that it is meant"
        )


class _Visit:
    """One login, the numbers before, one request, the numbers after, one logout."""

    def __init__(
        self, source: ClearableNetScaler, scope: Scope, record: Record, access: Access, credentials: Credentials
    ) -> None:
        self._source, self._scope, self._record = source, scope, record
        self._seconds = access.timeout
        self._deed = Deed(source.target, credentials.user, scope.value)
        self._voice = Voice(said.HANGING)

    async def run(self, ending: Ending, *, confirmed: bool) -> int:
        """Do it all and return the exit code.

        Raises:
            SettingsError: it was not confirmed, or what was before cannot be saved.
        """
        try:
            before = await self._read()
            self._source.refuse_without_session()
            if not confirmed:
                await self._confirm(before)
                before = await self._read()
            saved = self._record.save(before)
            self._record.note(self._deed, "asked")
            with ending.held_back():
                outcome = await self._clear()
                logged = self._logged(outcome)
                self._voice.say(said.outcome(outcome, saved))
                self._voice.say([*said.since(outcome, before, await self._again()), logged])
        except SourceError as error:
            tell(said.not_begun(self._source.target, error), sys.stderr)
            return 1
        finally:
            with ending.held_back():
                await self._source.close()
        return 0 if outcome.event == said.CLEARED else 1

    async def _read(self) -> Sample:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._source.poll()
        except TimeoutError as error:
            raise Unreachable(f"no answer within {self._seconds:g} s") from error

    async def _confirm(self, before: Sample) -> None:
        name = self._source.target.name
        tell(said.warning(before, self._scope.command), sys.stderr, said.HANGING)
        termios.tcflush(0, termios.TCIFLUSH)  # what was typed before the question is no answer to it
        question = folded(f"Type {printable(name)} to clear its counters:", width_of(sys.stderr))
        print("\n".join(question), end=" ", file=sys.stderr, flush=True)
        answer = await _typed_line()
        if answer != name:
            what = "nothing" if not answer else f"{printable(answer, 80)!r}, not {printable(name)}"
            raise SettingsError(f"that was {what}: nothing was cleared")

    async def _clear(self) -> said.Outcome:
        """Ask once, and return what became of it, as far as anybody can say."""
        target, command = self._source.target, self._scope.command
        try:
            async with asyncio.timeout(self._seconds):
                await self._source.clear(self._scope)
        except TimeoutError:
            return said.Outcome(target, command, said.UNKNOWN, f"no answer within {self._seconds:g} s")
        except (NoAccess, AuthFailed, Unsupported, SessionOver, TableFull) as error:
            return said.Outcome(target, command, said.REFUSED, error.reason, error.advice)
        except SourceError as error:
            return said.Outcome(target, command, said.UNKNOWN, error.reason, error.advice)
        return said.Outcome(target, command, said.CLEARED)

    def _logged(self, outcome: said.Outcome) -> str:
        """Add what became of it to the log, and return where that is; by now it is no reason to say nothing else."""
        try:
            return f"  log: {self._record.note(self._deed, outcome.event, outcome.reason)}"
        except SettingsError as error:
            return f"  not logged: {error}"

    async def _again(self) -> Sample | SourceError:
        """Return what it reads by now, or why it cannot be read."""
        try:
            return await self._read()
        except SourceError as error:
            return error


async def _typed_line() -> str:
    """Return what is typed, up to Enter.

    Raises:
        SettingsError: nothing is, for too long.
    """
    loop = asyncio.get_running_loop()
    there: asyncio.Future[None] = loop.create_future()

    def arrived() -> None:
        if not there.done():
            there.set_result(None)

    loop.add_reader(0, arrived)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await there
    except TimeoutError as error:
        print(file=sys.stderr)
        raise SettingsError(f"no answer within {ANSWER_SECONDS:g} s: nothing was cleared") from error
    finally:
        loop.remove_reader(0)
    return os.read(0, 4096).decode("utf-8", "replace").rstrip("\r\n")
