"""The keys, in one table: what the screens bind, the help page lists and the footer names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from textual.binding import Binding


class Key(NamedTuple):
    """One action: the keys that start it, what to call it, and its weight in the footer (0: not there)."""

    keys: str
    action: str
    sign: str
    name: str
    meaning: str
    weight: int = 0

    @property
    def binding(self) -> Binding:
        """The row of ``BINDINGS``."""
        from textual.binding import Binding  # noqa: PLC0415  # the first paint needs the keys before there is Textual

        return Binding(self.keys, self.action, self.meaning, show=False)


HOST: Final = (
    Key("up,k", "row(-1)", "↑↓", "row", "move the row cursor", 50),
    Key("down,j", "row(1)", "", "", "move the row cursor down"),
    Key("pageup", "row(-10)", "PgUp PgDn", "", "move it by ten rows"),
    Key("pagedown", "row(10)", "", "", "move it down by ten rows"),
    Key("home", "row(-9999)", "Home End", "", "go to the first or the last row"),
    Key("end", "row(9999)", "", "", "go to the last row"),
    Key(
        "enter",
        "open",
        "Enter",
        "explain",
        "explain the row (the worst error, if none is chosen); on a headline: fold",
        80,
    ),
    Key("escape", "release", "Esc", "", "let go of the row"),
    Key("z", "zeros", "z", "all rows", "show every row, those at zero too", 40),
    Key("p,space", "pause", "p", "pause", "pause the screen; collecting goes on", 60),
    Key("plus,equals_sign", "pace(1)", "+ -", "slower, faster", "poll less often (+), more often (-)", 30),
    Key("minus", "pace(-1)", "", "", "poll more often"),
    Key("r", "retry", "r", "", "poll now; also tries a refused password again"),
    Key("tab", "target(1)", "Tab", "", "show the next target, if there are several"),
    Key("question_mark,f1", "help", "?", "help", "this page", 90),
    Key("ctrl+l", "app.repaint", "^L", "", "draw the whole screen anew"),
    Key("ctrl+z", "app.suspend_process", "^Z", "", "suspend; fg comes back"),
    Key("q,ctrl+q", "app.leave(0)", "q", "quit", "quit", 100),
    Key("ctrl+c", "app.leave(130)", "^C", "", "quit, with exit code 130"),
)

PAGE: Final = (
    Key("up,k", "scroll(-1)", "↑↓", "scroll", "scroll", 50),
    Key("down,j", "scroll(1)", "", "", "scroll down"),
    Key("pageup", "scroll(-10)", "", "", "scroll up by ten lines"),
    Key("pagedown,space", "scroll(10)", "", "", "scroll down by ten lines"),
    Key("escape,enter,q,question_mark,f1", "app.pop_screen", "Esc", "back", "back", 100),
    Key("ctrl+z", "app.suspend_process", "^Z", "", "suspend"),
    Key("ctrl+c", "app.leave(130)", "^C", "", "quit"),
)
