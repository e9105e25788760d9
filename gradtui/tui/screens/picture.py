"""Asks which file a picture of the graph is to be drawn into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from gradtui.report.saving import FORMATS, undrawable
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.complaint import Complaint
from gradtui.tui.widgets.prompt import Prompt


def sentence(reason: str) -> str:
    """Why there is no picture, as it is said on the screen."""
    return f"{reason[:1].upper()}{reason[1:]}."


class PictureScreen(Modal[str | None]):
    """Gives the file that a picture is to be drawn into, None where it isn't to be."""

    CSS = """
    PictureScreen { align: center middle; background: transparent; }
    PictureScreen Vertical { width: 90%; max-width: 84; height: auto;
        border: round ansi_cyan; border-title-color: ansi_cyan; border-subtitle-color: ansi_bright_black;
        background: ansi_default; }
    PictureScreen Prompt { padding: 0 1; }
    """

    OPENED_BY = "picture"

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, proposed: str, history: Sequence[str]) -> None:
        super().__init__()
        self.prompt = Prompt("file", history=history)
        self.prompt.write(proposed, refused=True)  # so that typing puts another in its place
        self.complaint = Complaint(f"It ends in {', '.join(f'.{one}' for one in FORMATS)}.")
        self._to_replace = ""
        """What is there already, and is written over if that is asked for once more."""

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Draw the graph into a file"
            box.border_subtitle = f"enter: draw it  {self.names['back']}: back"
            yield self.prompt
            yield self.complaint

    def on_mount(self) -> None:
        self.prompt.focus()

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        file = str(Path(event.text).expanduser())
        if reason := undrawable(file):
            self._ask_again(event.text, sentence(reason))
            return
        if Path(file).exists() and event.text != self._to_replace:
            self._to_replace = event.text
            self._ask_again(event.text, f"There is {file} already: enter again writes over it.")
            return
        self.dismiss(file)

    def _ask_again(self, typed: str, why: str) -> None:
        self.complaint.say(why)
        self.prompt.write(typed)

    def on_prompt_left(self) -> None:
        self.dismiss(None)
