"""Which targets are looked at, and all of them at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.doctor.finding import Area, Finding, fails
from mptcp_top.cli.doctor.kernel import counted, settings_of
from mptcp_top.cli.ending import to_the_end
from mptcp_top.errors import SettingsError, SourceError
from mptcp_top.sources.linux import LinuxSource
from mptcp_top.sources.registry import SOURCES, target_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mptcp_top.config import Asked
    from mptcp_top.credentials import Credentials, Typed
    from mptcp_top.model import Target
    from mptcp_top.settings import Access

AT_ONCE: Final = 20


class Asks(NamedTuple):
    """A target to look at, how to get at it, and who logs in there; or why nobody can."""

    target: Target
    access: Access
    credentials: Credentials | None = None
    trouble: str = ""


def asks_of(asked: Asked, environment: Mapping[str, str]) -> list[Asks | Area]:
    """Return the targets that were asked for; what is none is an area that says so. Passwords are asked for here."""
    try:
        names = asked.target_names()
    except SettingsError as error:
        return [Area("targets", (fails("address", str(error)),))]
    typed: list[Typed] = []
    return [_ask_of(name, asked, environment, typed) for name in names]


def _ask_of(name: str, asked: Asked, environment: Mapping[str, str], typed: list[Typed]) -> Asks | Area:
    try:
        access = asked.access_of(name)
        target = target_of(name, access)
    except SettingsError as error:
        return Area(f"target {printable(name)}", (fails("address", str(error)),), name)
    if not SOURCES[target.source].logs_in:
        return Asks(target, access)
    from mptcp_top.credentials import Typed, can_ask, credentials_of  # noqa: PLC0415  # not for kernels

    if not typed:
        typed.append(Typed())
    try:
        found = credentials_of(name, access, environment, interactive=can_ask(), typed=typed[0])
    except SettingsError as error:
        return Asks(target, access, None, str(error))
    return Asks(target, access, found)


def look(asks: Sequence[Asks | Area], show: Callable[[list[Area]], None]) -> int:
    """Look at every target, hand what was found to ``show``, and return the exit code, 0 if nothing ended it."""

    async def every() -> int:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(each: Asks | Area) -> Area:
            if isinstance(each, Area):
                return each
            async with room:
                return await _look_at(each)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(each)) for each in asks]
        show([task.result() for task in tasks])
        return 0

    return to_the_end(lambda _: every())


async def _look_at(ask: Asks) -> Area:
    name, address = ask.target.name, ask.target.address
    title = f"target {name}" + (f" ({address})" if ask.target.source != "linux" and address != name else "")
    if ask.target.source == "linux":
        return Area(title, tuple(_kernel(ask.target)), name)
    from mptcp_top.cli.doctor.appliance import findings_of  # noqa: PLC0415  # brings an HTTP client along

    return Area(title, tuple([finding async for finding in findings_of(ask)]), name)


def _kernel(target: Target) -> Iterator[Finding]:
    """Yield how this host's kernel is read, or a network namespace of it."""
    source = LinuxSource(target)
    try:
        sample = source.read()
    except SourceError as error:
        yield fails("counters", error.reason, error.advice)
        return
    finally:
        source.close_now()
    yield counted(sample)
    if target.address:  # of the host's own namespace they are told already
        yield from settings_of(sample)
