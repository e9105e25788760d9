"""What debuggee and viewer say to each other."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from enum import StrEnum

from gradtui.model.breaks import Break
from gradtui.model.columns import NONE
from gradtui.model.gradients import Grads, Learnt, Passed
from gradtui.model.plan import Plan as Plan  # noqa: PLC0414 - a message too, and had from here
from gradtui.model.saved import Saved
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site
from gradtui.model.stops import Outcome

PROTOCOL = 1
"""Raised whenever a field changes its meaning; a viewer refuses what is newer than itself."""


# the debuggee says


@dataclass(frozen=True, slots=True)
class Hello:
    """First of all, before torch is imported."""

    protocol: int
    pid: int
    python: str


@dataclass(frozen=True, slots=True)
class Ready:
    """torch is imported, the script begins."""

    torch: str


class ProgramPhase(StrEnum):
    """What the program is about while it runs, as it says itself."""

    IMPORTING = "importing"
    """It has begun to import torch."""
    RUNNING = "running"
    CAPTURING = "capturing"
    """It is held, and the graph is read."""
    TELLING = "telling"
    """It is held, and the calls behind the graph are read."""
    BACKWARD = "backward"
    """It runs backward."""
    WEIGHING = "weighing"
    """It is held, and what the nodes have saved is measured."""


@dataclass(frozen=True, slots=True)
class Training:
    """How far a training has come."""

    backwards: int = 0
    """Of the program's own; what `autograd.grad` derives isn't among them."""
    steps: int = 0
    """By the optimizer that has made most."""
    loss: float | None = None
    """That of the last backward, where it is known."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign of life, a few times a second while the program runs."""

    calls: int
    site: Site | None
    phase: ProgramPhase
    done: int = 0
    total: int = 0
    training: Training = Training()


@dataclass(frozen=True, slots=True)
class Stopped:
    """The program is held and waits for a Command."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot on the way: the program goes on by itself."""

    snapshot: Snapshot


class Reason(StrEnum):
    """Why a backward is held, or that it is over."""

    STEP = "step"
    """What was asked for: a node, or the rest of a module."""
    TARGET = "target"
    """The node that was asked for comes next."""
    BREAK = "break"
    """A condition came true: `broke` says which."""
    PAUSED = "paused"
    """Somebody pressed the key while it ran."""
    RAISED = "raised"
    """The engine raised in `next_node`; the program gets the exception when it goes on."""
    END = "end"
    """This backward has ended; the program goes on by itself after the next command."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """Backward is held between two nodes, or it has just ended."""

    passed: tuple[Passed, ...]
    """What it went through since the last message of this kind, in the engine's order."""
    next_node: int
    """The node that comes next, or that raised; NONE where this backward has ended."""
    steps: int
    """How many nodes of this backward have been passed so far."""
    reason: Reason = Reason.STEP
    receives: Grads = ()
    """What the next node is handed."""
    broke: Break | None = None
    error: str = ""
    """For RAISED: `RuntimeError: ...`, the message whole."""
    writer: int = NONE
    """For RAISED by a version error: the call of the trace that wrote the tensor, where it is known."""
    learnt: tuple[Learnt, ...] = ()
    """At the end of this backward: the leaves that it reached."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an Evaluate or a Show found; text as torch or Python prints it."""

    request: int
    text: str
    error: bool = False
    offset: int = 0
    """For Show: the first element that the text has, of the tensor's elements in row-major order."""
    shown: int = 0
    """How many elements the text has."""
    total: int = 0
    """How many elements the tensor has."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the nodes of the graph have saved for backward."""

    request: int
    saved: Saved = field(default_factory=Saved)
    error: str = ""
    """One sentence where it can't be told now."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The program has ended or is about to; the last message."""

    outcome: Outcome


# the viewer says


class Act(StrEnum):
    CONTINUE = "continue"
    """To the next stop, or to a break in this backward."""
    RUN = "run"
    """Past all backwards, until a break comes true, an exception is raised or the program ends."""
    STEP = "step"
    """One backward node."""
    OVER = "over"
    """The rest of the module that the next node belongs to."""
    TO = "to"
    """To the node in `node`."""
    FINISH = "finish"
    """To the end of this backward, and hold there."""
    PAUSE = "pause"
    """While it runs: hold at the next torch call, or at the next node where a backward runs."""
    ARM = "arm"
    """While it runs: the breaks are others from here on. Where it is held the next command has them."""
    ENOUGH = "enough"
    """While it reads the graph, the calls behind it, or what its nodes have saved: leave out the rest."""
    DETACH = "detach"
    """Take everything out and let the program run."""


ON_THE_WAY = frozenset([Act.PAUSE, Act.ARM, Act.ENOUGH])
"""What is said to a program that runs, or is read: none of it lets one go on that is held."""
STEPS = frozenset([Act.STEP, Act.OVER, Act.TO, Act.FINISH])
"""What goes through a backward in parts: it is held again in the same one."""


@dataclass(frozen=True, slots=True)
class Command:
    act: Act
    node: int = NONE
    breaks: tuple[Break, ...] = ()
    """Conditions that also hold it, all of them that are switched on now."""


BREAK_OFF = signal.SIGURG
"""What a program is sent that is to break off what it evaluates: nobody dies of one that comes too late."""


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression in a frame of the stop."""

    request: int
    expression: str
    frame: int = 0
    """Which of the user's frames, innermost first."""


@dataclass(frozen=True, slots=True)
class Show:
    """The value of a tensor, a page of it."""

    request: int
    tensor: int
    """Its identity as in `Trace.tensor`, or NONE for the gradient that `node` is handed."""
    node: int = NONE
    slot: int = 0
    """Which of the gradients that the node is handed."""
    offset: int = 0
    """The first element wanted, in row-major order."""
    grad: bool = False
    """The tensor's `.grad` instead of itself."""
    width: int = 80
    """Cells of a line, torch's own where nobody says."""


@dataclass(frozen=True, slots=True)
class Weigh:
    """What the nodes of the graph have saved for backward, and how much memory that holds."""

    request: int


FromDebuggee = Hello | Ready | Progress | Stopped | Seen | Stepped | Answer | Weighed | Finished
FromViewer = Plan | Command | Evaluate | Show | Weigh
