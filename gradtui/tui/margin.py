"""What each line of source made of the graph: what the margin of the source pane tells."""

from __future__ import annotations

from dataclasses import dataclass

from gradtui.diagnosis.outline import Mark, Outline, RowKind
from gradtui.model.columns import NONE
from gradtui.model.trace import Trace

SEVERED, CUT, BLAMED = int(Mark.SEVERED), int(Mark.CUT), int(Mark.BLAMED)


@dataclass(frozen=True, slots=True)
class Made:
    """What the graph has of one line."""

    nodes: int = 0
    severed: int = 0
    cut: bool = False
    blamed: bool = False
    row: int = NONE
    """The row that the line is best known by: a cut, or the first."""

    @property
    def count(self) -> int:
        return self.nodes + self.severed


@dataclass(slots=True)
class _Tally:
    nodes: int = 0
    severed: int = 0
    marks: int = 0
    row: int = NONE

    def add(self, row: int, marks: int) -> None:
        if marks & SEVERED:
            self.severed += 1
        else:
            self.nodes += 1
        if self.row == NONE or (marks & CUT and not self.marks & CUT):
            self.row = row
        self.marks |= marks


def made_by_lines(rows: Outline, trace: Trace) -> dict[str, dict[int, Made]]:
    """By file and line what the tree has of it."""
    by_site: dict[int, _Tally] = {}
    for row, vertex in enumerate(rows.vertex):
        call = rows.call[vertex]
        if call != NONE and rows.kind[row] != RowKind.REFERENCE:
            site = trace.site[call]
            tally = by_site.get(site)
            if tally is None:
                tally = by_site[site] = _Tally()
            tally.add(row, rows.marks[row])
    found: dict[str, dict[int, Made]] = {}
    for index, tally in by_site.items():
        site_of = trace.sites[index]
        lines = found.setdefault(site_of.file, {})
        lines[site_of.line] = _together(lines.get(site_of.line, Made()), tally)
    return found


def _together(known: Made, tally: _Tally) -> Made:
    cut = bool(tally.marks & CUT)
    earlier = known.row == NONE or (cut and not known.cut) or (cut == known.cut and tally.row < known.row)
    return Made(
        known.nodes + tally.nodes,
        known.severed + tally.severed,
        known.cut or cut,
        known.blamed or bool(tally.marks & BLAMED),
        tally.row if earlier else known.row,
    )
