"""How the gradients of an optimizer stand when it steps, and what each backward added to them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat
from operator import attrgetter, is_not

from torch import Tensor

from gradtui.debuggee.built import Built
from gradtui.debuggee.devices import capturing
from gradtui.debuggee.passive import plain_tensors
from gradtui.debuggee.standing import state_of, states
from gradtui.model.owners import GradState, Judgement

NumbersOf = Callable[[Sequence[Tensor]], Sequence[int]]
Leaves = Callable[[Sequence[Tensor]], Sequence[bool]]
Mark = tuple[weakref.ref[Tensor], int] | None
"""A gradient, and how often it had been written; None where there was none."""
EVERY_STEP = 64
"""Steps of each optimizer that are told one by one. Of later ones those are that stand as none stood before,
and those that are looked at anyway, where they differ: which experts are chosen may change at every step."""
PATTERNS = 64
"""Ways in which the gradients of an optimizer stood that are remembered; any further one is no news."""
WATCHED = 2
"""Backwards that are watched node by node after a gradient came out as zeros or NaN."""
Before = tuple[list[Tensor], list[int], list[Mark]]
"""What backward may give a gradient, as tensors and, where all are known, as numbers; and what they had."""
NOTHING: Before = ([], [], [])

grad_of = attrgetter("grad")


@dataclass(slots=True)
class Stand:
    """How the gradients of one optimizer stood when they were looked at last."""

    numbers: Sequence[int] = ()
    present: Sequence[bool] = ()
    """Beside `numbers`: whether there was a gradient."""
    seen: dict[int, GradState] = field(default_factory=dict)
    """What each was when it was looked at last."""
    states: dict[int, GradState] = field(default_factory=dict)
    patterns: set[frozenset[tuple[int, GradState]]] = field(default_factory=set)
    """All the ways in which they stood so far."""
    told: dict[int, GradState] | None = None
    """What was told of last."""


class Judge:
    """Judges optimizers at their steps: by value where that waits for no device, or where it is asked for.

    It takes part in every step of a long run, so whatever is asked of each tensor is asked of all of them in
    functions written in C; and values are looked at ever more rarely, unless something gives reason to.
    """

    def __init__(self, numbers: NumbersOf, leaves: Leaves, *, everywhere: bool) -> None:
        self.numbers = numbers
        self.leaves = leaves
        self.everywhere = everywhere
        """Whether values are looked at on any device, and at every step."""
        self.pending: list[Judgement] = []
        """Not yet sent to the viewer."""
        self.novel = False
        """Whether one of them stands as none stood before."""
        self.to_watch = 0
        """Backwards that are worth a look at each node: a gradient came out as zeros or NaN, and why?"""
        self._stands: dict[int, Stand] = {}
        self._before = NOTHING
        self._reached: set[int] = set()

    def before_backward(self, optimizers: Iterable[Built]) -> None:
        """Note where gradients stand, so that what backward adds can be told."""
        tensors: list[Tensor] = []
        numbers: list[int] = []
        for built in optimizers:
            held = built.held()
            leaves = self._leaves_of(held)
            tensors.extend(leaves)
            if len(leaves) == len(built.numbers) and built.as_built(held):
                numbers.extend(built.numbers)
        grads = list(map(grad_of, tensors))
        # As a rule all were cleared, and there is nothing to note.
        marks = list(map(_mark, grads)) if any(map(is_not, grads, repeat(None))) else []
        self._before = (tensors, numbers if len(numbers) == len(tensors) else [], marks)

    def after_backward(self) -> None:
        (tensors, numbers, before), self._before = self._before, NOTHING
        grads = map(grad_of, tensors)
        reached = map(_is_another, grads, before) if before else map(is_not, grads, repeat(None))
        if numbers:
            self._reached.update(compress(numbers, reached))
        else:
            self._reached.update(self.numbers([*compress(tensors, reached)]))

    def forget_marks(self) -> None:
        """Backward raised: hold none of the tensors on."""
        self._before = NOTHING

    def step(
        self,
        built: Built,
        index: int,
        held: Sequence[Tensor],
        order: int,
        stop: int,
        *,
        as_built: bool,
        alarmed: bool = False,
    ) -> None:
        """Judge one optimizer by the gradients of what it holds; `alarmed` where the last loss wasn't finite.

        A gradient that isn't looked at counts as what it was when it was looked at last.
        """
        stand = self._stands.get(index)
        if stand is None:
            stand = self._stands[index] = Stand()
        tensors = held
        if as_built:
            numbers = built.numbers = built.numbers or self.numbers(tensors)
        else:
            tensors = built.with_lost(tensors)
            numbers = self.numbers(tensors)
        grads = self._grads(tensors)
        present = [grad is not None for grad in grads]
        early = built.steps <= EVERY_STEP
        changed = numbers != stand.numbers or present != stand.present
        rarely = built.steps & (built.steps - 1) == 0  # at steps 1, 2, 4, 8 and so on
        look = self.everywhere or alarmed or rarely or (changed and early)
        if look and not capturing():
            looked_at = states(grads, everywhere=self.everywhere)
            stand.seen.update(compress(zip(numbers, looked_at, strict=True), present))
            changed = True
        if changed:
            stand.numbers, stand.present = numbers, present
            stand.states = {
                number: GradState.NONE if grad is None else stand.seen.get(number, GradState.PRESENT)
                for number, grad in zip(numbers, grads, strict=True)
            }
        news = changed and self._is_news(stand)
        reached = frozenset(self._reached and stand.states.keys() & self._reached)
        self._reached -= reached
        told = early or news or ((rarely or self.everywhere) and stand.states != stand.told)
        if told:
            self.pending.append(Judgement(index, built.steps, order, stop, stand.states, reached))
            stand.told = stand.states

    def unusable(self, tensors: Sequence[Tensor]) -> bool:
        """Whether some gradient is no number; of what it would be waited for nothing is asked."""
        if capturing():
            return False
        return GradState.NONFINITE in states(self._grads(tensors), everywhere=self.everywhere)

    def _is_news(self, stand: Stand) -> bool:
        """Whether gradients never stood like this."""
        pattern = frozenset(stand.states.items())
        if pattern in stand.patterns or len(stand.patterns) >= PATTERNS:
            return False
        stand.patterns.add(pattern)
        self.novel = True
        if not {GradState.ZERO, GradState.NONFINITE}.isdisjoint(stand.states.values()):
            self.to_watch = WATCHED
        return True

    def told(self) -> None:
        """The judgements that were pending have been sent."""
        self.pending, self.novel = [], False

    def state(self, tensor: Tensor) -> GradState:
        grad = self._grad(tensor)
        if grad is None:
            return GradState.NONE
        looked_at = self.everywhere and type(grad) in plain_tensors and not capturing()
        return state_of(grad) if looked_at else GradState.PRESENT

    def _grad(self, tensor: Tensor) -> Tensor | None:
        return tensor.grad if self.leaves([tensor])[0] else None

    def _leaves_of(self, tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        leaves = self.leaves(tensors)
        return tensors if all(leaves) else [*compress(tensors, leaves)]

    def _grads(self, tensors: Sequence[Tensor]) -> list[Tensor | None]:
        """The gradient of each; of what is no leaf it isn't asked, as torch would warn."""
        leaves = self.leaves(tensors)
        if all(leaves):
            return list(map(grad_of, tensors))
        return [tensor.grad if leaf else None for tensor, leaf in zip(tensors, leaves, strict=True)]


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
