"""What the screens are for and how to read them, and the words they use: what the help page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class About(NamedTuple):
    """A screen: what it is called, what it is for, and how to read what stands on it."""

    name: str
    purpose: str
    reads: tuple[tuple[str, str], ...] = ()


ABOUTS: Final[Mapping[str, About]] = {
    "FleetScreen": About(
        "Fleet",
        "All targets, a row each, the worst first: which one needs a look, and why. Enter shows it alone.",
        (
            ("state", "how old its numbers are, and its HA role; or since when it cannot be read"),
            ("sessions", "MPTCP connections now"),
            ("new /s", "sessions that came about a second, accepted or opened from here"),
            ("accepted, joins", "share of the MP_CAPABLE and of the MP_JOIN handshakes that came through, last minute"),
            ("fallback", "share of the connections that became plain TCP"),
            ("errors /s", "how fast all error counters that rise grow together; trend: their last minute"),
        ),
    ),
    "HostScreen": About(
        "Target",
        "Everything about one target: the verdict, then the errors, then the traffic panel by panel. A row is a "
        "counter: what it counts, how often that happened, how fast it grows, and its recent past.",
        (
            ("number", "how often it happened since the counters began; with now beside it: how many there are"),
            ("/s or +", "how much it grows a second; with n: how far it grew since what the header names"),
            ("+36 of an error", "how far it grew since it began to rise"),
            ("since, last", "when it began to rise; when it last rose"),
        ),
    ),
    "CompareScreen": About(
        "Compare",
        "Counters as rows, targets as columns, aligned by what they count whatever its owner calls it: who is not "
        "like the others? The first line says what the numbers are; n changes it.",
        (("odd one out", "which target is off, and how far off the median of all"),),
    ),
    "SplitScreen": About(
        "Side by side",
        "The panels of two to four targets beside each other, row by row: the picked ones, else the worst. The trends "
        "of a row share one scale.",
        (
            ("value", "how often it happened since the counters began; with now beside it: how many there are"),
            ("/s or grown", "how much it grows a second; with n: how far it grew since what the header names"),
        ),
    ),
    "EventsScreen": About(
        "Events",
        "What happened to all targets, the newest first: rises of errors, resets, targets lost and back, changes of "
        "role, marks. Enter goes to that moment, on all screens.",
        (
            ("rose by, in", "how far the counter grew, and in what time, from its first rise to its last"),
            ("peak /s", "its fastest growth, between two polls"),
        ),
    ),
    "HandshakesScreen": About(
        "Handshakes",
        "Where the handshakes of one target die: a bar a step, and between two steps what was lost, by cause. The step "
        "that got worse is marked, with since when and what it was before. At the end: what became plain TCP, and why.",
        (
            ("count, /s", "how many got that far in the time the titles name, and how many that is a second"),
            ("share", "of those that began"),
            ("lost", "share of the step before that did not get here"),
            ("lost, flood…", "the rest that no counter speaks of, and what it can be"),
        ),
    ),
    "ChartScreen": About(
        "Chart",
        "Counters of a target over time, up to four, each with its letter: what it did and when. Gaps and resets are "
        "holes in a line. A small letter is the same counter of the second target.",
        (
            ("left, right edge", "the scale: rates a second at the left; at the right how many there were"),
            ("at the cursor", "what each counter did at the moment of the time cursor, or now"),
        ),
    ),
    "MovedScreen": About(
        "Moved",
        "What changed since the mark, or what grew since the start where there is none: errors first, then whatever "
        "is faster or slower than before by more than chance and a third, the farthest first.",
        (
            ("before", "a second, in as much time before the mark as since: one minute at least, ten at most"),
            ("since", "a second, since the mark; mean where there is no before"),
            ("change", "how many times as fast, or how much slower; new was at zero before, stopped is now"),
            ("unclear", "the difference may be chance: too few of them, or too short a time"),
            ("increase", "how far it grew since then"),
            ("first, last rise", "when it first and last grew; – is before what is remembered"),
        ),
    ),
    "ExplainScreen": About(
        "Explain",
        "One counter of one target: what it does now, what it is, what a rise means, what to check next, and the "
        "counters it goes with.",
        (
            ("Check next", "commands: Enter or y copies one, and says into which file as well"),
            (
                "See also, On",
                "related counters, and the same counter where its owner calls it otherwise; Enter goes there",
            ),
            ("Targets", "what all targets have of it"),
        ),
    ),
    "Page": About("Page", "A page of text; Esc goes back."),
}
"""By the class of the screen."""

WORDS: Final = (
    ("accepted", "inbound MP_CAPABLE handshakes that were completed"),
    ("connected", "outbound MP_CAPABLE handshakes that were answered with MPTCP"),
    ("joins in", "inbound MP_JOIN handshakes that were completed"),
    ("joins out", "outbound MP_JOIN handshakes that were answered"),
    ("fallback", "connections that wanted MPTCP and became plain TCP"),
    ("seen", "error counters that are not zero but do not rise now"),
    ("rate of an error", "while it rises: the mean since then (an appliance: of its last refreshes)"),
    ("odd one out", "off the median by more than 3.5 x what chance or the spread of the others explains"),
    ("subflow failures", "resets sent and received that no fastclose explains"),
)
