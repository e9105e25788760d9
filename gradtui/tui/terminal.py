"""A terminal in memory: what the program printed, as the terminal it thinks it has would show it.

The emulation is pyte's. What scrolls off its top is kept as text, so that a long run costs what its lines
cost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import pyte
from pyte.screens import Char
from rich.style import Style
from rich.text import Text

KEPT = 50_000
"""Lines kept to scroll back to. The whole output is in the transcript."""
BURST = 1 << 18
"""Bytes in one go of which only the end is emulated: nobody reads them as they pass."""
KEPT_OF_BURST = 1 << 16


class _Screen(pyte.Screen):
    """A screen that keeps what scrolls off its top."""

    def __init__(self, columns: int, lines: int) -> None:
        self.scrolled: deque[Text] = deque(maxlen=KEPT)
        super().__init__(columns, lines)

    def index(self) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        if self.cursor.y == bottom and top == 0:
            self.scrolled.append(drawn(self.buffer[0], self.columns))
        super().index()

    def report_device_status(self, mode: int = 0, **_: object) -> None:
        """A question that nobody here can answer, so it isn't answered."""


class Terminal:
    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.screen = _Screen(max(2, columns), max(2, lines))
        self.stream = pyte.ByteStream(self.screen)
        self.skipped = 0
        """Bytes that were left out here because they came too fast."""

    def feed(self, data: bytes) -> None:
        if len(data) > BURST:
            self.skipped += len(data) - KEPT_OF_BURST
            data = data[-KEPT_OF_BURST:]
        self.stream.feed(data)

    def begin_anew(self, title: str) -> None:
        """Another program writes from here on, below a line with a title; what was begun is given up."""
        row = len(self) - len(self.screen.scrolled)
        down = "\r\n" if self.line(len(self) - 1).plain else ""
        self.screen.reset_mode(6, private=True)  # the origin of moves is the top again
        self.screen.set_margins()
        self.screen.cursor_position(row, 1)
        self.stream = pyte.ByteStream(self.screen)
        self.stream.feed(f"\x1b(B\x1b[m{down}\x1b[1m{title}\x1b[m\r\n".encode())

    def resize(self, columns: int, lines: int) -> None:
        columns, lines = max(2, columns), max(2, lines)
        if (columns, lines) != (self.screen.columns, self.screen.lines):
            self.screen.resize(lines, columns)

    @property
    def cursor(self) -> tuple[int, int]:
        """Line and column at which the program writes next."""
        return len(self.screen.scrolled) + self.screen.cursor.y, self.screen.cursor.x

    def __len__(self) -> int:
        """Lines up to the last with anything on it, or the cursor."""
        last = self.screen.cursor.y
        for line in range(self.screen.lines - 1, last, -1):
            if any(char.data.strip() for char in self.screen.buffer[line].values()):
                last = line
                break
        return len(self.screen.scrolled) + last + 1

    def line(self, index: int) -> Text:
        scrolled = self.screen.scrolled
        if index < len(scrolled):
            return scrolled[index].copy()
        return drawn(self.screen.buffer[index - len(scrolled)], self.screen.columns)


def drawn(line: Mapping[int, Char], columns: int) -> Text:
    """One line of the emulated screen as text."""
    text, run, style = Text(no_wrap=True, end=""), "", None
    last = max(
        (column for column, char in line.items() if char.data.strip() or char.bg != "default"), default=-1
    )
    for column in range(min(columns, last + 1)):
        char = line[column]
        if not char.data:
            continue  # the right half of a wide character
        if (own := _style(char)) != style:
            text.append(run, style or "")
            run, style = "", own
        run += char.data
    text.append(run, style or "")
    return text


_STYLES: dict[tuple[object, ...], Style] = {}


def _style(char: Char) -> Style | None:
    key = (char.fg, char.bg, char.bold, char.italics, char.underscore, char.strikethrough, char.reverse)
    if key == ("default", "default", False, False, False, False, False):
        return None
    if key not in _STYLES:
        _STYLES[key] = Style(
            color=_colour(char.fg),
            bgcolor=_colour(char.bg),
            bold=char.bold or None,
            italic=char.italics or None,
            underline=char.underscore or None,
            strike=char.strikethrough or None,
            reverse=char.reverse or None,
        )
    return _STYLES[key]


def _colour(name: str) -> str | None:
    """rich's name for one of pyte's colours."""
    if name == "default":
        return None
    name = {"brown": "yellow", "brightbrown": "brightyellow"}.get(name, name)
    if name.startswith("bright"):
        return f"bright_{name.removeprefix('bright')}"
    return f"#{name}" if len(name) == 6 and all(c in "0123456789abcdefABCDEF" for c in name) else name
