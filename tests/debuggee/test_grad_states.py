"""How gradients stand by value, against torch asked of each: zeros, numbers, or neither."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from gradtui.debuggee.grad_states import TOGETHER, states
from gradtui.model.owners import GradState

SHAPES = [(), (0,), (1,), (7,), (512,), (3, 5), (64, 64), (2, 3, 4, 5), (300, 1000), (TOGETHER + 1,)]
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64]


def asked_one_by_one(grad: Tensor | None) -> GradState:
    if grad is None:
        return GradState.NONE
    if not bool(torch.isfinite(grad).all()):
        return GradState.NONFINITE
    return GradState.PRESENT if bool((grad != 0).any()) else GradState.ZERO


def spoiled(grad: Tensor, value: float, place: int) -> Tensor:
    """With one element that is this number."""
    if grad.numel():
        grad.view(-1)[place % grad.numel()] = value
    return grad


MADE: dict[str, Callable[[Tensor], Tensor]] = {
    "numbers": lambda grad: grad,
    "zeros": torch.zeros_like,
    "one that isn't zero": lambda grad: spoiled(torch.zeros_like(grad), 1.0, 5),
    "a NaN": lambda grad: spoiled(grad, math.nan, 3),
    "an infinite one": lambda grad: spoiled(grad, math.inf, -1),
    "large ones": lambda grad: torch.full_like(grad, torch.finfo(grad.dtype).max),
    "tiny ones": lambda grad: torch.full_like(grad, torch.finfo(grad.dtype).tiny),
    "not in a row": lambda grad: torch.stack([grad, grad])[..., None].transpose(0, -1)[0],
}


def gradients(seed: int = 0) -> list[Tensor | None]:
    """All of these, of each shape and dtype, in an order that has nothing to do with that, with gaps."""
    generator = torch.Generator().manual_seed(seed)
    found: list[Tensor | None] = [
        make(torch.randn(shape, generator=generator, dtype=dtype))
        for shape in SHAPES
        for dtype in DTYPES
        for make in MADE.values()
    ]
    found += [None] * 20
    return [found[place] for place in torch.randperm(len(found), generator=generator)]


def test_all_are_what_torch_says_of_each() -> None:
    grads = gradients()
    assert states(grads, everywhere=True) == [asked_one_by_one(grad) for grad in grads]


def test_of_what_is_small_no_more_is_missed_where_nobody_asked() -> None:
    grads = [grad for grad in gradients(1) if grad is None or (grad.numel() < 4096 and not grad.is_complex())]
    assert states(grads, everywhere=False) == [asked_one_by_one(grad) for grad in grads]


@pytest.mark.parametrize("shape", [(300, 1000), (4096,)])
def test_of_what_is_large_and_nobody_asked_for_some_is_looked_at(shape: tuple[int, ...]) -> None:
    zeros, nan = torch.zeros(shape), torch.full(shape, math.nan)
    found = states([zeros, torch.ones(shape), nan], everywhere=False)
    assert found == [GradState.ZERO, GradState.PRESENT, GradState.NONFINITE]


def test_no_object_is_left_of_each_that_is_looked_at() -> None:
    """A collector of garbage counts them: it would run at each look for a model of many parameters."""
    grads = [torch.randn(8) for _ in range(4000)]
    gc.collect()
    before = sum(generation["collections"] for generation in gc.get_stats())
    states(grads, everywhere=False)
    assert sum(generation["collections"] for generation in gc.get_stats()) <= before + 4


def test_nothing_of_it_becomes_part_of_a_graph() -> None:
    grad = torch.randn(3, requires_grad=True) * 2
    with torch.enable_grad():
        assert states([grad, grad], everywhere=True) == [GradState.PRESENT] * 2
    assert grad._version == 0
