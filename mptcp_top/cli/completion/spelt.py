"""What can stand for a value that is spelt in parts: a rule, a fault, a switch. Each part is offered in its turn.

What ends with ``:`` or ``=`` is to be gone on with, so no blank comes after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.completion.offers import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAME: Final = re.compile(r"\w*$")
_MEANT: Final = ("true", "false", "object", "list", "none", "string", "number", "off", "refuse", "cap", "444", "1027")
"""Every word that some switch takes, but for numbers and names of fields."""


def rule_words(current: str) -> Iterator[Word]:
    """Yield what a rule may begin with, and the names that may stand at its end."""
    from mptcp_top.cli.check.rules import SEVERITIES  # noqa: PLC0415  # few complete a rule
    from mptcp_top.rules.names import all_names  # noqa: PLC0415  # the same

    end = _NAME.search(current)
    before = current[: end.start()] if end else current
    yield from (Word(f"{before}{name}", sort.value) for name, sort in all_names().items())
    if not before:
        yield from (Word(f"{severity}:", "how bad it is") for severity in SEVERITIES)


def fault_words(current: str) -> Iterator[Word]:
    """Yield the faults; after an ``@`` the resources, after a ``:`` the options that one takes."""
    from mptcp_top.simulator.asked import COUNTS, faults, options_of, resources  # noqa: PLC0415  # as above

    head, colon, options = current.partition(":")
    name, at, _ = head.partition("@")
    if colon and name in faults():
        given, comma, _ = options.rpartition(",")
        known = {part.partition("=")[0] for part in given.split(",")}
        keys = (key for key in (*options_of(name), *COUNTS) if key not in known)
        yield from (Word(f"{head}:{given}{comma}{key}=", "an option") for key in keys)
    elif at:
        yield from (Word(f"{name}@{resource}", "a resource") for resource in sorted(resources()))
    else:
        yield from (Word(each, says) for each, says in faults().items())


def switch_words(current: str) -> Iterable[Word]:
    """Return the switches; after a ``=`` the words that one takes, or the last of several fields."""
    from mptcp_top.simulator.asked import SWITCHES  # noqa: PLC0415  # as above
    from mptcp_top.simulator.counters import fields  # noqa: PLC0415  # as above

    key, equals, value = current.partition("=")
    if not equals:
        return [Word(f"{name}=", switch.meaning) for name, switch in SWITCHES.items()]
    if key not in SWITCHES:
        return []
    given, plus, _ = value.rpartition("+")
    meant = [*_MEANT, *(field.name for field in fields())]
    return [Word(f"{key}={given}{plus}{word}") for word in meant if _is_taken(key, f"{given}{plus}{word}")]


def _is_taken(key: str, value: str) -> bool:
    """Whether a switch takes a value that is one of a few; of numbers none is likelier than another."""
    return _takes(key, value) and not any(_takes(key, number) for number in ("5", "500"))


def _takes(key: str, value: str) -> bool:
    from mptcp_top.simulator.asked import SWITCHES  # noqa: PLC0415  # as above

    try:
        SWITCHES[key].read(value)
    except ValueError:
        return False
    return True
