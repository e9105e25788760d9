"""Where each vertex stands: the rows, their order and their depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, compress, islice
from operator import ne

from gradtui.diagnosis import modes
from gradtui.diagnosis.outline.dominators import Dominators
from gradtui.diagnosis.outline.full_graph import FullGraph
from gradtui.diagnosis.outline.rows import Mark, Outline, RowKind
from gradtui.model.columns import NONE, indices, small
from gradtui.model.findings import Finding
from gradtui.model.source import Site
from gradtui.model.trace import Kind

EVERY = 4096
"""Rows, or runs of them, between two signs of progress."""
LONG = 64
CUT, BLAMED, STALE, SEVERED = Mark.CUT, Mark.BLAMED, Mark.STALE, Mark.SEVERED
REFERENCE = int(RowKind.REFERENCE)

Progress = Callable[[int, int], object]
"""Is told how many vertices have their rows, and how many there are."""


def silent(done: int, total: int) -> None:
    """Tells nobody."""


class Layout:
    """Where each vertex stands."""

    def __init__(self, full_graph: FullGraph, progress: Progress = silent) -> None:
        self.full_graph, self.progress = full_graph, progress
        self.trace = full_graph.trace
        tree = Dominators(full_graph, lambda: progress(0, len(full_graph.call)))
        self.order, self.only, self.tail, self.parent = tree.order, tree.only, tree.tail, tree.parent
        self.size, self.joins, self._is_end = tree.size, tree.joins, tree.is_end
        count = len(full_graph.call)
        self.rows = Outline(
            nodes=full_graph.nodes,
            call=full_graph.call,
            leaf=full_graph.leaf,
            row_of=indices([NONE]) * count,
        )
        self.marks = self._marked()

    def outline(self) -> Outline:
        roots, total, turn = self._loose(), len(self.full_graph.call), 0
        stack = [
            (root, 0, NONE, 0, number + 1 < len(roots), NONE)
            for number, root in reversed([*enumerate(roots)])
        ]
        while stack:
            vertex, depth, guide, first, goes_on, via = stack.pop()
            turn += 1
            if not turn % EVERY:  # references have rows too, so there may be more of them than vertices
                self.progress(min(len(self.rows), total), total)
            if vertex < 0:
                self._emit(~vertex, RowKind.REFERENCE, depth, guide, first, via)
                continue
            leaf = self.full_graph.leaf[vertex] != NONE
            kind = RowKind.LEAF if leaf else RowKind.NODE if vertex < self.full_graph.nodes else RowKind.CALL
            self._emit(vertex, kind, depth, guide, first, via)
            for first_one, last_one in self._runs(vertex):
                self._emit_run(first_one, last_one, depth, guide)
                vertex = last_one
            spine, sides = self._split(vertex)
            last = len(spine) - 1
            stack += [
                (spine[number], depth, guide, 0, goes_on or number < last, NONE)
                for number in range(last, -1, -1)
            ]
            below = goes_on or bool(spine)
            for number in range(len(sides) - 1, -1, -1):
                side, through = sides[number]
                line = self._guide(guide, below or number < len(sides) - 1)
                stack.append((side, depth + 1, line, Mark.FIRST, False, through))
        self._ends()
        return self.rows

    def _runs(self, vertex: int) -> Iterator[tuple[int, int]]:
        """The nodes that a chain of nodes simply goes on with, up to one that takes a closer look.

        They come as runs: the first and the last of neighbours.
        """
        only, tail, parent = self.only, self.tail, self.parent
        leaf, calls, nodes = self.full_graph.leaf, self.full_graph.call, self.full_graph.nodes
        if tail[vertex] != vertex:
            yield vertex + 1, tail[vertex]
        while True:
            vertex = tail[vertex]
            target = only[vertex]
            if target == NONE or target >= nodes or parent[target] != vertex or leaf[target] != NONE:
                return
            if calls[vertex] == calls[target] != NONE:
                return
            yield target, tail[target]
            vertex = target

    def _loose(self) -> list[int]:
        """Vertices that hang on no other: the roots, and meeting points of several of them."""
        return [vertex for vertex in self.order if self.parent[vertex] == NONE]

    def _split(self, vertex: int) -> tuple[list[int], list[tuple[int, int]]]:
        """What goes on at the same depth, and the branches: vertices (inverted: references) and their via."""
        targets = self.full_graph.edges(vertex)
        if len(targets) == 1 and self.parent[targets[0]] == vertex and not self._is_end(targets[0]):
            through = self._through(vertex, targets[0])[1]
            if through == NONE:
                return targets, []
        spine = self.joins.get(vertex, [])
        own = [target for target in targets if self.parent[target] == vertex]
        inner = [target for target in own if not self._is_end(target) and target not in spine]
        kept = max(inner, key=self.size.__getitem__, default=NONE)
        if kept != NONE and self._through(vertex, kept)[1] != NONE and len(targets) > 1:
            kept = NONE
        if kept != NONE and self._outweighs(kept, spine):
            targets = [*dict.fromkeys([*targets, *spine])]
            spine = [kept]
        held = set(spine)
        leaves: list[tuple[int, int]] = []
        references: list[tuple[int, int]] = []
        inner_sides: list[tuple[int, int]] = []
        for target in targets:
            if target in held:
                continue
            end, via = self._through(vertex, target)
            if via == NONE:
                end, mine = target, self.parent[target] == vertex
            else:
                mine = self.parent[end] == self._before(via)
            item = (end if mine else ~end, via)
            if not mine and not self._is_end(end) and via == NONE:
                references.append(item)
            else:
                (leaves if self._is_end(end) else inner_sides).append(item)
        if len(references) == 1 and not spine and not inner_sides:
            return [references[0][0]], leaves
        leaves += references
        return spine, leaves + sorted(inner_sides, key=lambda item: self.size[item[0]])

    def _outweighs(self, kept: int, joins: list[int]) -> bool:
        """Whether a branch is so much longer than where the branches meet that it had better go on itself.

        Without this a small tensor used at every step of a long chain would indent the whole chain.
        """
        if not joins:
            return True
        return self.size[kept] > max(LONG, 4 * sum(self.size[join] for join in joins))

    def _before(self, via: int) -> int:
        while via in self.rows.via_next:
            via = self.rows.via_next[via]
        return via

    def _through(self, vertex: int, target: int) -> tuple[int, int]:
        """The leaf that a chain of nodes of the same call leads to, and the chain's first; else NONE."""
        call, first = self.full_graph.call[vertex], target
        if call == NONE or vertex >= self.full_graph.nodes or self._is_end(target):
            return target, NONE
        while True:
            edges = self.full_graph.edges(target)
            if self.full_graph.call[target] != call or len(edges) != 1:
                return first, NONE
            if self._is_end(edges[0]):
                return edges[0], first
            self.rows.via_next[target] = edges[0]
            target = edges[0]

    def _guide(self, parent: int, goes_on: bool) -> int:
        self.rows.guide_parent.append(parent)
        self.rows.guide_goes_on.append(int(goes_on))
        return len(self.rows.guide_parent) - 1

    def _emit(self, vertex: int, kind: RowKind, depth: int, guide: int, first: int, via: int) -> None:
        rows = self.rows
        marks = first | self._marks(vertex)
        row = len(rows.kind)
        if kind != REFERENCE:
            rows.row_of[vertex] = row
            if marks & CUT:
                rows.cuts.append(row)
        rows.kind.append(kind)
        rows.vertex.append(vertex)
        rows.depth.append(depth)
        rows.marks.append(marks)
        rows.guide.append(guide)
        rows.via.append(via)

    def _emit_run(self, first: int, last: int, depth: int, guide: int) -> None:
        """As `_emit` for each node of a run."""
        rows, row, count, marks = self.rows, len(self.rows.kind), last - first + 1, self.marks
        if count == 1:
            self._emit(first, RowKind.NODE, depth, guide, 0, NONE)
            return
        rows.row_of[first : last + 1] = indices(range(row, row + count))
        rows.vertex.extend(range(first, last + 1))
        rows.kind.extend(small([RowKind.NODE]) * count)
        rows.depth.extend(indices([depth]) * count)
        rows.marks.extend(small([0]) * count)
        rows.guide.extend(indices([guide]) * count)
        rows.via.extend(indices([NONE]) * count)
        if marks:
            for vertex in filter(marks.__contains__, range(first, last + 1)):
                at = row + vertex - first
                rows.marks[at] = marks[vertex]
                if marks[vertex] & CUT:
                    rows.cuts.append(at)

    def _marked(self) -> dict[int, int]:
        """Marks of the nodes that have any."""
        full_graph, found = self.full_graph, dict[int, int]()
        for save in full_graph.graph.stale:
            found[save.node] = STALE
        if full_graph.graph.freed != NONE:
            found[full_graph.graph.freed] = STALE
        for vertex in full_graph.cut:
            found[vertex] = found.get(vertex, 0) | CUT
        blamed = {
            index
            for index, site in enumerate(full_graph.trace.sites)
            if any(within(site, item) for item in full_graph.blames)
        }
        for vertex in self._cut_by_blocks():
            found[vertex] |= BLAMED
        if blamed:
            by_call = bytes(
                chain(map(blamed.__contains__, full_graph.trace.site), (0,))
            )  # the last is NONE's
            for vertex in compress(range(len(full_graph.call)), map(by_call.__getitem__, full_graph.call)):
                found[vertex] = found.get(vertex, 0) | BLAMED
        return found

    def _cut_by_blocks(self) -> list[int]:
        """Cuts that loud findings about a block or a decorator blame: on its own line no node is made."""
        full_graph, trace = self.full_graph, self.full_graph.trace
        about = [item for item in full_graph.blames if item.rule in modes.RULES]
        lines = {(one.file, one.line) for item in about for one in item.evidence}
        tensors = {tensor for item in about for tensor in item.tensors}
        found = []
        for vertex in full_graph.cut if about else ():
            call = full_graph.call[vertex]
            if call == NONE:
                continue
            site = trace.sites[trace.site[call]]
            taken = {trace.tensor[value] for value in trace.inputs[call]}
            if (site.file, site.line) in lines or not taken.isdisjoint(tensors):
                found.append(vertex)
        return found

    def _marks(self, vertex: int) -> int:
        marks, full_graph = self.marks.get(vertex, 0), self.full_graph
        if vertex >= full_graph.nodes and vertex not in full_graph.tracked:
            call = full_graph.call[vertex]
            if call == NONE or self.trace.kind[call] != Kind.RAISED:
                marks |= SEVERED
        return marks

    def _ends(self) -> None:
        depths, count = self.rows.depth, len(self.rows)
        ends = indices(range(1, count + 1))  # where the next row has the same depth, a row ends there
        # Rows below that something deeper may still end at, the nearest and deepest last.
        waiting, past = [(count, NONE)], count
        falls_or_rises = compress(range(1, count), map(ne, depths, islice(depths, 1, None)))
        for first in reversed([0, *falls_or_rises] if count else []):
            depth = depths[first]
            while waiting[-1][1] > depth:
                waiting.pop()
            ends[past - 1] = waiting[-1][0]
            if waiting[-1][1] == depth:
                waiting[-1] = (first, depth)
            else:
                waiting.append((first, depth))
            past = first
        self.rows.end.extend(ends)


def within(site: Site, finding: Finding) -> bool:
    """Whether a place is part of the expression that a finding names."""
    return (
        site.file == finding.file
        and (finding.line, finding.column) <= (site.line, site.column)
        and (site.end_line, site.end_column) <= (finding.end_line, finding.end_column)
    )
