"""Under a reentrant checkpoint: parameters that backward will reach though no graph leads to them yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.grad_status import GradStatus
from gradtui.model.findings import Rule
from gradtui.tui.view import View, view
from tests.debuggee.recording import seen


class Net(nn.Module):
    def __init__(self, cut: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.embed, self.first, self.second = (nn.Linear(4, 4) for _ in range(3))
        self.cut = cut

    def block(self, x: Tensor) -> Any:
        return x + self.second(self.cut(self.first(x)))

    def forward(self, x: Tensor) -> Any:
        return checkpoint(self.block, self.embed(x), use_reentrant=True)


def before_backward(cut: Callable[[Tensor], Tensor]) -> View:
    net = Net(cut)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

    def program() -> None:
        net(torch.ones(2, 4)).sum().backward()
        optimizer.step()

    return view(seen(program)[:1], diagnose)


def grad_statuses(found: View) -> dict[str, GradStatus]:
    rows = found.labels.row_of_leaf
    return {
        item.name.rpartition("Net.")[2]: found.labels.grad_status(rows[item.tensor])
        for item in found.snapshot.parameters
        if item.tensor in rows
    }


def test_a_block_that_backward_will_build_is_shown_beside_the_graph_with_its_parameters_reached() -> None:
    found = before_backward(torch.tanh)
    assert found.grad_statuses.count[GradStatus.REACHED] == 6
    assert set(grad_statuses(found).values()) == {GradStatus.REACHED}
    assert len(grad_statuses(found)) == 6
    assert not any(finding.loud for finding in found.findings)


@pytest.mark.parametrize("cut", [Tensor.detach, lambda x: x.data])
def test_a_cut_inside_of_a_block_is_shown_where_it_is(cut: Callable[[Tensor], Tensor]) -> None:
    found = before_backward(cut)
    assert found.grad_statuses.count[GradStatus.CUT] == 2
    (finding,) = [finding for finding in found.findings if finding.loud]
    assert finding.rule in (Rule.DETACH, Rule.DATA_ATTR)
    assert {name for name, grad_status in grad_statuses(found).items() if grad_status is GradStatus.CUT} == {
        "first.weight",
        "first.bias",
    }
