"""What is wrong with what was typed, in a line or two; else what can be typed."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from gradtui.tui.palette import CUT, MUTED


class Complaint(Widget):
    DEFAULT_CSS = "Complaint { height: 2; background: ansi_default; color: ansi_default; padding: 0 1; }"

    def __init__(self, hint: str) -> None:
        super().__init__()
        self.hint = hint
        self.text = ""

    def say(self, text: str) -> None:
        self.text = text
        self.refresh()

    def render(self) -> Text:
        return Text.assemble((self.text, CUT) if self.text else (self.hint, MUTED))
