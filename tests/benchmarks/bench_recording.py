"""What being recorded costs: a forward and a backward pass of which nobody looks at the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from torch.optim import SGD

from tests.benchmarks.conftest import Table
from tests.benchmarks.measuring import side_by_side
from tests.benchmarks.workloads import WORKLOADS, Workload
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


def test_an_optimizers_step_takes_hardly_longer(table: Table) -> None:
    def make() -> Callable[[], torch.Tensor]:
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

    steps, _ = side_by_side(make, recorded, 9)
    table.add(HEADINGS, "SGD, 50 steps over 100 tensors", steps, "1.02", "")
