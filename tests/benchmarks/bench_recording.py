"""What being recorded costs: a forward and a backward pass of which nobody looks at the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from torch.optim import SGD, AdamW, Optimizer

from tests.benchmarks.conftest import Table
from tests.benchmarks.measuring import side_by_side
from tests.benchmarks.workloads import (
    WORKLOADS,
    Forward,
    Model,
    Workload,
    convnet_model,
    transformer_model,
)
from tests.debuggee.recording import recording

NEVER = "1000000"
"""The backward to stop at: none of these."""
HEADINGS = ("forward and backward, CPU time over plain", "forward", "at most", "backward")


@contextmanager
def recorded() -> Iterator[None]:
    with recording(stop_at=NEVER) as made:
        yield
        assert not made.stops.recorder.fault
        assert made.stops.recorder.tape.next_order > 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one.name)
def test_a_recorded_pass_takes_hardly_longer(workload: Workload, table: Table) -> None:
    if "Hugging Face" in workload.name:
        pytest.importorskip("transformers")
    forward, backward = side_by_side(workload.make, recorded, workload.rounds)
    table.add(HEADINGS, workload.name, forward, f"{workload.most}", backward)


def small_tensors() -> Forward:
    """Fifty steps over many small tensors: what a step costs beside hardly any work."""
    weights = [torch.zeros(4096, requires_grad=True) for _ in range(100)]
    optimizer = SGD(weights, lr=0.1, momentum=0.9)
    for weight in weights:
        weight.grad = torch.ones(4096)

    def steps(count: int) -> torch.Tensor:
        for _ in range(count):
            optimizer.step()
        return weights[0].sum()

    steps(2)  # what is new at a line is told once, by a snapshot
    return lambda: steps(50)


def of_model(make: Callable[[], Model], kind: Callable[..., Optimizer]) -> Callable[[], Forward]:
    """Six steps of an optimizer over a whole model."""

    def made() -> Forward:
        model, x = make()
        optimizer = kind(model.parameters(), lr=1e-4)
        model(x).square().mean().backward()

        def steps(count: int) -> torch.Tensor:
            for _ in range(count):
                optimizer.step()
            return x.sum()

        steps(2)
        return lambda: steps(6)

    return made


STEPS = {
    "AdamW, transformer": of_model(transformer_model, AdamW),
    "SGD, transformer": of_model(transformer_model, SGD),
    "AdamW, convnet": of_model(convnet_model, AdamW),
    "SGD, 50 steps over 100 tensors": small_tensors,
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", STEPS)
def test_an_optimizers_step_takes_hardly_longer(name: str, table: Table) -> None:
    steps, _ = side_by_side(STEPS[name], recorded, 9, backward=False)
    table.add(HEADINGS, name, steps, "1.02", "")
