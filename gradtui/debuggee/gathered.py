"""Which tensors had a gradient at a step: heard from torch's own optimizers, which ask each right before.

To ask each parameter once more, for its gradient or its version, waits for memory that is cold again by then:
a quarter of a microsecond each, where a step has tens of thousands. An optimizer that doesn't gather, or does
so otherwise than all of torch's do, is known by what it has written.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

Replace = Callable[[Any, str, Callable[..., Any]], None]


class Gathered:
    """What the optimizer that steps has gathered so far: numbers alone, and no tensor."""

    def __init__(self) -> None:
        self._whose = 0
        """The optimizer, by id."""
        self._count = 0
        """How many tensors its groups have."""
        self._with_grad: list[frozenset[int] | None] = []
        """By group those with a gradient, by id; None where all have one."""

    def begin(self, optimizer: Optimizer) -> None:
        """A step begins. It is over when somebody takes what was gathered, unless it raises."""
        self._whose, self._count, self._with_grad = id(optimizer), 0, []

    def note(self, optimizer: Optimizer, group: dict[str, Any], with_grad: Sequence[Tensor]) -> None:
        if id(optimizer) == self._whose:
            count = len(group["params"])
            self._count += count
            self._with_grad.append(None if len(with_grad) == count else frozenset(map(id, with_grad)))

    def take(self, optimizer: Optimizer, held: Sequence[Tensor]) -> list[bool] | None:
        """Beside what an optimizer holds, which had a gradient; None where that wasn't heard."""
        whose, self._whose = self._whose, 0
        if whose != id(optimizer) or self._count != len(held):
            return None
        by_group, groups = self._with_grad, optimizer.param_groups
        if len(by_group) != len(groups):
            return None
        if by_group.count(None) == len(groups):
            return [True] * len(held)
        found: list[bool] = []
        for some, group in zip(by_group, groups, strict=True):
            tensors = group["params"]
            found += [True] * len(tensors) if some is None else map(some.__contains__, map(id, tensors))
        return found


def install(gathered: Gathered, replace: Replace) -> None:
    """Hear of it: each of torch's optimizers has a method of its own that fills lists for one group."""
    for kind in vars(torch.optim).values():
        if isinstance(kind, type) and issubclass(kind, Optimizer) and "_init_group" in vars(kind):
            replace(kind, "_init_group", _hearing(gathered, vars(kind)["_init_group"]))


def _hearing(gathered: Gathered, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def _init_group(*args: Any, **kwargs: Any) -> Any:
        out = original(*args, **kwargs)
        if len(args) > 2:  # itself, the group, and the list of those with a gradient
            gathered.note(*args[:3])
        return out

    return _init_group
