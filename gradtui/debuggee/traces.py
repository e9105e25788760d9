"""From the tape to a trace of the model: the same records, renumbered, with plain values for torch's."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gradtui.debuggee.compaction import Numbers, bounds, keep, numbers
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.tape import Meta, Tape
from gradtui.model.columns import NONE, Ragged, ints
from gradtui.model.graph import Graph, StaleSave
from gradtui.model.trace import Kind, Tie, Trace, ValueFlag

T = TypeVar("T", bound=Hashable)

CALL_FLAGS = 15
VALUE_FLAGS = 127


@dataclass(frozen=True, slots=True)
class Cut:
    """A trace that was cut out of the tape, and where the tape's numbers went."""

    trace: Trace
    numbers: Numbers

    def call(self, call: int) -> int:
        return NONE if call == NONE else self.numbers.calls[call]

    def value(self, value: int) -> int:
        return NONE if value == NONE else self.numbers.values[value]

    def graph(self, graph: Graph) -> Graph:
        """The graph with the trace's numbers in place of the tape's."""
        stale = tuple(
            StaleSave(s.node, s.attribute, s.expected, s.actual, self.call(s.call), s.likely)
            for s in graph.stale
        )
        return Graph(
            names=graph.names,
            shapes=graph.shapes,
            roots=graph.roots,
            name=graph.name,
            sequence=graph.sequence,
            call=ints(self.call(call) for call in graph.call),
            leaf=graph.leaf,
            hooks=graph.hooks,
            edges=graph.edges,
            edge_inputs=graph.edge_inputs,
            received=graph.received,
            stale=stale,
            truncated=graph.truncated,
        )


def _state(tape: Tape, key: int) -> int:
    """What can be said of a tensor only now: that it is there, and what it does with a gradient."""
    tensor = tape.refs[key]()
    if tensor is None:
        return 0
    flags = int(ValueFlag.ALIVE)
    if not tape.flags[tape.values[key]] & ValueFlag.LEAF and tensor.requires_grad:
        flags |= ValueFlag.RETAINS_GRAD if tensor.retains_grad else 0
        flags |= ValueFlag.HOOKED if tensor._backward_hooks else 0
    return flags


def cut(recorder: Recorder, window: int) -> Cut:
    """A trace of everything since call `window`, and of what that and the live tensors descend from."""
    tape = recorder.tape
    kept = keep(tape, window)
    moved = numbers(tape, kept)
    calls = kept.calls
    ends, first_value = bounds(tape)
    picked: list[int] = []
    output_starts, input_starts, inputs, producer = ints([0]), ints([0]), ints(), ints()
    values = moved.values
    for index, call in enumerate(calls):
        first, last = first_value[call], first_value[call + 1]
        picked.extend(range(first, last))
        for _ in range(first, last):
            producer.append(index)
        output_starts.append(len(picked))
        if call not in kept.bare:
            inputs.extend([values[value] for value in tape.inputs[ends[call] : ends[call + 1]]])
        input_starts.append(len(inputs))
    metas = Metas(tape.metas)
    chosen_metas = [tape.meta[value] for value in picked]
    keys = [tape.key[call] for call in calls]
    functions, sites, modules, flags = ([key[part] for key in tape.keys] for part in range(4))
    alive = {value: key for key, value in tape.values.items()}
    return Cut(
        Trace(
            functions=tuple(recorder.functions.names),
            sites=tuple(recorder.sites.table),
            stacks=tuple(recorder.sites.stacks),
            shapes=tuple(metas.shapes.items),
            dtypes=tuple(metas.dtypes.items),
            devices=tuple(metas.devices.items),
            kind=_sparse(tape.kind, calls, Kind.OP),
            function=ints([functions[key] for key in keys]),
            site=ints([sites[key] for key in keys]),
            stack=_sparse(tape.stack, calls, NONE),
            module=ints([modules[key] for key in keys]),
            flags=ints([flags[key] & CALL_FLAGS for key in keys]),
            detail=_sparse(tape.detail, calls, 0),
            begin=_begins(tape.begin, calls, moved),
            sequence_begin=ints([tape.sequence_begin[call] for call in calls]),
            sequence_end=ints([tape.sequence_end[call] for call in calls]),
            order=ints([tape.order[call] for call in calls]),
            inputs=Ragged(input_starts, inputs),
            outputs=Ragged(output_starts, ints(range(len(picked)))),
            producer=producer,
            shape=ints([metas.shape[meta] for meta in chosen_metas]),
            dtype=ints([metas.dtype[meta] for meta in chosen_metas]),
            device=ints([metas.device[meta] for meta in chosen_metas]),
            tensor=ints([tape.tensor[value] for value in picked]),
            version=ints([tape.version[value] for value in picked]),
            value_flags=ints(
                [
                    (tape.flags[value] & VALUE_FLAGS) | (_state(tape, alive[value]) if value in alive else 0)
                    for value in picked
                ]
            ),
            storage=ints([tape.storage[value] for value in picked]),
            ties=_ties(tape, calls),
            total_calls=tape.next_order,
        ),
        moved,
    )


def _sparse(table: Mapping[int, int], calls: Sequence[int], default: int) -> array[int]:
    """A column from what only few calls have."""
    return ints([table.get(call, default) for call in calls]) if table else ints([default]) * len(calls)


def _begins(table: Mapping[int, int], calls: Sequence[int], moved: Numbers) -> array[int]:
    column = ints(range(len(calls)))
    for call, start in table.items():
        if moved.calls[call] != NONE:
            column[moved.calls[call]] = _begin(moved.calls, start, moved.calls[call])
    return column


def _ties(tape: Tape, calls: Sequence[int]) -> tuple[Tie, ...]:
    if not tape.ties:
        return ()
    index = {tape.order[call]: index for index, call in enumerate(calls)}
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
