"""What being recorded costs: a forward and a backward pass of which nobody looks at the graph."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer
from torch.overrides import TorchFunctionMode

from gradtui.wire.channel import Channel
from tests.benchmarks.conftest import Table
from tests.benchmarks.measuring import ratio, side_by_side
from tests.benchmarks.workloads import (
    WORKLOADS,
    Model,
    Trainee,
    Workload,
    bert,
    convnet_model,
    lstm_cell,
    many_parameters,
    mlp_model,
    trainee,
    transformer_model,
)
from tests.debuggee.recording import Listener, recording

ROUNDS = 9
NEVER = "1000000"
"""The backward to stop at: none of these."""
HEADINGS = ("CPU time over plain", "forward", "at most", "the first one", "backward")
STEPS_HEADINGS = ("CPU time over plain", "backward and step", "at most", "an empty mode", "step alone")


READER = """
import os
while os.read(0, 1 << 20):
    pass
"""


class Sender(Listener):
    """A program's own channel, to a process that reads what is told: nothing of it is left here."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self.send, self.poll = channel.send, channel.poll  # type: ignore[method-assign]


@contextmanager
def recorded() -> Iterator[None]:
    ours, theirs = socket.socketpair()
    with theirs, subprocess.Popen([sys.executable, "-S", "-c", READER], stdin=theirs.fileno()):
        channel = Channel(ours.detach())
        try:
            with recording(stop_at=NEVER, listener=Sender(channel)) as made:
                yield
                assert not made.stops.recorder.fault
                assert made.stops.recorder.tape.next_order > 0
        finally:
            channel.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one.name)
def test_a_recorded_pass_takes_hardly_longer(workload: Workload, table: Table) -> None:
    if "Hugging Face" in workload.name:
        pytest.importorskip("transformers")
    found = side_by_side(workload.make, recorded, workload.rounds, passes=2)
    table.add(HEADINGS, workload.name, found.forward, f"{workload.most}", found.first, found.backward)


class Empty(TorchFunctionMode):
    """The least that any mode costs."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return func(*args, **(kwargs or {}))


@dataclass(frozen=True)
class Training:
    make: Callable[[], Trainee]
    steps: int


@dataclass
class Parts:
    """CPU seconds of some steps of a training."""

    backward: float = 0.0
    step: float = 0.0

    @property
    def both(self) -> float:
        return self.backward + self.step


def trained(training: Training, kind: Callable[..., Optimizer]) -> Parts:
    """Some steps of a model after two, in which all that is new is met and told of once."""
    parameters, forward = training.make()
    optimizer, parts = kind(parameters), Parts()
    gc.collect()
    for number in range(2 + training.steps):
        optimizer.zero_grad()
        loss = forward()
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
    "transformer, 12 layers of 768": Training(trainee(transformer_model), 2),
    "convnet, 50 layers": Training(trainee(convnet_model), 6),
    "LSTMCell, 2,000 steps": Training(lstm_cell, 3),
    "20,000 parameters of 512": Training(many_parameters(512), 6),
    "Hugging Face BERT, tiny": Training(bert, 10),
    "MLP, 20 passes": Training(trainee(mlp_model, passes=20), 30),
    "MLP, one pass": Training(trainee(mlp_model), 30),
    "50 linear layers of 64": Training(trainee(narrow_model), 30),
}
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "SGD": partial(SGD, lr=1e-4, momentum=0.9),
    "AdamW": partial(AdamW, lr=1e-4),
}
AROUND: tuple[Callable[[], AbstractContextManager[object]], ...] = (nullcontext, Empty, recorded)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", TRAININGS)
def test_backward_and_step_take_hardly_longer(name: str, optimizer: str, table: Table) -> None:
    if "Hugging Face" in name:
        pytest.importorskip("transformers")
    found: list[list[Parts]] = [[] for _ in AROUND]
    for number in range(ROUNDS + 1):
        for turn in range(len(AROUND)):  # each begins a round in its turn
            place = (number + turn) % len(AROUND)
            with AROUND[place]():
                parts = trained(TRAININGS[name], OPTIMIZERS[optimizer])
            if number:  # the first round warms up
                found[place].append(parts)
    plain, empty, inside = found
    both = ratio([one.both for one in inside], [one.both for one in plain])
    floor = ratio([one.both for one in empty], [one.both for one in plain])
    alone = ratio([one.step for one in inside], [one.step for one in plain])
    table.add(STEPS_HEADINGS, f"{name}, {optimizer}", both, "1.02", floor, alone)
