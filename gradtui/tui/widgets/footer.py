"""The last line: the few keys that matter now, or what the user is looking for."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.tui.keymap import KeyNames
from gradtui.tui.palette import ACCENT, MUTED


@dataclass(frozen=True, slots=True)
class Hint:
    """An action by its name, and what it does where the user is; its key is looked up when it is drawn."""

    action: str
    """Empty where something is said that no key does."""
    words: str
    undone: str = ""
    """The action that leads back again, where its key is to stand beside."""

    def drawn(self, names: KeyNames) -> Text:
        keys = names[self.action] + (f" {names[self.undone]}" if self.undone else "")
        return Text.assemble((keys, f"bold {ACCENT}"), " ", (self.words, MUTED))


Hints = tuple[Hint, ...]
NOTHING = Hint("", "")


class Footer(Widget):
    """Keys and what they do, as many as fit; the last two stand on the right."""

    DEFAULT_CSS = "Footer { height: 1; background: ansi_default; color: ansi_default; }"

    hints: reactive[Hints] = reactive(())
    notice: reactive[str] = reactive("")
    """Said instead of the hints."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.names = KeyNames()

    def render(self) -> Text:
        width = self.size.width
        if self.notice:
            line = Text(f" {self.notice}", "bold")  # no colour is readable on every background
            line.truncate(width, overflow="ellipsis")
            return line
        if not self.hints:
            return Text()
        rest, last = self.hints[:-2], self.hints[-2:]
        end = Text("  ").join(hint.drawn(self.names) for hint in last if hint != NOTHING)
        line = Text(" ")
        for hint in rest:
            drawn = hint.drawn(self.names)
            if line.cell_len + drawn.cell_len + 2 + end.cell_len + 1 > width:
                break
            line.append_text(drawn).append("  ")
        line.append(" " * max(0, width - line.cell_len - end.cell_len - 1)).append_text(end)
        return line
