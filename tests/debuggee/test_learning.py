"""What is told of the parameters at the end of a backward that was stepped through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from tests.debuggee.viewer import FINISH, Viewer, watched

OPTIMIZERS: dict[str, Callable[[Iterable[Tensor]], Optimizer]] = {
    "SGD": lambda p: SGD(p, lr=0.1),
    "with decay": lambda p: SGD(p, lr=0.1, weight_decay=0.3, maximize=True),
    "momentum": lambda p: SGD(p, lr=0.1, momentum=0.9, dampening=0.2),
    "nesterov": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: Adam(p, lr=0.01, weight_decay=0.1),
    "AMSGrad": lambda p: Adam(p, lr=0.01, amsgrad=True),
    "AdamW": lambda p: AdamW(p, lr=0.01, weight_decay=0.5),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_step_that_is_foretold_is_the_one_that_the_optimizer_takes(name: str) -> None:
    taken: list[float] = []
    viewer = Viewer()
    viewer.receive = lambda: FINISH  # type: ignore[method-assign]
    torch.manual_seed(3)
    with watched(viewer):
        layer = nn.Linear(4, 3, bias=False)
        optimizer = OPTIMIZERS[name](layer.parameters())
        for _ in range(3):
            optimizer.zero_grad()
            (layer(torch.randn(5, 4)) ** 2).sum().backward()
            before = layer.weight.detach().clone()
            optimizer.step()
            taken.append(float((layer.weight.detach() - before).norm() / before.norm()))
    told = [message.learnt[0] for message in viewer.stepped]
    assert [item.update for item in told] == pytest.approx(taken, rel=1e-4)
    assert told[-1].grad.norm == pytest.approx(float(layer.weight.grad.norm()))  # type: ignore[union-attr]


def leaves_told(optimizer: Callable[[Any], Optimizer] | None) -> list[float | None]:
    viewer = Viewer(FINISH)
    with watched(viewer):
        layer, free = nn.Linear(4, 3), torch.zeros(3, requires_grad=True)
        built = optimizer(layer.parameters()) if optimizer is not None else None
        (layer(torch.ones(1, 4)) + free).sum().backward()
        assert built is None or not built.state
    return [item.update for item in viewer.stepped[0].learnt]


def test_where_the_optimizer_is_not_known_no_step_is_foretold() -> None:
    assert leaves_told(None) == [None, None, None]
    assert leaves_told(RMSprop) == [None, None, None]
    assert leaves_told(lambda p: SGD(p, lr=0.1)).count(None) == 1  # that of the free leaf
