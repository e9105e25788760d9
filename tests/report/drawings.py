"""Reads a picture's text back: its boxes by what they say, and the arrows between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Style = dict[str, str]

TEXT = r'"(?:[^"\\]|\\.)*"'
ATTRIBUTES = rf"\[((?:\w+=(?:{TEXT}|\w+)[, ]*)*)\]"
BOX = re.compile(rf"\s*(\w+|{TEXT}) {ATTRIBUTES}\s*")
ARROW = re.compile(rf"\s*(\w+) -> (\w+)(?: {ATTRIBUTES})?\s*")
PAIR = re.compile(rf"(\w+)=({TEXT}|\w+)")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One box."""

    lines: list[str]
    style: Style

    @property
    def name(self) -> str:
        """What it is called, without the shape that stands beside it."""
        return re.sub(r" \([\d, ]*\)$", "", self.lines[0])


@dataclass(frozen=True, slots=True)
class Drawing:
    boxes: dict[str, Drawn]
    arrows: list[tuple[str, str, Style]]
    caption: list[str]

    @property
    def names(self) -> set[str]:
        return {box.name for box in self.boxes.values()}

    def box(self, name: str) -> Drawn:
        """The first box whose first line has this in it; one that is called so goes before all others."""
        found = [box for box in self.boxes.values() if name in box.lines[0]]
        return next((box for box in found if box.name == name), found[0])

    @property
    def named_arrows(self) -> list[tuple[str, str]]:
        return [(self.boxes[tail].name, self.boxes[head].name) for tail, head, _ in self.arrows]

    def arrow(self, tail: str, head: str) -> Style:
        """How the first arrow between two boxes looks; both are told by a part of what they say."""
        return next(
            style
            for one, other, style in self.arrows
            if tail in self.boxes[one].lines[0] and head in self.boxes[other].lines[0]
        )


def drawing(dot: str) -> Drawing:
    """A picture from its text, one statement a line."""
    boxes: dict[str, Drawn] = {}
    arrows: list[tuple[str, str, Style]] = []
    caption: list[str] = []
    for line in statements(dot):
        if match := ARROW.fullmatch(line):
            arrows.append((match[1], match[2], pairs(match[3] or "")))
        elif match := BOX.fullmatch(line):
            style = pairs(match[2])
            lines = style.pop("label", "").split("\n")
            if match[1] == "graph":
                caption = caption or lines
            elif match[1] not in ("node", "edge"):
                boxes[match[1]] = Drawn(lines, style)
    return Drawing(boxes, arrows, caption)


def statements(dot: str) -> Iterator[str]:
    """The lines of a text, where one in quotes may hold an end of line."""
    yield from re.findall(rf"(?:{TEXT}|[^\n\"])+", dot)


def pairs(text: str) -> Style:
    return {name: unescaped(value) for name, value in PAIR.findall(text)}


def unescaped(value: str) -> str:
    """What a value shows."""
    ends = {"\\l": "\n", "\\n": "\n"}
    text = re.sub(
        r"\\.", lambda each: ends.get(each[0], each[0][1]), value.removeprefix('"').removesuffix('"')
    )
    return text.replace("&amp;", "&")
