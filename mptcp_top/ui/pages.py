"""Pages of text over the screen: help, and the catalogue entry of a row beside its live numbers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from mptcp_top import text
from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.catalogue.prose import body_of, head_of
from mptcp_top.ui import glyphs
from mptcp_top.ui.keys import PAGE
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.sparkline import sparkline
from mptcp_top.ui.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from mptcp_top.model import Metric
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Frame
    from mptcp_top.ui.keys import Key


class Page(View):
    """A page: lines made anew for each width and each tick, scrolled, left with Esc."""

    BINDINGS: ClassVar = [key.binding for key in PAGE]
    KEYS: ClassVar = PAGE

    def __init__(self, deck: Deck, lines_for: Callable[[int], list[Line]]) -> None:
        super().__init__(deck)
        self._lines_for = lines_for

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        yield self.footer
        yield Lines(id="text")
        yield self.prompt

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines for the new width."""
        self.draw(event.size.width)

    def draw(self, width: int | None = None) -> None:
        """Show the page as it reads now."""
        columns = (width or self.app.size.width) - 1
        body = self.query_one("#text", Lines)
        body.show(self._lines_for(columns))
        body.styles.height = max(1, len(body.lines))
        self.draw_footer(self.now(), columns)

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.scroll_relative(y=lines, animate=False)


def help_lines(keys: Sequence[Key], width: int) -> list[Line]:
    """Return the help page."""
    lines = [_title("Keys")]
    lines += [line for key in keys if key.sign for line in _pair(key.sign, key.meaning, width)]
    lines += [Line(), _title("Signs")]
    signs = (
        (glyphs.LIVE, "live, or healthy"),
        (glyphs.RISING, "an error counter rises: it rose within the last 30 s (or what --hold says)"),
        (glyphs.DOWN, "the target cannot be read; its last numbers stay, with their age"),
        (glyphs.PAUSED, "the past is shown, or the target is not connected yet"),
        (glyphs.PICKED, "a target that is picked, to be seen side by side with others (s)"),
        (glyphs.MARK, "a mark: a moment from which growth is counted on all targets (m sets one)"),
        (glyphs.FOLDED, "a folded panel that has counts; Enter opens it"),
        (text.UNKNOWN, "not known: never read as zero"),
        (
            f"{glyphs.LEVELS[0]}..{glyphs.LEVELS[-1]}",
            "trend, about 5 s a cell (or one poll, if rarer), from zero to the row's maximum",
        ),
        (glyphs.GAP, "in a trend: no poll of that time succeeded; as a number: the target has no such counter"),
        (glyphs.RESET, "in a trend: the counters were reset"),
        (f"{glyphs.HIGHER} {glyphs.LOWER}", "beside a number: the odd one out, above or below the others"),
    )
    lines += [line for sign, meaning in signs for line in _pair(sign, meaning, width)]
    lines += [Line(), _title("Words")]
    words = (
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
    return lines + [line for word, meaning in words for line in _pair(word, meaning, width, 18)]


def explain_lines(frame: Frame, metric: Metric, width: int) -> list[Line]:
    """Return the page of one counter: its numbers now, then the catalogue's words."""
    entry = catalogue_of(frame.target.source).entries.get(metric.name)
    first, second = head_of(entry) if entry else (metric.name, "a counter the catalogue does not know yet")
    lines = [Line((Piece(" " + part, Look.TITLE),)) for part in textwrap.wrap(first, width - 1)]
    lines += [Line((Piece(" " + part, Look.QUIET),)) for part in textwrap.wrap(second, width - 1)]
    if frame.paused and frame.observation is not None:
        ago = f"{text.clock(frame.observation.wall)}: this is not now"
        lines.append(Line((Piece(f" as it was at {ago}", Look.WARN),)))
    lines.append(Line())
    lines += [line for title, said in _numbers(frame, metric) for line in _pair(title, said, width, 12)]
    trend = sparkline(frame.trend(metric))
    lines += [Line((Piece(f"  {'Trend':<12} "), Piece(trend, Look.TREND))), Line()]
    inside = frame.observation.identity.prefix if frame.observation else ""
    if inside:
        lines += _pair(
            "Where", f"the commands below mean the host; for {frame.target.name} begin with: {inside}", width, 12
        )
    if entry:
        lines += [Line((Piece(line),)) for line in body_of(entry, width)]
    return lines


def _numbers(frame: Frame, metric: Metric) -> list[tuple[str, str]]:
    change = frame.observation.change(metric.name) if frame.observation else None
    if change is None:
        return [("Now", "this target does not have it")]
    steady = frame.observation is not None and frame.observation.refresh_seconds > 0  # there, an interval says nothing
    moved = "" if change.increase is None or steady else f"   +{text.count(change.increase)} in the last interval"
    rate = "" if change.rate is None else f"   {text.rate(change.rate)} /s"
    numbers = [("Now", f"{text.count(change.value)}{moved}{rate}")]
    own = _own_rate(frame, metric)
    if own:  # they are whole numbers: 0 says nothing of a slow counter
        numbers.append(("It says", f"{text.rate(own)} /s by the appliance's own count, over its last refresh"))
    episode = frame.episodes.get(metric.name)
    if episode is not None:
        word = "Rising since" if change.rising else "Last rise"
        at = text.clock(episode.started if change.rising else episode.last_rise)
        lasts = text.duration(episode.last_rise - episode.started)
        numbers.append(
            (word, f"{at}   +{text.count(episode.total)} in {lasts}   peak {text.rate(episode.peak_rate)} /s")
        )
    return numbers


def _own_rate(frame: Frame, metric: Metric) -> float | None:
    """Return the rate the owner of a counter gives itself, to be held against ours; None where it gives none."""
    seen = frame.observation
    return None if seen is None or seen.own_rates is None else seen.own_rates[seen.layout.index[metric.name]]


def _title(words: str) -> Line:
    return Line((Piece(f" {words}", Look.TITLE),))


def _pair(sign: str, meaning: str, width: int, column: int = 10) -> list[Line]:
    first, *rest = textwrap.wrap(meaning, max(20, width - column - 3))
    lines = [Line((Piece(f"  {sign:<{column}} "), Piece(first)))]
    return lines + [Line((Piece(" " * (column + 3)), Piece(more))) for more in rest]
