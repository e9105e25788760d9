"""What debuggee and viewer say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gradtui.model.gradients import Passed
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


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign of life, a few times a second while the program runs."""

    calls: int
    site: Site | None
    phase: str
    """`importing`, `running`, `capturing`, `backward`."""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Stopped:
    """The program is held and waits for a Command."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot on the way: the program goes on by itself."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Stepped:
    """Backward is held between two nodes."""

    passed: tuple[Passed, ...]
    """Since the last message of this kind."""
    next_node: int
    """The node that comes next; NONE where this backward has ended."""
    steps: int
    reason: str = ""
    """Why it is held here: `step`, `target`, `nan`, `zero`, `break`, `end`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an Evaluate or a Show found; text as torch or Python prints it."""

    request: int
    text: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The program has ended or is about to; the last message."""

    outcome: Outcome


# the viewer says


class Act(StrEnum):
    CONTINUE = "continue"
    """To the next stop."""
    STEP = "step"
    """One backward node."""
    OVER = "over"
    """The rest of the module that the next node belongs to."""
    TO = "to"
    """To the node in `node`."""
    FINISH = "finish"
    """To the end of this backward."""
    PAUSE = "pause"
    """Stop at the next torch call."""
    DETACH = "detach"
    """Take everything out and let the program run."""


@dataclass(frozen=True, slots=True)
class Command:
    act: Act
    node: int = -1
    breaks: tuple[str, ...] = ()
    """Conditions that also stop it: see `stepping`."""


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression in the frame of the stop."""

    request: int
    expression: str


@dataclass(frozen=True, slots=True)
class Show:
    """The value of a tensor, a page of it."""

    request: int
    tensor: int
    node: int = -1
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """First of all from the viewer: what to run and what to look for."""

    argv: tuple[str, ...]
    """The script as typed, or the module's or code's text, then its arguments."""
    form: str
    """`script`, `module` or `code`."""
    check: bool = False
    """Never held: judge gradients by value at every optimizer's step."""
    steps: int = 8
    """How many steps of each optimizer are judged; 0 for all."""
    stop_at: str = ""
    """`N` or `FILE:LINE`."""


FromDebuggee = Hello | Ready | Progress | Stopped | Seen | Stepped | Answer | Finished
FromViewer = Plan | Command | Evaluate | Show
