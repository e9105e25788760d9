"""The list of breaks: switched on and off, taken away, and added by typing."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from gradtui.model.breaks import Break
from gradtui.tui.breaks import ELSEWHERE, FORMS, Breaks, Known, Unclear, means, parse, said
from gradtui.tui.palette import CUT, MUTED
from gradtui.tui.screens.modal import ListBox, Modal
from gradtui.tui.widgets.complaint import Complaint
from gradtui.tui.widgets.prompt import Prompt
from gradtui.tui.widgets.rows import Rows


class BreakList(Rows):
    """One line a break."""

    def __init__(self, breaks: Breaks) -> None:
        super().__init__()
        self.breaks = breaks

    def on_mount(self) -> None:
        self.renew()

    @property
    def count(self) -> int:
        return max(1, len(self.breaks.kept))

    def line(self, index: int, width: int) -> Text:
        if not self.breaks.kept:
            key = self.screen.names["break"] if isinstance(self.screen, Modal) else "b"
            return Text(f"No breaks yet. Type one below, or press {key} on a row or a line.", MUTED)
        item = self.breaks.kept[index]
        words = max([24, *(len(said(one.condition)) for one in self.breaks.kept)])
        line = Text.assemble(
            ("● on   ", f"bold {CUT}") if item.on else ("○ off  ", MUTED),
            (f"{said(item.condition):<{min(words, width - 10)}}", "bold" if item.on else MUTED),
            (f"  {means(item.condition)}", MUTED),
        )
        line.truncate(width, overflow="ellipsis")
        return line


class BreaksScreen(Modal[None]):
    """Changes the breaks it was given, and says so each time."""

    CSS = """
    BreaksScreen { align: center middle; background: transparent; }
    BreaksScreen ListBox { width: 100%; max-width: 130; height: auto; max-height: 100%;
        border: round ansi_cyan; border-title-color: ansi_cyan; border-subtitle-color: ansi_bright_black;
        background: ansi_default; }
    BreaksScreen BreakList { height: auto; min-height: 1; }
    BreaksScreen Prompt { padding: 0 1; }
    """

    OPENED_BY = "breaks"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "switch", "On or off"),
        Binding("d,delete,x", "delete", "Take it away"),
        Binding("a,i,tab,colon", "type", "Type a new one"),
        Binding("escape,q,B", "dismiss(None)", "Back"),
    ]

    def __init__(
        self,
        breaks: Breaks,
        known: Callable[[], Known],
        elsewhere: Callable[[Break], bool],
        changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self.breaks, self.known, self.elsewhere, self.changed = breaks, known, elsewhere, changed
        self.list = BreakList(breaks)
        self.prompt = Prompt("new")
        self.complaint = Complaint(FORMS)

    def compose(self) -> ComposeResult:
        with ListBox(self.list, 16) as box:
            box.border_title = "Breaks"
            yield self.list
            yield self.prompt
            yield self.complaint

    def on_mount(self) -> None:
        (self.list if self.breaks.kept else self.prompt).focus()

    def on_descendant_focus(self) -> None:
        """Name the keys of the part that has the focus: in the other one they mean something else."""
        typing = self.prompt.has_focus
        keys = ["enter: add", "tab: to the list"] if typing else ["space: on or off", "d: delete", "a: add"]
        self.query_one(ListBox).border_subtitle = "  ".join([*keys, f"{self.names['back']}: back"])
        self.prompt.hint = "a break, as below" if typing else "a types one here"

    def on_rows_chosen(self) -> None:
        self.action_switch()

    def action_switch(self) -> None:
        if self.breaks.kept:
            self.breaks.switch(self.list.cursor)
            self.changed()
            self.list.refresh()

    def action_delete(self) -> None:
        if self.breaks.kept:
            self.breaks.delete(self.list.cursor)
            self.changed()
            self._renew()

    def action_type(self) -> None:
        self.prompt.focus()

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        try:
            condition = parse(event.text, self.known())
        except Unclear as unclear:
            self.complaint.say(str(unclear))
            self.prompt.write(event.text, refused=True)
            return
        self.breaks.add(condition)
        self.changed()
        self.complaint.say(ELSEWHERE if self.elsewhere(condition) else "")
        self._renew()
        self.list.cursor = self.list.count - 1

    def on_prompt_passed(self) -> None:
        self.list.focus()

    def on_prompt_left(self) -> None:
        self.dismiss(None)

    def _renew(self) -> None:
        self.list.renew()
        self.list.refresh(layout=True)
