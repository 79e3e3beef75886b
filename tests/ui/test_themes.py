"""The themes, by arithmetic: every look can be read on its paper, and the colour-blind can tell them apart."""

from __future__ import annotations

from itertools import combinations

import pyte
import pytest
from rich.console import Console
from rich.palette import Palette

from mptcp_top.settings import THEMES as SETTINGS
from mptcp_top.ui.first_paint import Paper, first_paint
from mptcp_top.ui.frame import Moment, frame_of
from mptcp_top.ui.line import Look
from mptcp_top.ui.lines import styles_of
from mptcp_top.ui.themes import ANSI, OKABE_ITO, THEMES, Theme, css, rgb, why_only_ansi
from tests.feed import WALL
from tests.ui.eyes import EYES, contrast, distance, quantised
from tests.ui.quiet_app import feed

COLOURED = [theme for theme in THEMES.values() if not theme.own]
LEAST_CONTRAST = 4.5
"""What the WCAG ask for (level AA)."""

STATES = {Look.PLAIN, Look.QUIET, Look.GOOD, Look.WARN, Look.BAD, Look.TREND}
TRACES = {Look.PLAIN, Look.TREND, Look.SECOND, Look.THIRD}
"""Of a chart; a letter stands on each of them, too."""

LEAST_DISTANCE = 30.0
"""In CIELAB. Two of a kind that are 2.3 apart are just about told apart when they lie side by side."""


def ink(theme: Theme, look: Look) -> int:
    colour = theme.inks[look].colour
    assert colour is not None
    return colour


def paper(theme: Theme) -> int:
    assert theme.paper is not None
    return theme.paper


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_look_has_an_ink_and_rich_draws_it_as_the_first_paint_does(theme: Theme) -> None:
    assert set(theme.inks) == set(Look)
    assert set(styles_of(theme)) == set(Look)


def test_the_settings_take_the_names_of_the_themes_and_no_others() -> None:
    assert tuple(THEMES) == SETTINGS


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_every_look_can_be_read_on_its_paper_on_terminals_of_256_colours_too(theme: Theme, look: Look) -> None:
    assert contrast(rgb(ink(theme, look)), rgb(paper(theme))) >= LEAST_CONTRAST
    assert contrast(quantised(ink(theme, look)), quantised(paper(theme))) >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_no_ink_is_dim_where_the_colours_are_ours_for_dim_is_what_the_terminal_makes_of_it(theme: Theme) -> None:
    assert not any(ink.dim for ink in theme.inks.values())


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(
    ("looks", "least"), [(STATES, LEAST_DISTANCE), (TRACES, LEAST_DISTANCE), (STATES | TRACES, 20)]
)
def test_the_colour_blind_tell_apart_what_means_different_things(looks: set[Look], least: float, eye: str) -> None:
    apart = {
        (one, other): distance(eye, change(ink(OKABE_ITO, one)), change(ink(OKABE_ITO, other)))
        for one, other in combinations(sorted(looks), 2)
        for change in (rgb, quantised)
    }
    assert min(apart.values()) >= least, apart


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_in_every_theme_the_traces_of_a_chart_are_of_other_colours(theme: Theme) -> None:
    pairs = combinations(sorted(TRACES), 2)
    assert min(distance("normal", rgb(ink(theme, one)), rgb(ink(theme, other))) for one, other in pairs) >= 30


def test_no_look_was_forgotten_where_colours_are_compared() -> None:
    assert set(Look) - STATES - TRACES == {Look.TITLE, Look.FOUND}  # which are plain text with more weight


def test_the_arithmetic_knows_what_everybody_knows() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    red, green = (215, 0, 0), (0, 135, 0)
    assert distance("normal", red, green) > 2 * distance("deuteranopia", red, green)


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "xterm"},
        {"TERM": "linux"},
        {"TERM": "vt220"},
        {"TERM": "xterm-256color"},
        {"TERM": "tmux-256color"},
        {"TERM": "xterm-16color"},
        {"TERM": "xterm-kitty"},
        {"TERM": "xterm", "COLORTERM": "truecolor"},
        {"TERM": "XTERM-256COLOR", "COLORTERM": " 24bit "},
    ],
    ids=str,
)
def test_a_theme_is_for_terminals_on_which_textual_finds_256_colours(environment: dict[str, str]) -> None:
    system = Console(force_terminal=True, _environ=environment).color_system
    assert bool(why_only_ansi(environment)) == (system == "standard")


def test_no_color_wins_over_all_that_a_terminal_can() -> None:
    assert "NO_COLOR" in why_only_ansi({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"})


def test_the_numbers_are_those_of_the_palette_all_terminals_have() -> None:
    from rich._palettes import EIGHT_BIT_PALETTE  # noqa: PLC0415  # an independent table of the same

    assert isinstance(EIGHT_BIT_PALETTE, Palette)
    assert [rgb(number) for number in range(16, 256)] == [tuple(EIGHT_BIT_PALETTE[number]) for number in range(16, 256)]


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_the_first_paint_has_the_colours_of_the_theme_and_leaves_none_behind(theme: Theme) -> None:
    box = feed()
    frame = frame_of(box.store, box.target, Moment(box.now, WALL + box.now), box.interval_seconds)
    screen = pyte.Screen(80, 24)
    painted = first_paint(frame, Paper(80, 24, theme=theme))
    pyte.Stream(screen).feed(painted)
    cells = [cell for row in screen.buffer.values() for cell in row.values()]  # not those that were only cleared
    assert {cell.bg for cell in cells} == {css(paper(theme))[1:]}
    inks = {css(ink(theme, look))[1:] for look in Look}
    assert {cell.fg for cell in cells if cell.data.strip()} <= inks
    assert painted.index(f"48;5;{paper(theme)}m\x1b[2J")
    assert painted.endswith("\x1b[m")


def test_the_first_paint_in_the_terminals_own_colours_sends_no_paper() -> None:
    box = feed()
    frame = frame_of(box.store, box.target, Moment(box.now, WALL + box.now), box.interval_seconds)
    assert "48;" not in first_paint(frame, Paper(80, 24, theme=ANSI))
