"""How the gradients of an optimizer stand when it steps, and what each backward added to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.optim import Optimizer

from gradtui.debuggee.owners import Built, held_by
from gradtui.model.owners import GradState, Judgement

TensorNumber = Callable[[Tensor], int]
EVERY_STEP = 64
"""Steps of each optimizer that are told one by one; later ones only where they differ from the one before."""


class Judge:
    """Judges optimizers at their steps; by value where it is asked to, otherwise by presence alone."""

    def __init__(self, number: TensorNumber, is_leaf: Callable[[Tensor], bool], *, by_value: bool) -> None:
        self.number = number
        self.is_leaf = is_leaf
        self.by_value = by_value
        self.pending: list[Judgement] = []
        """Not yet sent to the viewer."""
        self.novel = False
        """Whether one of them stands as none stood before."""
        self._patterns: dict[int, set[frozenset[tuple[int, GradState]]]] = {}
        self._last: dict[int, frozenset[tuple[int, GradState]]] = {}
        self._marks: dict[int, tuple[Tensor, int, int]] = {}
        self._reached: set[int] = set()

    def before_backward(self, optimizers: Iterable[Built]) -> None:
        """Note where gradients stand, so that what backward adds can be told."""
        self._marks = {id(tensor): (tensor, *mark(tensor)) for tensor in held(optimizers)}

    def after_backward(self) -> None:
        marks, self._marks = self._marks, {}
        for tensor, owner, version in marks.values():
            if mark(tensor) != (owner, version):
                self._reached.add(self.number(tensor))

    def step(self, built: Built, index: int, optimizer: Optimizer, order: int, stop: int) -> None:
        """Judge one optimizer as its gradients stand now."""
        tensors = {id(tensor): tensor for tensor in held_by(optimizer)}
        for ref in built.first:
            tensor = ref()
            if tensor is not None:
                tensors.setdefault(id(tensor), tensor)
        states = {self.number(t): self.state(t) for t in tensors.values()}
        reached = frozenset(number for number in states if number in self._reached)
        self._reached -= reached
        pattern = frozenset(states.items())
        if pattern not in self._patterns.setdefault(index, set()):
            self._patterns[index].add(pattern)
            self.novel = True
        if built.steps <= EVERY_STEP or pattern != self._last.get(index):
            self.pending.append(Judgement(index, built.steps, order, stop, states, reached))
        self._last[index] = pattern

    def take(self) -> tuple[Judgement, ...]:
        """The judgements since the last time it was asked."""
        taken, self.pending = tuple(self.pending), []
        self.novel = False
        return taken

    def state(self, tensor: Tensor) -> GradState:
        grad = tensor.grad if self.is_leaf(tensor) else None
        if grad is None:
            return GradState.NONE
        return state_of(grad) if self.by_value else GradState.PRESENT


def state_of(grad: Tensor) -> GradState:
    """How a gradient stands by value. Waits for the device that it is on."""
    values = grad.detach()
    if values.is_sparse:
        values = values._values()
    if values.device.type == "meta":
        return GradState.PRESENT
    if not bool(torch.isfinite(values).all()):
        return GradState.NONFINITE
    return GradState.PRESENT if bool(values.any()) else GradState.ZERO


def held(optimizers: Iterable[Built]) -> Iterable[Tensor]:
    for built in optimizers:
        for tensor in built.held():
            if tensor.is_leaf:
                yield tensor


def mark(tensor: Tensor) -> tuple[int, int]:
    """Which gradient a tensor has and how often that was written; changes whenever one is accumulated."""
    grad = tensor.grad
    return (0, 0) if grad is None else (id(grad), -1 if grad.is_inference() else grad._version)
