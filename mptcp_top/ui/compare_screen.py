"""The compare screen: counters as rows, targets as columns, the odd one out marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from mptcp_top.ui.compare import Plan, derived_lines, heading_line, plan_of, row_line
from mptcp_top.ui.compare_head import Choice, head_lines
from mptcp_top.ui.comparison import Comparison, found_topics, rising_topics, standing_out
from mptcp_top.ui.find import Tally, lit
from mptcp_top.ui.keys import COMPARE
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.pages import Page
from mptcp_top.ui.sheet import Sheet, ShowCounter, window_top
from mptcp_top.ui.sides import BASES, Mode, Side, side_of
from mptcp_top.ui.sift import sift_target
from mptcp_top.ui.topics import MEANINGS, Topic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.engine.marks import Mark
    from mptcp_top.model import Metric, Observation, Target
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.fuzzy import Found, Rank

HELD_SECONDS: Final = 30.0
"""How long a row that differed stays among those that differ, so that the rows do not dance."""

SURVEY_CELLS: Final = 6000
"""Up to how many numbers are judged although they are out of sight, to say in the head who stands out."""

_FOOTER: Final = 1
_SCROLLBAR: Final = 1


class _Having(NamedTuple):
    """A target that has the counter of a row, by its owner's name, and whether it rises there."""

    target: str
    counter: str
    rising: bool


class CompareScreen(Sheet):
    """Several targets beside each other. Only what is in sight is worked out, where there are many."""

    BINDINGS: ClassVar = [key.binding for key in COMPARE]
    KEYS: ClassVar = COMPARE

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._mode = Mode.RATE
        self._choice = Choice()
        self._known: dict[str, tuple[Observation | None, Side]] = {}
        self._differed: dict[str, float] = {}
        self._comparison = Comparison((), Mode.RATE)
        self._plan = Plan(1, 1, 0, 0, 0)
        self._lines_of_head = 0
        self._found: Mapping[str, Found] = {}
        self._counted: tuple[Mode, Mark | None] = (Mode.RATE, None)

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return the mode, the verdict, a remark and the titles."""
        self._follow(now)
        comparison = self._comparison = self._compare(now)
        self._plan = plan_of(comparison, self._choice.first, width - _SCROLLBAR)
        choice = self._choice._replace(row=self.chosen, every=self._choice.every or self.wanted.on)
        lines = head_lines(comparison, self._plan, choice, self._survey(), width - _SCROLLBAR)
        self._found = self._look(now) if self.wanted.on else {}
        self._lines_of_head = len(lines) + (not now.live) + len(self.filter_lines(width))
        return lines

    def rows(self, now: Moment, width: int) -> list[Line]:
        """Return every row; those out of sight have nothing but their key."""
        del width
        lines, topics = self._stubs(now)
        room = max(1, self.app.size.height - self._lines_of_head - _FOOTER)
        top = window_top(lines, self.chosen, room, self._top)
        for place in range(top, min(top + room, len(lines))):
            topic = topics.get(lines[place].key)
            if topic is not None:
                lines[place] = self._row(topic)
        return lines

    def tally(self) -> Tally:
        """Return how many rows are shown of how many."""
        shown = [topic.key for topic in self._topics(self.now())]
        hidden = rising_topics(self._comparison).difference(shown)
        return Tally(len(shown), len(self._comparison.alignment.topics), len(hidden))

    def ranks(self) -> Mapping[str, Rank]:
        """Return the rows that are wanted."""
        return {key: found.rank for key, found in self._look(self.now()).items()}

    def open(self, key: str) -> None:
        """Explain a row: by the first target on which it rises, or else that has it."""
        topic = next((topic for topic in self._comparison.alignment.topics if topic.key == key), None)
        if topic is not None and topic.key in MEANINGS:
            derived = topic
            self.app.push_screen(
                Page(self.deck, lambda width: derived_lines(self._compare(self.now()), derived, width))
            )
            return
        having = [seen for target in self.deck.store.targets if (seen := self._having(target, key)) is not None]
        first = next((one for one in having if one.rising), having[0] if having else None)
        if first is not None:
            self.post_message(ShowCounter(first.target, first.counter))

    def subject(self) -> tuple[str, Metric | None]:
        """Return the counter of the row, on the target that stands out in it, else on the first that has it."""
        topic = next((topic for topic in self._comparison.alignment.topics if topic.key == self.chosen), None)
        if topic is None:
            return super().subject()
        targets = self.deck.store.targets
        odd = [targets[one.place] for one in self._comparison.verdict(topic).odd]
        for target in (*odd, *targets):
            having = self._having(target, topic.key)
            if having is not None:
                return target.name, self.counter_of(target.name, having.counter)
        return super().subject()

    def action_numbers(self) -> None:
        """Show the counters as something else: rates, increases, totals, per 1,000 new sessions."""
        self._mode = self._mode.next
        self.deck.basis = BASES.get(self._mode, self.deck.basis)
        self._differed.clear()
        self.tell(f"numbers: {self._mode.short} (n: next)")

    def action_zeros(self) -> None:
        """Show every row, or those that say something."""
        self._choice = self._choice._replace(every=not self._choice.every, outstanding=False)
        self.draw()

    def action_differing(self) -> None:
        """Show only the rows in which somebody stands out, or all."""
        self._choice = self._choice._replace(outstanding=not self._choice.outstanding)
        self._differed.clear()
        self.draw()

    def action_columns(self, step: int) -> None:
        """Show targets further to the right, or to the left; the labels stay."""
        last = len(self._comparison.sides) - self._plan.shown
        self._choice = self._choice._replace(first=max(0, min(self._plan.first + step, last)))
        self.draw()

    def action_back(self) -> None:
        """Show all rows again; else go back to the screen below."""
        if not self.clears():
            self.back()

    def _look(self, now: Moment) -> Mapping[str, Found]:
        """Return the rows that are wanted."""
        sifted = [sift_target(self.deck, side.target, now, self.wanted) for side in self._comparison.sides]
        return found_topics(self._comparison, sifted, self.wanted)

    def _row(self, topic: Topic) -> Line:
        line = row_line(self._comparison, topic, self._plan, self.chosen)
        return lit(line, 1, self.wanted.text, self._found[topic.key].name) if self.wanted.text else line

    def _stubs(self, now: Moment) -> tuple[list[Line], dict[str, Topic]]:
        """Return the rows with nothing but keys, under their headings."""
        lines: list[Line] = []
        topics: dict[str, Topic] = {}
        heading = ("", "")
        for topic in self._topics(now):
            if heading != (topic.section, topic.only) and topic.section:
                lines.append(heading_line(topic))
            heading = (topic.section, topic.only)
            topics[topic.key] = topic
            lines.append(Line(key=topic.key))
        if not lines and self._choice.outstanding:
            lines.append(Line((Piece(" no row differs (d shows them all)", Look.QUIET),)))
        elif not lines and self.wanted.on:
            lines.append(Line((Piece(" no row is what is looked for", Look.QUIET),)))
        return lines, topics

    def _topics(self, now: Moment) -> list[Topic]:
        choice, known = self._choice, self._comparison
        every = choice.every or self.wanted.names
        topics = [topic for topic in known.alignment.topics if every or known.counted(topic)]
        if self.wanted.on:
            topics = [topic for topic in topics if topic.key in self._found]
        if not choice.outstanding:
            return topics
        for topic in topics:
            if known.verdict(topic).differs:
                self._differed[topic.key] = now.looked
        since = now.looked - HELD_SECONDS
        return [topic for topic in topics if self._differed.get(topic.key, float("-inf")) >= since]

    def _survey(self) -> dict[int, int] | None:
        """Return in how many rows each target stands out, None where it would take too long to find out."""
        topics = [topic for topic in self._comparison.alignment.topics if self._comparison.counted(topic)]
        if len(topics) * len(self._comparison.sides) > SURVEY_CELLS and not self._choice.outstanding:
            return None
        return standing_out(self._comparison, topics)

    def _follow(self, now: Moment) -> None:
        """Take up what the numbers are on the other screens, and forget what was worked out of others."""
        if BASES.get(self._mode, self.deck.basis) is not self.deck.basis:
            self._mode = next(mode for mode, basis in BASES.items() if basis is self.deck.basis)
        counted = (self._mode, self.deck.store.mark_at(now.cursor))
        if counted != self._counted:
            self._known.clear()
            self._counted = counted

    def _compare(self, now: Moment) -> Comparison:
        sides = [self._side(target, now) for target in self.deck.store.targets]
        return Comparison(sides, self._mode, self.deck.store.mark_at(now.cursor), now.cursor)

    def _side(self, target: Target, now: Moment) -> Side:
        """Return one side; as long as nothing new was collected of it, only its age is new."""
        seen = self.deck.store.at(target.name, now.cursor)
        interval = self.deck.controls.interval_of(target.name)
        before = self._known.get(target.name)
        if before is not None and (before[0] is seen or _same_numbers(before[0], seen)):
            return before[1]._replace(observation=seen).at(now, interval)
        side = side_of(self.deck.store, target, now, self._mode, interval)
        self._known[target.name] = (seen, side)
        return side

    def _having(self, target: Target, key: str) -> _Having | None:
        seen = self.deck.store.at(target.name, self.deck.cursor)
        column = None if seen is None else self._comparison.alignment.columns.get(seen.layout, {}).get(key)
        if seen is None or column is None:
            return None
        counter = seen.layout.metrics[column].name
        return _Having(target.name, counter, counter in seen.rising)


def _same_numbers(before: Observation | None, now: Observation | None) -> bool:
    """Whether nothing was refreshed between two polls: then what was worked out of the first holds for the second."""
    if before is None or now is None or before.layout is not now.layout:
        return False
    return (before.data_time, before.values, before.failure) == (now.data_time, now.values, now.failure)
