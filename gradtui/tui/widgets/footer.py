"""The last line: the few keys that matter now, or what the user is looking for."""

from __future__ import annotations

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.tui.palette import ACCENT, MUTED

Hints = tuple[tuple[str, str], ...]
NOTHING = ("", "")


class Footer(Widget):
    """Keys and what they do, as many as fit; the last two stand on the right."""

    DEFAULT_CSS = "Footer { height: 1; background: ansi_default; color: ansi_default; }"

    hints: reactive[Hints] = reactive(())
    notice: reactive[str] = reactive("")
    """Said instead of the hints."""

    def render(self) -> Text:
        width = self.size.width
        if self.notice:
            line = Text(f" {self.notice}", "bold")  # no colour is readable on every background
            line.truncate(width, overflow="ellipsis")
            return line
        if not self.hints:
            return Text()
        rest, last = self.hints[:-2], self.hints[-2:]
        end = Text("  ").join(_hint(*hint) for hint in last if hint != NOTHING)
        line = Text(" ")
        for key, what in rest:
            hint = _hint(key, what)
            if line.cell_len + hint.cell_len + 2 + end.cell_len + 1 > width:
                break
            line.append_text(hint).append("  ")
        line.append(" " * max(0, width - line.cell_len - end.cell_len - 1)).append_text(end)
        return line


def _hint(key: str, what: str) -> Text:
    return Text.assemble((key, f"bold {ACCENT}"), " ", (what, MUTED))
