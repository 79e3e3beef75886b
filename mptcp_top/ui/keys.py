"""The keys, in one table: what the screens bind, the help page lists and the footer names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.binding import Binding

    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.replayed import Replay


class Key(NamedTuple):
    """One action: the keys that start it, what to call it, and its weight in the footer (0: not there).

    ``short`` is what the footer calls it where the line is narrow.
    """

    keys: str
    action: str
    sign: str
    name: str
    meaning: str
    weight: int = 0
    short: str = ""

    @property
    def binding(self) -> Binding:
        """The row of ``BINDINGS``."""
        from textual.binding import Binding  # noqa: PLC0415  # the first paint needs the keys before there is Textual

        return Binding(self.keys, self.action, self.meaning, show=False)


TIME: Final = (
    Key("m", "mark", "m", "mark", "set a mark on all targets now; pressed again at once: name it", 29),
    Key(
        "n", "numbers", "n", "numbers", "what the numbers are: rate, last interval, since the mark, since the start", 12
    ),
    Key(
        "left",
        "step(-1)",
        "← →",
        "time",
        "arrows: a poll back in time or forward, on all screens; collecting goes on",
        11,
    ),
    Key("right", "step(1)", "", "", "go forward by a poll"),
    Key("left_square_bracket,shift+left", "event(-1)", "[ ]", "", "go to the event before, or to the next"),
    Key("right_square_bracket,shift+right", "event(1)", "", "", "go to the next event"),
    Key("0", "live", "0", "", "come back to now; so does End"),
    Key("at", "goto", "@", "", "go to a time: 03:12, yesterday 03:12, -15m, start, end"),
    Key(
        "p",
        "pause",
        "p",
        "pause",
        "hold this moment on all screens (collecting goes on), or come back to now; play a recording, or pause it",
        9,
    ),
    Key("left_curly_bracket", "speed(-1)", "{ }", "", "play a recording slower, or faster: 0.5 to 600 times as fast"),
    Key("right_curly_bracket", "speed(1)", "", "", "play it faster"),
)
"""The keys of time, of every screen."""

VIEWS: Final = (
    Key("f", "app.view('fleet')", "f", "fleet", "all targets, worst first", 28),
    Key("c", "app.view('compare')", "c", "compare", "counters of several targets beside each other", 27, "diff"),
    Key("s", "app.view('split')", "s", "side by side", "the panels of several targets beside each other", 5),
    Key("e", "app.view('events')", "e", "events", "what happened, and when", 26),
    Key(
        "h",
        "app.view('handshakes')",
        "h",
        "handshakes",
        "where the handshakes of a target are lost, and what fell back",
        25,
        "lost",
    ),
    Key("g", "chart", "g", "chart", "the counter of the row over time, or the worst error", 25),
    Key("M", "app.view('moved')", "M", "moved", "what changed since the mark, errors first", 24),
    *TIME,
    Key("b", "app.bell_on_off", "b", "", "ring the terminal's bell at alarming events, or stop"),
    Key("question_mark,f1", "app.help", "?", "help", "this page", 90),
    Key(
        "ctrl+p,colon",
        "app.command_palette",
        "^P",
        "commands",
        "everything that can be done, found by a few letters",
        10,
    ),
    Key("f2", "app.theme('')", "F2", "", "draw in the next theme: ansi, dark, light, okabe-ito; it is remembered"),
    Key("ctrl+l", "app.repaint", "^L", "", "draw the whole screen anew"),
    Key("ctrl+z", "app.suspend_process", "^Z", "", "suspend; fg comes back"),
    Key("q", "app.step_out", "q", "quit", "go back to where you came from; on the first screen: quit", 100),
    Key("ctrl+q", "app.leave(0)", "^Q", "", "quit, from any screen"),
    Key("ctrl+c", "app.leave(130)", "^C", "", "quit, with exit code 130"),
    Key("R", "report", "R", "", "write a report of what is recorded: since the mark, or since the start"),
)
"""The keys of every screen that is no page."""

FIND: Final = (
    Key(
        "slash",
        "find",
        "/",
        "find",
        "find counters by a few letters of a name or alias; :errors :join (a panel), :warning :error :security, "
        ":moving, :nonzero narrow further; Esc clears",
        65,
    ),
    Key("v", "severity", "v", "", "only warnings and worse, errors and worse, security; then all again"),
    Key("w", "moving", "w", "", "only what moves, or all again"),
)
"""The keys that narrow the rows to some of the counters."""

LAST: Final = Key("G", "row(9999)", "G", "", "go to the last row")

ROWS: Final = (
    Key("up,k", "row(-1)", "↑↓", "row", "move the row cursor", 50),
    Key("down,j", "row(1)", "", "", "move the row cursor down"),
    Key("pageup", "row(-10)", "PgUp PgDn", "", "move it by ten rows"),
    Key("pagedown", "row(10)", "", "", "move it down by ten rows"),
    Key("ctrl+d", "half(1)", "^D ^U", "", "move it by half of a screen"),
    Key("ctrl+u", "half(-1)", "", "", "move it up by half of a screen"),
    Key("home", "row(-9999)", "Home End", "", "go to the first or the last row"),
    Key("end", "bottom", "", "", "go to the last row; from the past: back to now"),
    LAST,
)
"""The keys of every screen with rows."""

_ANSWERS: Final = {"h": 79, "e": 78, "c": 77, "M": 76, "g": 75, "m": 74, "/": 73}
"""How much the keys weigh that lead on from the screens that everything begins with."""


def _leading_on(keys: Sequence[Key]) -> tuple[Key, ...]:
    return tuple(key._replace(weight=_ANSWERS.get(key.sign, key.weight)) for key in keys)


def _unnamed(keys: Sequence[Key], signs: str) -> tuple[Key, ...]:
    """Return the keys, some of them not named in the footer: they work, but lead nowhere from here."""
    return tuple(key._replace(weight=0) if key.sign in signs.split() else key for key in keys)


FLEET: Final = (
    *(key for key in ROWS if key is not LAST),
    Key("enter", "open", "Enter", "open", "show the target alone; the worst, if none is chosen", 80),
    Key(
        "escape",
        "release",
        "Esc",
        "",
        "let go of the row: the worst goes to the top; again: sort by the worst, then back, or back to now",
    ),
    Key("tab", "target(1)", "Tab", "", "go to the next target that needs a look"),
    Key("o,less_than_sign", "order(1)", "o", "sort", "sort by another column", 35),
    Key("greater_than_sign", "order(-1)", "", "", "sort by the column before"),
    Key("i", "backwards", "i", "", "turn the order round"),
    Key("space", "pick", "Space", "pick", "pick the target, to see it side by side with others (s)", 6),
    Key("slash", "find", "/", "find", "find targets by a few letters of a name, host, role or group; Esc clears", 73),
    Key("G", "groups", "G", "", "under the groups of the config file, or not"),
    Key("r", "retry", "r", "", "poll the chosen target now, or all that are down"),
    *_unnamed(_leading_on(VIEWS), "f"),
)

HOST: Final = (
    *ROWS,
    Key(
        "enter",
        "open",
        "Enter",
        "explain",
        "explain the row (the worst error, if none is chosen); on a headline: fold",
        80,
        "why",
    ),
    Key("escape", "release", "Esc", "", "let go of the row; then back to where you came from, or back to now"),
    Key("z", "zeros", "z", "all rows", "show every row, those at zero too", 40),
    *_leading_on(FIND),
    Key("plus,equals_sign", "pace(1)", "+ -", "slower, faster", "poll less often (+), more often (-)", 30),
    Key("minus", "pace(-1)", "", "", "poll more often"),
    Key("r", "retry", "r", "", "poll now; also tries a refused password again"),
    Key("x", "silence", "x", "silence", "let the error of the row, or what alarms, be silent until a time", 20),
    Key("tab", "target(1)", "Tab", "", "show the next target, if there are several"),
    *(key._replace(keys="p,space", weight=60) if key.action == "pause" else key for key in _leading_on(VIEWS)),
)

EVENTS: Final = (
    *ROWS,
    Key("enter", "open", "Enter", "show the host then", "show the host as it was at that moment", 80),
    Key("escape", "release", "Esc", "back", "let go of the row; then back to where you came from"),
    Key("t", "target(1)", "t", "target", "events of one target only: the next, at last all again", 60),
    Key("T", "target(-1)", "T", "", "of the target before"),
    Key("slash", "find", "/", "find", "find events by a counter, a target, a word; :join :error narrow further", 57),
    Key("v", "severity", "v", "severity", "only warnings and worse, errors and worse, security; then all again", 55),
    *_unnamed(VIEWS, "e"),
)

SPLIT: Final = (
    *ROWS,
    Key("enter", "open", "Enter", "explain", "explain the counter of the row, or of the first", 80),
    Key("escape", "release", "Esc", "back", "let go of the row; then back to where you came from"),
    Key("full_stop", "others(1)", ", .", "other targets", "show the next targets, or those before", 60),
    Key("comma", "others(-1)", "", "", "show the targets before"),
    Key("z", "zeros", "z", "all rows", "show every row, those at zero on all of them too", 40),
    *FIND,
    *_unnamed(VIEWS, "s"),
)

COMPARE: Final = (
    *ROWS,
    Key("enter", "open", "Enter", "explain", "explain the row", 80),
    Key("escape", "back", "Esc", "", "go back to where you came from"),
    Key("n", "numbers", "n", "rate, total…", "rates, increases since…, totals, per 1,000 new sessions", 70),
    Key("d", "differing", "d", "differing", "only the rows in which a target stands out, or all", 65),
    Key("z", "zeros", "z", "all rows", "show every row, those at zero too", 40),
    *FIND,
    Key("comma", "columns(-1)", ", .", "targets", "show the targets further to the left or right", 45),
    Key("full_stop", "columns(1)", "", "", "show the targets further to the right"),
    *(key for key in _unnamed(VIEWS, "c") if key.sign != "n"),
)

HANDSHAKES: Final = (
    *ROWS,
    Key("enter", "open", "Enter", "explain", "explain the counter of the row, or what no counter speaks of", 80),
    Key("escape", "release", "Esc", "back", "let go of the row; then back to where you came from"),
    Key("z", "zeros", "z", "all rows", "show every cause, those at zero too", 40),
    Key("tab", "target(1)", "Tab", "", "show the next target, if there are several"),
    *(key._replace(weight=65) if key.sign == "n" else key for key in VIEWS if key.sign != "h"),
)

MOVED: Final = (
    *ROWS,
    Key("enter", "open", "Enter", "explain", "explain the counter of the row", 80),
    Key("escape", "release", "Esc", "back", "let go of the row; then back to where you came from"),
    Key("z", "zeros", "z", "all rows", "show every counter that moved, those at their usual rate too", 66),
    *FIND,
    *_unnamed(VIEWS, "M"),
)

EXPLAIN: Final = (
    Key("up,k", "row(-1)", "↑↓", "row", "move to the row before, or scroll up", 50),
    Key("down,j", "row(1)", "", "", "move to the next row, or scroll down"),
    Key("pageup", "scroll(-10)", "PgUp PgDn", "", "scroll by ten lines"),
    Key("pagedown,space", "scroll(10)", "", "", "scroll down by ten lines"),
    Key("ctrl+d", "half(1)", "^D ^U", "", "scroll by half of a screen"),
    Key("ctrl+u", "half(-1)", "", "", "scroll up by half of a screen"),
    Key("home", "scroll(-9999)", "Home End", "", "go to the beginning or the end of the page"),
    Key("end", "bottom", "", "", "go to the end; from the past: back to now"),
    Key("G", "scroll(9999)", "G", "", "go to the end"),
    Key("enter", "open", "Enter", "open", "go to the counter of the row, or copy its command; without a row: back", 80),
    Key("y", "copy", "y", "copy commands", "copy the command of the row, or all commands of the page", 85),
    Key("x", "silence", "x", "silence", "let this counter be silent on this target until a time", 20),
    Key("escape", "back", "Esc", "", "go back to where you came from"),
    *VIEWS,
)

CHART: Final = (
    *ROWS,
    Key("space,enter", "open", "Space", "draw", "draw the counter of the row, or take it away", 80),
    Key("escape", "release", "Esc", "back", "back to where you came from"),
    Key("a,slash", "add", "a", "add", "add a counter by a few letters of any of its names", 66),
    Key("plus,equals_sign", "zoom(1)", "+ -", "zoom", "show less time, or more: from 30 s to everything", 64),
    Key("minus", "zoom(-1)", "", "", "show more time"),
    Key("comma", "pan(-1)", ", .", "earlier, later", "show an earlier time, or a later one; 0 is now again", 62),
    Key("full_stop", "pan(1)", "", "", "show a later time"),
    Key("o", "overlay", "o", "other target", "the same counters of the next target too; at last of none", 60),
    Key("t", "threshold", "t", "threshold", "draw a line at a number, and say how long each counter was over it", 58),
    Key("n", "scale", "n", "scale", "each counter by its own peak, or all by one scale", 56),
    Key("tab", "target(1)", "Tab", "", "the same counters of the next target instead, if there are several"),
    *(key for key in VIEWS if key.sign not in {"n", "g"}),
)

PAGE: Final = (
    Key("up,k", "scroll(-1)", "↑↓", "scroll", "scroll", 50),
    Key("down,j", "scroll(1)", "", "", "scroll down"),
    Key("pageup", "scroll(-10)", "", "", "scroll up by ten lines"),
    Key("pagedown,space", "scroll(10)", "", "", "scroll down by ten lines"),
    Key("ctrl+d", "half(1)", "^D ^U", "", "scroll by half of a screen"),
    Key("ctrl+u", "half(-1)", "", "", "scroll up by half of a screen"),
    Key("home", "scroll(-9999)", "Home End", "", "go to the beginning or the end"),
    Key("end,G", "scroll(9999)", "", "", "go to the end"),
    Key("escape,enter,q,question_mark,f1", "app.pop_screen", "Esc", "back", "back", 100),
    Key("ctrl+p,colon", "app.command_palette", "^P", "", "everything that can be done, found by a few letters"),
    Key("f2", "app.theme('')", "F2", "", "draw in the next theme"),
    Key("ctrl+z", "app.suspend_process", "^Z", "", "suspend"),
    Key("ctrl+c", "app.leave(130)", "^C", "", "quit"),
)


ELSEWHERE: Final = {
    "x": "x silences a counter: on its page, or on its row of a target",
    "y": "y copies on the page of a counter (Enter)",
}
"""What is told where a key means nothing."""


def placed(keys: Sequence[Key], *, targets: int, first: bool) -> tuple[Key, ...]:
    """Return the keys as they are called for so many targets, on the first screen or above it.

    With one target there is none to compare it with. What is above the first screen is left with q.
    """
    named = _unnamed(keys, "f c s") if targets == 1 else tuple(keys)
    return named if first else tuple(key._replace(name="back") if key.sign == "q" else key for key in named)


def clearing(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Return the keys as they are called while rows are kept back: Esc shows them again, before all else."""
    return tuple(key._replace(name="clear filter", weight=96) if key.sign == "Esc" else key for key in keys)


def at_moment(keys: Sequence[Key], now: Moment) -> tuple[Key, ...]:
    """Return the keys as they are called at a moment: now, in the past, or in a recording."""
    if now.replay is not None:
        return in_a_replay(keys, now.replay)
    return tuple(keys) if now.cursor is None else in_the_past(keys)


def in_the_past(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Return the keys as they are called while an earlier moment is shown."""
    return _renamed(keys, {"0": ("back to now", 101), "← →": ("time", 71), "[ ]": ("events", 70), "@": ("go to", 9)})


_POLLING: Final = frozenset({"retry", "pace(1)", "pace(-1)"})


def without_polling(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Return the keys that do something where nothing is polled.

    >>> [key.action for key in HOST if key not in without_polling(HOST)]
    ['pace(1)', 'pace(-1)', 'retry']
    """
    return tuple(key for key in keys if key.action not in _POLLING)


def in_a_replay(keys: Sequence[Key], replay: Replay) -> tuple[Key, ...]:
    """Return the keys as they are called while a recording is shown: those of time come first, none polls anything."""
    if replay.still:
        return ()
    end = "" if replay.following or replay.over else "follow" if replay.growing else "end"
    names = {
        "p": ("", 0) if replay.over else ("pause" if replay.playing or replay.following else "play", 95),
        "← →": ("step", 88),
        "[ ]": ("events", 87),
        "@": ("time", 86),
        "0": (end, 85 if end else 0),
        "{ }": ("speed", 84 if replay.playing else 10),
        "m": ("mark", 12),
    }
    renamed = _renamed(keys, names)
    return tuple(key._replace(weight=0) if key.action in _POLLING else key for key in renamed)


def _renamed(keys: Sequence[Key], names: Mapping[str, tuple[str, int]]) -> tuple[Key, ...]:
    """Return the keys, some of them under other names and of other weights, by their signs."""
    return tuple(
        key._replace(name=names[key.sign][0], short="", weight=names[key.sign][1]) if key.sign in names else key
        for key in keys
    )
