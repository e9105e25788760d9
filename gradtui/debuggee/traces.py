"""From the tape to a trace of the model: the same records, renumbered, with plain values for torch's."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from operator import sub
from typing import Generic, TypeVar

from gradtui.debuggee.checkpoint_blocks import Blocks, told
from gradtui.debuggee.compaction import (
    Kept,
    Numbers,
    keep,
    keep_last,
    kept_inputs,
    kept_outputs,
    numbers,
    taken,
    value_runs,
)
from gradtui.debuggee.marks import VIEW_AND_LEAF
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.tape import Meta, Tape, ascending
from gradtui.model.columns import NONE, Ragged, counting, indices, ints, low_bytes, mapped, ones
from gradtui.model.graph import Graph, StaleSave
from gradtui.model.trace import CallFlag, Kind, Tie, Trace, ValueFlag

T = TypeVar("T", bound=Hashable)
Column = TypeVar("Column")

CALL_FLAGS = 15
VALUE_FLAGS = 127
LEAVES = bytes(flags & VIEW_AND_LEAF == VIEW_AND_LEAF for flags in range(256))
"""By flags, whether a value is a view and, as torch has it, a leaf that requires grad."""
LAST = 20_000
"""Calls that are told of where nobody wants to wait for more."""
PARTS = 15
"""Columns of a trace that take long to make, or several together that don't."""

Progress = Callable[[int, int], bool]
"""Is told how far the cutting has come, of how much; whether it is to go on."""


class LeftOut(Exception):  # noqa: N818 - it was asked for
    """The tape is longer than anybody wants to wait for."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A trace that was cut out of the tape, and where the tape's numbers went."""

    trace: Trace
    numbers: Numbers
    whole: bool = False
    """Whether the trace is all of the tape, so that every number is what it was."""

    def call(self, call: int) -> int:
        return NONE if call == NONE else self.numbers.calls[call]

    def value(self, value: int) -> int:
        return NONE if value == NONE else self.numbers.values[value]

    def graph(self, graph: Graph) -> Graph:
        """The graph with the trace's numbers in place of the tape's."""
        calls = self.numbers.calls + array("i", [NONE])  # so that NONE, the last place, finds itself
        stale = tuple(
            StaleSave(s.node, s.attribute, s.expected, s.actual, self.call(s.call), s.likely)
            for s in graph.stale
        )
        call = graph.call[:] if self.whole else array("i", map(calls.__getitem__, graph.call))
        return replace(graph, call=call, stale=stale)


def _state(tape: Tape, key: int) -> int:
    """What can be said of a tensor only now: that it is there, and what it does with a gradient."""
    tensor = tape.refs[key]()
    if tensor is None:
        return 0
    flags = ValueFlag.ALIVE
    if not tape.flags[tape.values[key]] & ValueFlag.LEAF and tensor.requires_grad:
        flags |= ValueFlag.RETAINS_GRAD if tensor.retains_grad else 0
        flags |= ValueFlag.HOOKED if tensor._backward_hooks else 0
    return flags


class _Pace:
    """Says how far the cutting has come: first calls are chosen, then their columns are made."""

    def __init__(self, calls: int, progress: Progress | None) -> None:
        self._calls, self._progress = calls, progress
        self._parts = 0

    def chosen(self, calls: int) -> None:
        """So many calls have been looked at. Raises LeftOut where no more is wanted."""
        if self._progress is not None and not self._progress(calls, 2 * self._calls):
            raise LeftOut

    def made(self, column: Column) -> Column:
        """What has just been made of the trace, as it is."""
        self._parts += 1
        self.chosen(self._calls + self._calls * self._parts // PARTS)
        return column


def cut(recorder: Recorder, window: int, progress: Progress | None = None) -> Cut:
    """A trace of everything since call `window`, and of what that and the live tensors descend from.

    Raises LeftOut where no more is wanted.
    """
    pace = _Pace(len(recorder.tape), progress)
    return _cut(recorder, keep(recorder.tape, window, pace.chosen), pace)


def cut_last(recorder: Recorder) -> Cut:
    """A trace of the last calls, which takes no time: nothing can be concluded from what isn't in it."""
    return _cut(recorder, keep_last(recorder.tape, LAST), _Pace(0, None))


def _cut(recorder: Recorder, kept: Kept, pace: _Pace) -> Cut:
    tape, done = recorder.tape, pace.made
    moved = numbers(tape, kept)
    inputs, input_ends = done(kept_inputs(tape, kept, moved.values))
    outputs = kept_outputs(tape, kept)
    picked = value_runs(tape, kept)
    made = sum(last - first for first, last in picked)
    outputs.append(made)
    values, calls = ascending(made), ascending(len(kept))
    # Where each call made one value, as most do for long, they are numbered alike.
    alike = outputs[:-1] == calls and made == len(kept)
    counts = map(sub, outputs[1:], outputs)
    producer = values if alike else array("i", chain.from_iterable(map(repeat, calls, counts)))
    keys, meta = taken(tape.key, kept.runs), done(array("i", taken(tape.meta, picked)))
    functions, sites, modules, flags = ([key[part] for key in tape.keys] for part in range(4))
    metas = Metas(tape.metas)
    trace = Trace(
        functions=tuple(recorder.functions.names),
        sites=tuple(recorder.sites.table),
        stacks=tuple(recorder.sites.stacks),
        shapes=tuple(metas.shapes.items),
        dtypes=tuple(metas.dtypes.items),
        devices=tuple(metas.devices.items),
        kind=done(_sparse(tape.kind, len(kept), moved, Kind.OP)),
        function=done(mapped(functions, keys)),
        site=done(mapped(sites, keys)),
        stack=done(_sparse(tape.stack, len(kept), moved, NONE)),
        module=done(mapped(modules, keys)),
        flags=done(mapped([flag & CALL_FLAGS for flag in flags], keys)),
        detail=done(_sparse(tape.detail, len(kept), moved, 0)),
        begin=done(_begins(tape.begin, len(kept), moved)),
        sequence_begin=taken(tape.sequence_begin, kept.runs),
        sequence_end=taken(tape.sequence_ends(), kept.runs),
        order=taken(tape.order, kept.runs),
        inputs=Ragged(array("i", [0]) + input_ends, inputs),
        outputs=Ragged(outputs, values),
        producer=producer,
        shape=done(mapped(metas.shape, meta)),
        dtype=done(mapped(metas.dtype, meta)),
        device=done(mapped(metas.device, meta)),
        tensor=taken(tape.tensor, picked),
        version=array("q", taken(tape.version, picked)),
        value_flags=done(_value_flags(tape, array("i", taken(tape.flags, picked)), moved)),
        storage=taken(tape.storage, picked),
        ties=done(_ties(tape, moved)),
        total_calls=tape.next_order,
    )
    trace = _set_apart(told(trace, Blocks(recorder), moved.calls, moved.values))
    return Cut(trace, moved, kept.all_of(tape))


def _sparse(table: Mapping[int, int], length: int, moved: Numbers, default: int) -> array[int]:
    """A column from what only few calls have."""
    column = ints([default]) * length
    for call, item in table.items():
        if moved.calls[call] != NONE:
            column[moved.calls[call]] = item
    return column


def _value_flags(tape: Tape, flags: array[int], moved: Numbers) -> array[int]:
    column = mapped([flag & VALUE_FLAGS for flag in range(256)], flags)  # which are less than 256
    for key, value in tape.values.items():
        if moved.values[value] != NONE and (state := _state(tape, key)):
            if state > VALUE_FLAGS and column.itemsize == 1:
                column = indices(column)
            column[moved.values[value]] |= state
    return column


def _set_apart(trace: Trace) -> Trace:
    """With the views marked that were made without gradients of what has them, which torch calls leaves."""
    found = [
        value
        for value in ones(low_bytes(trace.value_flags).translate(LEAVES))
        if trace.flags[call := trace.producer[value]] & CallFlag.GRAD == 0 and trace.kind[call] == Kind.OP
    ]
    if not found:
        return trace
    column = indices(trace.value_flags)
    for value in found:
        column[value] ^= ValueFlag.REQUIRES_GRAD | ValueFlag.APART
    return replace(trace, value_flags=column)


def _begins(table: Mapping[int, int], length: int, moved: Numbers) -> array[int]:
    column = counting(length)
    for call, start in table.items():
        if moved.calls[call] != NONE:
            column[moved.calls[call]] = _begin(moved.calls, start, moved.calls[call])
    return column


def _ties(tape: Tape, moved: Numbers) -> tuple[Tie, ...]:
    if not tape.ties:
        return ()
    index = {tape.order[call]: number for call, number in enumerate(moved.calls) if number != NONE}
    return tuple(
        Tie(index[tie.source], index[tie.target], tie.exact, tie.how)
        for tie in tape.ties
        if tie.source in index and tie.target in index
    )


class Metas:
    """Shapes, dtypes and devices: for each of the tape's metas the number of each of the three."""

    def __init__(self, metas: Sequence[Meta]) -> None:
        self.shapes, self.dtypes, self.devices = Table[tuple[int, ...]](), Table[str](), Table[str]()
        self.shape = [self.shapes.number(tuple(meta[0])) for meta in metas]
        self.dtype = [self.dtypes.number(str(meta[1]).removeprefix("torch.")) for meta in metas]
        self.device = [self.devices.number(str(meta[2])) for meta in metas]


class Table(Generic[T]):
    """Different things, numbered in the order in which they were met."""

    def __init__(self) -> None:
        self.items: dict[T, int] = {}

    def number(self, item: T) -> int:
        return self.items.setdefault(item, len(self.items))


def _begin(calls: array[int], start: int, default: int) -> int:
    for call in range(start, len(calls)):
        if calls[call] != NONE:
            return calls[call]
    return default
