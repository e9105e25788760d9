"""What hangs on what: the nodes of the graph, and beyond its cuts the calls that backward will not see."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, compress
from operator import not_

from gradtui.model.columns import NONE, indices, ints, ones
from gradtui.model.findings import Finding
from gradtui.model.graph import Graph
from gradtui.model.owners import Role
from gradtui.model.snapshot import Snapshot
from gradtui.model.torch_functions import SHAPE_ONLY, is_checkpoint, last_part
from gradtui.model.trace import Kind, ValueFlag

# Plain numbers: a flag of an enum makes an object each time it is compared, a million times.
REQUIRES_GRAD, LEAF = ValueFlag.REQUIRES_GRAD, ValueFlag.LEAF
TRACKED_LEAF = REQUIRES_GRAD | LEAF
LOOSE_ENDS = 8
"""How many results nobody used are shown where nothing else says where to begin."""
MOST = 20_000
"""Calls, the last ones, or nodes, the first ones, that a part of a tree is of."""


class FullGraph:
    """The vertices and edges: the nodes of the graph, and beyond its cuts the calls of the trace."""

    def __init__(self, snapshot: Snapshot, findings: Sequence[Finding], *, part: bool = False) -> None:
        self.trace = snapshot.trace
        self.graph = snapshot.graph or Graph()
        self.nodes = len(self.graph)
        self._starts, self._flat = self.graph.edges.starts, self.graph.edges.flat
        self.call = indices(self.graph.call)
        self.leaf = ints(self.graph.leaf)
        self.more: dict[int, list[int]] = {}
        """Edges beside the graph's own."""
        self.cut: set[int] = set()
        """Vertices that are cuts."""
        self.tracked: set[int] = set()
        """Vertices that no graph holds and no cut severs: nobody has called backward on them yet."""
        self.affected = {tensor for finding in findings for tensor in finding.tensors}
        self.blames = [finding for finding in findings if finding.loud]
        self.buffers = {item.tensor for item in snapshot.parameters if item.role is Role.BUFFER}
        self.registered = {item.tensor for item in snapshot.parameters if item.role is Role.PARAMETER}
        self.of_leaf = {self.leaf[vertex]: vertex for vertex in leaves(self.leaf)}
        """By tensor the vertex of a leaf."""
        self.sources: dict[int, list[int]] = {}
        for tie in self.trace.ties:
            self.sources.setdefault(tie.target, []).append(tie.source)
        self.roots = [*dict.fromkeys(self.graph.roots)]
        self.oldest = max(0, len(self.trace) - MOST) if part else 0
        """The first call that is looked at where there is no graph."""
        if not (part and self.nodes):
            self._go_on_beyond_cuts(snapshot)

    def edges(self, vertex: int) -> list[int]:
        """Where gradients go from a vertex, or would go; each target once."""
        own: list[int] = []
        if vertex < self.nodes:
            own = self._flat[self._starts[vertex] : self._starts[vertex + 1]].tolist()
            if NONE in own:  # which nobody asked for
                own = [target for target in own if target != NONE]
        if vertex in self.more:
            own += self.more[vertex]
        return own if len(own) < 2 else [*dict.fromkeys(own)]

    def apart(self) -> Iterator[int]:
        """Vertices that begin a run: roots, leaves, and where edges lead that aren't the graph's own."""
        beside = ((vertex + 1, *targets) for vertex, targets in self.more.items())
        return chain(self.roots, leaves(self.leaf), *beside)

    @cached_property
    def of_call(self) -> array[int]:
        """By call its vertex, or NONE.

        Of the nodes that a call made it is the last: the one whose gradient is its result's.
        """
        found, sequence = indices([NONE]) * len(self.trace), self.graph.sequence
        for vertex, call in enumerate(self.graph.call):
            if call != NONE:
                known = found[call]
                if known == NONE or sequence[vertex] > sequence[known]:
                    found[call] = vertex
        return found

    def _go_on_beyond_cuts(self, snapshot: Snapshot) -> None:
        """Add what lies beyond the inputs that backward will not follow."""
        if not len(self.trace):
            return
        rebuilt = dict(self._rebuilt())
        starts = {**dict(self._untracked_inputs()), **rebuilt}
        rootless = [] if self.roots else self._where_to_begin(snapshot)
        raised = snapshot.raised.call if snapshot.raised is not None and not self.roots else NONE
        if raised != NONE and not rootless:
            rootless = list(self.trace.inputs[raised])
        tainted = self._tainted([value for values in starts.values() for value in values], rootless)
        for vertex, values in starts.items():
            for value in values:
                target = self._beyond(value, tainted)
                if target != NONE and target != vertex:
                    self.more.setdefault(vertex, []).append(target)
        if raised != NONE and list(self.trace.inputs[raised]) == list(rootless):
            tainted.add(raised)
            self.roots.append(self._call_vertex(raised))
        else:
            self.roots += dict.fromkeys(self._vertex(value) for value in rootless)
        self._connect(tainted)
        self._see_what_is_tracked([*rootless, *chain.from_iterable(rebuilt.values())])

    def _untracked_inputs(self) -> Iterator[tuple[int, list[int]]]:
        """For each node the values that went into its call and asked for no gradient."""
        for vertex in leaves(self.graph.leaf):
            if values := self._history(self.leaf[vertex]):
                yield vertex, values
        found = self._untracked_by_call()
        calls: Iterable[int] = self.graph.call if found else ()
        for vertex in compress(range(self.nodes), map(found.__contains__, calls)):
            values = found.pop(self.call[vertex], [])  # a call may have made several nodes
            if values:
                yield vertex, values

    def _rebuilt(self) -> Iterator[tuple[int, list[int]]]:
        """For each node of a reentrant checkpoint what its block gave, whose graph backward will build."""
        names = map(is_checkpoint, self.trace.functions)
        functions = {number for number, known in enumerate(names) if known}
        flags = self.trace.value_flags
        for vertex, call in enumerate(self.graph.call) if functions else ():
            if call != NONE and self.trace.function[call] in functions and self.trace.kind[call] == Kind.OP:
                yield vertex, [value for value in self.trace.inputs[call] if flags[value] & REQUIRES_GRAD]

    def _untracked_by_call(self) -> dict[int, list[int]]:
        """What went into calls and asked for no gradient: few values of many, found by a search in C."""
        trace, inputs = self.trace, self.trace.inputs
        untracked = without(trace.value_flags, REQUIRES_GRAD)
        if self.buffers:
            for value in compress(range(trace.values), map(self.buffers.__contains__, trace.tensor)):
                untracked[value] = 0
        marks = bytes(map(untracked.__getitem__, inputs.flat)) if any(untracked) else b""
        found: dict[int, list[int]] = {}
        for place in ones(marks):
            call = bisect_right(inputs.starts, place) - 1
            found.setdefault(call, []).append(inputs.flat[place])
        return found

    def _history(self, tensor: int) -> list[int]:
        """What a leaf of the program's own was made from: it may have been cut off and begun anew."""
        if tensor in self.registered and tensor not in self.affected:
            return []
        value = self._value_of.get(tensor, NONE)
        if value == NONE:
            return []
        producer = self.trace.producer[value]
        return [
            item
            for item in self.trace.inputs[producer]
            if self.trace.tensor[item] != tensor or not self.trace.value_flags[item] & REQUIRES_GRAD
        ]

    @property
    def _value_of(self) -> dict[int, int]:
        """The latest value of each tensor that is a tracked leaf."""
        if not hasattr(self, "_values"):
            self._values = {
                self.trace.tensor[value]: value
                for value, flags in enumerate(self.trace.value_flags)
                if flags & TRACKED_LEAF == TRACKED_LEAF
            }
        return self._values

    def _where_to_begin(self, snapshot: Snapshot) -> list[int]:
        """Values to start from where there is no graph: the loss, what failed, or results nobody used."""
        if snapshot.stop.roots:
            return [root for root in snapshot.stop.roots if root != NONE]
        raised = snapshot.raised
        if raised is not None and raised.value != NONE:
            return [raised.value]
        if raised is not None and raised.call != NONE:
            return []
        return self._unused()

    def _unused(self) -> list[int]:
        """The last results that went into no other call."""
        found: list[int] = []
        used: set[int] = set()
        for call in range(len(self.trace) - 1, self.oldest - 1, -1):
            if len(found) >= LOOSE_ENDS:
                break
            if self.trace.kind[call] in (Kind.OP, Kind.FUNCTION):
                outputs = self.trace.outputs[call]
                if outputs and used.isdisjoint(outputs) and self.trace.value(outputs[0]).floating:
                    found.append(outputs[0])
            used.update(self.trace.inputs[call])
        return found

    def _calls_behind(self, call: int) -> Iterator[int]:
        """The calls that something in this one came from; nothing lies behind an optimizer's step."""
        if self.trace.kind[call] != Kind.STEP and not self._takes_shape_only(call):
            for value in self.trace.inputs[call]:
                if not self._is_leaf(value):
                    yield self.trace.producer[value]
        yield from self.sources.get(call, ())

    def _is_leaf(self, value: int) -> bool:
        """Whether nothing of interest lies behind a value: the line that froze it is of interest."""
        return self.trace.value_flags[value] & TRACKED_LEAF == TRACKED_LEAF or (
            self.trace.tensor[value] in self.affected
            and bool(self.trace.value_flags[value] & LEAF)
            and self.trace.kind[self.trace.producer[value]] != Kind.FLAG
        )

    def _tainted(self, values: Iterable[int], roots: Iterable[int]) -> set[int]:
        """Calls behind these values, not part of the graph, that descend from something tracked."""
        behind = {self.trace.producer[value] for value in values if not self._is_leaf(value)}
        behind.update(self.trace.producer[value] for value in roots if not self._is_leaf(value))
        pending = list(behind)
        while pending:
            call = pending.pop()
            if self.of_call[call] != NONE:
                continue
            for source in self._calls_behind(call):
                if source not in behind and self.oldest <= source < call:
                    behind.add(source)
                    pending.append(source)
        tainted: set[int] = set()
        for call in sorted(behind):
            known = self.of_call[call] != NONE or self._tracked_here(call)
            if known or any(source in tainted for source in self._calls_behind(call)):
                tainted.add(call)
        tainted.update(self.trace.producer[value] for value in roots if not self._is_leaf(value))
        return tainted

    @cached_property
    def _shape_only(self) -> frozenset[int]:
        functions = self.trace.functions
        return frozenset(number for number, name in enumerate(functions) if last_part(name) in SHAPE_ONLY)

    def _takes_shape_only(self, call: int) -> bool:
        """Whether nothing that a call was given goes on in what it gave: `zeros_like`."""
        return self.trace.function[call] in self._shape_only

    def _tracked_here(self, call: int) -> bool:
        if self._takes_shape_only(call):
            return False
        flags = self.trace.value_flags
        return any(
            flags[value] & REQUIRES_GRAD or self._is_leaf(value) for value in self.trace.inputs[call]
        ) or any(flags[value] & REQUIRES_GRAD for value in self.trace.outputs[call])

    def _beyond(self, value: int, tainted: set[int]) -> int:
        """The vertex that a severed value comes from, NONE where nothing tracked lies behind it."""
        if self._is_leaf(value):
            return self._vertex(value)
        return self._vertex(value) if self.trace.producer[value] in tainted else NONE

    def _vertex(self, value: int) -> int:
        if self._is_leaf(value):
            return self._leaf_vertex(self.trace.tensor[value])
        return self._call_vertex(self.trace.producer[value])

    def _leaf_vertex(self, tensor: int) -> int:
        if tensor not in self.of_leaf:
            self.of_leaf[tensor] = self._add(NONE, tensor)
        return self.of_leaf[tensor]

    def _call_vertex(self, call: int) -> int:
        if self.of_call[call] == NONE:
            self.of_call[call] = self._add(call, NONE)
        return self.of_call[call]

    def _add(self, call: int, leaf: int) -> int:
        self.call.append(call)
        self.leaf.append(leaf)
        return len(self.call) - 1

    def _connect(self, tainted: set[int]) -> None:
        """Join the calls beyond the cuts to what they came from."""
        for call in sorted(tainted, reverse=True):
            vertex = self._call_vertex(call)
            if vertex < self.nodes:
                continue
            targets = self.more.setdefault(vertex, [])
            for value in self.trace.inputs[call]:
                if self._is_leaf(value) or self.trace.producer[value] in tainted:
                    target = self._vertex(value)
                    if target != vertex:
                        targets.append(target)
            targets += [
                self._call_vertex(source) for source in self.sources.get(call, ()) if source in tainted
            ]
            if self._cuts(call):
                self.cut.add(vertex)

    def _see_what_is_tracked(self, values: Iterable[int]) -> None:
        """Note the vertices that a backward from these values would reach, where no graph says so."""
        flags = self.trace.value_flags
        pending = [value for value in values if flags[value] & REQUIRES_GRAD]
        seen = set(pending)
        while pending:
            value = pending.pop()
            vertex = self._vertex(value)
            if vertex < self.nodes:
                continue  # it is in the graph, with all that lies behind it
            self.tracked.add(vertex)
            if self._is_leaf(value):
                continue
            for source in self.trace.inputs[self.trace.producer[value]]:
                old = self.trace.producer[source] < self.oldest and not self._is_leaf(source)
                if flags[source] & REQUIRES_GRAD and source not in seen and not old:
                    seen.add(source)
                    pending.append(source)

    def _cuts(self, call: int) -> bool:
        flags = self.trace.value_flags
        return (
            self.trace.kind[call] not in (Kind.SEEN, Kind.RAISED, Kind.STEP, Kind.BACKWARD)
            and any(flags[value] & REQUIRES_GRAD for value in self.trace.inputs[call])
            and not any(flags[value] & REQUIRES_GRAD for value in self.trace.outputs[call])
        )


def leaves(column: array[int]) -> Iterator[int]:
    """The places of a column that hold anything but NONE."""
    return compress(range(len(column)), map(NONE.__ne__, column))


def without(flags: array[int], flag: int) -> bytearray:
    """By place 1 where a flag isn't set."""
    if flags.itemsize == 1:
        return bytearray(flags.tobytes().translate(bytes(not number & flag for number in range(256))))
    return bytearray(map(not_, map(flag.__and__, flags)))
