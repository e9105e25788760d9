"""How the gradients of an optimizer stand when it steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress

from torch import Tensor

from gradtui.debuggee.devices import capturing, profiling
from gradtui.debuggee.grad_states import looks, some_is_faint, state_of, states
from gradtui.debuggee.optimizer_record import OptimizerRecord
from gradtui.debuggee.passive import plain_tensors
from gradtui.debuggee.reached import NOBODY, Leaves, NumbersOf, Reached, grad_of
from gradtui.model.owners import EVERY_STEP, LIVE, GradState, Judgement

AT_ONCE = 1000
"""Tensors that are worth a look by value for each step since the first two: what a look takes grows with
them, and twenty thousand are looked at from the 32nd step on."""
PATTERNS = 64
"""Ways in which the gradients of an optimizer stood that are remembered; any further one is no news."""
TWINS = 3
"""Optimizers built at one place of which each is news at its first step. A program that adapts a copy of a
model over and over builds any number: of the others only what stands as none of them stood."""
PENDING = 1024
"""Judgements that wait for news at most: beyond, to have them told is news enough."""
WATCHED = 2
"""Backwards that are watched node by node after a gradient came out as zeros, NaN or next to nothing."""
FAINT_STEPS = 2
"""The first steps, at each of which a gradient has to be faint to be suspected."""


@dataclass(slots=True)
class Stand:
    """How the gradients of one optimizer stood when they were looked at last."""

    numbers: Sequence[int] = ()
    present: Sequence[bool] = ()
    """Beside `numbers`: whether there was a gradient."""
    having: frozenset[int] = NOBODY
    """Of these numbers those that had one. As a rule the same ones at each step: a set is made once."""
    seen: dict[int, GradState] = field(default_factory=dict)
    """What each was when it was looked at last."""
    states: dict[int, GradState] = field(default_factory=dict)
    patterns: set[frozenset[tuple[int, GradState]]] = field(default_factory=set)
    """All the ways in which they stood so far."""
    told: dict[int, GradState] | None = None
    """The states that the viewer was told of last."""
    had: set[int] = field(default_factory=set)
    """Where every step is looked at: what had a gradient at some step that wasn't all zeros."""
    faint: int = 0
    """At how many of the first steps some gradient was next to nothing."""
    waits: bool = False
    """Where every step is looked at: whether a tensor that requires grad isn't in `had` yet."""
    frozen: bool = False
    """Where every step is looked at: whether a tensor that doesn't require grad isn't in `had`."""

    def change(self, numbers: Sequence[int], present: Sequence[bool]) -> None:
        """Take over which of these tensors have a gradient now; each stands as it was seen last."""
        self.numbers, self.present = numbers, present
        self.having = frozenset(compress(numbers, present))
        self.states = {
            number: self.seen.get(number, GradState.PRESENT) if had else GradState.NONE
            for number, had in zip(numbers, present, strict=True)
        }

    def learn_missing(self, tensors: Sequence[Tensor]) -> None:
        """Set `waits` and `frozen` by these tensors, which stand in the order of `numbers`."""
        self.had.update(number for number, state in self.states.items() if state in LIVE)
        missing = [t for t, number in zip(tensors, self.numbers, strict=True) if number not in self.had]
        self.waits = any(tensor.requires_grad for tensor in missing)
        self.frozen = not all(tensor.requires_grad for tensor in missing)


class Judge:
    """Judges optimizers at their steps: by value where that waits for no device, or where it is asked for.

    It takes part in every step of a long run, so whatever is asked of each tensor is asked of all of them in
    functions written in C; and values are looked at ever more rarely, unless something gives reason to.
    """

    def __init__(
        self, reached: Reached, numbers: NumbersOf, leaves: Leaves, *, any_device: bool, each_step: bool
    ) -> None:
        self.reached = reached
        self.numbers = numbers
        self.leaves = leaves
        self.any_device = any_device
        """Whether values are looked at on any device, and while a program is profiled, which sees that."""
        self.each_step = each_step
        """Whether values are looked at at every step."""
        self.pending: list[Judgement] = []
        """Not yet sent to the viewer."""
        self.novel = False
        """Whether one of `pending` shows gradients as they never stood before."""
        self.to_watch = 0
        """Backwards that are worth a look at each node: a gradient came out as zeros or NaN, and why?"""
        self._stands: dict[int, Stand] = {}
        self._twins: dict[int, tuple[set[int], set[tuple[GradState, ...]]]] = {}
        """By the place at which optimizers were built: the first of them, and the ways in which the gradients
        of any of them stood."""

    def step(
        self,
        record: OptimizerRecord,
        index: int,
        held: Sequence[Tensor],
        order: int,
        stop: int,
        *,
        as_built: bool,
        alarmed: bool = False,
        written: bool = False,
    ) -> None:
        """Judge one optimizer by the gradients of what it holds.

        `alarmed` where the last loss wasn't finite, `written` where the step has written all of it, and only
        what had a gradient. One that isn't looked at counts as what it was when it was looked at last.
        """
        stand = self._stands.get(index) or self._first_met(index)
        tensors = held
        if as_built:
            numbers = record.numbers = record.numbers or self.numbers(tensors)
        else:
            self.reached.settle()
            tensors = record.with_lost(tensors)
            numbers = self.numbers(tensors)
        early = record.steps <= EVERY_STEP
        rarely = is_turn(record.steps, len(tensors))
        look = self.each_step or alarmed or rarely
        grads: list[Tensor | None] = []
        if as_built and written and not look:
            present = [True] * len(numbers)
        else:
            grads = self._grads(tensors)
            present = [grad is not None for grad in grads]
        changed = numbers != stand.numbers or present != stand.present
        if (look or (changed and early)) and not self.may_not_look():
            grads = grads or self._grads(tensors)
            looked_at, sizes = looks(grads, everywhere=self.any_device)
            if record.steps <= FAINT_STEPS:
                stand.faint += some_is_faint(grads, sizes)
                if stand.faint == FAINT_STEPS:  # at each of the first
                    self.to_watch = WATCHED
            stand.seen.update(compress(zip(numbers, looked_at, strict=True), present))
            changed = True
        if changed:
            stand.change(numbers, present)
        if self.each_step:
            stand.learn_missing(tensors)
        news = changed and self._is_news(stand, record)
        told = early or news or ((rarely or self.each_step) and stand.states != stand.told)
        having = stand.having if told else NOBODY
        reached = self.reached.take(record, numbers, having, all_have=as_built and all(present))
        if told:
            self.pending.append(Judgement(index, record.steps, order, stop, stand.states, reached))
            stand.told = stand.states
            self.novel = self.novel or len(self.pending) >= PENDING

    def _first_met(self, index: int) -> Stand:
        """The stand of an optimizer that has none; those of others that are gone are forgotten."""
        for gone in self._stands.keys() - {one.number for one in self.reached.optimizers}:
            del self._stands[gone]
        stand = self._stands[index] = Stand()
        return stand

    def waits(self, optimizers: Iterable[int]) -> bool:
        """Whether something that one of these holds had no gradient, or zeros, at every step so far."""
        stands = map(self._stands.get, optimizers)
        return any(stand is not None and stand.waits for stand in stands)

    def frozen(self, optimizers: Iterable[int]) -> bool:
        """Whether something that one of these holds had none, and doesn't require grad."""
        stands = map(self._stands.get, optimizers)
        return any(stand is not None and stand.frozen for stand in stands)

    def found_nothing(self, optimizer: int) -> bool:
        """Whether nothing that an optimizer holds had a gradient at its last step."""
        stand = self._stands.get(optimizer)
        return stand is not None and not stand.having

    def unusable(self, tensors: Sequence[Tensor]) -> bool:
        """Whether some gradient is no number; of what it would be waited for nothing is asked."""
        if self.may_not_look():
            return False
        return GradState.NONFINITE in states(self._grads(tensors), everywhere=self.any_device)

    def may_not_look(self) -> bool:
        """Whether a look at values would do harm, or be seen by a program that nobody checks: a check was
        asked for, and would miss what is wrong where the whole of a training is profiled."""
        return capturing() or (profiling() and not self.any_device)

    def _is_news(self, stand: Stand, record: OptimizerRecord) -> bool:
        """Whether gradients never stood like this."""
        pattern = frozenset(stand.states.items())
        if pattern in stand.patterns or len(stand.patterns) >= PATTERNS:
            return False
        stand.patterns.add(pattern)
        if self._is_a_twin(tuple(stand.states.values()), record):
            return False
        self.novel = True
        if not {GradState.ZERO, GradState.NONFINITE}.isdisjoint(stand.states.values()):
            self.to_watch = WATCHED
        return True

    def _is_a_twin(self, states: tuple[GradState, ...], record: OptimizerRecord) -> bool:
        """Whether one of several that were built at its place stood like this before."""
        first, known = self._twins.setdefault(record.site, (set(), set()))
        if len(first) < TWINS:
            first.add(record.number)
        if record.number not in first and (states in known or len(known) >= PATTERNS):
            return True
        known.add(states)
        return False

    def told(self) -> None:
        """Forget the judgements that were pending, as they have been sent."""
        self.pending, self.novel = [], False

    def state(self, tensor: Tensor) -> GradState:
        grad = self._grad(tensor)
        if grad is None:
            return GradState.NONE
        looked_at = self.any_device and type(grad) in plain_tensors and not self.may_not_look()
        return state_of(grad) if looked_at else GradState.PRESENT

    def _grad(self, tensor: Tensor) -> Tensor | None:
        return tensor.grad if self.leaves([tensor])[0] else None

    def _grads(self, tensors: Sequence[Tensor]) -> list[Tensor | None]:
        """The gradient of each; of what is no leaf it isn't asked, as torch would warn."""
        leaves = self.leaves(tensors)
        if all(leaves):
            return list(map(grad_of, tensors))
        return [tensor.grad if leaf else None for tensor, leaf in zip(tensors, leaves, strict=True)]


def is_turn(step: int, tensors: int) -> bool:
    """Whether so many tensors are looked at by value at a step: at 1, 2, 4, 8 and so on, of many at fewer."""
    return step & (step - 1) == 0 and (step <= 2 or tensors <= AT_ONCE * step)
