"""Which tensors count as reached by backward when their optimizer steps, against hooks that torch calls."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, Optimizer

from gradtui.debuggee.holding import HeldState
from gradtui.model.messages import Evaluate
from gradtui.model.owners import EVERY_STEP, GradState
from tests.debuggee.recording import recording

STEPS = 60


class Clearing(Optimizer):
    """Written by a user: takes the gradients away inside of its step."""

    def __init__(self, parameters: Any) -> None:
        super().__init__(parameters, {"lr": 0.01})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter -= group["lr"] * parameter.grad
                    parameter.grad = None


class Part:
    """Some parameters with their optimizer, and which of them torch has accumulated a gradient in."""

    def __init__(self, kind: Callable[..., Optimizer]) -> None:
        self.module = nn.ParameterList(torch.randn(3) for _ in range(4))
        self.optimizer = kind(list(self.module))
        self.accumulated: set[int] = set()
        self.steps: list[set[int]] = []
        """What it was at each step, as places among the parameters."""
        self.had: list[set[int]] = []
        """Which had a gradient then."""
        note = self.accumulated.add  # by no way back to the parameters: such a cycle is never collected
        for place, parameter in enumerate(self.module):
            parameter.register_post_accumulate_grad_hook(lambda _, place=place: note(place))

    def stepped(self) -> None:
        self.had.append({place for place, one in enumerate(self.module) if one.grad is not None})
        self.steps.append(set(self.accumulated))
        self.accumulated.clear()


def run(chance: random.Random, parts: list[Part]) -> None:
    """A program of many steps, in which gradients come and go in all the ways that programs know."""

    def some() -> list[Tensor]:
        return [tensor for part in parts for tensor in part.module if chance.random() < 0.6]

    def loss() -> Tensor:
        return sum((tensor.square().sum() for tensor in some()), torch.zeros((), requires_grad=True) * 1)

    def closure(part: Part) -> Callable[[], float]:
        def again() -> float:
            part.optimizer.zero_grad()
            made = loss()
            made.backward()
            return float(made.detach())

        return again

    for _ in range(STEPS):
        part = chance.choice(parts)
        one = chance.choice(list(part.module))
        match chance.randrange(12):
            case 0 | 1:
                for other in parts:
                    other.optimizer.zero_grad()
            case 2:
                part.optimizer.zero_grad(set_to_none=chance.random() < 0.5)
            case 3:
                part.module.zero_grad()
            case 4:
                one.grad = None
            case 5:
                one.grad = torch.ones(3)
            case 6 if one.grad is not None:
                one.grad.zero_()
            case 7:
                torch.autograd.grad(loss(), list(part.module), allow_unused=True)
            case 8:
                part.optimizer.zero_grad()
                loss().backward()
                part.optimizer.step()
                part.stepped()
            case 9 if not isinstance(part.optimizer, Clearing):
                part.optimizer.step(closure(part))
                part.stepped()
            case 10:
                part.optimizer.step()
                part.stepped()
            case _:
                loss().backward()


@pytest.mark.parametrize("seed", range(40))
def test_an_optimizer_is_told_what_backward_has_reached_since_its_last_step(seed: int) -> None:
    chance = random.Random(seed)
    torch.manual_seed(seed)
    with recording(check=seed % 2 == 0) as made:
        kinds: list[Callable[..., Optimizer]] = [lambda given: SGD(given, lr=0.01), Adam, Clearing]
        parts = [Part(kind) for kind in kinds]
        run(chance, parts)
        judge, owners = made.stops.judge, made.stops.owners
        numbers = made.stops.snapshot_taker.tensor_numbers
        for index, part in enumerate(parts):
            built = owners.optimizers[index]
            mine = [told for told in _judgements(made, judge) if told.optimizer == index]
            place_of = {number: place for place, number in enumerate(numbers(list(part.module)))}
            assert built.ref() is part.optimizer
            assert [{place_of[number] for number in told.reached} for told in mine] == part.steps
            had = [
                {one for one, state in told.states.items() if state is not GradState.NONE} for told in mine
            ]
            assert [set(map(place_of.__getitem__, numbers)) for numbers in had] == part.had
        assert any(any(part.steps) for part in parts)


def reached_of(program: Callable[[nn.ParameterList, Optimizer], object]) -> list[set[int]]:
    """By step which of two parameters were reached, as places."""
    with recording() as made:
        module = nn.ParameterList(torch.ones(2) for _ in range(2))
        program(module, SGD(list(module), lr=0.1))
        place_of = dict(zip(made.stops.snapshot_taker.tensor_numbers(list(module)), (0, 1), strict=True))
        told = _judgements(made, made.stops.judge)
    return [{place_of[number] for number in one.reached} for one in told]


def test_a_gradient_that_is_taken_away_after_backward_was_given_by_it() -> None:
    def program(module: nn.ParameterList, optimizer: Optimizer) -> None:
        optimizer.zero_grad()
        (module[0] + module[1]).sum().backward()
        module[0].grad = None
        optimizer.step()

    assert reached_of(program) == [{0, 1}]


def test_a_gradient_that_is_set_by_hand_is_not_given_by_backward() -> None:
    def program(module: nn.ParameterList, optimizer: Optimizer) -> None:
        optimizer.zero_grad()
        module[1].grad = torch.ones(2)
        module[0].sum().backward()
        optimizer.step()
        optimizer.zero_grad()
        module[0].sum().backward()
        module[1].grad = torch.ones(2)
        optimizer.step()

    assert reached_of(program) == [{0}, {0}]


def test_gradients_that_several_backwards_have_added_up_were_given_by_each() -> None:
    def program(module: nn.ParameterList, optimizer: Optimizer) -> None:
        for _ in range(2):
            optimizer.zero_grad()
            module[0].sum().backward()
            module[1].sum().backward()
            optimizer.step()
        module[0].sum().backward()  # onto what is there
        optimizer.step()

    assert reached_of(program) == [{0, 1}, {0, 1}, {0}]


def test_a_gradient_that_an_expression_of_the_viewers_takes_away_was_given_by_backward() -> None:
    with recording() as made:
        module = nn.ParameterList(torch.ones(2) for _ in range(2))
        optimizer = SGD(list(module), lr=0.1)
        optimizer.zero_grad()
        (module[0] + module[1]).sum().backward()
        scene = HeldState(frames=(sys._getframe(),))
        made.stops.holding._answer(Evaluate(1, "setattr(module[0], 'grad', None)"), scene)
        assert module[0].grad is None
        optimizer.step()
        told = _judgements(made, made.stops.judge)[-1]
        assert told.reached == set(made.stops.snapshot_taker.tensor_numbers(list(module)))


def test_parameters_that_an_interrupt_has_dropped_from_the_tape_are_met_again() -> None:
    with recording() as made:
        module = nn.ParameterList(torch.ones(2) for _ in range(3))
        optimizer = SGD(list(module), lr=0.1)
        tape = made.stops.recorder.tape
        for number in range(3):
            optimizer.zero_grad()
            sum(one.sum() for one in module).backward()
            if number == 1:
                tape.forget(module[1])
            optimizer.step()
        assert not made.stops.recorder.fault
        assert [len(one.reached) for one in _judgements(made, made.stops.judge)] == [3, 3, 3]


def test_backward_is_put_back_as_it_was() -> None:
    before = Tensor.__dict__["backward"]
    with recording():
        assert Tensor.__dict__["backward"] is not before
    assert Tensor.__dict__["backward"] is before


class Decaying(SGD):
    """Writes what has no gradient too."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        super().step(closure)
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter *= 0.9


@pytest.mark.parametrize("kind", [SGD, Adam, Decaying])
def test_a_parameter_that_ceases_to_learn_late_is_told_of(kind: Callable[..., Optimizer]) -> None:
    late = EVERY_STEP + 5
    with recording() as made:
        module = nn.ParameterList(torch.ones(2) for _ in range(2))
        optimizer = kind(list(module))
        for number in range(late + 3):
            optimizer.zero_grad()
            (module[0] + (module[1] if number < late else 0)).sum().backward()
            optimizer.step()
        told = _judgements(made, made.stops.judge)[-1]
        first, second = made.stops.snapshot_taker.tensor_numbers(list(module))
    assert told.states == {first: GradState.PRESENT, second: GradState.NONE}
    assert told.reached == {first}


def _judgements(made: Any, judge: Any) -> list[Any]:
    told = [one for snapshot in made.snapshots for one in snapshot.judgements]
    return [*told, *judge.pending]
