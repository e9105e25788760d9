"""Values of a forward are looked at before the backward of a loss that is no finite number, and only then."""

from __future__ import annotations

import gc
import math
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional

from gradtui.debuggee import engine, forward
from gradtui.model.columns import NONE
from gradtui.model.forward import Health
from gradtui.model.stops import StopKind
from gradtui.model.trace import Kind
from tests.debuggee.recording import Recording, recording, seen

NEVER = "1000000"
"""The backward to stop at: none of these."""
Keep = Callable[[Tensor], Tensor]


def health(tensor: Tensor) -> Health:
    if tensor.isnan().any():
        return Health.NAN
    return Health.INF if tensor.isinf().any() else Health.FINE


def looks(made: Recording) -> list[dict[int, Health]]:
    return [
        {value: Health(state) for value, state in zip(one.value, one.health, strict=True)}
        for one in made.stops.unsent.forwards
    ]


def several_faults(keep: Keep) -> Tensor:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 6))
    out = keep(net(torch.randn(5, 4)))
    zero = keep(keep(out.detach()) * 0)
    infinite = keep(torch.log(keep(out.relu())))
    product = keep(infinite * zero)
    first, second = keep(out.softmax(1)).chunk(2, dim=1)
    ratio = keep(keep(first) / keep(zero[:, :3]))
    spread = keep(keep(second).exp() * keep(torch.randn(5, 3)))
    root = keep(keep(out[:, :3]).sqrt())
    matrix = keep(root @ keep(spread.t()))
    unit = keep(keep(functional.normalize(keep(out * 0), dim=1, eps=0.0)) + 1)  # which is many operations
    mixed = keep(torch.lerp(keep(zero / zero), out, keep(zero + 0.5)))  # two of one shape, one of them saved
    one, other = torch.stack([keep(out.sigmoid()), keep(out.log())]).unbind(0)
    keep(one)
    pair = keep(keep(other) * keep(other))
    large = keep(keep(out.abs() * 1_000).exp())
    best = keep(keep(large.clamp(max=1.0)).sum()) + keep(root.max(dim=1)[0].sum())
    best = keep(best + keep(unit.sum()) + keep(mixed.sum()) + keep(pair.sum()))
    return keep(keep(product.sum()) + keep(ratio.mean()) + keep(matrix.sum()) + best)


def unkept(tensor: Tensor) -> Tensor:
    return tensor


def test_what_still_exists_is_read_as_torch_has_it() -> None:
    kept: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with recording(stop_at=NEVER) as made:
        loss = several_faults(keep)
        tape = made.stops.recorder.tape
        true = {tape.value_of(tensor): health(tensor.detach()) for tensor in kept}
        loss.backward()
        found = looks(made)[0]
    assert {value: found[value] for value in true} == true
    assert set(true.values()) == set(Health)


def test_what_is_gone_is_read_where_a_node_has_saved_it() -> None:
    kept: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with recording(stop_at=NEVER) as made:
        several_faults(keep).backward()
        whole = looks(made)[0]
    with recording(stop_at=NEVER) as made:
        several_faults(unkept).backward()
        found = looks(made)[0]
    assert found.items() <= whole.items()  # the same calls have the same numbers
    assert set(found.values()) == set(Health)
    assert len(kept) // 3 < len(found) < len(whole)


@pytest.mark.parametrize("check", [False, True])
def test_nothing_is_looked_at_where_loss_and_gradients_are_finite(check: bool) -> None:
    with recording(check=check, stop_at=NEVER) as made:
        weight = torch.ones(2, requires_grad=True)
        (weight * torch.tensor([1.0, 4.0])).sqrt().sum().backward()
        assert made.stops.unsent.forwards == []


def test_a_backward_that_is_watched_is_looked_at_where_a_gradient_becomes_nan() -> None:
    """What came before the node in forward can still be read then, and is: its loss hides that it was NaN."""
    with recording(check=True) as made:
        weight = torch.ones(2, requires_grad=True)
        ratio = weight * torch.tensor([1.0, 0.0]) / torch.tensor([1.0, 0.0])
        loss = torch.where(torch.tensor([True, False]), ratio * weight, weight).sum()
        ratio_of = made.stops.recorder.tape.value_of(ratio)
        assert torch.isfinite(loss)
        loss.backward()
        assert weight.grad is not None
        assert weight.grad.isnan().any()
        assert [(one.kind, one.index, one.root) for one in made.stops.unsent.forwards] == [
            (StopKind.BACKWARD, 1, NONE)
        ]
        assert looks(made)[0][ratio_of] is Health.NAN


def test_a_backward_that_nobody_watches_is_left_alone() -> None:
    with recording(stop_at=NEVER) as made:
        weight = torch.ones(2, requires_grad=True)
        (weight * torch.tensor([1.0, 0.0])).sqrt().sum().backward()  # NaN in backward alone
        assert made.stops.unsent.forwards == []


def test_only_the_first_few_backwards_are_looked_at() -> None:
    with recording(stop_at=NEVER) as made:
        weight = torch.zeros(2, requires_grad=True)
        for _ in range(9):
            weight.log().sum().backward()
            torch.autograd.grad(weight.log().sum(), weight)
        assert [one.index for one in made.stops.unsent.forwards] == [*range(1, engine.BROKEN + 1)]


def test_no_hook_on_what_is_saved_is_woken() -> None:
    unpacked: list[Tensor] = []

    def unpack(tensor: Tensor) -> Tensor:
        unpacked.append(tensor)
        return tensor

    with recording(stop_at=NEVER) as made:
        weight = torch.zeros(2, requires_grad=True)
        with saved_tensors_hooks(lambda tensor: tensor, unpack):
            loss = (weight.log() * weight.exp()).sum()
        looked_at = []
        loss.register_hook(lambda _: looked_at.append(len(unpacked)))
        loss.backward()
        assert looks(made)
    assert looked_at == [0]  # as backward began
    assert len(unpacked) > 2


def test_a_look_keeps_nothing_alive_and_changes_nothing() -> None:
    def program() -> tuple[Any, ...]:
        torch.manual_seed(3)
        weight = torch.randn(4, requires_grad=True)
        hidden = weight.log()
        loss = hidden.sum() + torch.rand(())
        loss.backward()
        gone = weakref.ref(hidden)
        del hidden
        return weight.grad, weight._version, torch.get_rng_state(), loss.item(), gone

    plain = program()
    with recording(stop_at=NEVER) as made:
        within = program()
        assert looks(made)
    gc.collect()
    assert within[-1]() is None
    torch.testing.assert_close(within[:4], plain[:4], rtol=0, atol=0, equal_nan=True)


def test_a_look_ends_where_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "SECONDS", -1.0)
    with recording(stop_at=NEVER) as made:
        several_faults(unkept).backward()
        assert looks(made) == [{}]


def test_what_was_looked_at_is_told_once_with_the_numbers_of_the_trace() -> None:
    def program() -> None:
        weight = nn.Parameter(torch.tensor([0.0, 1.0]))
        optimizer = torch.optim.SGD([weight], lr=0.0)
        for step in range(3):
            for _ in range(40):  # which is forgotten
                torch.ones(2) * step
            loss = (weight.log() if step == 2 else weight).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    told = [one for one in seen(program, check=True) if one.forwards]
    assert [[one.index for one in snapshot.forwards] for snapshot in told] == [[3]]
    trace, look = told[0].trace, told[0].forwards[0]
    states = dict(zip(look.value, look.health, strict=True))
    backward = max(call for call in range(len(trace)) if trace.kind[call] == Kind.BACKWARD)
    (loss,) = trace.inputs[backward]
    (log,) = trace.inputs[trace.producer[loss]]
    (weight,) = trace.inputs[trace.producer[log]]
    assert (states[loss], states[weight]) == (Health.INF, Health.FINE)
    assert log not in states  # nobody has kept it


def test_numbers_of_a_look_follow_when_the_tape_is_compacted() -> None:
    with recording(stop_at=NEVER) as made:
        recorder = made.stops.recorder
        for _ in range(500):
            torch.ones(2) * 3
        weight = torch.zeros(2, requires_grad=True)
        loss = weight.log().sum()
        loss.backward()
        before = recorder.tape.value_of(loss)
        assert looks(made)[0][before] is Health.INF
        made.stops.step_orders.extend([recorder.tape.next_order] * 3)
        recorder.grow_at = 0
        made.stops.full()
        after = recorder.tape.value_of(loss)
        assert after < before
        assert looks(made)[0][after] is Health.INF
        told = looks(made)[0]
        made.stops.unsent.forwards[0].value.append(NONE)  # as of one that was dropped
        made.stops.unsent.forwards[0].health.append(Health.NAN)
        last = torch.ones(2) * 3
        made.stops.step_orders.extend([recorder.tape.next_order] * 3)
        made.stops.full()
        assert looks(made)[0] == {**told, NONE: Health.NAN}
        assert recorder.tape.value_of(last) != NONE


@pytest.mark.parametrize(("status", "looked"), [(1, 1), (0, 0)])
def test_where_a_program_exits_as_failed_the_newest_broken_tensor_is_looked_at(
    status: int, looked: int
) -> None:
    def program() -> None:
        weight = torch.zeros(2, requires_grad=True)
        hidden = weight.log()
        loss = hidden.sum()
        masked = (weight * 2).masked_fill(loss.isinf(), -math.inf)  # on purpose
        sys.exit(status if masked.requires_grad else 5)

    with recording(check=True) as made:
        try:
            program()
        except SystemExit:  # whose traceback holds the frames
            made.watching.ended(status)
    end = made.snapshots[-1]
    assert len(end.forwards) == looked
    for one in end.forwards:
        assert (one.kind, one.index) == (end.stop.kind, end.stop.index)
        assert end.trace.functions[end.trace.function[end.trace.producer[one.root]]].endswith("sum")


def test_where_an_exception_ends_a_program_the_newest_broken_tensor_is_looked_at() -> None:
    def program() -> None:
        weight = torch.zeros(1, requires_grad=True)
        hidden = weight.log()
        newer = weight * 2
        raise ValueError(f"{hidden} and {newer}")

    (end,) = [one for one in seen(program) if one.forwards]
    assert [one.kind for one in end.forwards] == [StopKind.EXCEPTION]
    root = end.forwards[0].root
    assert end.trace.functions[end.trace.function[end.trace.producer[root]]].endswith("log")


def test_what_was_written_unseen_is_left_out() -> None:
    with recording(stop_at=NEVER) as made:
        weight = torch.zeros(2, requires_grad=True)
        buffer = torch.ones(2) * 2
        loss = (weight.log() + buffer).sum()
        with torch._C.DisableTorchFunction():
            buffer.fill_(math.nan)
        loss.backward()
        value = made.stops.recorder.tape.value_of(buffer)
        assert value not in looks(made)[0]
        assert made.stops.recorder.tape.value_of(weight) in looks(made)[0]


def test_what_a_backward_has_freed_is_left_out() -> None:
    with recording(stop_at=NEVER) as made:
        weight = torch.zeros(2, requires_grad=True)
        hidden = weight[torch.tensor([1, 0])].exp()
        hidden.sum().backward()
        loss = (hidden * math.inf).sum()
        with pytest.raises(RuntimeError, match="a second time"):
            loss.backward()
        assert made.stops.recorder.tape.value_of(loss) in looks(made)[0]
