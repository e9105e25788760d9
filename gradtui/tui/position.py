"""Where the user is on the screen, by names and places: what can be found again after another run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gradtui.diagnosis.outline import RowKind
from gradtui.diagnosis.outline.lines import Lines
from gradtui.diagnosis.verdicts import Found
from gradtui.model.columns import NONE
from gradtui.tui.moved_lines import MovedLines
from gradtui.tui.tree_filters import Filter
from gradtui.tui.view import View

LOOKED_AT = 2_000_000
"""Rows that may be looked at to find the folded ones again; in larger trees only modules stay folded."""


@dataclass(frozen=True, slots=True)
class Named:
    """A row of the tree as it could be told to somebody."""

    name: str
    """Of the node or the function, or the parameter's full name."""
    file: str = ""
    line: int = 0
    number: int = 0
    """Which of the rows with this name and place, from 0."""
    leaf: bool = False


@dataclass(frozen=True, slots=True)
class Folds:
    """Which lines of the tree are folded."""

    known: frozenset[str] = frozenset()
    """Paths of all groups that there were."""
    groups: frozenset[str] = frozenset()
    """Paths of those that are folded."""
    rows: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """Everything that is to be found again."""

    pane: str = ""
    front: str = ""
    zoomed: str = ""
    row: Named | None = None
    folds: Folds = field(default_factory=Folds)
    filter: Filter = Filter.NOTHING
    parameter: str = ""
    """The name under the cursor of the table."""
    number: int = 0
    """Which of the findings the headline is about."""
    findings: tuple[Found, ...] = ()

    def moved(self, by: MovedLines) -> Position:
        """The same places in files that were edited."""
        folds = replace(self.folds, rows=tuple(_moved(row, by) for row in self.folds.rows))
        findings = tuple(
            replace(item, line=by.line(item.finding.file, item.line) if item.line else 0)
            for item in self.findings
        )
        row = _moved(self.row, by) if self.row else None
        return replace(self, row=row, folds=folds, findings=findings)


def _moved(row: Named, by: MovedLines) -> Named:
    return replace(row, line=by.line(row.file, row.line)) if row.line else row


# rows


def named(view: View, row: int) -> Named:
    """What a row is called, and where it was made."""
    rows, vertex = view.rows, view.rows.vertex[row]
    leaf = rows.leaf[vertex]
    if leaf != NONE:
        parameter = view.labels.parameters.get(leaf)
        return Named(parameter.name if parameter else "", leaf=True)
    site = view.labels.site_of(row)
    name = Named(_name(view, vertex), site.file if site else "", site.line if site else 0)
    return replace(name, number=_fitting(view, name).index(rows.target(row)))


def found(view: View, name: Named) -> int:
    """The row of a name, or at least one of its line; NONE where there is none any more."""
    if name.leaf:
        parameters = (item for item in view.snapshot.parameters if name.name in item.names)
        rows = (view.labels.row_of_leaf.get(item.tensor, NONE) for item in parameters)
        return next((row for row in rows if row != NONE), NONE)
    fitting = _fitting(view, name)
    if fitting:
        return fitting[min(name.number, len(fitting) - 1)]
    return view.row_at(name.file, name.line) if name.line else NONE


def _fitting(view: View, name: Named) -> list[int]:
    """All rows of a name and place, from the top."""
    rows, trace = view.rows, view.snapshot.trace
    sites = {
        index
        for index, site in enumerate(trace.sites)
        if (site.file, site.line) == (name.file, name.line)
    }  # fmt: skip
    fitting = []
    for row, vertex in enumerate(rows.vertex):
        if rows.kind[row] in (RowKind.REFERENCE, RowKind.LEAF):
            continue
        call = rows.call[vertex]
        at_place = trace.site[call] in sites if call != NONE else not name.file
        if at_place and _name(view, vertex) == name.name:
            fitting.append(row)
    return fitting


def _name(view: View, vertex: int) -> str:
    if vertex < view.rows.nodes:
        return view.labels.graph.node_name(vertex)
    call = view.rows.call[vertex]
    return view.snapshot.trace.call(call).function if call != NONE else ""


# folds


def folds(view: View, lines: Lines) -> Folds:
    """What is folded now."""
    places = lines.folded
    groups = {number for place in places if (number := lines.group_at(place)) != NONE}
    alone = [place for place in places if lines.group_at(place) == NONE]
    if len(alone) * len(lines.rows) > LOOKED_AT:
        alone = []
    return Folds(
        known=frozenset(lines.groups.path),
        groups=frozenset(lines.groups.path[number] for number in groups),
        rows=tuple(named(view, lines.row_at(place)) for place in alone),
    )


def fold_again(view: View, lines: Lines, before: Folds) -> None:
    """Fold what was folded; a module that wasn't there before stays as it opened."""
    now = {number for place in lines.folded if (number := lines.group_at(place)) != NONE}
    folded = {
        number
        for number, path in enumerate(lines.groups.path)
        if (path in before.groups if path in before.known else number in now)
    }
    places = {lines.head(number) for number in folded}
    rows = (found(view, name) for name in before.rows)
    places |= {lines.place(row) for row in rows if row != NONE and lines.foldable(lines.place(row))}
    lines.fold_only(sorted(places))
