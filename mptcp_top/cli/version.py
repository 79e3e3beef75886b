"""Which versions of what are at work. Nothing is imported to find out: only what was installed is read."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import __version__
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = "mptcp-top"
_REQUIREMENT: Final = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<bounds>[^;\[]*)(?P<marker>;.*)?")
_BOUND: Final = re.compile(r"(>=|<)\s*([\d.]+)")


class Part(NamedTuple):
    """A part of the program: its version ("" if it is missing), and which versions will do ("" for any)."""

    name: str
    version: str
    wanted: str = ""

    @property
    def fits(self) -> bool:
        """Whether it is there, in a version that will do.

        >>> Part("textual", "8.2.8", ">=8.2.8,<9").fits, Part("textual", "9.0", ">=8.2.8,<9").fits, Part("x", "").fits
        (True, False, False)
        """
        have = _numbers(self.version)
        bounds = _BOUND.findall(self.wanted)
        return bool(self.version) and all(
            have >= _numbers(number) if sign == ">=" else have < _numbers(number) for sign, number in bounds
        )


def parts() -> list[Part]:
    """Return the program, Python, and the packages that are needed."""
    return [Part(PACKAGE, __version__), Part("Python", platform.python_version(), ">=3.11"), *_packages()]


def _packages() -> Iterator[Part]:
    try:
        needed = requires(PACKAGE) or []
    except PackageNotFoundError:  # run from a folder, and never installed
        needed = []
    for requirement in needed:
        found = _REQUIREMENT.match(requirement)
        if found is not None and not found["marker"]:
            yield Part(found["name"], _version_of(found["name"]), found["bounds"].strip())


def _version_of(name: str) -> str:
    try:
        return printable(version(name), 40)
    except PackageNotFoundError:
        return ""


def _numbers(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, to compare it by.

    >>> _numbers("8.2.8") < _numbers("9"), _numbers("8.10") > _numbers("8.9.1"), _numbers("3.12.0rc1")
    (True, True, (3, 12, 0))
    """
    return tuple(int(number) for number in re.findall(r"\d+", re.split(r"[^\d.]", text, maxsplit=1)[0]))
