"""What being recorded costs: a forward and a backward pass of which nobody looks at the graph."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from tests.benchmarks.conftest import Table
from tests.benchmarks.measuring import ratio, side_by_side
from tests.benchmarks.workloads import (
    WORKLOADS,
    Model,
    Workload,
    convnet_model,
    mlp_model,
    transformer_model,
)
from tests.debuggee.recording import recording

ROUNDS = 9
NEVER = "1000000"
"""The backward to stop at: none of these."""
HEADINGS = ("CPU time over plain", "forward", "at most", "the first one", "backward")
STEPS_HEADINGS = ("CPU time over plain", "backward and step", "at most", "step alone")


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
    found = side_by_side(workload.make, recorded, workload.rounds, passes=2)
    table.add(HEADINGS, workload.name, found.forward, f"{workload.most}", found.first, found.backward)


@dataclass
class Parts:
    """CPU seconds of some steps of a training."""

    backward: float = 0.0
    step: float = 0.0


@dataclass(frozen=True)
class Training:
    make: Callable[[], Model]
    steps: int
    passes: int = 1
    """Forward passes whose losses are summed for one backward."""


def trained(training: Training, kind: Callable[..., Optimizer]) -> Parts:
    """Some steps of a model after two, in which all that is new is met and told of once."""
    model, x = training.make()
    optimizer, parts = kind(model.parameters()), Parts()
    for number in range(2 + training.steps):
        optimizer.zero_grad()
        losses = [model(x).square().mean() for _ in range(training.passes)]
        loss = torch.stack(losses).sum() if len(losses) > 1 else losses[0]
        begin = time.process_time()
        loss.backward()
        middle = time.process_time()
        optimizer.step()
        if number >= 2:
            parts.backward += middle - begin
            parts.step += time.process_time() - middle
    return parts


def narrow_model() -> Model:
    """A hundred small tensors: what a step costs beside hardly any work."""
    return nn.Sequential(*(nn.Linear(64, 64) for _ in range(50))), torch.randn(8, 64)


TRAININGS = {
    "transformer, 12 layers of 768": Training(transformer_model, 2),
    "convnet, 50 layers": Training(convnet_model, 6),
    "MLP, 20 passes": Training(mlp_model, 30, passes=20),
    "MLP, one pass": Training(mlp_model, 30),
    "50 linear layers of 64": Training(narrow_model, 30),
}
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "SGD": partial(SGD, lr=1e-4, momentum=0.9),
    "AdamW": partial(AdamW, lr=1e-4),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", TRAININGS)
def test_backward_and_step_take_hardly_longer(name: str, optimizer: str, table: Table) -> None:
    training, kind = TRAININGS[name], OPTIMIZERS[optimizer]
    plain, inside = [], []
    for number in range(ROUNDS + 1):
        if number % 2:
            first = trained(training, kind)
        with recorded():
            second = trained(training, kind)
        if not number % 2:
            first = trained(training, kind)
        if number:  # the first round warms up
            plain.append(first)
            inside.append(second)
    both = ratio([one.backward + one.step for one in inside], [one.backward + one.step for one in plain])
    alone = ratio([one.step for one in inside], [one.step for one in plain])
    table.add(STEPS_HEADINGS, f"{name}, {optimizer}", both, "1.02", alone)
