"""A prompt for Python expressions, evaluated in the frame at which the program is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from gradtui.model.messages import Answer, Evaluate
from gradtui.model.source import Site
from gradtui.tui.palette import ACCENT, CUT
from gradtui.tui.screens.requests import BreakOff, RequestScreen, ToProgram
from gradtui.tui.widgets.prompt import Prompt
from gradtui.tui.widgets.rows import Rows

KEPT = 2_000
"""Lines of answers that are kept."""
SOON = 0.3
"""Seconds up to which an answer is there at once, and nothing is said of waiting for it."""


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    style: str = ""


class Answers(Rows):
    """What was asked and what came, the latest at the bottom."""

    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self.lines = lines

    @property
    def count(self) -> int:
        return len(self.lines)

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002 - lines are cut off on the right
        line = self.lines[index]
        return Text(line.text, line.style)

    def add(self, text: str, style: str = "") -> None:
        """Sentences, which have a style, go on in the next line; of a value columns stay columns."""
        lines = [line.expandtabs(4) for line in text.splitlines() or [""]]
        if style:
            lines = [piece for line in lines for piece in wrap(line, max(20, self.inner.width - 3)) or [""]]
        self.lines += [Line(line, style) for line in lines]
        del self.lines[:-KEPT]
        self.renew()
        self.cursor = self.count - 1

    def on_mount(self) -> None:
        self.renew()
        self.cursor = self.count - 1


class EvaluateScreen(RequestScreen):
    """Stays open for one expression after another. What was typed and answered is its caller's to keep."""

    CSS = """
    EvaluateScreen { align: center bottom; background: transparent; }
    EvaluateScreen Answers { height: auto; min-height: 3; max-height: 50%; border: round ansi_cyan;
        border-bottom: none; border-title-color: ansi_cyan; border-subtitle-color: ansi_bright_black; }
    EvaluateScreen Prompt { border: round ansi_cyan; border-top: none; height: 2;
        border-subtitle-color: ansi_bright_black; }
    """

    OPENED_BY = "evaluate"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "other", "Between the prompt and the answers", show=False),
        Binding("pageup", "frame(1)", "In the frame that called this one", show=False),
        Binding("pagedown", "frame(-1)", "In the frame that it called", show=False),
        Binding("escape,q", "back", "Back"),
    ]

    def __init__(
        self, history: list[str], lines: list[Line], frames: Sequence[Site] = (), frame: int = 0
    ) -> None:
        super().__init__()
        self.history = history
        self.frames = frames
        """The user's frames of the stop, innermost first."""
        self.frame = frame
        self.answers = Answers(lines)
        self.breaking_off = False
        """Whether it was asked for; where that doesn't help, one may leave all the same."""
        self.prompt = Prompt(
            "›››", "an expression: loss, net.fc1.weight.grad.norm(), [p.shape for p in ...]", history
        )

    def compose(self) -> ComposeResult:
        self._name_frame()
        self._name_keys()
        yield self.answers
        yield self.prompt

    def on_mount(self) -> None:
        self.prompt.focus()

    def _name_frame(self) -> None:
        title = "Evaluate"
        if self.frame < len(self.frames):
            here, many = self.frames[self.frame], len(self.frames)
            title += f" at {here.place} in {here.function or 'the script'}"
            title += f", frame {self.frame + 1} of {many}" if many > 1 else ""
        self.answers.border_title = title

    def _name_keys(self) -> None:
        back = self.names["back"]
        frames = "pgup pgdn: frame  " if len(self.frames) > 1 else ""
        words = f"↑ ↓ history  {frames}tab: scroll  {back}: back"
        if self.breaking_off:
            words = f"breaking it off ...  {back}: back"
        elif self.request:
            words = f"evaluating ...  {back}: break off"
        self.prompt.border_subtitle = words

    def action_frame(self, step: int) -> None:
        """To the frame of a caller, or back."""
        if 0 <= self.frame + step < len(self.frames):
            self.frame += step
            self._name_frame()

    def action_other(self) -> None:
        (self.answers if self.prompt.has_focus else self.prompt).focus()

    def action_back(self) -> None:
        if not self.request or self.breaking_off:
            self.dismiss(None)
            return
        self.breaking_off = True
        self._name_keys()
        self.post_message(BreakOff())

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        if self.request:  # one after the other
            self.prompt.write(event.text)
            return
        if not self.history or self.history[-1] != event.text:
            self.history.append(event.text)
        self.answers.add(f"››› {event.text}", f"bold {ACCENT}")
        self.post_message(ToProgram(Evaluate(self.number(), event.text, self.frame)))
        self.set_timer(SOON, self._name_keys)

    def on_prompt_passed(self) -> None:
        self.action_other()

    def on_prompt_left(self) -> None:
        self.action_back()

    def answer(self, answer: Answer) -> None:
        self.breaking_off = False
        self._name_keys()
        self.answers.add(answer.text or "None", CUT if answer.error else "")
