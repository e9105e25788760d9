"""What is told of the gradients that a node received and sent."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from gradtui.debuggee import figures, norms, readings, stepping
from gradtui.model.gradients import GradSummary
from gradtui.model.messages import Act, Stepped
from tests.debuggee.stepped import chain
from tests.debuggee.viewer import FINISH, STEP, shown


def exact(gradient: Tensor) -> list[float]:
    """Norm, minimum, maximum, mean, zeros, NaNs and Infs by the plainest means."""
    numbers = [float(number) for number in gradient.flatten()]
    finite = [number for number in numbers if math.isfinite(number)] or [math.nan]
    return [
        math.hypot(*finite),
        min(finite),
        max(finite),
        math.fsum(finite) / len(finite),
        float(numbers.count(0.0)),
        float(sum(math.isnan(number) for number in numbers)),
        float(sum(math.isinf(number) for number in numbers)),
    ]


VALUES = {
    "plain": torch.tensor([[1.0, -2.0], [0.0, 4.0]]),
    "nan": torch.tensor([math.nan, 2.0, 0.0, -3.0]),
    "inf": torch.tensor([math.inf, -math.inf, 1.0]),
    "nothing finite": torch.tensor([math.nan, math.inf]),
    "zeros": torch.zeros(4),
    "half that overflows": torch.tensor([60000.0, 60000.0], dtype=torch.float16),
    "squares that vanish": torch.tensor([1e-30, 1e-30]),
    "squares that overflow": torch.tensor([1e200, -1e300], dtype=torch.float64),
    "bfloat16": torch.tensor([1.5, -0.25], dtype=torch.bfloat16),
    "one value": torch.tensor(3.0),
    "expanded": torch.tensor(2.0).expand(3, 5),
    "turned": torch.arange(6.0).reshape(2, 3).t(),
}


@pytest.mark.parametrize("name", VALUES)
def test_the_figures_of_a_gradient_are_those_of_its_finite_elements(name: str) -> None:
    gradient = VALUES[name]

    def program() -> None:
        leaf = torch.ones_like(gradient, requires_grad=True)
        (leaf * 1.0).backward(gradient=gradient)

    (summary,) = shown(program, STEP).stepped[0].receives
    assert summary is not None
    found = [
        summary.norm,
        summary.minimum,
        summary.maximum,
        summary.mean,
        summary.zeros,
        summary.nans,
        summary.infs,
    ]
    assert found == pytest.approx(exact(gradient), rel=1e-3, nan_ok=True)
    assert (summary.shape, summary.elements) == (tuple(gradient.shape), gradient.numel())
    finite = summary.elements - summary.nans - summary.infs
    assert sum(summary.histogram) in (finite, 0)
    assert summary.counted


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("name", VALUES)
def test_figures_that_stay_on_a_device_until_a_pause_are_the_same(
    name: str, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device is played by the CPU, whose numbers nobody may ask for before the pause."""

    def program() -> None:
        leaf = torch.ones_like(VALUES[name], requires_grad=True)
        y = leaf * 1.0
        (y.exp() + y.expm1()).backward(gradient=VALUES[name])

    monkeypatch.setattr(stepping, "LARGE", 1 if large else 20_000)
    monkeypatch.setattr(figures, "PIECE", 2)
    here = shown(program, STEP, FINISH).stepped
    monkeypatch.setattr(readings, "at_hand", lambda _: False)
    monkeypatch.setattr(norms, "PLAIN", frozenset())
    there = shown(program, STEP, FINISH).stepped
    for a, b in zip(here, there, strict=True):
        assert [one.node for one in a.passed] == [one.node for one in b.passed]
        for one, other in zip(told(a), told(b), strict=True):
            assert numbers(one) == pytest.approx(numbers(other), rel=1e-2, nan_ok=True)
            assert one.health == other.health


def told(message: Stepped) -> list[GradSummary]:
    every = (grads for one in message.passed for grads in (one.received, one.sent))
    return [item for grads in (message.receives, *every) for item in grads if item is not None]


def numbers(item: GradSummary) -> list[float]:
    return [
        item.norm,
        item.minimum,
        item.maximum,
        item.mean,
        item.zeros,
        item.nans,
        item.infs,
        *item.histogram,
    ]


def test_a_gradient_that_torch_never_makes_is_told_as_none() -> None:
    def program() -> None:
        x = torch.ones(2, 3, requires_grad=True)
        first, _ = x.unbind(0)
        first.sum().backward()

    viewer = shown(program, STEP, STEP)
    assert viewer.nexts[1] == "UnbindBackward0"
    received = viewer.stepped[1].receives
    assert [item is None for item in received] == [False, True]


def test_what_a_node_was_handed_is_what_is_told_again_once_it_is_passed() -> None:
    viewer = shown(chain, then=Act.STEP)
    for before, after in zip(viewer.stepped, viewer.stepped[1:], strict=False):
        assert after.passed[-1].node == before.next_node
        assert after.passed[-1].received == before.receives


def test_of_a_large_graph_that_runs_only_norms_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [m.passed for m in shown(chain, FINISH).stepped]
    monkeypatch.setattr(stepping, "LARGE", 3)
    viewer = shown(chain, FINISH)
    (norms,) = [m.passed for m in viewer.stepped]
    assert [one.node for one in norms] == [one.node for one in whole[0]]
    for some, full in zip(norms, whole[0], strict=True):
        for a, b in zip((*some.received, *some.sent), (*full.received, *full.sent), strict=True):
            assert (a is None) == (b is None)
            if a is not None and b is not None:
                assert not a.counted
                assert (a.norm, a.shape, a.health) == (b.norm, b.shape, b.health)
