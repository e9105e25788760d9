"""Which rows a filter keeps: only cuts, only parameters, one module, or everything but library glue."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from gradtui.diagnosis.outline.groups import Groups
from gradtui.diagnosis.outline.rows import Mark, Outline, RowKind
from gradtui.model.columns import NONE, ints, places
from gradtui.model.graph import Graph
from gradtui.model.snapshot import Snapshot

GLUE_NODES = frozenset(
    f"{name}Backward{number}"
    for name in (
        "View", "UnsafeView", "ReshapeAlias", "Reshape", "T", "Transpose", "Permute", "Expand", "Squeeze",
        "Unsqueeze", "Alias", "Clone", "Contiguous", "AsStrided", "Unflatten", "SwapAxes", "MovedimInt",
    )
    for number in range(3)
)  # fmt: skip
"""Nodes that hand a gradient on in another shape or order."""
GLUE_CALLS = frozenset(
    f"{owner}.{name}"
    for owner in ("Tensor", "torch")
    for name in (
        "view", "reshape", "t", "transpose", "permute", "expand", "squeeze", "unsqueeze", "contiguous",
        "flatten", "unflatten", "clone", "expand_as", "view_as", "T", "mT",
    )
)  # fmt: skip
"""Calls beyond a cut that are no more than that."""
TELLING = Mark.CUT | Mark.BLAMED | Mark.STALE
SEVERED, CUT = Mark.SEVERED, Mark.CUT


def severed(rows: Outline) -> array[int]:
    """Rows that backward doesn't reach, and the cuts."""
    return places(rows.marks, [marks for marks in range(Mark.ALL + 1) if marks & (SEVERED | CUT)])


def leaves(rows: Outline) -> array[int]:
    """Rows of tensors that could take a gradient."""
    return places(rows.kind, (RowKind.LEAF,))


def references(rows: Outline) -> array[int]:
    """Rows of what stands elsewhere."""
    return places(rows.kind, (RowKind.REFERENCE,))


def inside(rows: Outline, groups: Groups, row: int) -> array[int]:
    """The rows of the innermost module around a row; all of them where there is none."""
    group = groups.around(row)
    return ints(range(len(rows)) if group == NONE else range(groups.start[group], groups.end[group]))


def of_nodes(rows: Outline, nodes: Collection[int]) -> array[int]:
    """The rows of these nodes."""
    return ints(sorted({rows.row_of[node] for node in nodes if rows.row_of[node] != NONE}))


def without_glue(rows: Outline, snapshot: Snapshot) -> array[int]:
    """Rows without those that only reshape, unless they are cuts or something branches off them."""
    graph, trace, telling = snapshot.graph or Graph(), snapshot.trace, TELLING
    glue = bytearray(text in GLUE_NODES for text in graph.names)
    glue_calls = bytearray(text in GLUE_CALLS for text in trace.functions)
    name, function = graph.name, trace.function
    found = ints()
    for row, vertex in enumerate(rows.vertex):
        if vertex < rows.nodes:
            is_glue = glue[name[vertex]]
        else:
            call = rows.call[vertex]
            is_glue = glue_calls[function[call]] if call != NONE else 0
        if not is_glue or rows.end[row] > row + 1 or rows.marks[row] & telling:
            found.append(row)
    return found


def dead_ends(rows: Outline) -> array[int]:
    """Where backward ends though the way goes on, and no cut says why: the first row of each such part.

    What refers to a part that is cut ends for that, wherever it stands.
    """
    parts = [*_severed_parts(rows)]
    explained = {
        place
        for place, (start, end) in enumerate(parts)
        if any(rows.marks[row] & CUT for row in range(start, end))
    }
    if len(explained) < len(parts):
        explained = _spread(explained, _leading(rows, parts))
    return ints(start for place, (start, _) in enumerate(parts) if place not in explained)


def severed_with(rows: Outline, wanted: Callable[[int], bool]) -> array[int]:
    """Rows in parts that backward doesn't reach, and that hold a row that is `wanted`; with them those parts
    that refer to these, and those that these refer to."""
    parts = [branch for part in _severed_parts(rows) for branch in _branches(rows, *part)]
    first = {place for place, (start, end) in enumerate(parts) if any(map(wanted, range(start, end)))}
    found = set(first)
    if 0 < len(first) < len(parts):
        leads = _leading(rows, parts)
        led = dict[int, set[int]]()
        for to, places_from in leads.items():
            for place in places_from:
                led.setdefault(place, set()).add(to)
        found = _spread(first, leads) | _spread(first, led)
    return ints(row for place in sorted(found) for row in range(*parts[place]))


def _severed_parts(rows: Outline) -> Iterator[tuple[int, int]]:
    """Where each run of rows that backward doesn't reach begins, and where it ends."""
    first = NONE
    if not any(marks & SEVERED for marks in set(rows.marks)):
        return
    for row, marks in enumerate(rows.marks):
        if marks & SEVERED:
            first = row if first == NONE else first
        elif first != NONE:
            yield first, row
            first = NONE
    if first != NONE:
        yield first, len(rows.marks)


def _branches(rows: Outline, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Such a run by what begins anew in it: an operand of something else, which stands no deeper."""
    first = start
    for row in range(start + 1, end):
        depth = rows.depth[row] - rows.depth[first]
        if depth < 0 or (not depth and rows.marks[row] & Mark.FIRST):
            yield first, row
            first = row
    yield first, end


def _leading(rows: Outline, parts: Sequence[tuple[int, int]]) -> dict[int, set[int]]:
    """By part those that refer to it."""
    starts, leads = [start for start, _ in parts], dict[int, set[int]]()
    for place, (start, end) in enumerate(parts):
        for row in range(start, end):
            if rows.kind[row] == RowKind.REFERENCE:
                target = rows.target(row)
                other = bisect_right(starts, target) - 1
                if other >= 0 and target < parts[other][1]:
                    leads.setdefault(other, set()).add(place)
    return leads


def _spread(first: Collection[int], leads: Mapping[int, Collection[int]]) -> set[int]:
    """What is come to from these."""
    found, due = set(first), [*first]
    while due:
        fresh = set(leads.get(due.pop(), ())) - found
        found |= fresh
        due += fresh
    return found
