"""The autograd graph under the roots of a backward, as it stood when it was captured."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace
from itertools import chain

from gradtui.model.columns import NONE, Ragged, indices, ints


@dataclass(frozen=True, slots=True)
class StaleSave:
    """A tensor that a node saved for backward has been written since."""

    node: int
    attribute: str
    """torch's name of the saved tensor, `_saved_result` for one."""
    expected: int
    """The version that was saved."""
    actual: int
    call: int
    """Index of the write in the trace, NONE where it wasn't seen."""
    likely: bool = False
    """Inferred from the record alone, because reading the node would not have been passive."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes as columns; node 0 is the first root. Parents stand before children in no particular order."""

    names: tuple[str, ...] = ()
    """Different names of nodes: `AddmmBackward0`."""
    shapes: tuple[tuple[int, ...], ...] = ()
    roots: array[int] = field(default_factory=ints)
    name: array[int] = field(default_factory=ints)
    sequence: array[int] = field(default_factory=ints)
    """When the node was made, rising; NONE for AccumulateGrad."""
    call: array[int] = field(default_factory=ints)
    """Index of the call in the trace that made the node, or NONE."""
    leaf: array[int] = field(default_factory=ints)
    """For AccumulateGrad: identity of its tensor as in `Trace.tensor`; NONE elsewhere."""
    hooks: array[int] = field(default_factory=ints)
    """How many hooks of the user's hang on the node or its leaf."""
    edges: Ragged = field(default_factory=Ragged)
    """Where each gradient it sends goes; NONE where nothing asked for one."""
    edge_inputs: Ragged = field(default_factory=Ragged)
    """Beside `edges`: which of the target's gradients that is."""
    received: Ragged = field(default_factory=Ragged)
    """Shapes of the gradients that the node receives, as indices into `shapes`."""
    stale: tuple[StaleSave, ...] = ()
    freed: int = NONE
    """A node that has lost what it saved to an earlier backward, which freed it; NONE where none has."""
    rebuilt: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """By node of a reentrant checkpoint the leaves that no node leads to: it builds the graph to them while
    backward runs."""
    missed: frozenset[int] = frozenset()
    """Leaves of nodes that get nothing, as all ways to them lead through such a block, and end in it."""
    truncated: int = 0
    """How many nodes were left out because the walk was stopped; 0 for a whole graph."""

    def __len__(self) -> int:
        return len(self.name)

    @property
    def raises(self) -> bool:
        """Whether backward is sure to raise: what a node saved is gone, or was written since."""
        return self.freed != NONE or any(not save.likely for save in self.stale)

    def node_name(self, node: int) -> str:
        return self.names[self.name[node]]

    def children(self, node: int) -> list[int]:
        """Nodes its gradients go to, without those nobody asked for."""
        return [target for target in self.edges[node] if target != NONE]

    def first(self, count: int) -> Graph:
        """The first nodes alone, with all that is stale; edges to others lead nowhere."""
        if count >= len(self):
            return self
        ends, flat = self.edges.starts[: count + 1], self.edges.flat[: self.edges.starts[count]]
        inputs = Ragged(ends, self.edge_inputs.flat[: ends[-1]])
        received = self.received.starts[: count + 1]
        return replace(
            self,
            roots=ints(root for root in self.roots if root < count),
            name=self.name[:count],
            sequence=self.sequence[:count],
            call=self.call[:count],
            leaf=self.leaf[:count],
            hooks=self.hooks[:count],
            edges=Ragged(ends, indices(target if target < count else NONE for target in flat)),
            edge_inputs=inputs,
            received=Ragged(received, self.received.flat[: received[-1]]),
            freed=self.freed if self.freed < count else NONE,
            truncated=self.truncated + len(self) - count,
        )

    def leaves(self) -> set[int]:
        """Identities of the tensors that this backward will accumulate gradients into."""
        return {leaf for leaf in self.leaf if leaf != NONE} - self.missed | self.rebuilt_leaves()

    def rebuilt_leaves(self) -> set[int]:
        """Those of them that are built while backward runs."""
        return set(chain.from_iterable(self.rebuilt.values()))
