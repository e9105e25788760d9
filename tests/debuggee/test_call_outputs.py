"""What is recorded of calls that write their tensor, or make several, against what torch says of each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gradtui.debuggee.functions import EACH, Act, Functions, writes_first
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE
from gradtui.model.trace import CallFlag, Kind, ValueFlag
from tests.debuggee.recording import recording


def agrees(recorder: Recorder, tensor: Tensor) -> int:
    """The value that a tensor holds now, which says all that torch says of it."""
    tape = recorder.tape
    with torch._C.DisableTorchFunction():
        value = tape.value_of(tensor)
        assert value != NONE
        flags, meta = tape.flags[value], tape.metas[tape.meta[value]]
        assert meta == (tensor.shape, tensor.dtype, tensor.device)
        assert bool(flags & ValueFlag.REQUIRES_GRAD) == tensor.requires_grad
        assert bool(flags & ValueFlag.LEAF) == tensor.is_leaf
        assert bool(flags & ValueFlag.VIEW) == tensor._is_view()
        assert bool(flags & ValueFlag.INFERENCE) == tensor.is_inference()
        assert bool(flags & ValueFlag.PARAMETER) == isinstance(tensor, nn.Parameter)
        assert tape.version[value] == (-1 if tensor.is_inference() else tensor._version)
    return value


Make = Callable[[], Tensor]
TARGETS: dict[str, Make] = {
    "numbers": lambda: torch.ones(2, 3),
    "with a graph": lambda: torch.ones(2, 3, requires_grad=True) * 2,
    "a leaf": lambda: torch.ones(2, 3, requires_grad=True),
    "a parameter": lambda: nn.Parameter(torch.ones(2, 3)),
    "a view": lambda: (torch.ones(2, 3, requires_grad=True) * 2).view(3, 2).t(),
    "detached": lambda: (torch.ones(2, 3, requires_grad=True) * 2).detach(),
    "a copy of what had a graph": lambda: (torch.ones(2, 3, requires_grad=True) * 2).detach().clone(),
    "a whole number": lambda: torch.tensor(3),
}
WRITES: dict[str, Callable[[Tensor], Tensor]] = {
    "add_": lambda x: x.add_(1),
    "+=": lambda x: x.__iadd__(1),
    "what requires grad": lambda x: x.add_(torch.ones((), requires_grad=True, dtype=torch.float32)),
    "relu_": lambda x: x.relu_(),
    "F.relu": lambda x: F.relu(x, inplace=True),
    "clamp_": lambda x: x.clamp_(max=2),
    "mul_": lambda x: x.mul_(2),
    "unsqueeze_": lambda x: x.unsqueeze_(0),
    "t_": lambda x: x.t_(),
    "detach_": lambda x: x.detach_(),
    "copy_": lambda x: x.copy_(torch.ones(())),
    "torch.relu_": torch.relu_,
}
MODES: dict[
    str, Callable[[], torch.autograd.grad_mode.no_grad | torch.enable_grad | torch.inference_mode]
] = {
    "gradients": torch.enable_grad,
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("target", TARGETS)
def test_a_write_in_place_is_told_as_torch_has_it(target: str, write: str, mode: str) -> None:
    with recording() as made, MODES[mode]():
        tensor, recorder = TARGETS[target](), made.stops.recorder
        tape = recorder.tape
        tensor.sum()  # it was met before
        before, writes, version = tape.value_of(tensor), len(tape), None
        if not tensor.is_inference():
            version = tensor._version
        try:
            WRITES[write](tensor)
        except RuntimeError:  # torch refuses it: a leaf, a view, a whole number
            assert not recorder.fault
            return
        after = agrees(recorder, tensor)
        if write == "detach_" or (write == "F.relu" and version is None):
            return  # the one is no write; of the other, in inference mode, nothing tells that it was
        call = [call for call in range(writes, len(tape)) if tape.kind.get(call) is Kind.WRITE][-1]
        assert after in tape.outputs(call)
        assert before in tape.inputs_of(call)
        assert tape.tensor[after] == tape.tensor[before]
        assert tape.storage[after] == tape.storage[before]
        assert tape.writers[tape.storage[after]] == call
        assert tape.keys[tape.key[call]][3] & CallFlag.GRAD == torch.is_grad_enabled()
        assert (call in tape.stack) == tensor.is_floating_point()
        assert not recorder.fault


SEVERAL: dict[str, Callable[[Tensor], Sequence[Tensor]]] = {
    "chunk": lambda x: x.chunk(2),
    "split": lambda x: x.split(3, dim=-1),
    "unbind": lambda x: x.unbind(0),
    "max": lambda x: x.max(dim=1),
    "topk": lambda x: x.topk(2),
    "sort": torch.sort,
    "svd": lambda x: torch.linalg.svd(x),
    "meshgrid": lambda x: torch.meshgrid(x[0], x[1], indexing="ij"),
    "broadcast_tensors": lambda x: torch.broadcast_tensors(x, torch.ones(3, 1, 1)),
    "var_mean": torch.var_mean,
    "frexp": lambda x: torch.frexp(x.detach()),
    "of a view": lambda x: x.t().unbind(0),
    "of its detached self": lambda x: x.detach().chunk(2),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tracked", [True, False], ids=["with a graph", "numbers"])
@pytest.mark.parametrize("name", SEVERAL)
def test_several_tensors_of_a_call_are_told_as_torch_has_them(name: str, tracked: bool, mode: str) -> None:
    with recording() as made, MODES[mode]():
        x = torch.arange(24.0).reshape(4, 6).clone()
        x = x.requires_grad_() * 2 if tracked and mode != "inference_mode" else x
        parts, recorder = SEVERAL[name](x), made.stops.recorder
        tape = recorder.tape
        values = [agrees(recorder, part) for part in parts]
        calls = sorted({bisect_right(tape.first_value, value) - 1 for value in values})
        assert calls[-1] == len(tape) - 1
        assert (len(calls) == 1) == (name not in EACH)
        assert values == [value for call in calls for value in tape.outputs(call)]
        assert len({*(tape.tensor[value] for value in values)}) == len(values)
        for part, value in zip(parts, values, strict=True):
            inside = part._base is not None and tape.value_of(part._base) != NONE
            assert (tape.storage[value] != tape.tensor[value]) == inside
        assert not recorder.fault


def test_what_writes_its_first_argument_is_known_by_its_schemas() -> None:
    """Those that do more than that, or give back something else, are handled apart."""
    plain: list[Callable[..., object]]
    plain = [Tensor.add_, Tensor.relu_, torch.relu_, Tensor.masked_fill_, Tensor.index_put_]
    others: list[Callable[..., object]]
    others = [Tensor.__setitem__, torch._foreach_add_, Tensor.add, Tensor.apply_]
    told_more: list[Callable[..., object]] = [Tensor.zero_, Tensor.copy_, Tensor.detach_]
    assert all(map(writes_first, plain))
    assert {Functions().learn(function).act for function in plain} == {Act.OP}
    assert not any(map(writes_first, others))
    assert {Functions().learn(function).act for function in told_more} == {Act.WRITE}


def test_a_float_that_had_left_torch_is_followed_into_a_write() -> None:
    with recording() as made:
        left = (torch.ones((), requires_grad=True) * 3).item()
        x = torch.ones(2)
        x.add_(left)
        tape = made.stops.recorder.tape
        (tie,) = tape.ties
        assert tie.target == tape.order_of(len(tape) - 1)


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (torch.broadcast_tensors, ()),
        (torch.broadcast_tensors, (3,)),
        (torch.broadcast_tensors, (4, 3)),
        (torch.meshgrid, ()),
        (torch.meshgrid, (3,)),
    ],
)
def test_each_result_is_made_of_the_argument_in_its_place(
    function: Callable[..., Sequence[Tensor]], shape: tuple[int, ...]
) -> None:
    keywords = {"indexing": "ij"} if function is torch.meshgrid else {}
    with recording() as made:
        one = torch.ones(3, requires_grad=True)
        other = torch.ones(shape, requires_grad=True)
        results = function(one * 2, other * 2, **keywords)
        tape = made.stops.recorder.tape
        for result, mine, theirs in zip(results, (one, other), (other, one), strict=True):
            value = agrees(made.stops.recorder, result)
            assert _leaves(tape, value) == {tape.value_of(mine)}
            (gradient,) = torch.autograd.grad(result.sum(), theirs, allow_unused=True, retain_graph=True)
            assert gradient is None


def _leaves(tape: Tape, value: int) -> set[int]:
    """The values with nothing before them that a value was computed from."""
    call = bisect_right(tape.first_value, value) - 1
    came = tape.inputs_of(call)
    if tape.flags[value] & ValueFlag.LEAF or not len(came):
        return {value}
    return set().union(*(_leaves(tape, one) for one in came))
