"""One moment of all targets for Prometheus and what is like it: as OpenMetrics 1.0, or in the older text format.

A family is named after the concept it counts, so that NetScalers and kernels have the same one where they count the
same; the label ``counter`` keeps the name its owner gives it. There are no timestamps: who collects the numbers knows
when, and a stamp of ours would keep a target that is gone alive. How old an appliance's numbers were is a gauge.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.catalogue.alignment import system_of
from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.catalogue.pairs import pair_of
from mptcp_top.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mptcp_top.cli.selection import Selection
    from mptcp_top.cli.stat.told import Told
    from mptcp_top.model import Metric

COUNTER, GAUGE, UNKNOWN = "counter", "gauge", "unknown"
UP: Final = "mptcp_top_up"
AGE: Final = "mptcp_top_age_seconds"


class Series(NamedTuple):
    """One number with its labels."""

    labels: Mapping[str, str]
    value: float


class Family(NamedTuple):
    """All series of one name, and what they are. The name of a counter is without its ``_total``."""

    name: str
    kind: str
    help: str
    series: list[Series]
    unit: str = ""


def families_of(tolds: Sequence[Told], selection: Selection) -> list[Family]:
    """Return everything that is known of some targets. What is not known is left out: it is no zero."""
    up = Family(UP, GAUGE, "1 if the target could be read, 0 if not.", [])
    age = Family(AGE, GAUGE, "How long ago the numbers had been counted when they were read.", [], "seconds")
    families: dict[str, Family] = {}
    for told in tolds:
        observation = told.observation
        target = observation.target
        labels = {"target": target.name, "source": target.source}
        up.series.append(Series(labels, int(observation.failure is None)))
        if observation.failure is not None:
            continue
        if observation.values_monotonic is not None:
            old = max(0.0, observation.monotonic - observation.values_monotonic)
            age.series.append(Series(labels, round(old, 3)))
        for column, metric in selection.told(told):
            value = observation.values[column]
            if value is not None:
                name = name_of(metric, target.source)
                family = families.setdefault(name, _family(name, metric, target.source))
                family.series.append(Series({**labels, "counter": metric.name}, value))
    return [family for family in (up, age, *(families[name] for name in sorted(families))) if family.series]


def name_of(metric: Metric, source: str) -> str:
    """Return the name of a metric's family, in the one alphabet of Prometheus.

    >>> from mptcp_top.model import Group, Metric
    >>> name_of(Metric("MPJoinSynRx", "", Group.MP_JOIN, concept="join_syn_rx"), "linux")
    'mptcp_join_syn_rx'
    >>> name_of(Metric("MPQuantumTXDrop", "", Group.DSS), "linux")
    'mptcp_linux_mp_quantum_tx_drop'
    """
    if metric.concept:
        return f"mptcp_{metric.concept}"
    words = _WORDS.findall(metric.name)
    return "_".join(("mptcp", source, *(word.lower() for word in words)))


_WORDS: Final = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])|[0-9]+")


def _family(name: str, metric: Metric, source: str) -> Family:
    kind = UNKNOWN if metric.ambiguous else GAUGE if metric.kind is Kind.GAUGE else COUNTER
    return Family(name, kind, _help(metric, source), [])


def _help(metric: Metric, source: str) -> str:
    """Return what a family is, in the same words whichever targets are read."""
    pair, entry = pair_of(metric.concept), catalogue_of(source).entries.get(metric.name)
    if pair is not None:
        group = catalogue_of("linux").entries[pair.linux].metric.group
        return f"{group.value}: {pair.label}. {pair.says}"
    if entry is not None:
        return f"{metric.group.value}: {metric.label}. {entry.meaning} Unit: {metric.unit}."
    return f"A counter of {system_of(source)} that this version of mptcp-top does not know."


def openmetrics(families: Iterable[Family]) -> str:
    r"""Return families as OpenMetrics 1.0.

    >>> print(openmetrics([Family("a", "counter", 'an "a"', [Series({"target": "b\\c"}, 7)])]), end="")
    # TYPE a counter
    # HELP a an \"a\"
    a_total{target="b\\c"} 7
    # EOF
    """
    lines: list[str] = []
    for family in families:
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines += [f"# UNIT {family.name} {family.unit}"] if family.unit else []
        lines.append(f"# HELP {family.name} {_quoted(family.help)}")
        lines += _samples(family, f"{family.name}_total" if family.kind == COUNTER else family.name)
    return "\n".join((*lines, "# EOF", ""))


def prometheus(families: Iterable[Family]) -> str:
    """Return families in the text format 0.0.4: what node_exporter's textfile collector and promtool read.

    >>> print(prometheus([Family("a", "counter", 'an "a"', [Series({"target": "b"}, 7)])]), end="")
    # HELP a_total an "a"
    # TYPE a_total counter
    a_total{target="b"} 7
    """
    lines: list[str] = []
    for family in families:
        name = f"{family.name}_total" if family.kind == COUNTER else family.name
        said = family.help.replace("\\", "\\\\").replace("\n", "\\n")
        lines += [f"# HELP {name} {said}", f"# TYPE {name} {'untyped' if family.kind == UNKNOWN else family.kind}"]
        lines += _samples(family, name)
    return "\n".join((*lines, ""))


def _samples(family: Family, name: str) -> Iterator[str]:
    for series in family.series:
        labels = ",".join(f'{label}="{_quoted(said)}"' for label, said in series.labels.items())
        yield f"{name}{{{labels}}} {series.value}"


def _quoted(said: str) -> str:
    return said.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


WRITERS: Final[Mapping[str, Callable[[Iterable[Family]], str]]] = {"openmetrics": openmetrics, "prometheus": prometheus}
