"""The way from the loss to a tensor, row by row, with the break in it: for whoever misses a gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradtui.diagnosis.outline.rows import Mark, Outline, RowKind
from gradtui.model.columns import NONE
from gradtui.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class LossPath:
    """Rows from the loss on; the last one is the one that was asked for."""

    rows: tuple[int, ...] = ()
    cut: int = NONE
    """The row where tracking stopped: of several the one a finding names, or the first in forward order."""
    end: int = NONE
    """The first row that backward doesn't reach, NONE where it reaches them all."""


def loss_path(rows: Outline, snapshot: Snapshot, row: int) -> LossPath:
    """A way along which gradients flow, or would flow, to a row; a broken one only if there is no other."""
    steps = [row]
    finder = _Before(rows, snapshot)
    above = finder.first(row)
    while above != NONE:
        steps.append(above)
        above = finder.before(above)
    steps.reverse()
    cuts = [step for step in steps if rows.marks[step] & Mark.CUT]
    blamed = [cut for cut in cuts if rows.marks[cut] & Mark.BLAMED]
    end = next((step for step in steps if rows.marks[step] & Mark.SEVERED), NONE)
    return LossPath(tuple(steps), (blamed or cuts or [NONE])[-1], end)


class _Before:
    """From a row to one whose gradient flows into it. Rows only fall, so that it ends."""

    def __init__(self, rows: Outline, snapshot: Snapshot) -> None:
        self.rows, self.graph, self.trace = rows, snapshot.graph, snapshot.trace
        self.references: dict[int, list[int]] = {}
        for row, kind in enumerate(rows.kind):
            if kind == RowKind.REFERENCE:
                self.references.setdefault(rows.vertex[row], []).append(row)

    def first(self, row: int) -> int:
        """Like `before`, but from a leaf that backward reaches by a way that isn't cut, whoever uses it."""
        if self.rows.kind[row] != RowKind.LEAF or self.rows.marks[row] & Mark.SEVERED:
            return self.before(row)
        ways = [self._in_tree(one) for one in (row, *self.references.get(self.rows.vertex[row], ()))]
        return next((one for one in ways if one != NONE and not self._severed(one)), ways[0])

    def before(self, row: int) -> int:
        above = self._in_tree(row)
        if above == NONE or self._leads(above, row):
            return above
        others = [self._in_tree(one) for one in self._referring(row)]
        others = [one for one in others if NONE < one < row]
        live = [one for one in others if not self._severed(one)]
        if live or not self._severed(row):
            return next(iter(live), above)
        return next(iter(others), above)

    def _referring(self, row: int) -> Iterator[int]:
        return (one for one in self.references.get(self.rows.vertex[row], ()) if one < row)

    def _in_tree(self, row: int) -> int:
        """The row that this one hangs on, or the one before it at the same depth."""
        rows = self.rows
        depth, first = rows.depth[row], rows.marks[row] & Mark.FIRST
        above = row - 1
        while above >= 0 and (rows.depth[above] > depth or (first and rows.depth[above] == depth)):
            above -= 1
        return above

    def _leads(self, above: int, row: int) -> bool:
        """Whether a gradient goes from one row right to the other, as far as is known."""
        rows = self.rows
        if rows.depth[above] < rows.depth[row] or rows.vertex[row] not in self.references:
            return True
        one, other = rows.vertex[above], rows.vertex[row]
        if one < rows.nodes and other < rows.nodes and self.graph is not None:
            return other in self.graph.edges[one]
        from_call, to_call = rows.call[one], rows.call[other]
        if NONE in (from_call, to_call):
            return False
        trace = self.trace
        return any(trace.producer[value] == to_call for value in trace.inputs[from_call])

    def _severed(self, row: int) -> bool:
        return bool(self.rows.marks[row] & Mark.SEVERED)
