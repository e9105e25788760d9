"""What being recorded costs: a forward and a backward pass of which nobody looks at the graph."""

from __future__ import annotations

import pytest

from tests.benchmarks.conftest import Table
from tests.benchmarks.measuring import side_by_side
from tests.benchmarks.training import OPTIMIZERS, TRAININGS, cost, recorded
from tests.benchmarks.workloads import WORKLOADS, Workload

HEADINGS = ("CPU time over plain", "forward", "at most", "the first one", "backward")
STEPS_HEADINGS = ("CPU time over plain", "backward and step", "least and most", "at most", "plain over plain",
                  "an empty mode", "forward recorded alone", "of backward", "of the step")  # fmt: skip


@pytest.mark.timeout(600)
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one.name)
def test_a_recorded_pass_takes_hardly_longer(workload: Workload, table: Table) -> None:
    if "Hugging Face" in workload.name:
        pytest.importorskip("transformers")
    found = side_by_side(workload.make, recorded, workload.rounds, passes=2)
    table.add(HEADINGS, workload.name, found.forward, f"{workload.most}", found.first, found.backward)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", TRAININGS)
def test_backward_and_step_take_hardly_longer(name: str, optimizer: str, table: Table) -> None:
    if "Hugging Face" in name:
        pytest.importorskip("transformers")
    one = cost(name, optimizer)
    found = (one.recorded, one.least, one.most, one.again, one.empty, one.forward, one.backward, one.step)
    whole, least, most, *others = (f"{ratio:.3f}" for ratio in found)
    table.add(STEPS_HEADINGS, f"{name}, {optimizer}", whole, f"{least} {most}", "1.02", *others)
