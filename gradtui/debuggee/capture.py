"""The autograd graph under some roots as columns: walked without recursion, waking nothing that is saved."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import get_gradient_edge

from gradtui.debuggee.garbage import uncollected
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE, Ragged, ints
from gradtui.model.graph import Graph, StaleSave
from gradtui.model.trace import Kind

ACCUMULATE_GRAD: Any = type(get_gradient_edge(torch.empty(0, requires_grad=True)).node)
VERSIONS = re.compile(r"is at version (\d+); expected version (\d+)")
DEEP = 10_000
"""Nodes beyond which the release of a graph that Python has touched needs more stack than usual."""
EVERY = 20_000
"""Nodes between two signs of progress."""

Progress = Callable[[int], bool]
"""Is told how far the walk has come; whether it is to go on."""


class LeftUnread(Exception):  # noqa: N818 - it was asked for
    """The graph is larger than anybody wants to wait for."""

    def __init__(self, nodes: int) -> None:
        super().__init__(nodes)
        self.nodes = nodes
        """Those that were read."""


def capture(
    roots: Sequence[Tensor],
    recorder: Recorder,
    leaf_number: Callable[[Tensor], int],
    progress: Progress,
) -> tuple[Graph, list[Any]]:
    """The graph that a backward from these roots would walk, and its nodes; calls are numbered as taped.

    Raises LeftUnread where no more is wanted: a part would tell wrong things of what backward reaches.
    Whoever holds the nodes holds the graph: let go of them before the backward has ended.
    """
    found = _Walk(recorder, leaf_number, progress)
    try:
        with uncollected():
            found.walk(roots)
    finally:
        if len(found.name) > DEEP:
            allow_deep_release()
    return found.graph(), found.nodes


def allow_deep_release() -> None:
    """Raise the limit of the main thread's stack.

    torch releases a long chain of nodes by a loop, unless Python has touched them: then it recurses.
    """
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
        if soft != hard and soft != resource.RLIM_INFINITY:
            resource.setrlimit(resource.RLIMIT_STACK, (hard, hard))
    except (ImportError, ValueError, OSError):
        pass  # a platform without limits, or one that forbids to change them: nothing more can be done


class _Walk:
    def __init__(self, recorder: Recorder, leaf_number: Callable[[Tensor], int], progress: Progress) -> None:
        self.recorder = recorder
        self.calls = CallFinder(recorder.tape)
        self.leaf_number = leaf_number
        self.progress = progress
        self.nodes: list[Any] = []
        self.index: dict[Any, int] = {}
        self.names: dict[str, int] = {}
        self.name_of: dict[type, int] = {}
        """Numbers of names by the type of a node, where that says it."""
        self.shapes: dict[tuple[int, ...], int] = {}
        self.roots, self.name, self.sequence = ints(), ints(), ints()
        self.call, self.leaf, self.hooks = ints(), ints(), ints()
        self.edge_starts, self.edge_flat, self.edge_inputs = ints([0]), ints(), ints()
        self.received_starts, self.received_flat = ints([0]), ints()
        self.stale: list[StaleSave] = []
        self.wrote = max(recorder.tape.writers.values(), default=NONE)
        """The last write that is known; what was saved after it can't be stale."""

    def walk(self, roots: Sequence[Tensor]) -> None:
        for root in roots:
            node = root.grad_fn
            if node is None and root.requires_grad:
                node = get_gradient_edge(root).node
            if node is not None:
                self.roots.append(self.number(node))
        self.visit_all()

    def number(self, node: Any) -> int:
        known = self.index.get(node)
        if known is None:
            known = self.index[node] = len(self.nodes)
            self.nodes.append(node)
        return known

    def named(self, node: Any) -> int:
        """The number of a node's name."""
        name = node.name().rsplit("::", 1)[-1]
        number = self.names.setdefault(name, len(self.names))
        if type(node).__name__ == name:
            self.name_of[type(node)] = number
        return number

    def visit_all(self) -> None:
        """Look at each node once. One loop without calls of ours: it runs a million times."""
        nodes, known, name_of, call_of = self.nodes, self.index, self.name_of, self.calls.of
        add_name, add_sequence, add_call = self.name.append, self.sequence.append, self.call.append
        add_leaf, add_hooks = self.leaf.append, self.hooks.append
        add_edge, add_input, add_edges = (
            self.edge_flat.append,
            self.edge_inputs.append,
            self.edge_starts.append,
        )
        shapes, add_shape, add_shapes = self.shapes, self.received_flat.append, self.received_starts.append
        edges = received = 0
        for index, node in enumerate(nodes):  # which grows meanwhile
            kind = type(node)
            number = name_of.get(kind)
            add_name(self.named(node) if number is None else number)
            if kind is ACCUMULATE_GRAD and (variable := node.variable) is not None:
                add_sequence(NONE)
                add_call(NONE)
                add_leaf(self.leaf_number(variable))
                add_hooks(hooks_of(variable))
            else:
                sequence = node._sequence_nr()
                call = call_of(sequence)
                add_sequence(sequence if sequence < 2**63 else NONE)
                add_call(call)
                add_leaf(NONE)
                add_hooks(0)
                if NONE < call < self.wrote:
                    self.look_for_stale(index, node, call)
            for target, slot in node.next_functions:
                if target is None:
                    place = NONE
                else:
                    place = known.get(target, NONE)
                    if place == NONE:
                        place = known[target] = len(nodes)
                        nodes.append(target)
                add_edge(place)
                add_input(slot)
                edges += 1
            add_edges(edges)
            for metadata in node._input_metadata:
                shape = () if getattr(metadata, "is_nested_tensor", False) else tuple(metadata.shape)
                place = shapes.get(shape, NONE)
                if place == NONE:
                    place = shapes[shape] = len(shapes)
                add_shape(place)
                received += 1
            add_shapes(received)
            if not (index + 1) % EVERY and not self.progress(index + 1):
                raise LeftUnread(index + 1)

    def look_for_stale(self, index: int, node: Any, call: int) -> None:
        """Whether something that the node saved was written after the call that made it."""
        tape = self.recorder.tape
        if self.recorder.under_saved_hooks(node._sequence_nr()):
            return
        written = {
            tape.storage[value]
            for value in (*tape.inputs_of(call), *tape.outputs(call))
            if tape.writers.get(tape.storage[value], NONE) > call
        }
        if not written:
            return
        for attribute in saved_attributes(type(node)):
            try:
                getattr(node, attribute)
            except RuntimeError as error:
                match = VERSIONS.search(str(error))
                if match:
                    actual, expected = int(match[1]), int(match[2])
                    writer = first_writer(tape, written, call, expected)
                    self.stale.append(StaleSave(index, attribute, expected, actual, writer))

    def graph(self) -> Graph:
        return Graph(
            names=tuple(self.names),
            shapes=tuple(self.shapes),
            roots=self.roots,
            name=self.name,
            sequence=self.sequence,
            call=self.call,
            leaf=self.leaf,
            hooks=self.hooks,
            edges=Ragged(self.edge_starts, self.edge_flat),
            edge_inputs=Ragged(array("q", self.edge_starts), self.edge_inputs),
            received=Ragged(self.received_starts, self.received_flat),
            stale=tuple(self.stale),
        )


class CallFinder:
    """Finds the call that made a node, by the node's sequence number."""

    def __init__(self, tape: Tape) -> None:
        # Calls stand in the order in which they ended: the first that ends behind the number is innermost.
        self.begins, self.ends = tape.sequence_begin, tape.sequence_end
        # A custom Function gets its number before the calls inside it are made: those stand in front of it.
        functions = [call for call, kind in tape.kind.items() if kind is Kind.FUNCTION]
        self.functions = sorted(functions, key=self.begins.__getitem__)
        self.function_begins = [self.begins[call] for call in self.functions]

    def of(self, sequence: int) -> int:
        call = bisect_right(self.ends, sequence)
        if call < len(self.ends) and self.begins[call] <= sequence < self.ends[call]:
            return call
        at = bisect_right(self.function_begins, sequence) - 1
        if at >= 0 and sequence < self.ends[self.functions[at]]:
            return self.functions[at]
        return NONE


_SAVED: dict[type, tuple[str, ...]] = {}


def saved_attributes(kind: type) -> tuple[str, ...]:
    """Names of what nodes of a type save, cached: `dir` is slow."""
    if kind not in _SAVED:
        _SAVED[kind] = tuple(name for name in dir(kind) if name.startswith("_saved_"))
    return _SAVED[kind]


def first_writer(tape: Tape, storages: set[int], call: int, expected: int) -> int:
    """The first write after a call to one of these storages that moved a tensor past the version it had."""
    for writer in range(call + 1, len(tape)):
        if tape.kind.get(writer) in (Kind.WRITE, Kind.STEP):
            for value in tape.outputs(writer):
                if tape.storage[value] in storages and tape.version[value] > expected:
                    return writer
    return NONE


def hooks_of(tensor: Tensor) -> int:
    """How many hooks of the user's hang on a leaf."""
    return len(tensor._backward_hooks or ()) + len(getattr(tensor, "_post_accumulate_grad_hooks", None) or ())
