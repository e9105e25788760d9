"""What steps leave as it was: told of exactly that, by a comparison with whole copies."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from gradtui.debuggee.step_effect import MOST
from gradtui.model.owners import ENOUGH, SHARE
from gradtui.model.owners import Optimizer as Told
from tests.debuggee.recording import recording, seen

STEPS = 8


def trained(
    net: nn.Module, make: Callable[[Iterable[nn.Parameter]], Optimizer], *, check: bool = True
) -> tuple[Told, dict[str, float]]:
    """What is told of an optimizer; and by name which share of a parameter's elements its steps changed."""
    dtype = next(net.parameters()).dtype
    before = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}

    def program() -> None:
        optimizer, data = make(net.parameters()), torch.randn(32, 8, dtype=dtype)
        for _ in range(STEPS):
            optimizer.zero_grad()
            net(data).square().mean().backward()
            optimizer.step()

    told = seen(program, check=check)[-1].optimizers[0]
    changed = {name: (before[name] != now).double().mean().item() for name, now in net.named_parameters()}
    return told, changed


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("rate", [1e-12, 1e-8, 1e-6, 1e-4, 1e-2])
@pytest.mark.parametrize("make", [SGD, AdamW])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_what_steps_leave_as_it_was_is_told(
    dtype: torch.dtype, make: Callable[..., Optimizer], rate: float, check: bool
) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 12), nn.Tanh(), nn.LayerNorm(12), nn.Linear(12, 4)).to(dtype)
    told, changed = trained(net, lambda parameters: make(parameters, lr=rate, weight_decay=0), check=check)
    least = 1 / SHARE if dtype is torch.bfloat16 else 1e-9
    assert len(told.moved) == sum(share >= least for share in changed.values())
    assert len(told.hardly_moved) == sum(0 < share < least for share in changed.values())
    assert len(told.unmoved) == sum(share == 0 for share in changed.values())


def test_rows_that_no_step_was_for_say_nothing_of_the_others() -> None:
    torch.manual_seed(0)

    class Lookup(nn.Module):
        def __init__(self, rows: int) -> None:
            super().__init__()
            self.table, self.row = nn.Embedding(rows, 4), nn.Parameter(torch.zeros(4))

        def forward(self, _: Tensor) -> Tensor:
            out: Tensor = self.table(torch.tensor([1])) + self.row
            return out

    told, changed = trained(Lookup(100_000), lambda parameters: SGD(parameters, lr=0.1))
    assert 0 < changed["table.weight"] < 1e-4
    assert not told.unmoved


def test_of_a_group_that_is_held_still_nothing_is_said() -> None:
    torch.manual_seed(0)
    net = nn.Linear(8, 2)

    def make(_: Iterable[nn.Parameter]) -> Optimizer:
        groups: list[dict[str, Any]] = [{"params": [net.weight], "lr": 0.0}, {"params": [net.bias]}]
        return SGD(groups, lr=0.1)

    told, changed = trained(net, make)
    assert changed["weight"] == 0
    assert (len(told.moved), told.unmoved) == (1, ())


def test_of_many_tensors_some_are_looked_at() -> None:
    torch.manual_seed(0)

    class Many(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.all = nn.ParameterList(torch.randn(8) for _ in range(3 * MOST))

        def forward(self, data: Tensor) -> Tensor:
            return data * torch.stack(list(self.all)).sum(0)

    told, _ = trained(Many(), lambda parameters: SGD(parameters, lr=1e-30))
    assert len(told.unmoved) == MOST


def test_it_is_told_once_enough_steps_were_made_and_of_an_optimizer_that_is_gone() -> None:
    torch.manual_seed(0)
    net = nn.Linear(4, 1)

    def program() -> None:
        optimizer = SGD(net.parameters(), lr=1e-30)
        for _ in range(STEPS):
            net(torch.ones(2, 4)).sum().backward()
            optimizer.step()

    snapshots = seen(program, check=True)
    told = [one.optimizers[0] for one in snapshots if one.optimizers]
    assert not any(one.unmoved for one in told if one.steps < ENOUGH)
    assert any(one.steps == ENOUGH and len(one.unmoved) == 2 for one in told)
    assert told[-1].groups == ()
    assert len(told[-1].unmoved) == 2


def test_no_tensor_is_kept() -> None:
    with recording(check=True):
        weight = nn.Parameter(torch.ones(3))
        optimizer = SGD([weight], lr=1e-30)
        for _ in range(STEPS):
            weight.sum().backward()
            optimizer.step()
        gone = weakref.ref(weight), weakref.ref(weight.grad)
        del weight, optimizer
        assert [one() for one in gone] == [None, None]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("back", "told_of"),
    [("all", {"weight", "bias"}), ("weight", {"weight"}), ("once", set()), ("none", set())],
)
def test_what_is_as_it_was_whenever_a_step_begins_is_told(back: str, told_of: set[str], check: bool) -> None:
    torch.manual_seed(0)
    net = nn.Linear(8, 4)
    names = {parameter: name for name, parameter in net.named_parameters()}
    found: set[str] = set()

    def program() -> None:
        optimizer, data = SGD(net.parameters(), lr=0.1), torch.randn(32, 8)
        before = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
        for step in range(STEPS):
            optimizer.zero_grad()
            net(data).square().mean().backward()
            optimizer.step()
            for parameter, name in names.items():
                if back in ("all", name) or (back == "once" and step == 0):
                    parameter.data.copy_(before[name])
        found.update(name for parameter, name in names.items() if torch.equal(parameter, before[name]))

    snapshot = seen(program, check=check)[-1]
    called = {parameter.tensor: parameter.names[0] for parameter in snapshot.parameters}
    assert {called[one] for one in snapshot.optimizers[0].put_back} == told_of == found


def test_what_stays_changed_is_looked_at_once_more_and_then_let_go() -> None:
    net = nn.Linear(8, 4)
    with recording(check=True) as made:
        optimizer, data = SGD(net.parameters(), lr=0.1), torch.randn(32, 8)
        waiting = []
        for _ in range(3):
            optimizer.zero_grad()
            net(data).square().mean().backward()
            waiting.append(made.stops.owners.living[0].effect.is_awaited(2, each=True))
            optimizer.step()
    assert waiting == [False, True, False]
