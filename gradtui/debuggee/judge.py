"""How the gradients of an optimizer stand when it steps, and what each backward added to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor
from torch.optim import Optimizer

from gradtui.debuggee.owners import Built, held_by
from gradtui.debuggee.readings import at_hand, undisturbed
from gradtui.model.owners import GradState, Judgement

TensorNumber = Callable[[Tensor], int]
NORMED = frozenset([torch.float32, torch.float64, torch.bfloat16, torch.float16])
SAMPLE = 8192
"""Elements of a gradient that are looked at where nobody asked."""
EVERY_STEP = 64
"""Steps of each optimizer that are told one by one; later ones only where they differ from the one before."""


WATCHED = 2
"""Backwards that are watched node by node after a gradient came out as zeros or NaN."""


class Judge:
    """Judges optimizers at their steps: by value where that waits for no device, or where it is asked for."""

    def __init__(self, number: TensorNumber, is_leaf: Callable[[Tensor], bool], *, everywhere: bool) -> None:
        self.number = number
        self.is_leaf = is_leaf
        self.everywhere = everywhere
        """Whether values are looked at on any device, and at every step."""
        self.pending: list[Judgement] = []
        """Not yet sent to the viewer."""
        self.novel = False
        """Whether one of them stands as none stood before."""
        self.to_watch = 0
        """Backwards that are worth a look at each node: a gradient came out as zeros or NaN, and why?"""
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

    def step(
        self, built: Built, index: int, optimizer: Optimizer, order: int, stop: int, *, alarmed: bool = False
    ) -> None:
        """Judge one optimizer as its gradients stand now; `alarmed` where the last loss wasn't finite."""
        tensors = {id(tensor): tensor for tensor in held_by(optimizer)}
        for ref in built.first:
            tensor = ref()
            if tensor is not None:
                tensors.setdefault(id(tensor), tensor)
        by_value = self.everywhere or alarmed or built.steps <= EVERY_STEP
        states = self._states([*tensors.values()], by_value=by_value)
        reached = frozenset(number for number in states if number in self._reached)
        self._reached -= reached
        pattern = frozenset(states.items())
        if pattern not in self._patterns.setdefault(index, set()):
            self._patterns[index].add(pattern)
            self.novel = True
            if not {GradState.ZERO, GradState.NONFINITE}.isdisjoint(states.values()):
                self.to_watch = WATCHED
        if built.steps <= EVERY_STEP or pattern != self._last.get(index):
            self.pending.append(Judgement(index, built.steps, order, stop, states, reached))
        self._last[index] = pattern

    def take(self) -> tuple[Judgement, ...]:
        """The judgements since the last time it was asked."""
        taken, self.pending = tuple(self.pending), []
        self.novel = False
        return taken

    def state(self, tensor: Tensor) -> GradState:
        grad = self._grad(tensor)
        if grad is None:
            return GradState.NONE
        return state_of(grad) if self.everywhere else GradState.PRESENT

    def _grad(self, tensor: Tensor) -> Tensor | None:
        return tensor.grad if self.is_leaf(tensor) else None

    def _states(self, tensors: Sequence[Tensor], *, by_value: bool) -> dict[int, GradState]:
        """How these tensors' gradients stand, by the tensors' numbers."""
        found, here = dict[int, GradState](), list[tuple[int, Tensor]]()
        for tensor in tensors:
            number, grad = self.number(tensor), self._grad(tensor)
            found[number] = GradState.NONE if grad is None else GradState.PRESENT
            if grad is None or not by_value:
                continue
            if at_hand(grad) and grad.layout is torch.strided and grad.dtype in NORMED:
                here.append((number, grad))
            elif self.everywhere:
                found[number] = state_of(grad)
        if here:
            # One short look at each; only where it doesn't settle the matter (a norm may overflow, or come to
            # nothing) is the whole gradient looked at.
            with undisturbed():
                norms = torch._foreach_norm([grad if self.everywhere else sample(grad) for _, grad in here])
                for (number, grad), norm in zip(here, norms, strict=True):
                    if not 0 < norm.item() < math.inf:
                        found[number] = state_of(grad)
        return found


def sample(grad: Tensor) -> Tensor:
    """Some of a large gradient's elements, evenly spread, without a copy: NaN hardly ever comes alone."""
    step = grad.numel() // SAMPLE
    return grad if step < 2 or not grad.is_contiguous() else grad.view(-1)[::step]


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
