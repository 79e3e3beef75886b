"""What can stand for a value: targets and groups of the config file, counters of the catalogue, scenarios.

Whatever a shell is given is a word it could be typed as: printable, and without blanks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.cli.completion.offers import Word
from mptcp_top.cli.completion.spelt import fault_words, rule_words, switch_words
from mptcp_top.errors import SettingsError
from mptcp_top.settings import THEMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mptcp_top.config import Config


def words_of(environment: Mapping[str, str]) -> Mapping[str, Callable[[str], Iterable[Word]]]:
    """Return for each kind of value what gives its words, of what is typed so far; nothing is read before."""
    return {
        "TARGET": lambda _: _clean(_targets(environment)),
        "GROUP": lambda _: _clean(_groups(environment)),
        "COUNTER": lambda _: _clean(_counters()),
        "PATTERN": lambda _: _clean(_counters()),
        "SCENARIO": lambda _: _clean(_scenarios()),
        "THEME": lambda _: map(Word, THEMES),
        "[SEVERITY:]EXPR": rule_words,
        "NAME[@RESOURCE][:key=value,...]": fault_words,
        "KEY=VALUE": switch_words,
    }


def _clean(words: Iterable[Word]) -> Iterator[Word]:
    seen: set[str] = set()
    for word in words:
        if word.text not in seen and word.text.isprintable() and word.text and " " not in word.text:
            seen.add(word.text)
            yield word


def _targets(environment: Mapping[str, str]) -> Iterator[Word]:
    config = _config(environment)
    for name, table in config.targets.items() if config else ():
        yield Word(name, str(table.get("address", name)))
    yield Word("local", "this host's kernel")
    from mptcp_top.sources.namespace import named  # noqa: PLC0415  # counters need no namespaces

    for name in named():
        yield Word(f"local:{name}", "a network namespace of it")


def _groups(environment: Mapping[str, str]) -> Iterator[Word]:
    config = _config(environment)
    for name, members in config.groups.items() if config else ():
        yield Word(name, " ".join(members))


def _config(environment: Mapping[str, str]) -> Config | None:
    from mptcp_top.config import load  # noqa: PLC0415  # counters need no config file

    try:
        return load(environment)
    except SettingsError:  # a Tab is no place to complain
        return None


def _counters() -> Iterator[Word]:
    """Yield every name of every counter, and the panels."""
    from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of  # noqa: PLC0415  # targets need no catalogue
    from mptcp_top.model import Group  # noqa: PLC0415  # the same

    for source in CATALOGUES:
        for entry in catalogue_of(source).entries.values():
            for name in entry.names:
                yield Word(name, f"{entry.system}: {entry.metric.group.value}, {entry.metric.label}")
        for unnamed in catalogue_of(source).unnamed:
            yield Word(unnamed.alias, unnamed.label)
    for group in Group:
        yield Word(group.value, "a panel")


def _scenarios() -> Iterator[Word]:
    from mptcp_top.simulator.scenario import load_scenario, scenario_names  # noqa: PLC0415  # for the simulator only

    for name in scenario_names():
        yield Word(name, load_scenario(name).title)
