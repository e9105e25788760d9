"""What backward and an optimizer's step cost: plain, within an empty mode, and recorded.

`python -m tests.benchmarks.training "MLP, one pass" SGD` prints the ratios. Each kind has a process of its
own, as a training script has, and these take their steps in turn, on one core: what else the machine does
hits all of them alike. Two processes that do the very same still differ by up to 3 %, by where their memory
happens to lie: so there are several sets of them, of which the median counts, and two plain ones in each.
"""

from __future__ import annotations

import gc
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer
from torch.overrides import TorchFunctionMode

from gradtui.debuggee.quiet import Quiet
from gradtui.debuggee.recorder import Recorder, pop_mode, push_mode
from gradtui.wire.channel import Channel
from tests.benchmarks.measuring import settle_heap
from tests.benchmarks.workloads import (
    Model,
    Trainee,
    bert,
    convnet_model,
    lstm_cell,
    many_parameters,
    mlp_model,
    one_number,
    trainee,
    transformer_model,
)
from tests.debuggee.recording import Listener, recording

SETS = 7
WARM = 3
"""Steps that each process takes before, in which all that is new is met and told of once."""
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
    """That each process of a set takes."""


@contextmanager
def looking_away(recorder: Recorder | None) -> Iterator[None]:
    """Within it nothing is recorded or looked at: what is slower all the same is so because of what was
    recorded before, as that has emptied the caches."""
    if recorder is None:
        yield
        return
    pop_mode()
    recorder.quiet = Quiet.ALL
    try:
        yield
    finally:
        recorder.quiet = Quiet.OFF
        push_mode(recorder.mode)


def narrow_model() -> Model:
    """A hundred small tensors: what a step costs beside hardly any work."""
    return nn.Sequential(*(nn.Linear(64, 64) for _ in range(50))), torch.randn(8, 64)


TRAININGS = {
    "transformer, 12 layers of 768": Training(trainee(transformer_model), 6),
    "convnet, 50 layers": Training(trainee(convnet_model), 8),
    "LSTMCell, 2,000 steps": Training(lstm_cell, 4),
    "100,000 tiny adds": Training(one_number(100_000), 4),
    "20,000 parameters of 512": Training(many_parameters(512), 10),
    "Hugging Face BERT, tiny": Training(bert, 60),
    "MLP, 20 passes": Training(trainee(mlp_model, passes=20), 60),
    "MLP, one pass": Training(trainee(mlp_model), 300),
    "50 linear layers of 64": Training(trainee(narrow_model), 200),
}
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "SGD": partial(SGD, lr=1e-4, momentum=0.9),
    "AdamW": partial(AdamW, lr=1e-4),
}
PLAIN, EMPTY, FORWARD, RECORDED = ("plain", "plain too"), "empty", "forward", "recorded"
AROUND: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    **dict.fromkeys(PLAIN, nullcontext),
    EMPTY: Empty,
    FORWARD: recorded,
    RECORDED: recorded,
}
"""What a training runs within."""


def train(name: str, optimizer: str, kind: str) -> None:
    """In a process of its own: takes a step whenever a line comes in, and tells what it took."""
    settle_heap()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with AROUND[kind]() as within:
        parameters, forward = TRAININGS[name].make()
        stepping = OPTIMIZERS[optimizer](parameters)
        gc.collect()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            start = time.process_time()
            stepping.zero_grad()
            cleared = time.process_time()
            loss = forward()
            with looking_away(within if kind == FORWARD else None):
                begin = time.process_time()
                loss.backward()
                middle = time.process_time()
                stepping.step()
                end = time.process_time()
            sys.stdout.write(f"{cleared - start} {middle - begin} {end - middle}\n")
            sys.stdout.flush()


@dataclass(frozen=True)
class Steps:
    """CPU seconds of the steps of one process, each part by itself."""

    clear: list[float]
    """In `zero_grad`, before forward."""
    backward: list[float]
    step: list[float]

    @property
    def both(self) -> list[float]:
        """Of backward and step."""
        return [sum(parts) for parts in zip(self.backward, self.step, strict=True)]


def in_turn(name: str, optimizer: str) -> dict[str, Steps]:
    """One set of processes; what each has taken."""
    command = [sys.executable, "-m", "tests.benchmarks.training", name, optimizer]
    trainers = {
        kind: subprocess.Popen([*command, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for kind in AROUND
    }
    core = {max(os.sched_getaffinity(0))}
    for trainer in trainers.values():
        assert trainer.stdout is not None
        assert trainer.stdout.readline() == "ready\n"
        os.sched_setaffinity(trainer.pid, core)
    taken = {kind: Steps([], [], []) for kind in AROUND}
    order = [*AROUND]
    for number in range(WARM + TRAININGS[name].steps):
        random.shuffle(order)  # each finds the caches as the one before it has left them
        for kind in order:
            wants, tells = trainers[kind].stdin, trainers[kind].stdout
            assert wants is not None
            assert tells is not None
            wants.write("\n")
            wants.flush()
            clear, backward, step = map(float, tells.readline().split())
            if number >= WARM:
                taken[kind].clear.append(clear)
                taken[kind].backward.append(backward)
                taken[kind].step.append(step)
    for trainer in trainers.values():
        trainer.communicate()
    return taken


@dataclass(frozen=True)
class Cost:
    """How many times as long a training takes as the plain ones, the median of so many sets."""

    recorded: float
    least: float
    most: float
    """Recorded, of all sets."""
    again: float
    """How far apart the plain ones are, as the ratio of the slower to the quicker one."""
    empty: float
    """Within a mode that does nothing."""
    forward: float
    """Where forward alone is recorded."""
    backward: float
    """Recorded, backward alone."""
    step: float
    clear: float


def cost(name: str, optimizer: str, sets: int = SETS) -> Cost:
    found = [in_turn(name, optimizer) for _ in range(sets)]

    def ratios(kind: str, part: str = "both") -> list[float]:
        return [
            median(getattr(taken[kind], part)) / fmean(median(getattr(taken[one], part)) for one in PLAIN)
            for taken in found
        ]

    whole = ratios(RECORDED)
    apart = [ratio / (2 - ratio) for ratio in ratios(PLAIN[0])]  # against the mean of itself and the other
    return Cost(
        median(whole),
        min(whole),
        max(whole),
        median(max(one, 1 / one) for one in apart),
        median(ratios(EMPTY)),
        median(ratios(FORWARD)),
        median(ratios(RECORDED, "backward")),
        median(ratios(RECORDED, "step")),
        median(ratios(RECORDED, "clear")),
    )


if __name__ == "__main__":
    if sys.argv[3:] and sys.argv[3] in AROUND:
        train(*sys.argv[1:])
    else:
        sets = int(sys.argv[3]) if sys.argv[3:] else SETS
        sys.stdout.write(f"{cost(sys.argv[1], sys.argv[2], sets)}\n")
