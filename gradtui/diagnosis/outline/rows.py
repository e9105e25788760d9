"""What the tree is made of: rows as columns of whole numbers."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from gradtui.model.columns import NONE, indices, ints, small


class RowKind(IntEnum):
    NODE = 0
    """A node of the backward graph."""
    CALL = 1
    """A call beyond a cut: backward will not come here."""
    LEAF = 2
    """A tensor that could take a gradient: a parameter, or a leaf of the program's own."""
    REFERENCE = 3
    """A vertex that stands elsewhere; see `Outline.target`."""


class Mark:
    """Bits, as plain ints: an operator of an IntFlag takes ten times as long as an int's."""

    SEVERED: Final = 1
    """Backward doesn't reach it."""
    CUT: Final = 2
    """The call that was given a tracked value and gave back one that isn't."""
    BLAMED: Final = 4
    """A finding names this very place, or an expression that it is part of."""
    STALE: Final = 8
    """Something that this node saved for backward has been written or freed since."""
    FIRST: Final = 16
    """The first row of a branch."""
    ALL: Final = 31


@dataclass(frozen=True, slots=True)
class Outline:
    """Rows as columns; a row is an index."""

    nodes: int = 0
    """How many vertices are nodes of the graph: vertex `i` below it is node `i`."""

    # one number a vertex
    call: array[int] = field(default_factory=indices)
    """Index of its call in the trace, or NONE."""
    leaf: array[int] = field(default_factory=ints)
    """Identity of its tensor where it is a leaf, or NONE."""
    row_of: array[int] = field(default_factory=indices)
    """The row that it stands in; NONE for one that is folded into the row of its leaf."""

    # one number a row
    kind: array[int] = field(default_factory=small)
    vertex: array[int] = field(default_factory=indices)
    depth: array[int] = field(default_factory=indices)
    marks: array[int] = field(default_factory=small)
    guide: array[int] = field(default_factory=indices)
    """Index into the guides of the branch that the row belongs to, NONE at depth 0."""
    via: array[int] = field(default_factory=indices)
    """First of the vertices between the row above and this leaf, all of one call; NONE if there is none."""
    end: array[int] = field(default_factory=indices)
    """One after the last row that is deeper: what folding the row hides."""

    # one number a branch
    guide_parent: array[int] = field(default_factory=indices)
    guide_goes_on: array[int] = field(default_factory=indices)
    """1 where more rows follow at the depth that the branch started from."""

    cuts: array[int] = field(default_factory=indices)
    """Rows that are cuts, in order."""
    via_next: dict[int, int] = field(default_factory=dict)
    """For vertices folded into a leaf's row: the next one on the way."""
    _folded: dict[int, int] = field(default_factory=dict, repr=False, compare=False)
    """By such a vertex the row of its leaf; found when somebody first asks."""

    def __len__(self) -> int:
        return len(self.kind)

    def target(self, row: int) -> int:
        """The row in which this one's vertex stands: the row itself, unless it is a reference."""
        return self.row_of[self.vertex[row]]

    def parent(self, row: int) -> int:
        """The nearest row above with a smaller depth, NONE at depth 0."""
        depth = self.depth[row]
        while row >= 0 and self.depth[row] >= depth:
            row -= 1
        return row

    def is_node(self, row: int) -> bool:
        return self.vertex[row] < self.nodes

    def guides(self, row: int) -> list[bool]:
        """For each step of depth, outside in, whether a line goes on beside the row."""
        found: list[bool] = []
        guide = self.guide[row]
        while guide != NONE:
            found.append(bool(self.guide_goes_on[guide]))
            guide = self.guide_parent[guide]
        return found[::-1]

    def folded_into(self, row: int) -> list[int]:
        """The vertices between the row above and this leaf."""
        found: list[int] = []
        vertex = self.via[row]
        while vertex != NONE:
            found.append(vertex)
            vertex = self.via_next.get(vertex, NONE)
        return found

    def same_row(self, other: Outline, row: int) -> int:
        """The row of what stands in a row of another outline of the same stop, NONE where there is none."""
        if row == NONE:
            return NONE
        vertex = other.vertex[row]
        if vertex < other.nodes:  # which are numbered alike
            return self.row_of_node(vertex)
        leaf, call = other.leaf[vertex], other.call[vertex]
        column, wanted = (self.leaf, leaf) if leaf != NONE else (self.call, call)
        return self.row_of[column.index(wanted)] if wanted in column else NONE

    def row_of_node(self, node: int) -> int:
        """The row that a node of the graph stands in, also where it is folded into the row of its leaf."""
        if not 0 <= node < self.nodes:
            return NONE
        if self.row_of[node] != NONE:
            return self.row_of[node]
        if not self._folded:
            leaves = (
                row for row, first in enumerate(self.via) if first != NONE and self.kind[row] == RowKind.LEAF
            )
            self._folded.update((vertex, row) for row in leaves for vertex in self.folded_into(row))
        return self._folded.get(node, NONE)
