"""What was learnt since the last snapshot that could explain it, and is told in the next one."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradtui.debuggee.compaction import Numbers, renumber_call, renumber_forward
from gradtui.model.cancelled import Cancelled
from gradtui.model.forward import ForwardValues
from gradtui.model.gradients import Death


@dataclass(slots=True)
class Unsent:
    """News of backwards; those of optimizers wait in `Judge.pending`."""

    deaths: list[Death] = field(default_factory=list)
    cancelled: list[Cancelled] = field(default_factory=list)
    uncancelled: list[int] = field(default_factory=list)
    """Leaves of those that were told before, which have got more since."""
    watched: list[int] = field(default_factory=list)
    """Numbers of the backwards of which deaths, and what cancelled, are told."""
    forwards: list[ForwardValues] = field(default_factory=list)
    """How values stood in forwards whose losses were no finite numbers."""

    def forget_deaths(self) -> None:
        self.deaths.clear()
        self.cancelled.clear()
        self.watched.clear()

    def renumber(self, moved: Numbers) -> None:
        """Follow the tape, from which calls were dropped."""
        self.deaths = [renumber_call(death, moved) for death in self.deaths]
        self.cancelled = [renumber_call(one, moved) for one in self.cancelled]
        self.forwards = [renumber_forward(forward, moved) for forward in self.forwards]
