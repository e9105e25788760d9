"""What a call at a place came to, so that the next one there, nearly always its like, is compared only.

A call that makes a node records the same key and the same form of its value as the one before it at its
place did, where the tensor is of the same shape, dtype and device: one function of torch's, written
in C, tells that quicker than the four are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gradtui.debuggee.marks import AUTOCAST, VIEW

CHANGES = 8
"""Times that what a place makes may change before it is left alone: where shapes vary, it seldom repeats."""


@dataclass(slots=True)
class Repeat:
    """The last call of one function at one place; all that it takes to record one like it."""

    same: Callable[[Tensor], bool]
    """Whether another tensor is a plain one like it, requires_grad included."""
    made: int
    """How many nodes of the graph one such call makes."""
    site: int
    key: int
    module: int
    mode: int
    context: int
    """What the mode says of it: whether autocast was on."""
    meta: int
    flags: int
    view: bool
    """What the flags say of it."""
    shares: bool
    """Whether it lies in the memory of the first tensor that the call was given."""
    changes: int
    """How often what is made there was another thing than before."""


def remember(
    repeats: dict[int, Repeat],
    place: int,
    out: Tensor,
    made: int,
    key: int,
    entry: tuple[int, int, int, int],
    meta: int,
    flags: int,
    shares: bool,
) -> None:
    """Keep what a call came to, for the next one at its place; its entry stands for the key."""
    _, site, module, mode = entry
    before = repeats.get(place)
    changes = 0 if before is None else before.changes + 1
    same = alike(out) if changes <= CHANGES else None
    if same is not None:
        view = bool(flags & VIEW)
        repeats[place] = Repeat(
            same, made, site, key, module, mode, mode & AUTOCAST, meta, flags, view, shares, changes
        )


def forget_modules(repeats: dict[int, Repeat], gone: Callable[[int], bool]) -> None:
    """Drop what calls in modules came to that are gone.

    Each holds a little memory of torch's between the large blocks that a model had: where models are made
    anew all the time, these could never be given back.
    """
    for place in [place for place, repeat in repeats.items() if gone(repeat.module)]:
        del repeats[place]


def _guards() -> Any:  # what torch tells type checkers of this class isn't what it is
    return torch._C._dynamo.guards.TensorGuards


def alike(tensor: Tensor) -> Callable[[Tensor], bool] | None:
    """What tells whether a tensor is as this one in all that is recorded but its version; it holds neither.

    None where this torch has no such function, or not for such a tensor.
    """
    try:
        guards = _guards()(
            tensor, dynamic_dims_sizes=[list(tensor.shape)], dynamic_dims_strides=[[None] * tensor.dim()]
        )
    except (AttributeError, RuntimeError, TypeError):
        return None
    check: Callable[[Tensor], bool] = guards.check
    return check
