"""What each line of source made of the graph: what the margin of the source pane tells."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass

from gradtui.diagnosis.outline import Mark, Outline, RowKind
from gradtui.model.columns import NONE
from gradtui.model.trace import Trace

SEVERED, CUT, BLAMED = Mark.SEVERED, Mark.CUT, Mark.BLAMED
REFERENCE = int(RowKind.REFERENCE)
BLOCK = 10_000
"""Rows that are counted at once."""


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

    def add(self, row: int, marks: int, count: int) -> None:
        """Rows of equal marks, of which this is the first."""
        if marks & SEVERED:
            self.severed += count
        else:
            self.nodes += count
        if self.row == NONE or (marks & CUT, -row) > (self.marks & CUT, -self.row):
            self.row = row
        self.marks |= marks


def made_by_lines(rows: Outline, trace: Trace) -> dict[str, dict[int, Made]]:
    """By file and line what the tree has of it."""
    by_site: dict[int, _Tally] = {}
    # A million rows are of a few sorts: rows are counted by functions written in C, a block at a time.
    first: dict[tuple[int, int, int], int] = {}  # by site, kind and marks
    site_of_call = trace.site + array(trace.site.typecode, [NONE])  # the last place is NONE's
    for start in range(0, len(rows), BLOCK):
        end = min(start + BLOCK, len(rows))
        sites = [*map(site_of_call.__getitem__, map(rows.call.__getitem__, rows.vertex[start:end]))]
        sorts = [*zip(sites, rows.kind[start:end], rows.marks[start:end], strict=True)]
        counts = Counter(sorts)
        if not counts.keys() <= first.keys():
            first = {**dict(zip(reversed(sorts), reversed(range(start, end)), strict=True)), **first}
        for sort, count in counts.items():
            site, kind, marks = sort
            if site != NONE and kind != REFERENCE:
                by_site.setdefault(site, _Tally()).add(first[sort], marks, count)
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
