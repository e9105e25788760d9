"""Which steps of an optimizer are judged by the values of its gradients where nobody asked for that."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from gradtui.model.owners import GradState, Judgement
from tests.debuggee.recording import seen

PRESENT, ZERO, NONFINITE, NONE = (
    GradState.PRESENT,
    GradState.ZERO,
    GradState.NONFINITE,
    GradState.NONE,
)


def judgements(*gradients: float | None, check: bool = False) -> list[Judgement]:
    """What is told of an optimizer whose only parameter has these gradients at its steps."""

    def program() -> None:
        weight = nn.Parameter(torch.ones(2))
        optimizer = torch.optim.SGD([weight], lr=0.0)
        for gradient in gradients:
            weight.grad = None if gradient is None else torch.full((2,), gradient)
            optimizer.step()

    return [judgement for snapshot in seen(program, check=check) for judgement in snapshot.judgements]


def states(told: Sequence[Judgement]) -> list[GradState]:
    return [state for judgement in told for state in judgement.states.values()]


def test_values_are_looked_at_ever_more_rarely() -> None:
    gradients = [1.0, 1.0, math.nan, math.nan, 1.0, 1.0, 1.0, 0.0, *[1.0] * 7, 0.0]
    looked_at = [PRESENT] * 3 + [NONFINITE] * 4 + [ZERO] * 9
    assert states(judgements(*gradients)) == looked_at


def test_a_check_looks_at_every_step() -> None:
    assert states(judgements(1.0, 1.0, math.nan, 0.0, 1.0, check=True)) == [
        PRESENT,
        PRESENT,
        NONFINITE,
        ZERO,
        PRESENT,
    ]


def test_a_dead_gradient_does_not_come_to_life_because_nobody_looks() -> None:
    told = judgements(*[0.0] * 100)
    assert set(states(told)) == {ZERO}
    assert len(told) == 64  # and nothing is told of a step that is like the one before


def test_a_gradient_that_comes_or_goes_is_looked_at_at_once() -> None:
    assert states(judgements(1.0, 1.0, None, None, 0.0, 0.0, None)) == [
        PRESENT,
        PRESENT,
        NONE,
        NONE,
        ZERO,
        ZERO,
        NONE,
    ]


def test_a_parameter_that_joins_later_is_judged_from_then_on() -> None:
    def program() -> None:
        first, second = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
        optimizer = torch.optim.SGD([first], lr=0.0)
        first.grad, second.grad = torch.ones(2), torch.zeros(2)
        for _ in range(3):
            optimizer.step()
        optimizer.add_param_group({"params": [second]})
        for _ in range(3):
            optimizer.step()

    told = [judgement for snapshot in seen(program) for judgement in snapshot.judgements]
    assert [list(one.states.values()) for one in told] == [[PRESENT]] * 3 + [[PRESENT, ZERO]] * 3
