"""What eyes make of colours, as arithmetic, and what terminals of 256 colours do."""

from __future__ import annotations

from math import hypot

from rich.color import ColorSystem
from rich.style import Style

from mptcp_top.ui.themes import css, rgb

Light = tuple[float, float, float]
Colour = tuple[int, int, int]

EYES = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
"""What becomes of red, green and blue light, after Machado, Oliveira and Fernandes (2009), nothing left of a cone."""


def light(colour: Colour) -> Light:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return red, green, blue


def luminance(colour: Colour) -> float:
    red, green, blue = light(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def seen_by(eye: str, colour: Colour) -> Light:
    """Return a colour in CIELAB, as an eye sees it."""
    source = light(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, source, strict=True)))) for row in EYES[eye]
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(eye: str, one: Colour, other: Colour) -> float:
    pairs = zip(seen_by(eye, one), seen_by(eye, other), strict=True)
    return hypot(*(left - right for left, right in pairs))


def quantised(number: int) -> Colour:
    """Return what a terminal of 256 colours shows of a colour that Textual asks for by its red, green and blue."""
    colour = Style(color=css(number)).color
    assert colour is not None
    found = colour.downgrade(ColorSystem.EIGHT_BIT).number
    assert found is not None
    return rgb(found)
