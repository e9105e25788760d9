"""The autograd graph under some roots as columns: walked without recursion, waking nothing that is saved."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, count, repeat
from operator import is_
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import get_gradient_edge

from gradtui.debuggee.checkpoint_blocks import Blocks
from gradtui.debuggee.garbage import uncollected
from gradtui.debuggee.origins import CallFinder, Received
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE, Ragged, indices, ints
from gradtui.model.graph import Graph, StaleSave
from gradtui.model.trace import Kind

ACCUMULATE_GRAD: Any = type(get_gradient_edge(torch.empty(0, requires_grad=True)).node)
SAVED = "_saved_"
VERSIONS = re.compile(r"is at version (\d+); expected version (\d+)")
FREED = "backward through the graph a second time"
LOOKS = 10_000
"""Old nodes that are asked whether what they saved is still there."""
DEEP = 10_000
"""Nodes beyond which the release of a graph that Python has touched needs more stack than usual."""
EVERY = 20_000
"""Nodes that are looked at between two signs of progress."""
UNNUMBERED = 2**63
"""Sequence numbers from here on are of nodes that no call made: AccumulateGrad has the largest of 64 bits."""

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
    return Blocks(recorder).beside(found.graph()), found.nodes


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
    """One walk, a block of nodes at a time: the loops over its nodes are short, and most are written in C."""

    def __init__(self, recorder: Recorder, leaf_number: Callable[[Tensor], int], progress: Progress) -> None:
        self.recorder = recorder
        self.calls = CallFinder(recorder.tape)
        self.received = Received(recorder.tape)
        self.leaf_number = leaf_number
        self.progress = progress
        self.nodes: list[Any] = []
        """Those that were looked at; their numbers are their places."""
        self.pending: deque[Any] = deque()
        self.index: dict[Any, int] = {None: NONE}
        """By node its number, once the walk has ended; nobody asked for the gradients of what has none."""
        self.names: dict[str, int] = {}
        self.name_of: dict[type, int] = {}
        """Numbers of names by the type of a node, where that says it."""
        self.roots: list[Any] = []
        self.name, self.sequence = indices(), ints()
        self.call, self.leaf, self.hooks = indices(), ints(), indices()
        self.targets: list[Any] = []
        """Where edges lead, which get their numbers later than the edges are met."""
        self.edge_ends, self.edge_inputs = indices([0]), indices()
        self.stale: list[StaleSave] = []
        self.wrote = max(recorder.tape.writers.values(), default=NONE)
        """The last write that is known; what was saved after it can't be stale."""
        self.freed, self.looks = NONE, LOOKS
        self.freed_until = bisect_left(recorder.tape.order, recorder.freed_until)
        """The first call whose nodes no backward can have freed."""

    def walk(self, roots: Sequence[Tensor]) -> None:
        for root in roots:
            node = root.grad_fn
            if node is None and root.requires_grad:
                node = get_gradient_edge(root).node
            if node is not None:
                self.roots.append(node)
        self.pending.extend(dict.fromkeys(self.roots))
        self.index.update(dict.fromkeys(self.roots, NONE))
        while self.pending:
            done = len(self.nodes)
            self.follow()
            block = self.nodes[done:]
            self.describe(block, done)
            if len(block) == EVERY and not self.progress(len(self.nodes)):
                raise LeftUnread(len(self.nodes))
        self.index.update(zip(self.nodes, count()))

    def follow(self) -> None:
        """Note what the nodes of the next block lead to. One loop without calls of ours.

        The first block is what is nearest to the roots: what is shown while the rest is laid out. From there
        on each way is followed as far as it goes, so that the nodes of a chain are neighbours.
        """
        index, pending = self.index, self.pending
        take = pending.pop if self.nodes else pending.popleft
        add_node, add_pending, add_target = self.nodes.append, pending.append, self.targets.append
        add_input, add_end, edges = self.edge_inputs.append, self.edge_ends.append, len(self.targets)
        for _ in range(EVERY):
            if not pending:
                break
            node = take()
            add_node(node)
            for target, slot in node.next_functions:
                if target not in index:
                    index[target] = NONE
                    add_pending(target)
                add_target(target)
                add_input(slot)
                edges += 1
            add_end(edges)

    def describe(self, block: list[Any], first: int) -> None:
        """Note what is known of each of these nodes."""
        kinds = [*map(type, block)]
        sequences = [node._sequence_nr() for node in block]
        if max(sequences) >= UNNUMBERED:
            sequences = [number if number < UNNUMBERED else NONE for number in sequences]
        calls = self.calls.of_all(sequences)
        leaves, hooks = ints([NONE]) * len(block), indices([0]) * len(block)
        for place in compress(range(len(block)), map(is_, kinds, repeat(ACCUMULATE_GRAD))):
            if (variable := block[place].variable) is not None:
                leaves[place], hooks[place] = self.leaf_number(variable), hooks_of(variable)
        self.name.extend(self.named(block, kinds))
        self.sequence.extend(sequences)
        self.call.extend(calls)
        self.leaf.extend(leaves)
        self.hooks.extend(hooks)
        self.received.add(block, kinds, calls)
        if self.wrote != NONE:
            old = [place for place, call in enumerate(calls) if NONE < call < self.wrote]
            for place in old:
                self.look_for_stale(first + place, block[place], calls[place])
        if self.freed == NONE and self.recorder.freed_until:
            for place, call in enumerate(calls):
                if call < self.freed_until and leaves[place] == NONE and self.is_freed(block[place]):
                    self.freed = first + place
                    break

    def named(self, block: list[Any], kinds: list[type]) -> Iterable[int]:
        """The numbers of these nodes' names."""
        if not self.name_of.keys() >= set(kinds):
            return [self.name_number(node) for node in block]
        return map(self.name_of.__getitem__, kinds)

    def name_number(self, node: Any) -> int:
        known = self.name_of.get(type(node))
        if known is not None:
            return known
        name = node.name().rsplit("::", 1)[-1]
        number = self.names.setdefault(name, len(self.names))
        if type(node).__name__ == name:
            self.name_of[type(node)] = number
        return number

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

    def is_freed(self, node: Any) -> bool:
        """Whether a backward has freed what a node saved; False of one that isn't asked, or saved nothing."""
        saves = saved_tensors(type(node))
        if not saves or self.looks == 0 or self.recorder.under_saved_hooks(node._sequence_nr()):
            return False
        self.looks -= 1
        try:
            for attribute in saves:
                getattr(node, attribute)
        except RuntimeError as error:
            return FREED in str(error)
        return False

    def graph(self) -> Graph:
        number = self.index.__getitem__
        return Graph(
            names=tuple(self.names),
            shapes=tuple(self.received.shapes),
            roots=ints(map(number, self.roots)),
            name=self.name,
            sequence=self.sequence,
            call=self.call,
            leaf=self.leaf,
            hooks=self.hooks,
            edges=Ragged(self.edge_ends, indices(map(number, self.targets))),
            edge_inputs=Ragged(self.edge_ends[:], self.edge_inputs),
            received=self.received.rows,
            stale=tuple(self.stale),
            freed=self.freed,
        )


_SAVED: dict[type, tuple[str, ...]] = {}


def saved_attributes(kind: type) -> tuple[str, ...]:
    """Names of what nodes of a type save, cached: `dir` is slow."""
    if kind not in _SAVED:
        _SAVED[kind] = tuple(name for name in dir(kind) if name.startswith(SAVED))
    return _SAVED[kind]


def saved_tensors(kind: type) -> tuple[str, ...]:
    """Of what nodes of a type save the tensors, which torch offers unread too."""
    names = (*saved_attributes(kind), "saved_tensors")  # the latter of a node that is written in Python
    return tuple(name for name in names if hasattr(kind, f"_raw_{name.lstrip('_')}"))


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
