"""What a backward does for each tensor that could learn: worked out once, for all that count or show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from gradtui.model.columns import NONE
from gradtui.model.owners import GradState, Parameter, Role
from gradtui.model.snapshot import Snapshot


class GradStatus(Enum):
    """In the words that are used of it everywhere."""

    REACHED = "reached"
    IN_VAIN = "in vain"
    """Reached, and a loud finding is about it all the same: it gets zeros or NaN, or nobody steps it; or NaN
    was seen to come."""
    WILL_RAISE = "raises"
    """It would be reached, but this backward raises somewhere."""
    RAISED_BEFORE = "missed"
    """This backward raised before it came there."""
    CUT = "cut off"
    NOT_IN_LOSS = "not part of this loss"
    """Not reached either, and nothing that was found says that it should have been."""
    FROZEN = "frozen"
    UNKNOWN = "unknown"
    """No backward is at hand, or its graph was left unread."""


@dataclass(frozen=True, slots=True)
class Course:
    """How the backward at hand went, as far as it was stepped through: its snapshot was taken before it."""

    nonfinite: frozenset[int] = frozenset()
    """Tensors whose gradient came, with NaN or infinite values in it."""
    error: str = ""
    """What it raised, with its type; empty where it hasn't raised."""
    node: int = NONE
    """The node that raised."""
    brought: frozenset[int] = frozenset()
    """Where it raised, the tensors that had got their gradient by then."""


class GradStatuses:
    """The grad statuses of one stop."""

    def __init__(
        self,
        snapshot: Snapshot,
        reached: Collection[int],
        *,
        about_backward: bool,
        missing: Collection[int] | None = None,
        course: Course | None = None,
        unharmed: Collection[int] = (),
    ) -> None:
        self.about_backward = about_backward
        self.missing = missing
        """Tensors that loud findings are about, most of which get no gradient; None where any may be one."""
        self.unharmed = unharmed
        """Those of them that findings are only about because the program has raised outside of backward:
        their gradients have come."""
        self.reached, self.course = reached, course or Course()
        graph, raised = snapshot.graph, snapshot.raised
        self.raised = (raised is not None and raised.in_backward) or bool(self.course.error)
        """Whether this backward has raised."""
        self.raises = graph is not None and raised is None and graph.raises and not self.raised
        """Whether it will: it needs what was written since, or freed."""
        self.learners = learners(snapshot)
        self.count = Counter(map(self.of, self.learners))
        self.vain = sum(map(self.in_vain, self.learners))
        """How many of them are reached in vain."""
        self.apart = frozenset(one.tensor for one in self.learners if self.of(one) is GradStatus.NOT_IN_LOSS)
        """Those of them that are no part of this loss."""
        shared = (one.tensors for one in snapshot.optimizers if not one.tensors.isdisjoint(reached))
        self.left_out = len(self.apart.intersection(frozenset[int]().union(*shared)))
        """How many are no part of this loss, though an optimizer holds them that holds parts of it too."""

    def of(self, parameter: Parameter) -> GradStatus:
        if parameter.tensor in self.reached:
            if self.raised and not self._brought(parameter):
                return GradStatus.RAISED_BEFORE
            return GradStatus.WILL_RAISE if self.raises else GradStatus.REACHED
        if not parameter.requires_grad:
            return GradStatus.FROZEN
        if not self.about_backward:
            return GradStatus.UNKNOWN
        return (
            GradStatus.CUT
            if self.missing is None or parameter.tensor in self.missing
            else GradStatus.NOT_IN_LOSS
        )

    def shown(self, parameter: Parameter) -> GradStatus:
        """How it stands, where it is shown by itself: what is reached in vain isn't well."""
        return GradStatus.IN_VAIN if self.in_vain(parameter) else self.of(parameter)

    def in_vain(self, parameter: Parameter) -> bool:
        """Whether it is `GradStatus.IN_VAIN`, which in all counts is reached."""
        told = self.missing is not None and parameter.tensor in self.missing
        told = told and parameter.tensor not in self.unharmed
        vain = told or parameter.tensor in self.course.nonfinite
        return vain and self.of(parameter) is GradStatus.REACHED

    def _brought(self, parameter: Parameter) -> bool:
        """Whether a backward that raised had given it a gradient before that."""
        if self.course.error:
            return parameter.tensor in self.course.brought
        return parameter.grad is not GradState.NONE


def learners(snapshot: Snapshot) -> list[Parameter]:
    """Parameters, also frozen ones, and what else is a leaf that requires grad or that an optimizer holds.

    An activation that a module keeps as an attribute requires grad as well, but isn't a leaf: nothing that
    could learn. Beside parameters a leaf without a name is one that is made for a while, as fast weights are.
    """
    held = {tensor for optimizer in snapshot.optimizers for tensor in optimizer.tensors}
    found = [
        item
        for item in snapshot.parameters
        if item.is_leaf and (item.role is Role.PARAMETER or item.requires_grad or item.tensor in held)
    ]
    if not any(item.role is Role.PARAMETER or item.tensor in held for item in found):
        return found  # of what is all the program's own, none has its name where that isn't seen from
    return [item for item in found if item.names or item.tensor in held]
