"""Which steps of an optimizer are judged by the values of its gradients where nobody asked for that."""

from __future__ import annotations

import gc
import math
import warnings
import weakref
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import nn
from torch.testing._internal.two_tensor import TwoTensor
from torch.utils._python_dispatch import TorchDispatchMode

from gradtui.debuggee import judge
from gradtui.debuggee.judge import AT_ONCE, is_turn
from gradtui.model.owners import GradState, Judgement
from tests.debuggee.recording import recording, seen

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


def test_the_more_there_are_the_more_rarely_values_are_looked_at() -> None:
    def program() -> None:
        weights = [nn.Parameter(torch.ones(1)) for _ in range(3 * AT_ONCE)]
        optimizer = torch.optim.SGD(weights, lr=0.0)
        for step in range(1, 9):
            for weight in weights:
                weight.grad = torch.tensor([0.0 if step > 2 else 1.0])
            optimizer.step()

    told = [judgement for snapshot in seen(program) for judgement in snapshot.judgements]
    assert [set(one.states.values()) for one in told] == [{PRESENT}] * 3 + [{ZERO}] * 5
    assert [step for step in range(1, 70) if is_turn(step, 20 * AT_ONCE)] == [1, 2, 32, 64]


@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr, torch.sparse_csc])
@pytest.mark.parametrize(("factor", "state"), [(1.0, PRESENT), (0.0, ZERO), (math.nan, NONFINITE)])
@pytest.mark.filterwarnings("ignore:Sparse")
def test_a_sparse_gradient_is_judged_by_what_it_has_stored(
    layout: torch.layout, factor: float, state: GradState
) -> None:
    weight = torch.eye(3).to_sparse(layout=layout).requires_grad_()

    def program() -> None:
        loss = (weight * 2).sum()
        weight.grad = weight.detach() * factor
        assert loss.requires_grad

    told = seen(program, check=True)[-1]
    (parameter,) = [one for one in told.parameters if one.shape == (3, 3)]
    assert parameter.grad is state


@pytest.mark.parametrize("rows", [1, 3, 700])
@pytest.mark.parametrize("turned", [False, True])
def test_a_large_gradient_is_known_by_a_part_of_it(rows: int, turned: bool) -> None:
    def program() -> None:
        weights = [nn.Parameter(torch.zeros(rows, 1021)) for _ in range(4)]
        optimizer = torch.optim.SGD(weights, lr=0.0)
        late = torch.zeros(rows, 1021)
        late[-1, -1] = 1.0
        for weight, grad in zip(weights, (torch.ones(rows, 1021), 0 * late, late / 0, late), strict=True):
            weight.grad = grad.T.contiguous().T if turned else grad
        optimizer.step()

    told = [one for snapshot in seen(program) for one in snapshot.judgements]
    assert states(told) == [PRESENT, ZERO, NONFINITE, PRESENT]


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


def test_what_is_there_may_change_at_every_step_and_little_is_told_of_it() -> None:
    generator = torch.Generator().manual_seed(0)

    def program() -> None:
        experts = [nn.Parameter(torch.ones(2)) for _ in range(12)]
        optimizer = torch.optim.SGD(experts, lr=0.0)
        for chosen in torch.randint(2, (2_000, 12), generator=generator).tolist():
            for expert, is_chosen in zip(experts, chosen, strict=True):
                expert.grad = torch.ones(2) if is_chosen else None
            optimizer.step()

    snapshots = seen(program)
    assert len([judgement for snapshot in snapshots for judgement in snapshot.judgements]) < 150
    assert len(snapshots) < 80


@pytest.mark.parametrize("check", [False, True])
def test_the_gradient_of_a_wrapper_that_has_no_storage_is_there_and_no_more_is_said(check: bool) -> None:
    def program() -> None:
        weight = nn.Parameter(TwoTensor(torch.ones(4), torch.ones(4)))
        optimizer = torch.optim.SGD([weight], lr=0.1, foreach=False)
        (weight * weight).sum().backward()
        optimizer.step()

    told = [judgement for snapshot in seen(program, check=check) for judgement in snapshot.judgements]
    assert states(told) == [PRESENT]


def test_a_backward_that_raises_leaves_nothing_held() -> None:
    def explode(_: torch.Tensor) -> None:
        raise ZeroDivisionError

    with recording(stop_at="1000000"):
        net = nn.Linear(2, 2)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        out = net(torch.ones(1, 2))
        out.register_hook(explode)
        with pytest.raises(ZeroDivisionError):
            out.sum().backward()
        weight = weakref.ref(net.weight)
        del net, optimizer, out
        gc.collect()
        assert weight() is None


def test_a_gradient_that_took_the_place_of_another_was_reached() -> None:
    def program() -> None:
        weight = nn.Parameter(torch.ones(3))
        optimizer = torch.optim.SGD([weight], lr=0.0)
        for _ in range(6):
            (weight * weight).sum().backward(create_graph=True)
            optimizer.step()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch's, of `create_graph`, once a process
        told = [judgement for snapshot in seen(program) for judgement in snapshot.judgements]
    assert all(judgement.reached for judgement in told)


class Listed(TorchDispatchMode):
    """A mode of the program's, which is told of each operation that runs."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("check", [False, True])
def test_a_dispatch_mode_of_the_program_sees_nothing_of_what_is_read(check: bool) -> None:
    def program() -> list[str]:
        torch.manual_seed(0)
        net, loose = nn.Linear(3, 3), torch.ones(2, requires_grad=True)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        loose.sum().backward()
        with Listed() as listed:
            for step in range(5):
                optimizer.zero_grad()
                loss = net(torch.ones(2, 3)).square().mean() * (math.nan if step == 3 else 1.0)
                loss.backward()
                optimizer.step()
        told: list[str] = listed.seen
        return told

    plain = program()
    recorded: list[str] = []
    seen(lambda: recorded.extend(program()), check=check)
    assert recorded == plain


def test_of_any_number_of_optimizers_that_are_gone_nothing_is_kept_and_few_judgements_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judge, "PENDING", 16)
    with recording(check=True) as made:
        for _ in range(60):
            layer = nn.Linear(2, 1)
            optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
            for _ in range(2):
                optimizer.zero_grad()
                layer(torch.ones(3, 2)).sum().backward()
                optimizer.step()
        stops = made.stops
        assert len(stops.judge._stands) <= 2
        assert len(stops.owners.living) <= 2
        assert len(stops.judge.pending) <= 16
        made.watching.ended(0)
    assert sum(len(snapshot.judgements) for snapshot in made.snapshots) == 120
