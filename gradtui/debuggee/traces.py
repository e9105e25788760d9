"""From the tape to a trace of the model: the same records, renumbered, with plain values for torch's."""

from __future__ import annotations

from array import array
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gradtui.debuggee.compaction import Numbers, keep, numbers
from gradtui.debuggee.recorder import Recorder
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


def cut(recorder: Recorder, window: int) -> Cut:
    """A trace of everything since call `window`, and of what that and the live tensors descend from."""
    tape = recorder.tape
    kept = keep(tape, window)
    moved = numbers(tape, kept)
    alive = set(tape.values.values())
    keys = [tape.keys[tape.key[call]] for call in kept.calls]
    picked: list[int] = []
    output_starts, input_starts, inputs = ints([0]), ints([0]), ints()
    producer = ints()
    for index, call in enumerate(kept.calls):
        outputs = tape.outputs(call)
        picked.extend(outputs)
        producer.extend([index] * len(outputs))
        output_starts.append(len(picked))
        if call not in kept.bare:
            inputs.extend([moved.values[value] for value in tape.inputs_of(call)])
        input_starts.append(len(inputs))
    metas = [tape.metas[tape.meta[value]] for value in picked]
    shapes, dtypes, devices = Table[tuple[int, ...]](), Table[str](), Table[str]()
    by_order = {tape.order[call]: index for index, call in enumerate(kept.calls)}
    return Cut(
        Trace(
            functions=tuple(recorder.functions.names),
            sites=tuple(recorder.sites.table),
            stacks=tuple(recorder.sites.stacks),
            shape=ints(shapes.number(tuple(meta[0])) for meta in metas),
            dtype=ints(dtypes.number(str(meta[1]).removeprefix("torch.")) for meta in metas),
            device=ints(devices.number(str(meta[2])) for meta in metas),
            shapes=tuple(shapes.items),
            dtypes=tuple(dtypes.items),
            devices=tuple(devices.items),
            kind=ints(tape.kind.get(call, Kind.OP) for call in kept.calls),
            function=ints(key[0] for key in keys),
            site=ints(key[1] for key in keys),
            stack=ints(tape.stack.get(call, NONE) for call in kept.calls),
            module=ints(key[2] for key in keys),
            flags=ints(key[3] & CALL_FLAGS for key in keys),
            detail=ints(tape.detail.get(call, 0) for call in kept.calls),
            begin=ints(
                _begin(moved.calls, tape.begin[call], index) if call in tape.begin else index
                for index, call in enumerate(kept.calls)
            ),
            sequence_begin=ints(tape.sequence_begin[call] for call in kept.calls),
            sequence_end=ints(tape.sequence_end[call] for call in kept.calls),
            order=ints(tape.order[call] for call in kept.calls),
            inputs=Ragged(input_starts, inputs),
            outputs=Ragged(output_starts, ints(range(len(picked)))),
            producer=producer,
            tensor=ints(tape.tensor[value] for value in picked),
            version=ints(tape.version[value] for value in picked),
            value_flags=ints(
                (tape.flags[value] & VALUE_FLAGS) | (ValueFlag.ALIVE if value in alive else 0)
                for value in picked
            ),
            storage=ints(tape.storage[value] for value in picked),
            ties=tuple(
                Tie(by_order[tie.source], by_order[tie.target], tie.exact, tie.how)
                for tie in tape.ties
                if tie.source in by_order and tie.target in by_order
            ),
            total_calls=tape.next_order,
        ),
        moved,
    )


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
