"""Where the program stopped, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gradtui.model.columns import NONE


class StopKind(StrEnum):
    BACKWARD = "backward"
    """Before `Tensor.backward` or `autograd.backward` runs."""
    GRAD = "grad"
    """Before `autograd.grad` runs."""
    EXCEPTION = "exception"
    """The program raised, before or inside backward."""
    STEP = "step"
    """After an optimizer's step, where gradients are judged."""
    BREAKPOINT = "breakpoint"
    PAUSE = "pause"
    END = "end"


BACKWARDS = (StopKind.BACKWARD, StopKind.GRAD)
"""Stops at which a backward is about to walk a graph."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of the user's program."""

    type: str
    message: str
    stack: tuple[int, ...]
    """Indices of sites, innermost first, without frames of ours."""
    traceback: str
    """As Python would have printed it."""
    in_backward: bool = False
    value: int = NONE
    """A value of the trace that the exception is about: what the name that failed held, by identity."""
    call: int = NONE
    """The call that raised, or that made the object which failed."""
    subject: str = ""
    """What the failing object was, in words: `int 0`, `float 0.25`, `None`."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One place where the program was held, or where it is held now."""

    index: int
    """Counted from 1 over all stops of this kind."""
    kind: StopKind
    site: int
    """Index into `Trace.sites`, NONE at the end of the script."""
    call: int = NONE
    """The record of this stop in the trace."""
    stack: tuple[int, ...] = ()
    roots: tuple[int, ...] = ()
    """Values that backward starts from."""
    loss: float | None = None
    """The root's value where it is one number on the CPU; never fetched from another device."""
    nodes: int = 0
    total: int = 0
    """Parameters that require grad, or that an optimizer holds."""
    reached: int = 0
    """How many of them this backward reaches."""

    @property
    def cut(self) -> int:
        return self.total - self.reached


def come_to(stops: Sequence[Stop]) -> int:
    """To how many stops a program has come, of which not all of a long run are among these."""
    last = {stop.kind: stop.index for stop in stops}
    return max(len(stops), sum(last.values()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the program ended."""

    status: int
    """Exit status as a shell would see it; 128 + n where signal n killed it."""
    signal: int = 0
    raised: Raised | None = None
    ran: bool = True
    """False where the program never started: no such file, a syntax error, no torch."""
    complaint: str = ""
    """One sentence for the user where it never started or died in a way it couldn't tell itself."""
    file: str = ""
    """Where it never started because this file's text is no Python; empty otherwise."""
    line: int = NONE
    """The line in it that Python's parser stopped at."""
    cut_short: bool = False
    """Whether it was ended because all optimizers had been judged, and not by itself."""

    @property
    def killed(self) -> bool:
        """Whether a signal ended it that nobody at the keyboard had sent."""
        return bool(self.signal and self.complaint)
