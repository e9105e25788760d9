"""The terminal's colours on a light background, on which yellow, cyan and green can't be read as they are.

On a dark one they are left alone: what its user chose is readable to them. Terminals for light backgrounds
mostly come with the same sixteen colours, which were made for a dark one.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color as Ink
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

INKS = (
    "#000000",
    "#b00020",
    "#005f00",
    "#6b4e00",
    "#0000af",
    "#870087",
    "#005f6b",
    "#303030",
    "#5a5a5a",
    "#b00020",
    "#005f00",
    "#6b4e00",
    "#0000af",
    "#870087",
    "#005f6b",
    "#101010",
)
"""For text, in the order of the terminal's sixteen: black, red, green, yellow, blue, magenta, cyan, white."""
MARKERS = {1: "#ffc7ce", 2: "#c6efce", 3: "#ffd75f", 5: "#f0c6f0", 6: "#87d7d7"}
"""Behind black text; every other background stays as dark as it is."""
BLACK, WHITE = Ink.parse("#000000"), Ink.parse("#ffffff")


def is_light(environment: Mapping[str, str]) -> bool:
    """Whether the terminal says that its background is light, as some do by `COLORFGBG=0;15`."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")


class LightTheme(LineFilter):
    """Draws with colours that can be read on light backgrounds; what the program printed stays as it is."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - all are light
        return [Segment(text, _readable(style), control) for text, style, control in segments]


def _readable(style: Style | None) -> Style | None:
    if style is None or style.meta.get("verbatim"):
        return style
    fore, back = _number(style.color), _number(style.bgcolor)
    if fore is None and back is None:
        return style
    if back is None:
        # Reversed, it is the background, and the terminal's own is the text: dark on light either way.
        return style + Style(color=INKS[fore or 0])
    if back in MARKERS:
        return style + Style(color=BLACK, bgcolor=MARKERS[back])
    return style + Style(color=WHITE, bgcolor=INKS[back])


def _number(ink: Ink | None) -> int | None:
    """Which of the sixteen a colour is."""
    return ink.number if ink is not None and ink.type is ColorType.STANDARD else None
