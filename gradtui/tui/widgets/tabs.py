"""The line above the lower pane: which tabs there are, and which is in front."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.tui.palette import ACCENT, CUT, MUTED

LETTERS = (20, 6, 5, 4, 3)
"""Of a title at most; fewer where there is no room."""


@dataclass(frozen=True, slots=True)
class Tab:
    pane: str
    """The id of the pane that it stands for."""
    key: str
    title: str
    count: str = ""
    loud: bool = False
    """Whether its count is bad news."""


class Tabs(Widget):
    """Titles with the keys that bring them to the front."""

    DEFAULT_CSS = "Tabs { height: 1; background: ansi_default; color: ansi_default; }"

    tabs: reactive[tuple[Tab, ...]] = reactive(())
    front: reactive[str] = reactive("")
    lit: reactive[bool] = reactive(False)
    """Whether the pane below has the focus."""

    @dataclass
    class Picked(Message):
        pane: str

    def render(self) -> Text:
        width = self.size.width
        for letters in LETTERS:
            titles = self._titles(letters)
            if titles.cell_len <= width - 2:
                break
        line = Text.assemble(("─", self._rule), titles)
        line.truncate(width)
        line.append("─" * max(0, width - line.cell_len), self._rule)
        return line

    @property
    def _rule(self) -> str:
        return ACCENT if self.lit else MUTED

    def _titles(self, letters: int) -> Text:
        """The titles, those that aren't in front cut to so many letters."""
        line = Text()
        for tab in self.tabs:
            front = tab.pane == self.front
            style = f"bold {ACCENT}" if front and self.lit else "bold" if front else MUTED
            title = Text.assemble(
                (f" {tab.key} ", MUTED if not front else style),
                (tab.title if front else tab.title[:letters], style),
            )
            if tab.count:
                title.append(f" {tab.count}", f"bold {CUT}" if tab.loud else MUTED)
            title.append(" ")
            title.stylize(Style(meta={"pane": tab.pane}))
            line.append_text(title)
            line.append("─", self._rule)
        return line

    def on_click(self, event: events.Click) -> None:
        pane = event.style.meta.get("pane")
        if pane:
            self.post_message(self.Picked(pane))
