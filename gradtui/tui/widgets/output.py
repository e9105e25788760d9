"""What the program printed, and a way to type into it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from gradtui.tui.ascii import VERBATIM
from gradtui.tui.palette import MUTED
from gradtui.tui.widgets.rows import WHOLE, Rows

if TYPE_CHECKING:
    from gradtui.tui.terminal import Terminal

KEYS = {
    "enter": b"\r",
    "tab": b"\t",
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
}
"""What a terminal sends for the keys that aren't characters."""


LONGEST_PROMPT = 1000
"""Bytes of a line that could be a question."""
QUIET = 3.0
"""Seconds after which a line that isn't ended looks like a question."""


class Output(Rows):
    """The program's terminal. While `typing`, keys go to the program; esc ends that."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "type", "Type to the program", show=False, id="type")
    ]

    typing: reactive[bool] = reactive(False)
    following: reactive[bool] = reactive(True)
    """Whether it stays at the end as more is printed."""

    @dataclass
    class Typed(Message):
        """Keys for the program."""

        data: bytes

    class Typing(Message):
        """Typing began or ended."""

    def copied(self) -> str:
        """The line as it was printed, with its own signs and spaces."""
        return self.line(self.cursor, WHOLE).plain.rstrip() if self.count else ""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.terminal: Terminal | None = None
        self.type_keys = frozenset(["i"])
        """Keys that begin typing, heeded here: by way of a binding what is typed next would outrun them."""
        self._tail = b""
        """What was printed since the last line end."""
        self._fed = 0.0
        """When anything was printed last."""
        self.shape = (80, 24)
        """Columns and rows of the program's terminal."""
        self.allowed = True
        """Whether there is a program to type to."""
        self.nothing = ""
        """Why there is nothing in it."""

    @property
    def count(self) -> int:
        return max(1, len(self.terminal)) if self.terminal is not None else 1

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002 - it has the terminal's width
        if self.terminal is None:
            return Text(self.nothing, MUTED)
        line = self.terminal.line(index) if index < len(self.terminal) else Text()
        at, column = self.terminal.cursor
        if self.typing and index == at:
            line.pad_right(max(0, column + 1 - len(line)))
            line.stylize("reverse", column, column + 1)
        line.stylize(VERBATIM)
        return line

    def feed(self, data: bytes) -> None:
        if self.terminal is None:
            # Only now: most of the time before the first paint would otherwise go into this.
            from gradtui.tui.terminal import Terminal

            self.terminal = Terminal(*self.shape)
        self.terminal.feed(data)
        _, end, tail = data.rpartition(b"\n")
        self._tail = (tail if end else self._tail + data)[-LONGEST_PROMPT:]
        self._fed = time.monotonic()
        self.renew()
        if self.following:
            self._to_end()

    @property
    def prompt(self) -> str:
        """What stands on the line that the program hasn't ended; empty where that is redrawn, as a bar is."""
        if self.terminal is None or b"\r" in self._tail or not self._tail.strip():
            return ""
        return self.terminal.line(self.terminal.cursor[0]).plain.strip()

    def waits(self, known: bool | None) -> str:
        """That the program waits for input, in words: `known`, or guessed where nobody can tell."""
        if known is None and self.prompt and time.monotonic() - self._fed > QUIET:
            return "may be waiting for input"
        return "waits for input" if known else ""

    def begin_anew(self, title: str) -> None:
        """Say where the output of another run begins."""
        if self.terminal is not None:
            columns = self.terminal.screen.columns
            self.terminal.begin_anew(f"── {title} ".ljust(columns - 1, "─")[: columns - 1])
            self.renew()
            self._to_end()

    def reshape(self, columns: int, rows: int) -> None:
        """Give the program's terminal another size, whatever the pane's own is now."""
        self.shape = columns, rows
        if self.terminal is not None:
            self.terminal.resize(columns, rows)

    def on_resize(self) -> None:
        super().on_resize()
        if self.following:
            self._to_end()

    def _to_end(self) -> None:
        self.set_reactive(Output.cursor, self.count - 1)
        self.scroll_to(y=max(0, self.count - self.inner.height), animate=False)
        self.refresh()

    def watch_cursor(self, old: int, new: int) -> None:
        self.following = new >= self.count - 1
        super().watch_cursor(old, new)

    def action_type(self) -> None:
        if self.allowed:
            self.typing = True

    def watch_typing(self) -> None:
        self.refresh()
        self.post_message(self.Typing())

    def on_blur(self) -> None:
        super().on_blur()
        self.typing = False

    async def _on_key(self, event: events.Key) -> None:
        if not self.typing:
            if self.allowed and event.key in self.type_keys:
                event.stop()
                event.prevent_default()
                self.action_type()
            return
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.typing = False
        elif (data := pressed(event)) is not None:
            self.post_message(self.Typed(data))

    def _on_paste(self, event: events.Paste) -> None:
        if self.typing:
            event.stop()
            self.post_message(self.Typed(event.text.encode()))


def pressed(event: events.Key) -> bytes | None:
    """What a terminal sends for a key, None where it sends nothing."""
    if event.key in KEYS:
        return KEYS[event.key]
    if event.key.startswith("ctrl+") and len(event.key) == 6 and event.key[5].isalpha():
        return bytes([ord(event.key[5]) & 0x1F])
    if event.character:
        return event.character.encode()
    return None
