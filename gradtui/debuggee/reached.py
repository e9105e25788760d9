"""Which tensors backward has given a gradient, since their optimizers stepped last.

To ask each tensor for its gradient is what takes time: it lies in memory that is cold. As a rule an optimizer
clears its gradients before backward, so that none is asked before it, and steps after it, where they are
looked at anyway: then all that backward has reached have one, and no others. That look is put off until then,
or until the program is about to change gradients otherwise.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import attrgetter, is_not

from torch import Tensor

from gradtui.debuggee.optimizer_record import OptimizerRecord
from gradtui.debuggee.optimizer_writes import Row

NumbersOf = Callable[[Sequence[Tensor]], Sequence[int]]
Leaves = Callable[[Sequence[Tensor]], Sequence[bool]]
Mark = tuple[weakref.ref[Tensor], int] | None
"""A gradient, and how often it had been written; None where there was none."""
Before = tuple[list[Tensor], list[int], list[Mark]]
"""What backward may give a gradient, as tensors and, where all are known, as numbers; and what they had."""
NOTHING: Before = ([], [], [])
NOBODY: frozenset[int] = frozenset()

grad_of = attrgetter("grad")


@dataclass(frozen=True, slots=True)
class Clearing:
    """Gradients that are about to be cleared."""

    had: Sequence[Tensor]
    """The tensors that have a gradient."""
    row: Row | None
    """The row of the tape that these tensors stand in, where they are known to stand in one."""
    cleared: Callable[[], None]
    """To be called once none of them has a gradient any more."""


class Reached:
    """Keeps account of it for all optimizers, of which each is asked for at its step."""

    def __init__(self, optimizers: Sequence[OptimizerRecord], numbers: NumbersOf, leaves: Leaves) -> None:
        self.optimizers = optimizers
        self.numbers, self.leaves = numbers, leaves
        self._before = NOTHING
        self._reached: set[int] = set()
        # By identity. Of each list as a rule one, of as many optimizers as there may be.
        self._cleared: dict[int, OptimizerRecord] = {}
        """No tensor of these has a gradient: nothing has happened since they were cleared."""
        self._all_have: dict[int, OptimizerRecord] = {}
        """Each tensor of these has one: nothing has happened since they stepped."""
        self._running: list[OptimizerRecord] = []
        """None of these had one when backward began that is running."""
        self._due: dict[int, OptimizerRecord] = {}
        """None had one before a backward that has ended: whoever has one now was reached by it, or since."""

    def clearing(self, tensors: Sequence[Tensor]) -> Clearing:
        """The gradients of these are about to be cleared."""
        ids = list(map(id, tensors))
        whose = {id(record): record for record in self.optimizers if record.ids == ids and not record.gone}
        row = next((record.row for key, record in whose.items() if key in self._all_have), None)
        self.settle()
        had = tensors
        if row is None:
            had = [*compress(tensors, map(is_not, map(grad_of, tensors), repeat(None)))]
        return Clearing(had, row, lambda: self._cleared.update(whose))

    def before_backward(self) -> None:
        """Note where gradients stand, so that what backward adds can be told."""
        self._all_have.clear()
        tensors: list[Tensor] = []
        numbers: list[int] = []
        for record in self.optimizers:
            if record.elsewhere:
                continue
            if id(record) in self._cleared:
                self._running.append(record)
                continue
            if id(record) in self._due:
                continue
            held = record.held()
            as_built = record.as_built(held)
            leaves = held if as_built and record.plain else leaves_of(held, self.leaves)
            tensors.extend(leaves)
            if as_built and len(leaves) == len(record.numbers):
                numbers.extend(record.numbers)
        # As a rule all were cleared, though not by an optimizer, and there is nothing to note.
        grads = list(map(grad_of, tensors))
        marks = list(map(_mark, grads)) if any(map(is_not, grads, repeat(None))) else []
        self._before = (tensors, numbers if len(numbers) == len(tensors) else [], marks)

    def after_backward(self) -> None:
        self._cleared.clear()
        self._due.update((id(record), record) for record in self._running)
        self._running.clear()
        (tensors, numbers, before), self._before = self._before, NOTHING
        if not tensors:
            return
        grads = map(grad_of, tensors)
        reached = map(_is_another, grads, before) if before else map(is_not, grads, repeat(None))
        if numbers:
            self._reached.update(compress(numbers, reached))
        else:
            self._reached.update(self.numbers([*compress(tensors, reached)]))

    def backward_raised(self) -> None:
        """Forget what was noted before a backward that raised, and hold none of its tensors."""
        self._before = NOTHING
        self._cleared.clear()
        self._running.clear()

    def settle(self) -> None:
        """The program is about to change gradients otherwise than by backward, or may be."""
        self._all_have.clear()
        self._cleared.clear()
        due, self._due = list(self._due.values()), {}
        for record in due:
            held = record.held()
            if not record.as_built(held):  # what it was given since may have had a gradient before
                known = set(record.ids)
                held = [tensor for tensor in held if id(tensor) in known]
            leaves = leaves_of(held, self.leaves)
            reached = compress(leaves, map(is_not, map(grad_of, leaves), repeat(None)))
            self._reached.update(self.numbers([*reached]))

    def take(
        self, record: OptimizerRecord, numbers: Sequence[int], having: frozenset[int], *, all_have: bool
    ) -> frozenset[int]:
        """Those of these numbers that backward has reached since they were taken last.

        `having` are those that have a gradient now; `all_have` where that is all that it was built with.
        """
        if all_have:
            self._all_have[id(record)] = record
        found = NOBODY
        if self._reached:
            found = frozenset(self._reached.intersection(numbers))
            self._reached -= found
        due = self._due.pop(id(record), None)
        if due is None:
            return found
        return found | having if found else having


def leaves_of(tensors: Sequence[Tensor], leaves: Leaves) -> Sequence[Tensor]:
    """Those that are leaves: what is none isn't asked for its gradient, as torch would warn."""
    are = leaves(tensors)
    return tensors if all(are) else [*compress(tensors, are)]


def _mark(grad: Tensor | None) -> Mark:
    # By its object: one that dies while backward runs may leave its id to the next.
    return None if grad is None else (weakref.ref(grad), _writes(grad))


def _is_another(grad: Tensor | None, mark: Mark) -> bool:
    """Whether a gradient isn't the one of a mark, or was written since: so it is whenever one accumulates."""
    if grad is None or mark is None:
        return (grad is None) != (mark is None)
    return mark[0]() is not grad or mark[1] != _writes(grad)


def _writes(grad: Tensor) -> int:
    return -1 if grad.is_inference() else grad._version
