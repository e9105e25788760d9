"""What each line of source made of the graph: what the margin of the source pane tells."""

from __future__ import annotations

from dataclasses import dataclass

from gradtui.diagnosis.outline import Mark, Outline
from gradtui.model.columns import NONE
from gradtui.model.trace import Trace


@dataclass(frozen=True, slots=True)
class Made:
    """What the graph has of one line."""

    nodes: int = 0
    severed: int = 0
    cut: bool = False
    blamed: bool = False


def made_by_lines(rows: Outline, trace: Trace) -> dict[str, dict[int, Made]]:
    """By file and line what the tree has of it."""
    found: dict[str, dict[int, Made]] = {}
    by_site: dict[int, list[int]] = {}
    for row, vertex in enumerate(rows.vertex):
        call = rows.call[vertex]
        if call != NONE:
            tally = by_site.setdefault(trace.site[call], [0, 0, 0, 0])
            marks = rows.marks[row]
            tally[0] += not marks & Mark.SEVERED
            tally[1] += bool(marks & Mark.SEVERED)
            tally[2] |= bool(marks & Mark.CUT)
            tally[3] |= bool(marks & Mark.BLAMED)
    for index, (nodes, severed, cut, blamed) in by_site.items():
        site = trace.sites[index]
        lines = found.setdefault(site.file, {})
        known = lines.get(site.line, Made())
        lines[site.line] = Made(
            known.nodes + nodes, known.severed + severed, known.cut or bool(cut), known.blamed or bool(blamed)
        )
    return found
