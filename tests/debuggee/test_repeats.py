"""Calls that come to the same as the last one at their place are compared, and recorded as any other."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import fields
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import OpInfo

from gradtui.debuggee import repeats
from gradtui.debuggee.functions import OWN_MEMORY, makes_fresh, name_of, views_first
from gradtui.debuggee.owners import NEW
from gradtui.debuggee.repeats import CHANGES, alike
from gradtui.debuggee.traces import cut
from gradtui.model.trace import Trace
from tests.debuggee.recording import recording

NEVER = "1000000"
SAMPLES = 8
FRESH = [
    op
    for op in op_db
    if torch.float32 in op.dtypes and callable(op.op) and makes_fresh(op.op, name_of(op.op))
]
"""Operators of torch's own tests, with samples of what they take."""
OWN = [op for op in op_db if torch.float32 in op.dtypes and name_of(op.op) in OWN_MEMORY]
VIEWS = [
    op
    for op in op_db
    if torch.float32 in op.dtypes and callable(op.op) and views_first(op.op, name_of(op.op))
]

pytestmark = pytest.mark.filterwarnings("ignore")  # of functions that torch is about to drop


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(-1, 1, width))

    def forward(self, x: Tensor) -> Tensor:
        return (x * self.weight).tanh() + x


def one_place_many_modules(x: Tensor) -> Tensor:
    for block in (Block(4), Block(4), Block(4)) * 3:
        x = block(x)
    return x


def shapes_that_change(x: Tensor) -> Tensor:
    total = x.sum()
    for length in (1, 2, 2, 2, 1, 3, 3, *range(1, CHANGES + 6), 2, 2):
        total = total + (x.repeat(length) * 2).mean()
    return total


def dtypes_and_autocast_that_change(x: Tensor) -> Tensor:
    total = x.sum()
    for number in range(9):
        part = x.view(2, 2).to(torch.float64 if number % 3 == 2 else torch.float32)
        with torch.autocast("cpu") if number % 2 else nullcontext():
            total = total + torch.mm(part, part).sum() * 1.5
    return total


def tracking_that_comes_and_goes(x: Tensor) -> Tensor:
    total = x.sum()
    for number in range(9):
        with torch.set_grad_enabled(number % 3 != 1):
            part = x if number % 4 else x.detach()
            total = total + (part * 2).exp().sum()
    return total


def a_backward_in_the_midst(x: Tensor) -> Tensor:
    for _ in range(4):
        loss = (x * 3).exp().sum()
        (slope,) = torch.autograd.grad(loss, x, create_graph=True)
        x = x + slope * 1e-9
    return x.sum()


def writes_and_views(x: Tensor) -> Tensor:
    for _ in range(5):
        y = x * 2
        y.add_(1)
        x = y.view(2, 2).relu().view(4) + y
    return x.sum()


def floats_that_come_back(x: Tensor) -> Tensor:
    for _ in range(4):
        x = x * (x.detach().sum().item() + 1.0)
    return x.sum()


def modules_of_torch(x: Tensor) -> Tensor:
    """Calls that torch's own code makes: attention views its tensors in several ways, norms count."""
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
    net = nn.Sequential(nn.Conv1d(1, 2, 3, padding=1), nn.BatchNorm1d(2), nn.ReLU(), nn.LayerNorm(4))
    rnn, total = nn.GRUCell(4, 4), x.sum()
    for number in range(6):
        hidden = net(x.expand(3 if number < 4 else 2, 1, 4)).flatten(0, 1)
        total = total + layer(hidden[None]).sum() + rnn(hidden, hidden).mean()
    return total


def views_of_views(x: Tensor) -> Tensor:
    """Some of what was written since, some of what no record made, and some that are copies now and then."""
    total = x.sum()
    for number in range(8):
        base = torch.zeros(2, 4).add_(x)
        part = base[1:].view(4).unsqueeze(0)
        base.mul_(2)
        turned = base.t() if number % 3 else base
        total = total + part.contiguous().sum() + turned.reshape(-1).narrow(0, 0, 3).exp().sum()
        total = total + nn.functional.pad(turned, (0, 0)).to(torch.float32).squeeze().sum()
    return total


PROGRAMS = (
    one_place_many_modules,
    shapes_that_change,
    dtypes_and_autocast_that_change,
    tracking_that_comes_and_goes,
    a_backward_in_the_midst,
    writes_and_views,
    modules_of_torch,
    views_of_views,
    floats_that_come_back,
)


def trace_of(program: Callable[[Tensor], Tensor], compare: Callable[[Tensor], object]) -> tuple[Trace, int]:
    """What is recorded of a program, and how many places are remembered."""
    with pytest.MonkeyPatch.context() as patch, recording(stop_at=NEVER) as made:
        patch.setattr(repeats, "alike", compare)
        recorder = made.stops.recorder
        kept = program(torch.linspace(0.1, 1, 4, requires_grad=True))
        trace = cut(recorder, 0).trace
        del kept
        return trace, sum(len(info.repeats) for info in recorder.functions.by_function.values())


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_what_is_recorded_is_the_same_whether_repeats_are_compared_or_not(
    program: Callable[[Tensor], Tensor],
) -> None:
    (trace, places), (asked, none) = [trace_of(program, compare) for compare in (alike, lambda _: None)]

    first = asked.sequence_begin[0] - trace.sequence_begin[0]  # the thread counts on
    assert places > none == 0
    for field in fields(Trace):
        column, expected = getattr(trace, field.name), getattr(asked, field.name)
        if field.name in ("sequence_begin", "sequence_end"):
            column = type(column)(column.typecode, [number + first for number in column])
        assert column == expected, field.name


def test_a_place_whose_tensors_always_differ_is_left_alone() -> None:
    with recording(stop_at=NEVER) as made:
        x = torch.ones(2, requires_grad=True)
        for length in range(1, 3 * CHANGES):
            x.repeat(length).exp()
        infos = made.stops.recorder.functions.by_function.values()
        (place,) = next(info.repeats for info in infos if info.name == "Tensor.exp").values()
        shapes = CHANGES + 1  # the first and each change
        assert place.same(torch.ones(2 * shapes, requires_grad=True) * 1)


def test_what_is_remembered_of_calls_in_modules_goes_with_the_modules() -> None:
    with recording(stop_at=NEVER) as made:
        x = torch.ones(2, 4)
        for _ in range(400):
            net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
            net(net[0](x))
        infos = made.stops.recorder.functions.by_function.values()
        assert sum(len(info.repeats) for info in infos) < 2 * NEW  # of 1,200 modules
        assert not made.stops.recorder.fault


def test_what_compares_tensors_holds_none() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 2
    same, gone = alike(y), weakref.ref(y)
    assert same is not None
    del y
    gc.collect()

    assert gone() is None
    assert same(x * 3)
    others = ((x * 3).detach(), (x * 3)[:1], (x * 3).double(), x[0] * 3, nn.Parameter(torch.ones(2, 3)))
    assert not any(map(same, others))


@pytest.mark.parametrize("op", FRESH, ids=lambda op: op.full_name)
def test_an_operator_that_makes_fresh_tensors_makes_no_view_none_that_was_written_and_one_node(
    op: OpInfo,
) -> None:
    function: Any = op.op
    asked = 0
    for sample in op.sample_inputs("cpu", torch.float32, requires_grad=op.supports_autograd):
        begin = torch._C._autograd._get_sequence_nr()
        out = function(sample.input, *sample.args, **sample.kwargs)
        made = torch._C._autograd._get_sequence_nr() - begin
        if isinstance(out, Tensor) and made and out.requires_grad:
            assert (out._version, out._is_view()) == (0, False)
            assert made == (2 if name_of(function) == "Tensor.__rdiv__" else 1)
            asked += 1
        if asked == SAMPLES:
            break


@pytest.mark.parametrize("op", VIEWS, ids=lambda op: op.full_name)
def test_a_view_that_an_operator_returns_is_one_of_its_first_tensor(op: OpInfo) -> None:
    function: Any = op.op
    for sample in [*op.sample_inputs("cpu", torch.float32, requires_grad=op.supports_autograd)][:SAMPLES]:
        if isinstance(sample.input, Tensor):
            out = function(sample.input, *sample.args, **sample.kwargs)
            if isinstance(out, Tensor) and out._is_view():
                base = sample.input._base if sample.input._is_view() else sample.input
                assert out._base is base


@pytest.mark.parametrize("op", OWN, ids=lambda op: op.full_name)
def test_memory_that_is_said_to_be_a_functions_own_is_that_of_no_tensor_it_was_given(op: OpInfo) -> None:
    for sample in op.sample_inputs("cpu", torch.float32, requires_grad=True):
        given = [one for one in (sample.input, *sample.args) if isinstance(one, Tensor) and one.numel()]
        out: Any = op.op(sample.input, *sample.args, **sample.kwargs)
        assert out.untyped_storage().data_ptr() not in {one.untyped_storage().data_ptr() for one in given}
    assert {name_of(op.op) for op in OWN} == OWN_MEMORY


def test_the_commonest_operators_are_known_to_view_their_first_tensor() -> None:
    views = (Tensor.view, Tensor.transpose, Tensor.reshape, torch.squeeze, Tensor.expand, Tensor.__getitem__)

    assert all(views_first(function, name_of(function)) for function in views)
    assert not any(views_first(function, name_of(function)) for function in (torch.cat, Tensor.add))


def test_the_commonest_operators_are_known_to_make_fresh_tensors() -> None:
    fresh = (Tensor.add, Tensor.__rsub__, torch.mul, torch.sum, torch.cat, nn.functional.relu, torch.bmm)
    not_so = (Tensor.view, Tensor.detach, torch.matmul, nn.functional.linear, Tensor.__getitem__)

    assert all(makes_fresh(function, name_of(function)) for function in fresh)
    assert not any(makes_fresh(function, name_of(function)) for function in not_so)
