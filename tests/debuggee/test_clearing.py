"""Which gradients a `zero_grad` is recorded to have cleared, by what torch had there before."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from gradtui.debuggee import reached
from gradtui.debuggee.tape import MANY
from gradtui.model.trace import Kind
from tests.debuggee.recording import Recording, recording

NEVER = "1000000"
"""The backward to stop at: none of these."""


class Program:
    """A model with an optimizer, and what may happen to their gradients, by chance."""

    def __init__(self, chance: random.Random, count: int) -> None:
        self.chance, self.model = chance, nn.ParameterList(torch.randn(2) for _ in range(count))
        self.optimizer: Optimizer = SGD(self.model.parameters(), lr=0.1, momentum=0.9)

    def backward(self) -> None:
        chosen = [one for one in self.model if self.chance.random() < 0.9]
        torch.stack(chosen or [self.model[0]]).sum().backward()

    def backward_of_all(self) -> None:
        torch.stack(list(self.model)).sum().backward()

    def step(self) -> None:
        self.optimizer.step()

    def by_hand(self) -> None:
        self.chance.choice(list(self.model)).grad = None

    def given(self) -> None:
        self.chance.choice(list(self.model)).grad = torch.ones(2)

    def taken_by_hooks(self) -> None:
        """A backward of which one gradient doesn't outlive the hook of its parameter."""

        def take(one: Tensor) -> None:
            with torch._C.DisableTorchFunction():  # as in a thread of the engine's own, where no mode is on
                one.grad = None

        handle = self.chance.choice(list(self.model)).register_post_accumulate_grad_hook(take)
        self.backward_of_all()
        handle.remove()

    def swapped(self) -> None:
        place = self.chance.randrange(len(self.model))
        self.model[place] = self.optimizer.param_groups[0]["params"][place] = nn.Parameter(torch.randn(2))

    def written(self) -> None:
        with torch.no_grad():
            self.chance.choice(list(self.model)).mul_(0.9)


MAY_HAPPEN = (
    Program.backward,
    Program.backward_of_all,
    Program.backward_of_all,
    Program.step,
    Program.step,
    Program.by_hand,
    Program.by_hand,
    Program.given,
    Program.taken_by_hooks,
    Program.written,
)


def check(made: Recording, program: Program, clear: Callable[[], Any]) -> None:
    """Clear, and compare what was recorded with what torch had."""
    tape = made.stops.recorder.tape
    had = [one for one in program.model if one.grad is not None]
    records = len(tape)
    clear()
    cleared = [call for call in range(records, len(tape)) if tape.kind.get(call) is Kind.CLEAR]
    if not had:
        assert not cleared
        return
    (call,) = cleared
    assert tape.detail[call] == len(had)
    assert list(tape.inputs_of(call)) == tape.values_of(had)
    assert [tape.version[value] for value in tape.inputs_of(call)] == [one._version for one in had]


@pytest.mark.parametrize("count", [1, 5, MANY + 88])
def test_what_is_recorded_as_cleared_is_what_had_a_gradient_whatever_happened_before(count: int) -> None:
    chance = random.Random(count)
    with recording(stop_at=NEVER) as made:
        program = Program(chance, count)
        for turn in range(120):
            if turn >= 100:
                program.swapped()
            for _ in range(chance.randrange(8)):
                chance.choice(MAY_HAPPEN)(program)
            to_none = chance.random() < 0.8
            owner: Any = chance.choice([program.optimizer, program.optimizer, program.model])
            check(made, program, partial(owner.zero_grad, set_to_none=to_none))
            for one in program.model if to_none else ():
                assert one.grad is None
        assert not made.stops.recorder.fault


def test_right_after_a_step_that_all_had_a_part_in_no_tensor_is_asked_for_its_gradient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = list[Tensor]()

    def counted(tensor: Tensor) -> Tensor | None:
        asked.append(tensor)
        return tensor.grad

    with recording(stop_at=NEVER) as made:
        program = Program(random.Random(0), 5)
        for _ in range(3):
            program.backward_of_all()
            program.step()
            program.optimizer.zero_grad()
        program.backward_of_all()
        program.step()
        monkeypatch.setattr(reached, "grad_of", counted)
        monkeypatch.setattr(made.stops.recorder, "values", pytest.fail)  # their row knows these, too
        check(made, program, program.optimizer.zero_grad)
        assert not asked
