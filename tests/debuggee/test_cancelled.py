"""Gradients that cancel are told of exactly those leaves for which more digits show that nothing is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tests.debuggee.recording import seen

SEEDS = range(3)


def twins(first: nn.Module, second: nn.Module, x: Tensor) -> Tensor:
    h = torch.tanh(first(x))
    shares = torch.stack([second(h), second(h)], 1).softmax(1)
    made: Tensor = (shares * torch.stack([x, x + 1], 1)).sum()
    return made


def ranks(first: nn.Module, second: nn.Module, x: Tensor) -> Tensor:
    scores: Tensor = second(torch.tanh(first(x))).sum(-1)
    return torch.sigmoid(scores[None] - scores[:, None]).sum()


def centred(first: nn.Module, second: nn.Module, x: Tensor) -> Tensor:
    made: Tensor = nn.functional.layer_norm(first(x), (6,)).sum() + second(x).square().sum()
    return made


def in_part(first: nn.Module, second: nn.Module, x: Tensor) -> Tensor:
    made: Tensor = twins(first, second, x) + first(x).square().sum()
    return made


def not_at_all(first: nn.Module, second: nn.Module, x: Tensor) -> Tensor:
    made: Tensor = (second(torch.tanh(first(x))) - x).square().mean()
    return made


def small(first: nn.Module, second: nn.Module, x: Tensor) -> Tensor:
    made: Tensor = not_at_all(first, second, x) + 1e-9 * first(x).sum()
    return made


def gone(loss: Callable[..., Tensor], seed: int) -> set[str]:
    """By name the parameters of which the gradient is nothing but rounding: that gets smaller where numbers
    have more digits, and all else stays as it is."""
    sizes: dict[torch.dtype, dict[str, float]] = {torch.float32: {}, torch.float64: {}}
    torch.manual_seed(seed)
    layers, x = nn.ModuleDict({"first": nn.Linear(6, 6), "second": nn.Linear(6, 6)}), torch.randn(8, 6)
    for dtype, found in sizes.items():
        layers.to(dtype).zero_grad()
        loss(layers["first"], layers["second"], x.to(dtype)).backward()
        for name, parameter in layers.named_parameters():
            assert parameter.grad is not None
            found[name] = parameter.grad.abs().max().item()
    single, double = sizes.values()
    return {name for name, size in double.items() if size <= 1e-3 * single[name]}


LOSSES = [twins, ranks, centred, in_part, not_at_all, small]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("loss", LOSSES, ids=lambda one: one.__name__)
def test_what_gets_rounding_alone_is_told(loss: Callable[..., Tensor], check: bool, seed: int) -> None:
    torch.manual_seed(seed)
    first, second = nn.Linear(6, 6), nn.Linear(6, 6)
    x = torch.randn(8, 6)
    names = {
        parameter: f"{name}.{part}"
        for name, layer in (("first", first), ("second", second))
        for part, parameter in layer.named_parameters()
    }

    def program() -> None:
        optimizer = torch.optim.SGD(names, lr=1e-6)
        for _ in range(6):
            optimizer.zero_grad()
            loss(first, second, x).backward()
            optimizer.step()

    snapshots = seen(program, check=check, unheld=not check)
    called = {one.tensor: f"{one.names[0]}" for one in snapshots[-1].parameters}
    found = [{called[leaf] for leaf in one.leaves} for one in (c for s in snapshots for c in s.cancelled)]
    assert len(found) in (0, 2)
    assert all(one == found[0] for one in found)
    assert (found[0] if found else set()) == gone(loss, seed)
