"""A snapshot: everything that was known of the program at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradtui.model.cancelled import Cancelled
from gradtui.model.forward import ForwardValues
from gradtui.model.gradients import Death
from gradtui.model.graph import Graph
from gradtui.model.owners import Judgement, Module, Optimizer, Parameter
from gradtui.model.source import SourceFile
from gradtui.model.stops import Raised, Stop
from gradtui.model.trace import Trace
from gradtui.model.unseen import Unseen


@dataclass(frozen=True, slots=True)
class Snapshot:
    script: str
    """As it was typed."""
    folder: str
    """The working folder, absolute."""
    torch: str
    """Its version."""
    python: str
    stop: Stop
    """Why this snapshot was taken."""
    trace: Trace = field(default_factory=Trace)
    graph: Graph | None = None
    """Under the roots of `stop`; None where no backward is at hand."""
    parameters: tuple[Parameter, ...] = ()
    modules: tuple[Module, ...] = ()
    optimizers: tuple[Optimizer, ...] = ()
    stops: tuple[Stop, ...] = ()
    """Backwards, grads and exceptions so far, this one included."""
    judgements: tuple[Judgement, ...] = ()
    """At optimizers' steps since the last snapshot of this sort."""
    deaths: tuple[Death, ...] = ()
    """Where gradients died in the backwards since the last snapshot, where somebody looked."""
    cancelled: tuple[Cancelled, ...] = ()
    """Where they cancelled each other but for rounding, in the same ones."""
    uncancelled: tuple[int, ...] = ()
    """Tensors of those that were told of before, which have got more since the last snapshot."""
    watched: tuple[int, ...] = ()
    """The backwards since the last snapshot where somebody did, by number: in others any may have died."""
    forwards: tuple[ForwardValues, ...] = ()
    """Of backwards since the last snapshot whose loss was no finite number, the first few of all."""
    raised: Raised | None = None
    sources: tuple[SourceFile, ...] = ()
    """User files that sites of the trace point into; only those the viewer hasn't been sent."""
    unseen: tuple[Unseen, ...] = ()
    """What could not be watched: another thread, a compiled region."""
    brief: bool = False
    """Nobody wanted to wait for more than the last calls: what isn't in the trace may well have been."""
