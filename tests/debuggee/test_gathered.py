"""Which tensors a step has written, and which had a gradient, as heard from torch's own optimizers."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gradtui.debuggee.tape import UNREAD
from gradtui.model.columns import NONE
from gradtui.model.owners import GradState
from tests.debuggee.recording import recording

NEVER = "1000000"
"""The backward to stop at: none of these."""
KINDS = {
    name: kind
    for name, kind in vars(torch.optim).items()
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
}
WITH_GRADIENT = (range(6), range(6), (0, 2), range(6), (), range(6), range(1, 6), range(6), range(6))
"""By step the parameters that have one."""


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


def gradient_of(parameter: Tensor, kind: type[Optimizer]) -> Tensor:
    ones = torch.ones_like(parameter)
    return ones.to_sparse() if kind is torch.optim.SparseAdam else ones


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("kind", [*KINDS.values(), Sparing, Twice], ids=lambda kind: kind.__name__)
def test_what_a_step_has_written_is_what_torch_has_written(kind: Any, groups: int) -> None:
    if kind is torch.optim.LBFGS and groups > 1:
        pytest.skip("torch refuses")
    with recording(stop_at=NEVER) as made:
        tape, judge = made.stops.recorder.tape, made.stops.judge
        parameters = [nn.Parameter(torch.ones(2, 2)) for _ in range(6)]
        size = 6 // groups
        held: list[Any] = [{"params": parameters[start : start + size]} for start in range(0, 6, size)]
        optimizer = kind(held, lr=1e-3)
        for step, with_gradient in enumerate(WITH_GRADIENT):
            for number, parameter in enumerate(parameters):
                parameter.grad = gradient_of(parameter, kind) if number in with_gradient else None
            writes = [one._version for one in parameters]
            before, tensors = tape.values_of(parameters), [tape.tensor[tape.value_of(parameters[0])]]
            optimizer.step((lambda: torch.ones(())) if kind is torch.optim.LBFGS else None)
            after = tape.values_of(parameters)
            moved = [one._version > version for one, version in zip(parameters, writes, strict=True)]
            assert [old != new for old, new in zip(before, after, strict=True)] == moved
            assert list(tape.outputs(len(tape) - 1)) == [
                value for value, one in zip(after, moved, strict=True) if one
            ] or kind in (Sparing, Twice)
            told = [*(one for snapshot in made.snapshots for one in snapshot.judgements), *judge.pending]
            had = [state is not GradState.NONE for state in told[-1].states.values()]
            assert had == [number in with_gradient for number in range(6)]
            assert [tape.tensor[after[0]]] == tensors
            if step % 2:
                tape.read_versions()
                assert [tape.version[value] for value in after] == [one._version for one in parameters]
        assert not made.stops.recorder.fault


def test_a_version_is_read_when_the_tensor_is_looked_at_next() -> None:
    with recording(stop_at=NEVER) as made:
        tape = made.stops.recorder.tape
        used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
        optimizer = torch.optim.SGD([used, unused], lr=0.1)
        for step in range(6):
            used.grad, unused.grad = torch.ones(2), torch.ones(2)
            optimizer.step()
            before = [tape.version[tape.value_of(one)] for one in (used, unused)]
            calls = len(tape)
            loss = used * 2
            assert len(tape) == calls + 1  # no write that nobody saw
            assert tape.version[tape.value_of(used)] == used._version
            if step > 2:  # after a step at which all was met, and a snapshot taken
                assert before == [UNREAD, UNREAD]
                assert tape.version[tape.value_of(unused)] == UNREAD
        with torch.no_grad(), torch._C.DisableTorchFunction():
            used.add_(1)
        assert (used * loss).sum() > 0
        assert tape.version[tape.value_of(used)] == used._version


@pytest.mark.parametrize("count", [3, 100])
def test_a_list_of_what_was_just_written_is_what_it_holds(count: int) -> None:
    with recording(stop_at=NEVER) as made:
        tape = made.stops.recorder.tape
        parameters = [nn.Parameter(torch.zeros(2)) for _ in range(count)]
        optimizer = torch.optim.Adam(parameters)
        for _ in range(4):
            optimizer.zero_grad()
            torch.stack([*parameters]).sum().backward()
            optimizer.step()
            calls = len(tape)
            torch.stack([*parameters])
            assert len(tape) == calls + 1
            assert list(tape.inputs_of(calls)) == tape.values_of(parameters)
        with torch.no_grad():
            parameters[1].add_(1)
        torch.stack([*parameters])
        assert list(tape.inputs_of(len(tape) - 1)) == tape.values_of(parameters)
        tape.read_versions()
        assert [tape.version[one] for one in tape.values_of(parameters)] == [
            one._version for one in parameters
        ]


def test_a_snapshot_has_the_versions_of_all_that_exists() -> None:
    with recording(stop_at="3") as made:
        parameters = [nn.Parameter(torch.ones(2)) for _ in range(50)]
        optimizer = torch.optim.SGD(parameters, lr=0.1)
        for _ in range(3):
            loss, expected = torch.stack([*parameters]).sum(), [one._version for one in parameters]
            loss.backward()
            optimizer.step()
    snapshot = made.snapshots[-1]
    trace, latest = snapshot.trace, dict(zip(snapshot.trace.tensor, snapshot.trace.version, strict=True))
    held = [tensor for group in snapshot.optimizers[0].groups for tensor in group.tensors]
    assert [latest[tensor] for tensor in held] == expected
    assert min(trace.version) >= NONE


def test_of_two_steps_that_nobody_looked_between_the_first_is_what_made_a_graph_stale() -> None:
    with recording(stop_at="6") as made:
        weight = nn.Parameter(torch.ones(2))
        optimizer = torch.optim.SGD([weight], lr=0.1)
        for _ in range(5):
            loss = (weight * weight).sum()
            loss.backward(retain_graph=True)
            first = made.stops.recorder.tape.next_order
            optimizer.step()
            optimizer.step()
        with pytest.raises(RuntimeError, match="inplace"):
            loss.backward()
    stale = next(one.graph.stale for one in made.snapshots if one.graph is not None and one.graph.stale)
    orders = {made.snapshots[-1].trace.order[save.call] for save in stale}
    assert orders == {first}


def test_no_tensor_is_kept_and_the_methods_are_put_back() -> None:
    originals = {name: vars(kind).get("_init_group") for name, kind in KINDS.items()}
    with recording(stop_at=NEVER):
        weight = nn.Parameter(torch.ones(2))
        optimizer = torch.optim.SGD([weight, nn.Parameter(torch.ones(2))], lr=0.1)
        weight.grad = torch.ones(2)
        optimizer.step()
        gone = weakref.ref(weight)
        del weight, optimizer
        gc.collect()
        assert gone() is None
    assert {name: vars(kind).get("_init_group") for name, kind in KINDS.items()} == originals
