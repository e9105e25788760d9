"""A line in which something is typed: with a cursor, and with what was typed before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.tui.palette import ACCENT, MUTED


class Prompt(Widget, can_focus=True):
    """A one-line editor; enter says what was typed, up and down bring back what was typed before."""

    DEFAULT_CSS = "Prompt { height: 1; background: ansi_default; color: ansi_default; }"

    typed: reactive[str] = reactive("")
    at: reactive[int] = reactive(0)
    """The character before which the next one is put."""
    refused: reactive[bool] = reactive(False)
    """Whether what stands there was refused: typing puts something else in its place, other keys mend it."""
    hint: reactive[str] = reactive("")

    @dataclass
    class Entered(Message):
        """Something was typed and confirmed."""

        text: str

    class Left(Message):
        """The user wants out."""

    class Passed(Message):
        """The user wants to get to the part beside it."""

    def __init__(self, sign: str, hint: str = "", history: Sequence[str] = ()) -> None:
        super().__init__()
        self.sign = sign
        self.set_reactive(Prompt.hint, hint)
        self.history = history
        """What was typed before, the latest last; it may grow."""
        self._back = 0
        self._kept = ""

    def render(self) -> Text:
        typed = Text(self.typed, MUTED if self.refused else "")
        line = Text.assemble((f"{self.sign} ", f"bold {ACCENT}"), typed, " ")
        start = len(self.sign) + 1 + self.at
        if self.has_focus:
            line.stylize("reverse", start, start + 1)
        if not self.typed:
            line.append(fitting(self.hint, self.size.width - line.cell_len), MUTED)
        width = self.size.width
        if line.cell_len > width and start >= width:
            line = line[start - width + 1 :]
        line.truncate(width, overflow="ellipsis")
        return line

    def write(self, text: str, *, refused: bool = False) -> None:
        """Put a text in the place of what stands there."""
        self.typed, self.at, self.refused = text, len(text), refused

    async def _on_key(self, event: events.Key) -> None:
        key = event.key
        if key in USED or (event.character and event.is_printable):
            event.stop()
            event.prevent_default()
        if key == "enter":
            self._enter()
        elif key in ("escape", "ctrl+c"):
            self.post_message(self.Left())
        elif key in ("tab", "shift+tab"):
            self.post_message(self.Passed())
        elif key in ("up", "down"):
            self._recall(1 if key == "up" else -1)
        elif key in MOVES:
            self.refused = False
            self.at = max(0, min(len(self.typed), MOVES[key](self.at, len(self.typed))))
        elif key in ("backspace", "delete"):
            self.refused = False
            cut = self.at - (key == "backspace")
            if 0 <= cut < len(self.typed):
                self.typed, self.at = self.typed[:cut] + self.typed[cut + 1 :], cut
        elif key == "ctrl+u":
            self.typed, self.at = self.typed[self.at :], 0
        elif key == "ctrl+k":
            self.typed = self.typed[: self.at]
        elif event.character and event.is_printable:
            self._insert(event.character)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._insert(" ".join(event.text.split()))

    def _insert(self, text: str) -> None:
        if self.refused:
            self.write("")
        self.typed, self.at = self.typed[: self.at] + text + self.typed[self.at :], self.at + len(text)

    def _enter(self) -> None:
        text = self.typed.strip()
        self.write("")
        self._back = 0
        if text:
            self.post_message(self.Entered(text))

    def _recall(self, step: int) -> None:
        wanted = max(0, min(len(self.history), self._back + step))
        if not self._back:
            self._kept = self.typed
        self._back = wanted
        self.write(self.history[-wanted] if wanted else self._kept)


def fitting(hint: str, room: int) -> str:
    """As many of the examples in a hint as there is room for whole."""
    while len(hint) > room and ", " in hint:
        hint = hint.rpartition(", ")[0]
    return hint


MOVES: dict[str, Callable[[int, int], int]] = {
    "left": lambda at, _: at - 1,
    "right": lambda at, _: at + 1,
    "home": lambda *_: 0,
    "ctrl+a": lambda *_: 0,
    "end": lambda _, end: end,
    "ctrl+e": lambda _, end: end,
}
USED = frozenset(
    [
        *MOVES,
        *("enter", "escape", "ctrl+c", "tab", "shift+tab", "up", "down"),
        *("backspace", "delete", "ctrl+u", "ctrl+k"),
    ]
)
"""Keys with a meaning here; others are left to whoever has one for them."""
