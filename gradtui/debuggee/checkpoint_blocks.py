"""Blocks under a reentrant checkpoint, told as backward will build them.

Their forward runs without a graph, inside a custom Function; backward runs it once more, with one. What
counts for a gradient is that second run, so the calls of the first are told as if they had been it: also
before backward, and wherever the second takes place.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gradtui.debuggee.marks import FLOATING, LEAF, REQUIRES_GRAD
from gradtui.debuggee.recorder import Recorder
from gradtui.model.columns import Ragged
from gradtui.model.graph import Graph
from gradtui.model.torch_functions import LETS_GO, SHAPE_ONLY, is_checkpoint, last_part
from gradtui.model.trace import CallFlag, Kind, Trace

TRACKED_LEAF = LEAF | REQUIRES_GRAD
Line = tuple[str, int]
GRAPHIC = frozenset([Kind.OP, Kind.WRITE, Kind.FUNCTION])
"""Calls that give a graph on."""


@dataclass(slots=True)
class Block:
    """What ran inside of one checkpoint."""

    call: int
    calls: set[int] = field(default_factory=set)
    """Calls that will be made with grad mode on."""
    values: set[int] = field(default_factory=set)
    """Values that will require grad."""
    inputs: dict[int, Sequence[int]] = field(default_factory=dict)
    """By call of a checkpoint, this one and those inside of it: what its outputs were when they were made."""


class Blocks:
    """The checkpoints on a tape that backward will come through; numbers are the tape's."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder, self.tape = recorder, recorder.tape
        self.found = list(self._all())

    def beside(self, graph: Graph) -> Graph:
        """The graph, with the leaves that these blocks lead to, and those that they keep it from."""
        nodes = {call: node for node, call in enumerate(graph.call)} if self.found else {}
        rebuilt, closed = dict[int, tuple[int, ...]](), set[int]()
        for block in self.found:
            if block.call in nodes:
                reached = self._reached(block)
                leaves = {self.tape.tensor[value] for value in reached if self._is_leaf(value)}
                rebuilt[nodes[block.call]] = tuple(sorted(leaves))
                if reached.isdisjoint(self.tape.inputs_of(block.call)):
                    closed.add(block.call)
        if not closed:
            return replace(graph, rebuilt=rebuilt) if rebuilt else graph
        return replace(graph, rebuilt=rebuilt, missed=frozenset(graph.leaves() - _open(graph, closed)))

    def _reached(self, block: Block) -> set[int]:
        """Values that a gradient comes to when a block is gone through backward, from outside of it too."""
        tape = self.tape
        pending = [value for value in block.inputs[block.call] if self._requires_grad(block, value)]
        seen = set(pending)
        while pending:
            value = pending.pop()
            if value not in block.values:
                continue  # given from outside
            call = bisect_right(tape.first_value, value) - 1
            for source in block.inputs.get(call, tape.inputs_of(call)):
                if source not in seen and self._requires_grad(block, source):
                    seen.add(source)
                    pending.append(source)
        return seen

    def _is_leaf(self, value: int) -> bool:
        return self.tape.flags[value] & TRACKED_LEAF == TRACKED_LEAF

    def _all(self) -> Iterator[Block]:
        tape, until = self.tape, len(self.tape)
        for call in sorted(tape.begin, reverse=True):
            if call < until and self._is_checkpoint(call):
                until = tape.begin[call]  # those inside of it belong to it
                if self._comes_through(call):
                    yield self._block(call)

    def _name(self, call: int) -> str:
        return self.recorder.functions.names[self.tape.keys[self.tape.key[call]][0]]

    def _is_checkpoint(self, call: int) -> bool:
        return self.tape.kind.get(call) is Kind.FUNCTION and is_checkpoint(self._name(call))

    def _comes_through(self, call: int) -> bool:
        """Whether something that the checkpoint was given requires grad: else it is never run again."""
        return any(self.tape.flags[value] & REQUIRES_GRAD for value in self.tape.outputs(call))

    def _requires_grad(self, block: Block, value: int) -> bool:
        return bool(self.tape.flags[value] & REQUIRES_GRAD) or value in block.values

    def _block(self, call: int) -> Block:
        tape, block = self.tape, Block(call)
        switched: list[tuple[Line, int]] = []
        own, hidden = {self._line(call)}, self._inside_functions(call)
        own.update(self._line(one) for one in range(tape.begin[call], call) if self._is_checkpoint(one))
        for one in range(tape.begin[call], call):
            kind = tape.kind.get(one, Kind.OP)
            if kind is Kind.SWITCH:
                self._switch(one, own, switched)
            elif one not in hidden and all(on for _, on in switched):
                self._again(block, one, kind)
        block.inputs[call] = self._became(call)
        return block

    def _again(self, block: Block, call: int, kind: Kind) -> None:
        """Note what a call will be when the block runs with a graph."""
        tape = self.tape
        block.calls.add(call)
        came: Sequence[int] = tape.inputs_of(call)
        if self._is_checkpoint(call):
            came = block.inputs[call] = self._became(call)
        name = last_part(self._name(call))
        if kind not in GRAPHIC or name in LETS_GO or name in SHAPE_ONLY:
            return
        if any(self._requires_grad(block, value) for value in came):
            block.values.update(value for value in tape.outputs(call) if tape.flags[value] & FLOATING)

    def _inside_functions(self, call: int) -> set[int]:
        """Calls inside of custom Functions in a checkpoint: they run without a graph both times."""
        tape, hidden = self.tape, set[int]()
        for one in range(tape.begin[call], call):
            if one in tape.begin and not self._is_checkpoint(one):
                hidden.update(range(tape.begin[one], one))
        return hidden

    def _switch(self, call: int, own: set[Line], switched: list[tuple[Line, int]]) -> None:
        """Keep account of `with torch.no_grad()` in a block; one at the line of a checkpoint is its own."""
        line = self._line(call)
        if line in own:
            return
        if switched and switched[-1][0] == line:
            switched.pop()  # a block ends at the line at which it began
        else:
            switched.append((line, self.tape.detail.get(call, 0)))

    def _line(self, call: int) -> Line:
        site = self.recorder.sites.table[self.tape.keys[self.tape.key[call]][1]]
        return site.file, site.line

    def _became(self, call: int) -> Sequence[int]:
        """What the outputs of a checkpoint were when they were made inside of it."""
        tape = self.tape
        tensors = {tape.tensor[value] for value in tape.outputs(call)}
        inside = range(tape.begin[call], call)
        last = {tape.tensor[value]: value for one in inside for value in tape.outputs(one)}
        return [last[tensor] for tensor in tensors if tensor in last] or tape.inputs_of(call)


def _open(graph: Graph, closed: Container[int]) -> set[int]:
    """Leaves, as tensors, that backward comes to without the nodes of these calls, which hand on nothing."""
    seen, pending = set(graph.roots), [*graph.roots]
    while pending:
        node = pending.pop()
        if graph.call[node] not in closed:
            fresh = set(graph.children(node)) - seen
            seen |= fresh
            pending += fresh
    return {graph.leaf[node] for node in seen}


def told(trace: Trace, blocks: Blocks, calls: Sequence[int], values: Sequence[int]) -> Trace:
    """The trace with what is in these blocks as they will be; `calls` and `values` have its numbers."""
    if not blocks.found:
        return trace
    kind, begin, flags, value_flags = trace.kind[:], trace.begin[:], trace.flags[:], trace.value_flags[:]
    rows: dict[int, list[int]] = {}
    for block in blocks.found:
        for value in block.values:
            if values[value] >= 0:
                value_flags[values[value]] = value_flags[values[value]] & ~LEAF | REQUIRES_GRAD
        for call in block.calls:
            if calls[call] >= 0:
                flags[calls[call]] |= CallFlag.GRAD
        for call, came in block.inputs.items():
            if calls[call] >= 0:
                # No custom Function any more, whose inside is its own affair, but what hands its inside on.
                kind[calls[call]], begin[calls[call]] = Kind.OP, calls[call]
                rows[calls[call]] = [values[value] for value in came if values[value] >= 0]
    return replace(
        trace, kind=kind, begin=begin, flags=flags, value_flags=value_flags, inputs=_with(trace.inputs, rows)
    )


def _with(column: Ragged, rows: dict[int, list[int]]) -> Ragged:
    """A copy of a column, with these rows in the place of its own."""
    flat, starts = column.flat[:0], column.starts[:1]
    done = 0
    for call in sorted(rows):
        _copy(column, done, call, starts, flat)
        flat.extend(rows[call])
        starts.append(len(flat))
        done = call + 1
    _copy(column, done, len(column), starts, flat)
    return Ragged(starts, flat)


def _copy(column: Ragged, first: int, last: int, starts: array[int], flat: array[int]) -> None:
    moved = len(flat) - column.starts[first]
    starts.extend(map(moved.__add__, column.starts[first + 1 : last + 1]))
    flat.extend(column.flat[column.starts[first] : column.starts[last]])
