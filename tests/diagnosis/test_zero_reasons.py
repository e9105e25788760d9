"""Why a gradient is zero is said by what makes it so, and not in general."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gradtui.diagnosis.engine import diagnose
from tests.debuggee.recording import seen

HEAD = nn.Linear(2, 2)

REASONS: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "empty": ("because it gives no element at all", lambda x: x[torch.zeros(8, dtype=torch.bool)]),
    "staircase": ("because it is a staircase", torch.round),
    "flat side": ("lie on its flat side", lambda x: torch.relu(-x.square() - 1)),
    "times zero": ("because it is multiplied by zero", lambda x: x * torch.zeros(8, 2)),
    "dropped": ("because it drops everything", lambda x: torch.dropout(x, 1.0, True)),
    "saturated": ("its slope is rounded to zero there", lambda x: torch.sigmoid(1000 + x.square())),
    "given zeros": ("for its weight, as all that it is given is zero", lambda x: HEAD(x.detach() * 0)),
    "one class": ("because there is only one class", lambda x: x[:, :1].softmax(1)),
}


@pytest.mark.parametrize("kind", REASONS)
def test_a_gradient_of_zeros_is_explained(kind: str) -> None:
    reason, lose = REASONS[kind]
    torch.manual_seed(0)
    net, beside = nn.Linear(4, 2), nn.Linear(4, 2)

    def program() -> None:
        learning = [*(HEAD if kind == "given zeros" else net).parameters(), *beside.parameters()]
        optimizer = torch.optim.SGD(learning, lr=0.1)
        for _ in range(4):
            x = torch.randn(8, 4)
            loss = lose(net(x)).sum() + beside(x).square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    first = diagnose(seen(program, check=True))[0]
    assert first.rule == "zero_gradient"
    assert reason in first.message


@pytest.mark.parametrize("named", [False, True])
def test_of_a_line_that_runs_many_modules_the_one_is_told_in_which_it_died(named: bool) -> None:
    torch.manual_seed(0)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down, self.act, self.up = nn.Linear(4, 2), nn.ReLU6(), nn.Linear(2, 1)
            self.all = nn.Sequential(self.down, self.act, self.up)
            self.down.bias.data.fill_(-9.0)

        def forward(self, x: Tensor) -> Tensor:
            result: Tensor = self.up(self.act(self.down(x))) if named else self.all(x)
            return result

    def program() -> None:
        net = Net()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(4):
            loss = net(torch.rand(8, 4)).square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    first = diagnose(seen(program, check=True))[0]
    told = ["it is the `hardtanh` of module `act`, a `ReLU6`"]
    assert first.rule == "zero_gradient"
    assert [one.what for one in first.evidence] == ([] if named else told)


def test_a_factor_of_0_that_is_written_is_told_and_what_is_cut_off_beside_it_is_not_blamed() -> None:
    torch.manual_seed(0)
    actor, critic = nn.Linear(4, 2), nn.Linear(4, 1)

    def program() -> None:
        optimizer = torch.optim.SGD([*actor.parameters(), *critic.parameters()], lr=0.1)
        for _ in range(4):
            x = torch.randn(8, 4)
            with torch.no_grad():
                before = actor(x).log_softmax(1)
            scores = actor(x) * 0.0
            loss = (scores.log_softmax(1) - before).exp().mean() + critic(x).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    found = diagnose(seen(program, check=True))
    assert not any(one.loud for one in found)
    assert any(
        one.message.startswith("`actor(x) * 0.0` multiplies by 0, as it is written: ")
        and {*one.affected} == {"actor.weight", "actor.bias"}
        for one in found
    )
