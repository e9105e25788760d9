"""The question before leaving while the program still runs: nothing is ended silently."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.tui.palette import ACCENT
from gradtui.tui.screens.modal import Modal


class Choice(Enum):
    STAY = 0
    END = 1
    """End the program and leave."""
    LET_RUN = 2
    """Leave, and let the program run on in the plain terminal."""


class Question(Widget):
    DEFAULT_CSS = "Question { width: auto; height: auto; background: ansi_default; color: ansi_default; }"

    ended: reactive[bool] = reactive(False, layout=True)
    """Whether the program came to its end while the question stood here."""

    def __init__(self, back: str, *, elsewhere: bool = False, how: str = "still runs") -> None:
        super().__init__()
        self.back, self.elsewhere, self.how = back, elsewhere, how

    def render(self) -> Text:
        stay = (f"{self.back:<3}", f"bold {ACCENT}"), "  stay here"
        if self.ended:
            return Text.assemble(
                "The program has ended meanwhile.\n\n", ("q", f"bold {ACCENT}"), "    quit\n", *stay
            )
        runs_on = "quit, and let it run on"
        choices = (
            (("q", runs_on), ("e", "end it and quit"))
            if self.elsewhere
            else (("q", "end it and quit"), ("r", f"{runs_on} in this terminal"))
        )
        lines = [part for key, what in choices for part in ((key, f"bold {ACCENT}"), f"    {what}\n")]
        where = " in another terminal" if self.elsewhere else ""
        return Text.assemble(f"The program {self.how}{where}.\n\n", *lines, *stay)


class LeaveScreen(Modal[Choice]):
    CSS = """
    LeaveScreen { align: center middle; background: transparent; }
    LeaveScreen Question {
        border: round ansi_yellow; border-title-color: ansi_yellow; padding: 0 1; max-width: 100%;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,y", "quit_as_usual", "Quit"),
        Binding("e", "choose('END')", "End it and quit"),
        Binding("r", "choose('LET_RUN')", "Let it run on"),
        Binding("escape,n,c", "choose('STAY')", "Stay"),
    ]

    def __init__(self, *, elsewhere: bool = False, how: str = "still runs") -> None:
        super().__init__()
        self.elsewhere, self.how = elsewhere, how
        """Whether the program runs in another terminal, and how it stands, in words that follow its name."""

    def compose(self) -> ComposeResult:
        question = Question(self.names["back"], elsewhere=self.elsewhere, how=self.how)
        question.border_title = "Quit?"
        yield question

    def leave(self) -> None:
        self.dismiss(Choice.STAY)

    def program_ended(self) -> None:
        self.query_one(Question).ended = True

    def action_quit_as_usual(self) -> None:
        """End what was started here; whoever only looks at a job leaves it as it is."""
        self.dismiss(Choice.LET_RUN if self.elsewhere else Choice.END)

    def action_choose(self, choice: str) -> None:
        self.dismiss(Choice[choice])
