"""Chains of vertices that nothing branches off, told as one: most of the work is then done once a chain.

A walk follows each way as far as it goes and numbers nodes as it comes to them, but for the first few
thousand, so the vertices of a chain have neighbouring numbers: a run is its first and its last vertex.
Columns are looked at a block at a time: whole blocks of a chain are known by a comparison in C, and only in
others each vertex is looked at.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from operator import and_, eq, ne

from gradtui.model.columns import NONE, Ragged, counting, indices

BLOCK = 256


class Runs:
    """The runs of a graph's nodes; a vertex beyond them is a run of its own."""

    def __init__(self, edges: Ragged, call: array[int], apart: Iterable[int]) -> None:
        """In a run each vertex leads to the next, which nothing else leads to, and which another call made.

        `call` has one number a vertex; what is `apart` begins a run.
        """
        self._edges, self._nodes = edges, len(edges)
        self._ascending = counting(max(len(call), len(edges.flat) + 1, max(call, default=NONE) + 1))
        self.only = indices([NONE]) * len(call)
        """By vertex where it leads to if that is one place, as far as these edges tell; NONE elsewhere."""
        met_again = self._follow()
        self.tail = self._ascending[: len(call)]
        """By the first vertex of each run its last one."""
        linked = self._linked(call)
        for vertex in (*met_again, *apart):
            linked[vertex] = 0
        end = 0
        while (start := linked.find(1, end)) != NONE:
            end = linked.find(0, start)
            self.tail[start - 1] = end - 1

    def _follow(self) -> set[int]:
        """Fill in `only`; gives the vertices that more than one edge leads to."""
        starts, flat, only, met = self._edges.starts, self._edges.flat, self.only, bytearray(self._nodes)
        again: set[int] = set()
        for first in range(0, self._nodes, BLOCK):
            last = min(first + BLOCK, self._nodes)
            targets = self._of_equal_rows(first, last)
            if targets is not None:
                only[first:last] = targets
                if self._rises(targets) and 1 not in met[targets[0] : targets[-1] + 1]:
                    met[targets[0] : targets[-1] + 1] = b"\1" * len(targets)
                    continue
            else:
                for vertex in range(first, last):
                    start, end = starts[vertex], starts[vertex + 1]
                    if end - start == 1:
                        only[vertex] = flat[start]
                    elif end > start:
                        found = [target for target in flat[start:end] if target != NONE]
                        if len(found) == 1:
                            only[vertex] = found[0]
            for target in targets or flat[starts[first] : starts[last]]:
                if target != NONE:
                    if met[target]:
                        again.add(target)
                    met[target] = 1
        return again

    def _of_equal_rows(self, first: int, last: int) -> array[int] | None:
        """Where these nodes lead to, if all have as many edges, of which the same one leads anywhere."""
        starts, flat = self._edges.starts, self._edges.flat
        start, end = starts[first], starts[last]
        width = (end - start) // (last - first)
        if not width or starts[first:last] != self._ascending[start:end:width]:
            return None
        rows = [flat[start + place : end : width] for place in range(width)]
        wanted = [row for row in rows if row[0] != NONE]
        nowhere = array(flat.typecode, [NONE]) * (last - first)
        if len(wanted) != 1 or any(row != nowhere for row in rows if row[0] == NONE) or NONE in wanted[0]:
            return None
        return indices(wanted[0])

    def _linked(self, call: array[int]) -> bytearray:
        """By vertex whether the one before it leads to it alone, and another call made it; then a 0."""
        only, ascending = self.only, self._ascending
        unknown = indices([NONE]) * (BLOCK + 1)  # calls that weren't told of are taken to be several
        linked = bytearray(len(call) + 1)
        for first in range(0, len(call) - 1, BLOCK):
            last = min(first + BLOCK, len(call) - 1)
            calls = call[first : last + 1]
            if only[first:last] == ascending[first + 1 : last + 1]:
                if self._rises(calls[::-1]) or calls == unknown[: len(calls)]:
                    linked[first + 1 : last + 1] = b"\1" * (last - first)
                else:
                    linked[first + 1 : last + 1] = bytes(map(ne, calls, calls[1:]))
            else:
                follows = map(eq, only[first:last], ascending[first + 1 : last + 1])
                linked[first + 1 : last + 1] = bytes(map(and_, follows, map(ne, calls, calls[1:])))
        return linked

    def _rises(self, numbers: array[int]) -> bool:
        """Whether each of these numbers is the one before it and one more."""
        first = numbers[0]
        return first >= 0 and numbers == self._ascending[first : first + len(numbers)]
