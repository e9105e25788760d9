"""What a picture draws as one box: each vertex, or of a large graph a module, or a stretch of rows.

It folds what the tree folds, and opens the outer modules first, while there is room. What findings are about
is drawn in any case, with what stands around it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from gradtui.diagnosis.outline.full_graph import FullGraph
from gradtui.diagnosis.outline.groups import Groups
from gradtui.diagnosis.outline.lines import Lines
from gradtui.diagnosis.outline.rows import Mark, Outline, RowKind
from gradtui.model.columns import NONE, indices

WHOLE = 100
"""Vertices up to which all of a graph is drawn."""
ROOM = 60
"""Lines of a larger one that are opened, beside those around what findings are about."""
MANY = 16
"""Alike modules from which on they stand in one box; of fewer each has its own, and one is opened."""
PLACES = 10
"""How many places that findings name, and cuts, are opened."""
AROUND = 6
"""Lines before and after such a place that are drawn."""
BEGINNING = 12
"""Lines at the loss that are drawn of a graph which no module divides."""


@dataclass(slots=True)
class Box:
    """One box: a vertex, or all that is folded into it."""

    vertex: int = NONE
    """NONE where several are folded into it."""
    group: int = NONE
    """The innermost group that is drawn around it."""
    path: str = ""
    """Of a module that is folded, or of several that repeat."""
    repeats: int = 0
    """How many alike modules are folded; 0 for a single one, or for a stretch of rows."""
    nodes: int = 0
    calls: int = 0
    """Beyond cuts."""
    leaves: int = 0
    cuts: int = 0

    @property
    def size(self) -> int:
        """How many vertices are in it."""
        return self.nodes + self.calls + self.leaves

    @property
    def folded(self) -> bool:
        return self.vertex == NONE


class Boxes:
    """The boxes of one graph, and in which of them each vertex is."""

    def __init__(self, full_graph: FullGraph, rows: Outline, groups: Groups) -> None:
        self.full_graph, self.rows, self.groups = full_graph, rows, groups
        self.lines = Lines(rows, groups)
        self.boxes: list[Box] = []
        self.of: array[int] = indices([NONE]) * len(full_graph.call)
        """By vertex its box, NONE for what isn't drawn."""
        self.folds = len(full_graph.call) > WHOLE
        if self.folds:
            places = self._places()
            self.lines.fold_only(map(self.lines.head, range(len(groups))))
            for row in places:
                self.lines.show(row)
            self._open()
            self._fill(self._by_line(places))
        else:
            self._fill({})
        self._count()

    def drawn_around(self, row: int) -> int:
        """The innermost open group of a row that is drawn: one of modules that repeat isn't."""
        return self._drawn(self.groups.around(row))

    def parent(self, group: int) -> int:
        """The group that is drawn around another."""
        return self._drawn(self.groups.parent[group])

    def _drawn(self, group: int) -> int:
        while group != NONE and self.groups.repeats[group]:
            group = self.groups.parent[group]
        return group

    def _open(self) -> None:
        """Open groups from the outside in, while there is room for what they hold."""
        lines, groups = self.lines, self.groups
        inner: dict[int, list[int]] = {}
        for group, parent in enumerate(groups.parent):
            inner.setdefault(parent, []).append(group)
        waiting = inner.get(NONE, [])[:ROOM]
        for group in waiting:
            if groups.repeats[group] >= MANY:
                continue
            if lines.is_folded(lines.head(group)):
                lines.unfold(lines.head(group))
                if len(lines) > ROOM:
                    lines.fold(lines.head(group))
                    continue
            members = inner.get(group, [])
            waiting += members[:1] if groups.repeats[group] else members[: ROOM - len(waiting)]

    def _places(self) -> list[int]:
        """Rows that findings are about, or where tracking stops: the first few, the blamed before others."""
        kinds, marks = self.rows.kind, self.rows.marks
        told = Mark.CUT | Mark.BLAMED | Mark.STALE
        found = [row for row, mark in enumerate(marks) if mark & told and kinds[row] != RowKind.REFERENCE]
        return sorted(found, key=lambda row: not marks[row] & (Mark.BLAMED | Mark.STALE))[:PLACES]

    def _by_line(self, places: list[int]) -> dict[int, int]:
        """By its number the box that all of a line is in; there is none where each vertex has its own."""
        lines, found = self.lines, dict[int, int]()
        kept = self._kept(places)
        before, stretch = NONE, NONE
        for number in range(len(lines)):
            place = lines.at(number)
            group = lines.group_at(place)
            if group != NONE and not lines.is_folded(place):
                stretch = NONE  # it stands on top of what is drawn inside it
                continue
            around = (
                self._drawn(self.groups.parent[group])
                if group != NONE
                else self.drawn_around(lines.row_at(place))
            )
            if kept is not None and number not in kept:
                if stretch == NONE or around != before:
                    stretch = self._add(Box(group=around))
                found[number], before = stretch, around
                continue
            stretch = NONE
            if group != NONE:
                path, repeats = self.groups.path[group], self.groups.repeats[group]
                found[number] = self._add(Box(group=around, path=path, repeats=repeats))
        return found

    def _kept(self, places: list[int]) -> set[int] | None:
        """The lines that are drawn as they are, where even folded there are too many; None where all are."""
        lines = self.lines
        if len(lines) <= WHOLE:
            return None
        kept = set(range(BEGINNING))
        for row in places:
            number = lines.index(lines.place(row))
            kept.update(range(number - AROUND, number + AROUND + 1))
        return kept

    def _fill(self, by_line: dict[int, int]) -> None:
        """Put each vertex into its box."""
        rows, lines = self.rows, self.lines
        for vertex in range(len(self.of)):
            row = rows.row_of[vertex]
            if row == NONE:
                row = rows.row_of_node(vertex)
            if row == NONE:
                continue  # nothing leads to it
            box = by_line.get(lines.index(lines.place(row)), NONE)
            self.of[vertex] = self._add(Box(vertex, self.drawn_around(row))) if box == NONE else box

    def _add(self, box: Box) -> int:
        self.boxes.append(box)
        return len(self.boxes) - 1

    def _count(self) -> None:
        full_graph, last = self.full_graph, dict[int, int]()
        for vertex, number in enumerate(self.of):
            if number == NONE:
                continue
            box = self.boxes[number]
            if full_graph.leaf[vertex] != NONE:
                box.leaves += 1
            elif vertex < full_graph.nodes:
                box.nodes += 1
            else:
                box.calls += 1
            box.cuts += vertex in full_graph.cut
            if box.folded and not box.path:
                last[number] = vertex
        for number, vertex in last.items():
            if self.boxes[number].size == 1:  # a stretch of one
                self.boxes[number].vertex = vertex

    def drawn(self) -> Iterator[tuple[int, Box]]:
        """The boxes that something is in, with their numbers: a stretch may be of references alone."""
        return ((n, box) for n, box in enumerate(self.boxes) if box.size)
