"""Compiled callables under our eyes: dynamo must see neither the mode nor a wrapper of ours."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from gradtui.model.unseen import IN_COMPILED
from tests.debuggee.recording import recording


def test_a_whole_graph_is_still_compiled_and_its_parameters_are_judged() -> None:
    from torch._dynamo.utils import counters

    with recording(check=True) as made:
        net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        compiled = torch.compile(net, backend="eager", fullgraph=True)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(2):
            loss = compiled(torch.randn(5, 4)).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert not counters["graph_break"]
    assert made.watching._stops is None
    steps = [judgement for snapshot in made.snapshots for judgement in snapshot.judgements]
    assert {str(state) for judgement in steps for state in judgement.states.values()} == {"present"}
    calls = [call.function for snapshot in made.snapshots for call in snapshot.trace.calls()]
    assert "torch.compile" in calls
    assert "F.linear" not in calls
    assert made.snapshots[-1].unseen == (IN_COMPILED,)


def test_a_compiled_function_gives_the_gradient_that_it_gives_without_us() -> None:
    def gradient() -> Tensor:
        torch._dynamo.reset()

        @torch.compile(backend="eager", fullgraph=True)
        def wave(x: Tensor) -> Tensor:
            return torch.sin(x) * 2

        x = torch.ones(3, requires_grad=True)
        wave(x).sum().backward()
        assert x.grad is not None
        return x.grad

    plain = gradient()
    with recording():
        watched = gradient()
    assert torch.equal(plain, watched)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, while it goes through a step
def test_a_compiled_step_makes_what_it_makes_without_us() -> None:
    def trained() -> list[float]:
        torch._dynamo.reset()
        torch.manual_seed(0)
        net = nn.Linear(4, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

        @torch.compile(backend="eager")
        def step() -> None:
            optimizer.step()

        for _ in range(3):
            optimizer.zero_grad()
            net(torch.ones(2, 4)).square().mean().backward()
            step()
        weights: list[float] = net.weight.detach().flatten().tolist()
        return weights

    plain = trained()
    with recording() as made:
        assert trained() == plain
        assert not made.stops.recorder.fault
        assert IN_COMPILED in made.stops.recorder.unseen
