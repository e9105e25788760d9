"""The line above the lower pane: which tabs there are, and which is in front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.tui.palette import ACCENT, CUT, MUTED, WARNING

BRIEF = {"Parameters": "Params", "Optimizers": "Optims"}
"""Titles where there is little room; no others can be shortened and still be read."""


@dataclass(frozen=True, slots=True)
class Tab:
    pane: str
    """The id of the pane that it stands for."""
    key: str
    title: str
    count: str = ""
    loud: bool = False
    """Whether its count is bad news."""
    grave: bool = True
    """And if so, whether it is an error's."""


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
        line = Text.assemble((self._line, self._rule), self._fitting(width - 1))
        line.append(self._line * max(0, width - line.cell_len), self._rule)
        return line

    @property
    def _rule(self) -> str:
        return ACCENT if self.lit else MUTED

    @property
    def _line(self) -> str:
        """A heavy one above the focus, as other panes have: without colours nothing else tells."""
        return "━" if self.lit else "─"

    def _fitting(self, room: int) -> Text:
        """The titles as wide as there is room for: all, if need be in fewer words, or else some of them."""
        for wide, brief, counted in ((1, 0, 1), (0, 0, 1), (0, 1, 1), (0, 1, 0)):
            titles = [self._title(tab, brief=bool(brief), counted=bool(counted)) for tab in self.tabs]
            line = self._joined(titles, wide=bool(wide))
            if line.cell_len <= room:
                return line
        return self._around_front(titles, room)

    def _title(self, tab: Tab, *, brief: bool, counted: bool) -> Text:
        front = tab.pane == self.front
        style = f"bold {ACCENT}" if front and self.lit else "bold" if front else MUTED
        title = Text(f"{tab.key} {BRIEF.get(tab.title, tab.title) if brief else tab.title}", style)
        if tab.count and (counted or tab.loud):
            news = f"bold {CUT if tab.grave else WARNING}"
            title.append(f" {tab.count}", news if tab.loud else MUTED)
        return title

    def _joined(self, titles: Sequence[Text], *, wide: bool, first: int = 0) -> Text:
        line = Text()
        for number, title in enumerate(titles, first):
            shown = Text.assemble(" ", title, " ") if wide else title.copy()
            shown.stylize(Style(meta={"pane": self.tabs[number].pane}))
            if line and not wide:
                line.append("│", self._rule)
            line.append_text(shown)
            if wide:
                line.append(self._line, self._rule)
        return line

    def _around_front(self, titles: list[Text], room: int) -> Text:
        """As many titles as fit with the one in front among them; marks tell of those on either side."""
        first = last = next((at for at, tab in enumerate(self.tabs) if tab.pane == self.front), 0)
        line = Text()
        while True:
            wider = [(first, last + 1)] * (last + 1 < len(titles)) + [(first - 1, last)] * (first > 0)
            for start, end in wider:
                tried = self._joined(titles[start : end + 1], wide=False, first=start)
                if start > 0:
                    tried = Text.assemble(self._more(start - 1, "‹ "), tried)
                if end + 1 < len(titles):
                    tried.append_text(self._more(end + 1, " ›"))
                if tried.cell_len <= room or not line:
                    line, first, last = tried, start, end
                    break
            else:
                line.truncate(room)
                return line

    def _more(self, number: int, mark: str) -> Text:
        """Stands for tabs that there is no room for; a click on it goes to the next of them."""
        more = Text(mark, ACCENT)
        more.stylize(Style(meta={"pane": self.tabs[number].pane}))
        return more

    def on_click(self, event: events.Click) -> None:
        pane = event.style.meta.get("pane")
        if pane:
            self.post_message(self.Picked(pane))
