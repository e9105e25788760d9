"""Whatever of ours fails, the program computes what it computes alone, and is told nothing of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from tests.debuggee.recording import recording

FAILING = [
    "call_handlers.CallHandlers.reentered",
    "escapes.Escapes.came",
    "functions.makes_fresh",
    "grad_states._norms",
    "judge.Judge.step",
    "module_scan.ModuleScan.parameters",
    "optimizer_grads.OptimizerGrads.begin",
    "optimizer_record.OptimizerRecord.holds",
    "owners.Owners._enter",
    "owners.Owners.built",
    "reached.Reached.after_backward",
    "reached.Reached.backward_raised",
    "reached.Reached.before_backward",
    "reached.Reached.clearing",
    "recorder.Recorder.close",
    "recorder.Recorder.make",
    "recorder.Recorder.note",
    "recorder.Recorder.open",
    "recorder.Recorder.tensors_in",
    "recorder.Recorder.value",
    "sites.Sites.here",
    "sites.Sites.stack",
    "snapshots.SnapshotTaker.snapshot",
    "step_effect.StepEffect.after",
    "step_effect.StepEffect.before",
    "steps.Steps._record",
    "stops.Stops.see",
    "tape.Tape.enter",
    "value_hooks.ValueHooks.found",
    "value_hooks.states",
]
"""What the parts of the recording do for themselves, one of each kind. What stands in a program's own call,
as a wrapper does, can't be kept from it."""


class Double(torch.autograd.Function):
    @staticmethod
    def forward(_: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(_: Any, grad: Tensor) -> Tensor:
        return grad * 2


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 1)
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.relu(self.first(x)) * self.scale
        hidden = checkpoint(torch.tanh, Double.apply(hidden), use_reentrant=False)  # type: ignore[no-untyped-call]
        out: Tensor = self.second(hidden)
        return out


def program() -> list[float]:
    torch.manual_seed(0)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    data, told = torch.from_numpy(np.ones((6, 4), dtype="float32")), []
    for _ in range(3):
        optimizer.zero_grad()
        out = net(data)
        weight = torch.tensor(out.detach().numpy().sum().item())
        (slope,) = torch.autograd.grad(out.sum(), net.scale, create_graph=True)
        loss = (out - weight).square().mean() + slope.square().mean()
        loss.backward()
        optimizer.step()
        with torch.inference_mode():
            told.append(net(data).sum().item())
    with pytest.raises(RuntimeError, match="only for scalar outputs"):
        net(data).backward()
    return [*told, float(torch.get_rng_state().sum())]


@pytest.mark.parametrize("name", FAILING)
def test_a_fault_of_ours_is_none_of_the_programs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, failed = program(), False

    def fail(*_: Any, **__: Any) -> Any:
        nonlocal failed
        failed = True
        raise ZeroDivisionError(f"in {name}")

    monkeypatch.setattr(f"gradtui.debuggee.{name}", fail)
    with recording(check=True, stop_at="1000000") as made:
        assert program() == expected
        assert failed
        assert f"in {name}" in made.stops.recorder.fault
