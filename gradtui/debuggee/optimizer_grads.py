"""Whether everything had a gradient at a step: heard from torch's own optimizers, which ask right before.

To ask each tensor once more waits for memory that is cold again by then, a quarter of a microsecond each:
where a step has tens of thousands, that is what it is felt by.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import Optimizer
from torch.optim import optimizer as torchs

from gradtui.debuggee.optimizer_record import tensors_in
from gradtui.debuggee.tape import MANY

Replace = Callable[[Any, str, Callable[..., Any]], None]


class OptimizerGrads:
    """What the optimizer that steps has gathered so far: numbers alone, and no tensor."""

    def __init__(self) -> None:
        self._whose = 0
        """The optimizer, by id; 0 where nobody wants to know."""
        self._counts: list[int] = []
        """By group that was gathered, how many tensors it has; all of them had a gradient."""

    def begin(self, optimizer: Optimizer, *, closure: bool) -> None:
        """A step begins. It is over when somebody takes what was gathered, unless it raises."""
        many = sum([len(tensors_in(group) or ()) for group in optimizer.param_groups]) > MANY
        self._whose = id(optimizer) if many and not closure and _alone(optimizer) else 0
        self._counts = []

    def note(self, optimizer: Optimizer, group: Any, with_grad: Any) -> None:
        if id(optimizer) != self._whose:
            return
        # An optimizer of the program's may derive from one of torch's, and give it what it likes.
        held = tensors_in(group) if isinstance(group, dict) else None
        if held is not None and type(with_grad) is list and len(with_grad) == len(held):
            self._counts.append(len(with_grad))
        else:
            self._whose = 0

    def take(self, optimizer: Optimizer) -> list[int]:
        """By group how many tensors it has, where each had a gradient; nothing where that isn't known."""
        whose, self._whose = self._whose, 0
        if whose != id(optimizer) or len(self._counts) != len(optimizer.param_groups):
            return []
        return self._counts


def _alone(optimizer: Optimizer) -> bool:
    """Whether no hook of the program's takes part in the step, which could write whatever it likes."""
    own = optimizer._optimizer_step_pre_hooks or optimizer._optimizer_step_post_hooks
    return (
        not own and len(torchs._global_optimizer_pre_hooks) == len(torchs._global_optimizer_post_hooks) == 1
    )


def install(grads: OptimizerGrads, replace: Replace) -> None:
    """Hear of it: each of torch's optimizers has a method of its own that fills lists for one group."""
    for kind in vars(torch.optim).values():
        if isinstance(kind, type) and issubclass(kind, Optimizer) and "_init_group" in vars(kind):
            replace(kind, "_init_group", _hearing(grads, vars(kind)["_init_group"]))


def _hearing(grads: OptimizerGrads, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def _init_group(*args: Any, **kwargs: Any) -> Any:
        out = original(*args, **kwargs)
        if grads._whose and len(args) > 2:  # itself, the group, and the list of those with a gradient
            grads.note(*args[:3])
        return out

    return _init_group
