"""What screens say to the program, and those of them that wait for its answers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from textual.message import Message

from gradtui.model.messages import Answer, FromViewer
from gradtui.tui.screens.modal import Modal

_numbers = count(1)


def next_number() -> int:
    """A number that no question has had."""
    return next(_numbers)


@dataclass
class ToProgram(Message):
    """The user wants the program to be told something."""

    message: FromViewer


class BreakOff(Message):
    """The user doesn't want to wait for the answer any longer."""


class RequestScreen(Modal[None]):
    """A screen that asks the program; an answer to what it asked last is handed to `answer`."""

    def __init__(self) -> None:
        super().__init__()
        self.request = 0
        """The number of the question that waits for its answer; 0 for none."""

    def number(self) -> int:
        """The number of a new question; answers to older ones are not waited for any more."""
        self.request = next_number()
        return self.request

    def answered(self, answer: Answer) -> None:
        if answer.request == self.request:
            self.request = 0
            self.answer(answer)

    def answer(self, answer: Answer) -> None:
        """Show what came."""
