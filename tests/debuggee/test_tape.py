"""The tape's columns fit together whatever happens: interrupts, lists of thousands, optimizers' writes."""

from __future__ import annotations

import dis
import signal
import sys
from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gradtui.debuggee import call_handlers, call_outputs, hot_path, patches, quiet, recorder, steps, tape
from gradtui.debuggee.quiet import Quiet
from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE
from gradtui.model.owners import GradState
from tests.debuggee.recording import recording

NEVER = "1000000"
OURS = {
    module.__file__
    for module in (hot_path, call_outputs, patches, quiet, recorder, call_handlers, steps, tape)
}


HEARING = {dis.opmap[name] for name in ("RESUME", "JUMP_BACKWARD", "CALL", "CALL_FUNCTION_EX")}
"""After these Python looks for signals, and nowhere else."""


@contextmanager
def interrupted(moment: int) -> Iterator[None]:
    """ctrl+c at one of the places in the recorder at which Python takes it."""
    heard, came = [0], [False]
    last: dict[FrameType, int] = {}

    def at_call(frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename not in OURS:
            return None
        frame.f_trace_opcodes = True
        return at_instruction

    def at_instruction(frame: FrameType, event: str, arg: object) -> Any:
        if event == "opcode":
            before, last[frame] = last.get(frame), frame.f_code.co_code[frame.f_lasti]
            if before in HEARING and not came[0]:
                heard[0] += 1
                if heard[0] >= moment:
                    came[0] = True
                    raise KeyboardInterrupt
        elif event == "return":
            last.pop(frame, None)
        return at_instruction

    tracing = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # Python 3.12 tells of none unless a frame asks before
    sys.settrace(at_call)
    try:
        yield
    finally:
        sys.settrace(tracing)


def outputs_of_last_call(tape: Tape) -> list[int]:
    return list(tape.outputs(len(tape) - 1))


def columns_of_calls(tape: Tape) -> tuple[Sized, ...]:
    return tape.key, tape.sequence_begin, tape.made, tape.order, tape.first_value, tape.inputs_end


def columns_of_values(tape: Tape) -> tuple[Sized, ...]:
    return tape.meta, tape.tensor, tape.storage, tape.version, tape.flags


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ARG004
        return x * 2

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:  # noqa: ARG004
        return grads[0] * 2


def calls(x: Tensor) -> None:
    """A call with one output, a view, one with two outputs, one with a list, a write, and a new leaf."""
    y = x * 2
    rows, _ = (y.view(4)[1:] + 1.0).max(dim=0)
    torch.stack([rows, torch.ones(())])
    y.add_(1)


class Twice(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2


def repeated(x: Tensor) -> None:
    """Calls at one place that come to the same, in one module and in the other."""
    for module in (Twice(), Twice()) * 2:
        x = module(module(x)) + x


def adds(x: Tensor, count: int) -> Tensor:
    for _ in range(count):
        x = x + 1
    return x


def wrapped(x: Tensor) -> None:
    """What is recorded by wrappers: a parameter, a custom function, numpy, an optimizer."""
    weight = nn.Parameter(torch.ones(2, 2))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    weight.grad = torch.from_numpy(np.ones((2, 2), dtype="float32"))
    Double.apply(weight)  # type: ignore[no-untyped-call]
    optimizer.step()
    optimizer.zero_grad()


@pytest.mark.parametrize(("program", "stride"), [(calls, 3), (repeated, 4), (wrapped, 3)])
def test_an_interrupt_that_the_program_catches_leaves_whole_records(
    program: Callable[[Tensor], None], stride: int
) -> None:
    x = torch.ones(2, 2, requires_grad=True)
    moment, whole = 0, False
    while not whole:
        moment += stride
        with recording(stop_at=NEVER) as made:
            tape = made.stops.recorder.tape
            with interrupted(moment):
                try:
                    program(x)
                    whole = True
                except KeyboardInterrupt:
                    pass
            torch.set_grad_enabled(True)  # an interrupt in torch's own `finally` may leave it off
            one = torch.ones((), requires_grad=True)
            one.backward()  # where an interrupted step is over at the latest
            a = x * 3
            b, places = a.view(4).max(dim=0)
            assert outputs_of_last_call(tape) == [tape.value_of(b), tape.value_of(places)]
            c = a.detach()
            assert outputs_of_last_call(tape) == [tape.value_of(c)]
            assert tape.storage[tape.value_of(c)] == tape.storage[tape.value_of(a)]
            assert tape.tensor.count(tape.tensor[tape.value_of(one)]) == 1  # of no record that was dropped
            assert len({len(column) for column in columns_of_calls(tape)}) == 1
            assert len({len(column) for column in columns_of_values(tape)}) == 1
            assert not made.stops.recorder.fault
            assert made.stops.recorder.quiet is Quiet.OFF
        assert torch._C._len_torch_function_stack() == 0
    assert moment > 200  # so many lines were interrupted


def test_an_interrupt_while_the_tape_is_compacted_waits_until_it_is() -> None:
    with recording(stop_at=NEVER) as made:
        recorder = made.stops.recorder
        full = recorder.on_full

        def interrupted_full() -> None:
            signal.raise_signal(signal.SIGINT)
            full()

        recorder.on_full = interrupted_full
        made.stops.step_orders.append(0)
        recorder.grow_at = 200
        with pytest.raises(KeyboardInterrupt):
            adds(torch.ones(3), 1_000)
        recorder.on_full = full
        y = adds(torch.ones(3), 1)
        tape = recorder.tape
        assert recorder.grow_at > 200  # it was compacted to the end
        assert outputs_of_last_call(tape) == [tape.value_of(y)]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("count", [2, 100])
def test_lists_of_tensors_of_inference_mode_are_recorded(count: int) -> None:
    with recording(stop_at=NEVER) as made, torch.inference_mode():
        tensors = [torch.ones(2) + 1 for _ in range(count)]
        torch.stack(tensors)
        tape = made.stops.recorder.tape
        assert not made.stops.recorder.fault
        assert list(tape.inputs_of(len(tape) - 1)) == tape.values_of(tensors)


def test_tensors_can_be_swapped_as_module_to_does_it() -> None:
    with recording(stop_at=NEVER) as made:
        a, b = torch.ones(2), torch.zeros(3)
        torch.utils.swap_tensors(a, b)
        assert (a.shape, b.shape) == ((3,), (2,))
        net = nn.Linear(3, 3)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        weight = net.weight
        torch.__future__.set_swap_module_params_on_conversion(True)
        try:
            net.double()
        finally:
            torch.__future__.set_swap_module_params_on_conversion(False)
        assert weight is net.weight
        assert weight.dtype is torch.float64
        net(torch.ones(1, 3, dtype=torch.float64)).sum().backward()
        optimizer.step()
        assert not made.stops.recorder.fault
        told = [one for snapshot in made.snapshots for one in snapshot.judgements]
        assert list([*told, *made.stops.judge.pending][-1].states.values()) == [GradState.PRESENT] * 2


@pytest.mark.parametrize("count", [3, 100])
def test_each_tensor_of_a_list_is_the_value_that_it_holds(count: int) -> None:
    with recording(stop_at=NEVER) as made:
        tape = made.stops.recorder.tape
        tensors = [torch.full((2,), float(number), requires_grad=True) for number in range(count)]
        before = tape.values_of(tensors)
        torch.stack(tensors)
        assert list(tape.inputs_of(len(tape) - 1)) == before

        with torch._C.DisableTorchFunction(), torch.no_grad():
            tensors[1].add_(1)  # nobody sees it
        tensors[2] = torch.ones(2)
        torch.stack(tensors)
        now = list(tape.inputs_of(len(tape) - 1))
        assert now == tape.values_of(tensors)
        assert [place for place in range(count) if now[place] != before[place]] == [1, 2]


@pytest.mark.parametrize("kind", [nn.Parameter, torch.clone])
def test_no_tensor_of_a_list_is_taken_for_one_that_died_and_had_its_id(kind: Any) -> None:
    with recording(stop_at=NEVER) as made:
        tape, source = made.stops.recorder.tape, torch.ones(2)
        with torch._C.DisableTorchFunction(), torch.no_grad():
            tensors, fresh = [kind(source) for _ in range(100)], kind(source)
        torch.stack(tensors)
        before = tape.values_of(tensors)
        torch.stack(tensors)
        assert list(tape.inputs_of(len(tape) - 1)) == before

        gone = id(tensors[-1])  # as if the next one were made in its place
        tape.refs[id(fresh)], tape.values[id(fresh)] = tape.refs.pop(gone), tape.values.pop(gone)
        tensors[-1] = fresh
        torch.stack(tensors)
        now = list(tape.inputs_of(len(tape) - 1))
        assert now[:-1] == before[:-1]
        assert now[-1] not in before
        assert now == tape.values_of(tensors)


def by_step(parameters: list[nn.Parameter]) -> None:
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for parameter in parameters[:3]:
        parameter.grad = torch.ones(2)
    optimizer.step()


WRITES: dict[str, Callable[[list[nn.Parameter]], object]] = {
    "in place": lambda parameters: parameters[0].add_(1),
    "by an alias": lambda parameters: parameters[0].detach().add_(1),
    "by a view": lambda parameters: parameters[0][:1].zero_(),
    "by an index": lambda parameters: parameters[0].__setitem__(0, 3.0),
    "all at once": lambda parameters: torch._foreach_add_([*parameters], 1.0),
    "as asked for by out": lambda parameters: torch.add(torch.ones(2), 1, out=parameters[0]),
    "by a step": by_step,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_parameters_in_a_long_list_have_the_values_that_were_written_last(
    write: Callable[[list[nn.Parameter]], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_path, "MANY", 50)
    with recording(stop_at=NEVER) as made:
        tape = made.stops.recorder.tape
        parameters = [nn.Parameter(torch.zeros(2)) for _ in range(100)]
        for _ in range(2):
            torch.stack([*parameters])
        before = list(tape.inputs_of(len(tape) - 1))
        with torch.no_grad():
            write(parameters)
        for _ in range(2):
            torch.stack([*parameters])
            now = list(tape.inputs_of(len(tape) - 1))
            assert now == tape.values_of(parameters)
            assert [tape.version[value] for value in now] == [one._version for one in parameters]
        written = [place for place in range(100) if before[place] != now[place]]
        assert written == [place for place, one in enumerate(parameters) if one._version]


def test_versions_of_parameters_are_read_once_where_nothing_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = list[int]()

    def counted(tensor: Tensor) -> int:
        read.append(tensor._version)
        return read[-1]

    monkeypatch.setattr(hot_path, "version_of", counted)
    monkeypatch.setattr(hot_path, "MANY", 50)
    with recording(stop_at=NEVER):
        parameters = [nn.Parameter(torch.zeros(2)) for _ in range(100)]
        for _ in range(3):
            torch.stack([*parameters])
        assert len(read) == 100
        torch.zeros(1).add_(1)
        torch.stack([*parameters])
        assert len(read) == 200


def test_of_a_tensor_that_was_never_seen_no_value_is_known_though_its_id_is() -> None:
    with recording(stop_at=NEVER) as made:
        tape = made.stops.recorder.tape
        seen = torch.ones(3)
        with torch._C.DisableTorchFunction():
            unseen = torch.ones(3)
        tape.refs[id(unseen)], tape.values[id(unseen)] = tape.refs[id(seen)], tape.values[id(seen)]
        assert tape.values_of([seen, unseen]) == [tape.value_of(seen), NONE]


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
def test_a_step_gives_new_values_to_what_it_wrote_and_to_nothing_else(kind: Any) -> None:
    with recording(stop_at=NEVER) as made:
        tape = made.stops.recorder.tape
        layers = [nn.Linear(2, 2) for _ in range(3)]
        parameters = [parameter for layer in layers for parameter in layer.parameters()]
        optimizer = kind(parameters, lr=0.1)
        for idle in (2, 4):
            layers[0](layers[1](layers[2](torch.ones(1, 2)))).sum().backward()
            parameters[idle].grad = None
            before, names = tape.values_of(parameters), _tensors(tape, parameters)
            optimizer.step()
            after = tape.values_of(parameters)
            assert [place for place in range(6) if before[place] == after[place]] == [idle]
            assert _tensors(tape, parameters) == names
            assert [tape.version[value] for value in after] == [one._version for one in parameters]
            assert set(tape.outputs(len(tape) - 1)) == set(after) - set(before)
            optimizer.zero_grad()


def swap(net: nn.Linear, optimizer: Optimizer) -> None:
    torch.utils.swap_tensors(net.weight, nn.Parameter(torch.zeros(2, 2)))


def rebuild(net: nn.Linear, optimizer: Optimizer) -> None:
    net.bias = nn.Parameter(torch.zeros(2))
    optimizer.param_groups[0]["params"][1] = net.bias


def let_die(net: nn.Linear, optimizer: Optimizer) -> None:
    rebuild(net, optimizer)
    for number in range(200):  # one of them may lie where the bias did
        assert torch.full((2,), float(number)).sum() == 2 * number


def join(net: nn.Linear, optimizer: Optimizer) -> None:
    optimizer.add_param_group({"params": [nn.Parameter(torch.zeros(2))]})


@pytest.mark.parametrize("between", [swap, rebuild, let_die, join])
def test_a_step_knows_what_it_holds_whatever_happened_since_the_last(
    between: Callable[[nn.Linear, Optimizer], None],
) -> None:
    with recording(stop_at=NEVER) as made:
        tape, net = made.stops.recorder.tape, nn.Linear(2, 2)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for number in range(6):
            if number == 3:
                between(net, optimizer)
            optimizer.zero_grad()
            net(torch.ones(1, 2)).sum().backward()
            before = [tape.value_of(one) for one in (net.weight, net.bias)]
            storages = [tape.storage[value] for value in before]
            optimizer.step()
            after = [tape.value_of(one) for one in (net.weight, net.bias)]
            assert [tape.storage[value] for value in after] == storages
            assert [tape.writers[storage] for storage in storages] == [len(tape) - 1] * 2
            assert [tape.version[value] for value in after] == [net.weight._version, net.bias._version]
            assert [tape.tensor[value] for value in after] == [tape.tensor[value] for value in before]
            assert list(tape.outputs(len(tape) - 1)) == sorted(after)
            assert not set(before) & set(after)
        assert not made.stops.recorder.fault


def _tensors(tape: Tape, tensors: Sequence[Tensor]) -> list[int]:
    return [tape.tensor[value] for value in tape.values_of(tensors)]


def trained_in_many_ways(tape: Tape, look: Callable[[Tape], object]) -> list[list[int]]:
    """What is on the tape after calls of each kind, between which `look` is given it now and then."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    alone = nn.Parameter(torch.ones(2, 2))
    optimizers = [torch.optim.SGD(net.parameters(), lr=0.1), torch.optim.Adam([alone], lr=0.1)]
    x = torch.ones(4, 2)
    for step in range(12):
        out = net(x @ alone.t()).relu_()
        look(tape)
        rows, places = out.view(2, 4).max(dim=step % 2)
        with torch.no_grad():
            alone[0].mul_(0.9)
        look(tape)
        (rows.sum() + out.square().mean() + places[0]).backward()
        for optimizer in optimizers[step % 3 == 0 :]:
            optimizer.step()
            look(tape)
        torch.stack([alone.detach()[0], alone[1]])  # views of what was just written
        for optimizer in optimizers:
            optimizer.zero_grad()
        look(tape)
    numbers = [list(column) for column in (tape.order, tape.first_value, tape.tensor, tape.storage)]
    return [*numbers, [*tape.writers], [*tape.writers.values()]]


@pytest.mark.parametrize("waiting", [1, 5, tape.WAITING])
def test_what_is_filled_in_late_is_what_would_have_been_there_at_once(
    waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording(stop_at=NEVER) as made:
        at_once = trained_in_many_ways(made.stops.recorder.tape, Tape.fill_in)
    monkeypatch.setattr(tape, "WAITING", waiting)
    with recording(stop_at=NEVER) as made:
        late = trained_in_many_ways(made.stops.recorder.tape, len)
        assert not made.stops.recorder.fault
    assert late == at_once
    order, first_value, tensors, storages, written, writers = late
    assert order == list(range(len(order)))
    assert first_value == sorted(first_value)
    assert set(written) <= set(storages) <= set(tensors)
    assert len(writers) == len(written) > 7  # the parameters, the running statistics and what was written


def test_a_step_after_which_nobody_looked_can_be_compacted_away() -> None:
    with recording(stop_at=NEVER) as made:
        recorder = made.stops.recorder
        recorder.grow_at = 200
        trained_in_many_ways(recorder.tape, len)
        columns = recorder.tape.tensor, recorder.tape.storage
        assert len(recorder.tape) < recorder.tape.next_order  # it was
        assert {len(column) for column in columns} == {len(recorder.tape.meta)}
        assert not recorder.fault


def test_room_that_is_made_for_more_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(stop_at=NEVER) as made:
        without = trained_in_many_ways(made.stops.recorder.tape, len)
    monkeypatch.setattr(tape, "ROOM", 8)
    with recording(stop_at=NEVER) as made:
        within = trained_in_many_ways(made.stops.recorder.tape, len)
        assert made.stops.recorder.room_at > 64  # some was made
    assert within == without


def test_the_lists_of_a_long_tape_grow_in_few_strides() -> None:
    """So that they leave few gaps behind for the nodes of the program's graph."""
    with recording(stop_at=NEVER) as made:
        recorder, sizes = made.stops.recorder, set()
        recorder.grow_at = 1_000_000
        y, columns = torch.ones(1, requires_grad=True), recorder.tape
        while len(columns) < 200_000:
            y = adds(y, 64)
            if len(columns) > 50_000:
                lists = (columns.made, columns.meta, columns.version, columns.flags)
                sizes.add(tuple(map(sys.getsizeof, lists)))
    assert 2 < len(sizes) < 6  # four times as long: three or four strides of half as much
