"""The tree of dominators over the vertices: through which of them every way from the roots to another leads.

One pass for the order and one for each column; nothing recurses, and a run of vertices (see `runs`) costs no
more than one: columns that are only asked for the first vertex of a run have only that.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator

from gradtui.diagnosis.outline.full_graph import FullGraph
from gradtui.diagnosis.outline.runs import Runs
from gradtui.model.columns import NONE, indices


class Dominators:
    """Columns by vertex, and where branches meet."""

    def __init__(self, full_graph: FullGraph, look_up: Callable[[], object] = lambda: None) -> None:
        """`look_up` is called between one column and the next; what it raises ends this."""
        self.full_graph = full_graph
        look_up()
        runs = Runs(full_graph.graph.edges, full_graph.call, full_graph.apart())
        self.tail = runs.tail
        """By the first vertex of a run the last one."""
        self.only = runs.only
        """By the last vertex of a run where its one edge leads, where that is one; NONE elsewhere."""
        for vertex in full_graph.more:
            self.only[vertex] = NONE
        look_up()
        self.order = self._topological()
        """The first vertex of every run once, what the run leads to after it."""
        self.uses = indices([0]) * len(full_graph.call)
        """How many edges lead to the first vertex of a run."""
        look_up()
        self._above = self._dominators()
        """By the first vertex of a run that of the run that dominates it; NONE for a root."""
        look_up()
        self.size = self._sizes()
        """How many vertices the first one of a run dominates, itself included."""
        self.parent = self._parents()
        """By the first vertex of a run the one that every way from the roots leads through last, or NONE."""
        look_up()
        self.joins = self._joins()
        """Where the branches that start there meet again."""

    def _topological(self) -> array[int]:
        """Every run once, what it leads to after it; an edge that would close a ring is passed over."""
        edges, only, tail = self.full_graph.edges, self.only, self.tail
        state = bytearray(len(self.full_graph.call))
        done = indices()
        nothing: Iterator[int] = iter(())
        for root in reversed(self.full_graph.roots):
            if state[root]:
                continue
            # Chains that are walked, each with what is still to be tried behind its last vertex.
            stack: list[tuple[array[int], Iterator[int]]] = []
            pending = root
            while pending != NONE or stack:
                if pending == NONE:
                    chain, rest = stack[-1]
                    pending = next((target for target in rest if not state[target]), NONE)
                    if pending == NONE:
                        stack.pop()
                        chain.reverse()
                        done.extend(chain)
                        continue
                chain = indices()
                while True:
                    state[pending] = 1
                    chain.append(pending)
                    last = tail[pending]
                    target = only[last]
                    if target == NONE:
                        targets = edges(last)
                        if len(targets) != 1:
                            stack.append((chain, reversed(targets)))
                            break
                        target = only[last] = targets[0]
                    if state[target]:
                        stack.append((chain, nothing))
                        break
                    pending = target
                pending = NONE
        done.reverse()
        return done

    def _dominators(self) -> array[int]:
        """For each run the one that every way from the roots leads through last; NONE for a root.

        A leaf that leads nowhere stands with whoever uses it first: nobody looks for a weight anywhere else.
        One pass in topological order, meeting points found by jumps, so that ten thousand uses of one tensor
        cost ten thousand times a few steps.
        """
        count = len(self.full_graph.call)
        parent, depth, jump = indices([NONE]) * count, indices([0]) * count, indices([NONE]) * count
        known, place = bytearray(count), indices([0]) * count
        edges, uses, only, tail = self.full_graph.edges, self.uses, self.only, self.tail
        for index, vertex in enumerate(self.order):
            place[vertex] = index
        for root in self.full_graph.roots:
            known[root], jump[root] = 1, root
        for vertex in self.order:
            above = parent[vertex]
            if above != NONE:
                depth[vertex] = depth[above] + 1
                jumped = jump[above]
                far = depth[above] - depth[jumped] == depth[jumped] - depth[jump[jumped]]
                jump[vertex] = jump[jumped] if far else above
            else:
                jump[vertex] = vertex
            last = tail[vertex]
            next_one = only[last]
            if next_one != NONE and not known[next_one] and place[next_one] > place[vertex]:
                uses[next_one], known[next_one], parent[next_one] = 1, 1, vertex
                continue
            for target in (next_one,) if next_one != NONE else edges(last):
                uses[target] += 1
                if place[target] <= place[vertex]:
                    continue
                if not known[target]:
                    known[target] = 1
                    parent[target] = vertex
                elif parent[target] != NONE and not self.is_end(target):
                    parent[target] = _meeting(parent[target], vertex, parent, depth, jump)
        return parent

    def is_end(self, vertex: int) -> bool:
        """Whether it is a leaf that leads nowhere."""
        return self.full_graph.leaf[vertex] != NONE and vertex not in self.full_graph.more

    def _sizes(self) -> array[int]:
        size, above, tail = indices([0]) * len(self.full_graph.call), self._above, self.tail
        for vertex in reversed(self.order):
            size[vertex] += tail[vertex] - vertex + 1
            if above[vertex] != NONE:
                size[above[vertex]] += size[vertex]
        return size

    def _parents(self) -> array[int]:
        parent, tail = self._above, self.tail
        for vertex in self.order:
            if parent[vertex] != NONE:
                parent[vertex] = tail[parent[vertex]]
        return parent

    def _joins(self) -> dict[int, list[int]]:
        """By vertex: where the branches that start there meet again."""
        found: dict[int, list[int]] = {}
        uses = self.uses
        for vertex in [vertex for vertex in self.order if uses[vertex] > 1]:
            if self.parent[vertex] != NONE and not self.is_end(vertex):
                found.setdefault(self.parent[vertex], []).append(vertex)
        return found


def _meeting(one: int, other: int, parent: array[int], depth: array[int], jump: array[int]) -> int:
    """The deepest vertex above both (or one of them), NONE where they have none in common."""
    if depth[one] < depth[other]:
        one, other = other, one
    while depth[one] > depth[other]:
        one = jump[one] if depth[jump[one]] >= depth[other] else parent[one]
    while one != other:
        if parent[one] == NONE or parent[other] == NONE:
            return NONE
        if jump[one] != jump[other]:
            one, other = jump[one], jump[other]
        else:
            one, other = parent[one], parent[other]
    return one
