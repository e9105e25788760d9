"""What a step is recorded to have written, by what torch has written: of a few tensors, and of many."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gradtui.debuggee import optimizer_writes
from gradtui.debuggee.tape import MANY
from gradtui.model.owners import GradState
from tests.debuggee.recording import recording

NEVER = "1000000"
"""The backward to stop at: none of these."""
KINDS = {
    name: kind
    for name, kind in vars(torch.optim).items()
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
}
WITH_GRADIENT = (
    range(6),
    range(6),
    range(6),
    (0, 2),
    range(6),
    (),
    range(6),
    range(1, 6),
    range(6),
    range(6),
)
"""By step the parameters that have one, of each six."""


class Sparing(torch.optim.SGD):
    """Of the program's own: writes what has no gradient too."""

    def step(self, closure: Any = None) -> Any:
        with torch.no_grad():
            self.param_groups[0]["params"][0].mul_(0.9)
        return super().step(closure)


class Twice(torch.optim.Adam):
    def step(self, closure: Any = None) -> Any:
        super().step(closure)
        return super().step(closure)


class Around(Optimizer):
    """Lets another one step, and writes every second time."""

    def __init__(self, params: Any, lr: float) -> None:
        super().__init__(params, {"lr": lr})
        self.inner, self.steps = torch.optim.SGD(self.param_groups, lr=lr), 0

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        self.inner.step()
        self.steps += 1
        if self.steps % 2:
            with torch.no_grad():
                self.param_groups[0]["params"][0].mul_(0.9)


def gradient_of(parameter: Tensor, kind: type[Optimizer]) -> Tensor:
    ones = torch.ones_like(parameter)
    return ones.to_sparse() if kind is torch.optim.SparseAdam else ones


OWN = (Sparing, Twice, Around)


@pytest.mark.parametrize(("groups", "copies"), [(1, 1), (1, MANY // 6 + 4), (3, 1)])
@pytest.mark.parametrize("kind", [*KINDS.values(), *OWN], ids=lambda kind: kind.__name__)
def test_what_a_step_has_written_is_what_torch_has_written(kind: Any, groups: int, copies: int) -> None:
    if kind is torch.optim.LBFGS and groups > 1:
        pytest.skip("torch refuses")
    with recording(stop_at=NEVER) as made:
        tape, judge = made.stops.recorder.tape, made.stops.judge
        parameters = [nn.Parameter(torch.ones(2, 2)) for _ in range(6 * copies)]
        size = len(parameters) // groups
        held: list[Any] = [
            {"params": parameters[start : start + size]} for start in range(0, groups * size, size)
        ]
        parameters = parameters[: groups * size]
        optimizer = kind(held, lr=1e-3)
        for with_gradient in WITH_GRADIENT:
            for number, parameter in enumerate(parameters):
                parameter.grad = gradient_of(parameter, kind) if number % 6 in with_gradient else None
            writes, before = [one._version for one in parameters], tape.values_of(parameters)
            tensors = [tape.tensor[value] for value in before]
            optimizer.step((lambda: torch.ones(())) if kind is torch.optim.LBFGS else None)
            after = tape.values_of(parameters)
            moved = [one._version > version for one, version in zip(parameters, writes, strict=True)]
            assert [old != new for old, new in zip(before, after, strict=True)] == moved
            assert [tape.version[value] for value in after] == [one._version for one in parameters]
            assert [tape.tensor[value] for value in after] == tensors
            written = [value for value, one in zip(after, moved, strict=True) if one]
            assert kind in OWN or list(tape.outputs(len(tape) - 1)) == written
            told = [*(one for snapshot in made.snapshots for one in snapshot.judgements), *judge.pending]
            last = [one for one in told if one.optimizer == 0][-1]
            had = [state is not GradState.NONE for state in last.states.values()]
            assert had == [number % 6 in with_gradient for number in range(len(parameters))]
        assert not made.stops.recorder.fault


def many(optimizer: Callable[..., Optimizer] = torch.optim.SGD) -> tuple[list[nn.Parameter], Optimizer]:
    parameters = [nn.Parameter(torch.ones(2)) for _ in range(MANY + 88)]
    return parameters, optimizer([{"params": parameters[:400]}, {"params": parameters[400:]}], lr=0.1)


def step(parameters: list[nn.Parameter], optimizer: Optimizer) -> None:
    for parameter in parameters:
        parameter.grad = torch.ones(2)
    optimizer.step()


def test_of_many_tensors_that_are_written_alike_a_few_versions_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with recording(stop_at=NEVER) as made:
        parameters, optimizer = many()
        for _ in range(2):
            step(parameters, optimizer)
        read = list[Tensor]()

        def counted(tensor: Tensor) -> int:
            read.append(tensor)
            return tensor._version

        monkeypatch.setattr(optimizer_writes, "version_of", counted)
        step(parameters, optimizer)
        assert 2 < len(read) <= 2 * (optimizer_writes.SAMPLE + 1)
        tape = made.stops.recorder.tape
        versions = [tape.version[value] for value in tape.values_of(parameters)]
        assert versions == [one._version for one in parameters] == [3] * len(parameters)


def one_in_place(parameters: list[nn.Parameter], _: Optimizer) -> None:
    with torch.no_grad():
        parameters[7].add_(1)


def one_unseen(parameters: list[nn.Parameter], _: Optimizer) -> None:
    with torch.no_grad(), torch._C.DisableTorchFunction():
        parameters[0].add_(1)


def a_hook(parameters: list[nn.Parameter], optimizer: Optimizer) -> None:
    def write(*_: Any) -> None:
        with torch.no_grad():
            parameters[7].clamp_(max=1.0)

    optimizer.register_step_post_hook(write)


def a_group_more(parameters: list[nn.Parameter], optimizer: Optimizer) -> None:
    parameters.append(nn.Parameter(torch.ones(2)))
    optimizer.add_param_group({"params": parameters[-1:]})


def another_optimizer(parameters: list[nn.Parameter], _: Optimizer) -> None:
    step(parameters[5:9], torch.optim.Adam(parameters[5:9]))


def one_by_one(_: list[nn.Parameter], optimizer: Optimizer) -> None:
    optimizer.param_groups[0]["foreach"] = False


@pytest.mark.parametrize(
    "between", [one_in_place, one_unseen, a_hook, a_group_more, another_optimizer, one_by_one]
)
def test_many_tensors_have_the_versions_that_torch_has_whatever_happens_between_steps(
    between: Callable[[list[nn.Parameter], Optimizer], None],
) -> None:
    with recording(stop_at=NEVER) as made:
        tape = made.stops.recorder.tape
        parameters, optimizer = many(torch.optim.AdamW)
        for number in range(6):
            if number == 3:
                between(parameters, optimizer)
            before = tape.values_of(parameters)
            step(parameters, optimizer)
            after = tape.values_of(parameters)
            assert not set(before) & set(after)
            assert [tape.version[value] for value in after] == [one._version for one in parameters]
            assert [tape.tensor[value] for value in before] == [tape.tensor[value] for value in after]
        assert not made.stops.recorder.fault


def test_no_tensor_is_kept_and_the_methods_are_put_back() -> None:
    originals = {name: vars(kind).get("_init_group") for name, kind in KINDS.items()}
    with recording(stop_at=NEVER):
        parameters, optimizer = many()
        step(parameters, optimizer)
        gone = weakref.ref(parameters[0])
        del parameters, optimizer
        gc.collect()
        assert gone() is None
    assert {name: vars(kind).get("_init_group") for name, kind in KINDS.items()} == originals
