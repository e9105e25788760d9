"""What was seen of gradients while backward ran: summaries, never the values themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class GradHealth(StrEnum):
    """How the elements of a gradient are."""

    FINE = "fine"
    ZERO = "zero"
    """Exactly zero, all of them."""
    INF = "inf"
    """Some are infinite, none is NaN."""
    NAN = "nan"
    """Some are NaN; of a Death, or where only the norm was taken, also infinite."""


@dataclass(frozen=True, slots=True)
class GradSummary:
    """One gradient in figures. Statistics are over its finite elements.

    Where a backward over many nodes ran without a halt only the norm was taken: then `counted` is False,
    minimum, maximum and mean are nan, and the counts are 0, or all elements where the norm proves it.
    """

    shape: tuple[int, ...]
    dtype: str
    norm: float
    """Euclidean; nan where nothing is finite."""
    minimum: float
    maximum: float
    mean: float
    elements: int
    zeros: int
    nans: int
    infs: int
    histogram: tuple[int, ...] = ()
    """Counts in equal steps from `minimum` to `maximum`; empty where backward wasn't held at the node."""
    counted: bool = True

    @property
    def health(self) -> GradHealth:
        if self.nans:
            return GradHealth.NAN
        if self.infs:
            return GradHealth.INF
        if self.norm != self.norm:
            return GradHealth.NAN
        return GradHealth.ZERO if self.zeros == self.elements else GradHealth.FINE


Grads = tuple[GradSummary | None, ...]
"""None stands for a gradient that torch never made, which isn't one of zeros."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One node of the graph that backward has been through."""

    node: int
    """Index into the graph of the stop; NONE for a node that was not captured."""
    received: Grads
    sent: Grads
    step: int
    """Counted from 1 over the steps of this backward."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a backward has left in the `.grad` of a leaf, as it stands before anybody scales or clips it."""

    tensor: int
    """Its identity as in `Trace.tensor`."""
    grad: GradSummary
    weight: float
    """The norm of the leaf itself."""
    update: float | None = None
    """Norm of the step that its optimizer would take with this, over `weight`; None where unknown."""


@dataclass(frozen=True, slots=True)
class Death:
    """A node that made zeros of a live gradient, or something not finite of a finite one."""

    node: int
    call: int
    """Index of the forward call in the trace, or NONE."""
    name: str
    state: GradHealth
    """ZERO or NAN."""
    leaves: tuple[int, ...] = ()
    """Tensors below it that got nothing else."""
    backward: int = 0
    """In which backward, counted from 1, or in an `autograd.grad` behind it; 0 before the first one."""
    hook: bool = False
    """It was sent there alive, and handed to the node dead: a hook of the tensor lies in between."""
