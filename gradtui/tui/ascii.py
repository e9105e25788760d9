"""The signs of the screen in ASCII, each as wide as what it stands for, for terminals that know no more."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

SIGNS = (
    ("✗▲·✓…″‖≠", 'x!-=~"P#'),
    ("✂┊▸▾•◆◇▶●○", "%:+-.*o>@0"),
    ("↑↓←→⇧‹›▏▌", "^v<><<>||"),
    ("│─━├└┤┌┐┘┬┴┼╭╮╰╯┏┓┗┛", "|-=|`|++++++++++++++"),
    ("▁▂▃▄▅▆▇█", "_.-~=+*#"),
    ("◐◓◑◒", "|/-\\"),
)
"""What was found; the tree; arrows and prompts; lines and boxes; heights from low to high; what turns."""
TABLE = str.maketrans("".join(ours for ours, _ in SIGNS), "".join(plain for _, plain in SIGNS))

VERBATIM = Style(meta={"verbatim": True})
"""Marks what isn't ours to change: what the program printed."""


class AsciiSigns(LineFilter):
    """Draws everything with the signs above, and leaves out what the terminal's encoding has no place for."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self.encoding = encoding

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the same on all
        return [self._plain(segment) if not segment.text.isascii() else segment for segment in segments]

    def _plain(self, segment: Segment) -> Segment:
        text, style, control = segment
        if style is None or not style.meta.get("verbatim"):
            text = text.translate(TABLE)
        return Segment(encodable(text, self.encoding), style, control)


def encodable(text: str, encoding: str) -> str:
    """The text with question marks, as wide as it, for what an encoding lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_encodable(character, encoding) for character in text)
    return text


def _encodable(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return "?" * cell_len(character)
    return character
