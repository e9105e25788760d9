"""What backward and an optimizer's step cost: plain, within an empty mode, and recorded.

`python -m tests.benchmarks.training "MLP, one pass" SGD` prints the ratios. A process of its own, as a
training script is: whoever records walks up its stack, which is forty frames deep where pytest calls.
"""

from __future__ import annotations

import gc
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer
from torch.overrides import TorchFunctionMode

from gradtui.debuggee.recorder import Recorder, pop_mode, push_mode
from gradtui.wire.channel import Channel
from tests.benchmarks.measuring import Ratio, ratio, settle_heap
from tests.benchmarks.workloads import (
    Model,
    Trainee,
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
def recorded() -> Iterator[Recorder]:
    ours, theirs = socket.socketpair()
    with theirs, subprocess.Popen([sys.executable, "-S", "-c", READER], stdin=theirs.fileno()):
        channel = Channel(ours.detach())
        try:
            with recording(stop_at=NEVER, listener=Sender(channel)) as made:
                yield made.stops.recorder
                assert not made.stops.recorder.fault
                assert made.stops.recorder.tape.next_order > 0
        finally:
            channel.close()


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


@contextmanager
def looking_away(recorder: Recorder | None) -> Iterator[None]:
    """Within it nothing is recorded or looked at: what is slower all the same is so because of what was
    recorded before, as that has emptied the caches."""
    if recorder is None:
        yield
        return
    pop_mode()
    recorder.quiet = 2
    try:
        yield
    finally:
        recorder.quiet = 0
        push_mode(recorder.mode)


def trained(training: Training, kind: Callable[..., Optimizer], away: Recorder | None = None) -> Parts:
    """Some steps of a model after two, in which all that is new is met and told of once.

    With `away`, of which only forward is recorded.
    """
    parameters, forward = training.make()
    optimizer, parts = kind(parameters), Parts()
    gc.collect()
    for number in range(2 + training.steps):
        optimizer.zero_grad()
        loss = forward()
        with looking_away(away):
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
AROUND: tuple[tuple[Callable[[], AbstractContextManager[Any]], bool], ...] = (
    (nullcontext, False),
    (Empty, False),
    (recorded, False),
    (recorded, True),
)
"""What a training runs within, and whether that looks away after forward."""


@dataclass(frozen=True)
class Cost:
    """How many times as long a training takes as the plain one."""

    recorded: Ratio
    empty: Ratio
    """Within a mode that does nothing."""
    forward: Ratio
    """Where forward alone is recorded."""
    backward: Ratio
    """Recorded, backward alone."""
    step: Ratio


def cost(name: str, optimizer: str, rounds: int = ROUNDS) -> Cost:
    """Each in its turn, so many times."""
    found: list[list[Parts]] = [[] for _ in AROUND]
    for number in range(rounds + 1):
        for turn in range(len(AROUND)):  # each begins a round in its turn
            place = (number + turn) % len(AROUND)
            around, away = AROUND[place]
            with around() as within:
                parts = trained(TRAININGS[name], OPTIMIZERS[optimizer], within if away else None)
            if number:  # the first round warms up
                found[place].append(parts)
    plain, empty, inside, forward = found
    both = [one.both for one in plain]
    return Cost(
        ratio([one.both for one in inside], both),
        ratio([one.both for one in empty], both),
        ratio([one.both for one in forward], both),
        ratio([one.backward for one in inside], [one.backward for one in plain]),
        ratio([one.step for one in inside], [one.step for one in plain]),
    )


def in_a_process(name: str, optimizer: str) -> Cost:
    words = [sys.executable, "-m", "tests.benchmarks.training", name, optimizer]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return Cost(**{part: Ratio(**told) for part, told in json.loads(done.stdout).items()})


if __name__ == "__main__":
    settle_heap()
    torch.set_num_threads(1)
    sys.stdout.write(json.dumps(asdict(cost(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))) + "\n")
