"""Frames by themselves: the terminal shows the same with the output diff as without it, for fewer bytes."""

from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region, Size
from textual.strip import Strip

from mptcp_top.ui.output import PARTS, OutputDiff, Pen, pens_of, switch, unfit
from tests.ui.looks import Look, Terminal, console

# Frames by themselves: whatever is painted, in whatever order.

WIDTH: Final = 14
HEIGHT: Final = 4
STYLES: Final = [
    None,
    Style(),
    *map(
        Style.parse,
        ("default on default", "bold", "dim", "bold dim", "reverse", "underline", "underline2", "bold underline2"),
    ),
    *map(
        Style.parse,
        ("red", "bright_red", "bold green", "on blue", "white on bright_blue", "#102030 on #405060", "color(99)"),
    ),
    *map(Style.parse, ("italic strike", "overline", "encircle", "reverse dim red", "link https://example.com")),
]
words = st.text("  ab1█▁–é", max_size=8)
wide_words = st.one_of(words, st.sampled_from(["世", "a世界b", "e\u0301", "世\u0301"]))


@st.composite
def strips(draw: st.DrawFn) -> Strip:
    parts = draw(
        st.lists(st.tuples(draw(st.sampled_from([words, words, wide_words])), st.sampled_from(STYLES)), max_size=5)
    )
    return Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(WIDTH)


@st.composite
def whole_screens(draw: st.DrawFn) -> LayoutUpdate:
    rows = draw(st.lists(strips(), min_size=HEIGHT, max_size=HEIGHT))
    cut = draw(st.integers(0, WIDTH))
    return LayoutUpdate([row.divide([cut, WIDTH]) for row in rows], Region(0, 0, WIDTH, HEIGHT))


@st.composite
def some_regions(draw: st.DrawFn) -> ChopsUpdate:
    chops: list[dict[int, Strip | None]] = []
    ends, spans = [], []
    for y in range(HEIGHT):
        cuts = [0, *sorted(draw(st.sets(st.integers(1, WIDTH - 1), max_size=3))), WIDTH]
        parts = draw(strips()).divide(cuts[1:])
        chops.append(dict(zip(cuts, parts, strict=False)))
        ends.append(cuts[1:])
        edges = sorted(draw(st.sets(st.integers(0, WIDTH), max_size=4)))
        spans += [(y, left, right) for left, right in zip(edges[::2], edges[1::2], strict=False)]
    return ChopsUpdate(chops, spans or [(0, 0, 0)], ends)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(whole_screens(), some_regions(), st.just(None)), max_size=8))
def test_any_frames_show_the_same_with_the_diff(frames: list[LayoutUpdate | ChopsUpdate | None]) -> None:
    out, diff = console(), OutputDiff(App[None]())
    plain, diffed = Terminal(Size(WIDTH, HEIGHT)), Terminal(Size(WIDTH, HEIGHT))
    for frame in frames:
        if frame is None:
            diff.forget()
            continue
        plain.feed(frame.render_segments(out) + "\x1b[1;1H")
        diffed.feed(diff._renders[type(frame)](frame, out) + "\x1b[1;1H")
        assert diffed.state() == plain.state()


def painted(*lines: str) -> LayoutUpdate:
    rows = [Strip(Text.from_markup(line).render(console(), end="")).adjust_cell_length(WIDTH) for line in lines]
    return LayoutUpdate([[row] for row in rows], Region(0, 0, WIDTH, len(rows)))


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        (["count 12", ""], ["count 13", ""], "\x1b[;8H3"),
        (["1 2 3", ""], ["4 2 5", ""], "\x1b[H4 2 5"),
        (["", ""], ["[default on default]a[/]", "[bold default]b[/]"], "\x1b[Ha\r\n\x1b[1mb\x1b[m"),
        (["abcdefgh", ""], ["ab", ""], "\x1b[;3H\x1b[K"),
        (["abcdefgh", ""], ["ab", "[on red]      [/]"], "\x1b[;3H\x1b[K\r\n\x1b[41m      \x1b[m"),
        (["", ""], ["[red]a b[/]", ""], "\x1b[H\x1b[31ma b\x1b[m"),
        (["[b]1[/]  [i]2[/]"] * 2, ["[b]3[/]  [i]4[/]"] * 2, "\x1b[H\x1b[1m3\r\n3\x1b[;4H\x1b[;3m4\x1b[B\b4\x1b[m"),
        (["[dim on red]ab[/]", ""], ["[dim on red]a[/][on red]b[/]", ""], "\x1b[;2H\x1b[41mb\x1b[m"),
    ],
)
def test_only_what_changed_is_sent_as_shortly_as_can_be(before: list[str], after: list[str], sent: str) -> None:
    out, diff = console(), OutputDiff(App[None]())
    diff._render_screen(painted(*before), out)
    assert diff._render_screen(painted(*after), out) == sent


@given(st.lists(st.sampled_from([pens_of(style, "truecolor")[0] for style in STYLES]), max_size=8))
def test_any_change_of_pen_ends_at_the_look_of_the_new_one(pens: list[Pen]) -> None:
    terminal = Terminal(Size(1, 1))
    for old, new in pairwise([Pen(), *pens]):
        terminal.feed(switch(old, new))
        codes = ";".join(filter(None, (*new.attributes, new.colour, new.background)))
        assert terminal.look == Look(link=new.link.partition(";")[2]).styled(codes)


# Where it stays off.


def test_this_textual_is_fit() -> None:
    assert OutputDiff(App[None]()).reason == ""


@pytest.mark.parametrize("release", ["8.1.9", "9.0.0", "10.2"])
def test_another_textual_is_left_alone(release: str) -> None:
    assert unfit(release, PARTS) == f"Textual {release} is not one the output diff knows"


@pytest.mark.parametrize("part", ["textual.nowhere:App", "textual.app:App._gone", "textual.app:App._display"])
def test_a_textual_whose_parts_changed_is_left_alone(part: str) -> None:
    assert unfit("8.9.0", {part: "self other"}) == f"Textual 8.9.0 has no {part}(self other)"


def test_a_diff_that_is_switched_off_hooks_nothing() -> None:
    app = App[None]()
    assert OutputDiff(app, enabled=False).reason == "switched off"
    assert not {"_display", "on_event"} & vars(app).keys()
