"""The line in which the user types what to look for."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.tui.palette import ACCENT, CUT, MUTED


class Search(Widget, can_focus=True):
    """A one-line editor that tells of every change; enter keeps the place, esc goes back."""

    DEFAULT_CSS = "Search { height: 1; background: ansi_default; color: ansi_default; display: none; }"

    wanted: reactive[str] = reactive("")
    missed: reactive[bool] = reactive(False)
    standing: reactive[tuple[int, int]] = reactive((0, 0))
    """Which match the cursor is on, and how many there are; zeros where that isn't known."""
    sign: reactive[str] = reactive("/")
    """What stands before the text: what is done with it."""

    @dataclass
    class Changed(Message):
        query: str

    @dataclass
    class Done(Message):
        kept: bool

    def render(self) -> Text:
        line = Text.assemble((f" {self.sign}", f"bold {ACCENT}"), self.wanted, ("▏", ACCENT))
        if self.missed and self.wanted:
            line.append("  not found", CUT)
        elif self.wanted and self.standing[0]:
            line.append(f"  {self.standing[0]:,} of {self.standing[1]:,}", MUTED)
        hint = Text("enter keep  esc back ", MUTED)
        gap = self.size.width - line.cell_len - hint.cell_len
        return line.append(" " * gap).append_text(hint) if gap > 1 else line

    async def _on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key in ("enter", "escape", "ctrl+c"):
            self.post_message(self.Done(event.key == "enter"))
        elif event.key == "backspace":
            self._change(self.wanted[:-1])
        elif event.key == "ctrl+u":
            self._change("")
        elif event.character and event.is_printable:
            self._change(self.wanted + event.character)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._change(self.wanted + " ".join(event.text.split()))

    def _change(self, query: str) -> None:
        self.wanted = query
        self.post_message(self.Changed(query))
