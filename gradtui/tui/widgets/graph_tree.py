"""The tree of the backward graph, and beyond its cuts of what it would have been."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from gradtui.diagnosis.outline import Mark, Outline, RowKind
from gradtui.model.columns import NONE
from gradtui.tui.gradients import brief
from gradtui.tui.labels import Label, module_text, shape_text
from gradtui.tui.palette import (
    ACCENT,
    CUT,
    CUT_PARAMETER,
    DOWN,
    FOLDED,
    MUTED,
    NEXT,
    NODE,
    OPEN,
    PARAMETER,
    REACHED,
    SCISSORS,
    SEVERED,
    UP,
    WARNING,
)
from gradtui.tui.passage import Passage
from gradtui.tui.view import View
from gradtui.tui.widgets.rows import Matcher, Rows

GRADIENT = 11
"""Cells for the norm of what a node was handed: `0.0123→✗NaN`."""
LINE_ONLY = 6
"""Cells for a place that is only a line: `:1234`."""
DEEPEST = 12
"""Steps of depth that are drawn; what is deeper stands at this depth and says how deep it is."""


class Folds:
    """Which rows are hidden: the rows of an outline without what stands under the folded ones.

    Kept as the outermost hidden ranges, so that folding costs by the number of folds and not by that of rows.
    """

    def __init__(self, rows: Outline) -> None:
        self.rows = rows
        self.folded: set[int] = set()
        self._renew()

    def __len__(self) -> int:
        return len(self.rows) - self._hidden

    def fold(self, rows: Iterable[int]) -> None:
        self.folded.update(row for row in rows if self.rows.end[row] > row + 1)
        self._renew()

    def unfold(self, rows: Iterable[int]) -> None:
        self.folded.difference_update(rows)
        self._renew()

    def show(self, row: int) -> None:
        """Unfold whatever hides a row."""
        hiding = [fold for fold in self.folded if fold < row < self.rows.end[fold]]
        if hiding:
            self.unfold(hiding)

    def row(self, index: int) -> int:
        """The row that is seen as the one of this number."""
        number = bisect_right(self._shown_before, index) - 1
        return index if number < 0 else self._ends[number] + index - self._shown_before[number]

    def index(self, row: int) -> int:
        """The number under which a row is seen, or that of the fold that hides it."""
        number = bisect_right(self._starts, row) - 1
        if number < 0:
            return row
        if row < self._ends[number]:
            return self._shown_before[number] - 1
        return self._shown_before[number] + row - self._ends[number]

    def _renew(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._shown_before: list[int] = []
        self._hidden, past = 0, 0
        for fold in sorted(self.folded):
            if fold < past:
                continue
            past = self.rows.end[fold]
            self._starts.append(fold + 1)
            self._ends.append(past)
            self._shown_before.append(fold + 1 - self._hidden)
            self._hidden += past - fold - 1


class GraphTree(Rows):
    """Rows of the graph; folding, references, and going from cut to cut."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "fold", "Fold or unfold", show=False),
        Binding("h,left", "inward", "Fold, or to the row above", show=False),
        Binding("l,right", "outward", "Unfold, or into the branch", show=False),
        Binding("minus", "fold_all", "Fold everything", show=False),
        Binding("plus,equals_sign", "unfold_all", "Unfold everything", show=False),
    ]

    MARKED = True

    view: reactive[View | None] = reactive(None, init=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.folds = Folds(Outline())
        self.needs = Needs()
        self.passage = Passage()
        """What backward did with the nodes so far."""
        self.next_row = NONE
        """The row of the node that comes next."""

    def watch_view(self, before: View | None, view: View | None) -> None:
        if before is not None and view is not None and before.rows is view.rows:
            return  # more was found, in the same tree
        self.folds = Folds(view.rows if view is not None else Outline())
        self.needs = needs(view) if view is not None else Needs()
        self.set_reactive(GraphTree.cursor, 0)
        self.scroll_to(y=0, animate=False)
        self.renew()

    @property
    def count(self) -> int:
        return len(self.folds)

    @property
    def row(self) -> int:
        """The row under the cursor, NONE in an empty tree."""
        return self.folds.row(self.cursor) if self.count else NONE

    def go_to(self, row: int) -> None:
        """Put the cursor on a row, wherever it is hidden."""
        self.folds.show(row)
        self.renew()
        self.cursor = self.folds.index(row)

    def go_to_cut(self, step: int) -> bool:
        """Put the cursor on the next or previous cut, round the end; False where there is none."""
        cuts = self.folds.rows.cuts
        if not cuts:
            return False
        after = [cut for cut in cuts if (cut - self.row) * step > 0]
        self.go_to((min if step > 0 else max)(after or cuts))
        return True

    def follow(self) -> bool:
        """Go where a reference points; False where the cursor isn't on one."""
        row = self.row
        if row == NONE or self.folds.rows.kind[row] != RowKind.REFERENCE:
            return False
        self.go_to(self.folds.rows.target(row))
        return True

    def matcher(self, query: str) -> Matcher:
        """Tells which rows of the outline, hidden ones too, contain a text."""
        return self.view.labels.matcher(query) if self.view is not None else _never

    def find(self, query: str, step: int, *, stay: bool = False) -> bool:
        """Move to the next row that contains the query, also where it is folded away."""
        matches, rows = self.matcher(query), len(self.folds.rows)
        first = self.row + (0 if stay else step)
        for number in range(rows):
            row = (first + number * step) % rows
            if matches(row):
                self.go_to(row)
                return True
        return False

    def action_fold(self) -> None:
        row = self.row
        if row in self.folds.folded:
            self._change(self.folds.unfold, [row])
        elif row != NONE:
            self._change(self.folds.fold, [row if self.foldable(row) else self._out(row)])

    def action_inward(self) -> None:
        row = self.row
        if row == NONE:
            return
        if self.foldable(row) and row not in self.folds.folded:
            self._change(self.folds.fold, [row])
        else:
            self.cursor = self.folds.index(self._out(row))

    def action_outward(self) -> None:
        row = self.row
        if row in self.folds.folded:
            self._change(self.folds.unfold, [row])
        elif row != NONE and self.foldable(row):
            self.cursor += 1

    def action_fold_all(self) -> None:
        row = self.row
        self.folds.fold(range(len(self.folds.rows)))
        self._settle(row)

    def action_unfold_all(self) -> None:
        row = self.row
        self.folds = Folds(self.folds.rows)
        self._settle(row)

    def foldable(self, row: int) -> bool:
        return self.folds.rows.end[row] > row + 1

    def _out(self, row: int) -> int:
        return max(0, self.folds.rows.parent(row))

    def _change(self, change: object, rows: list[int]) -> None:
        assert callable(change)
        change(rows)
        self._settle(rows[0])

    def _settle(self, row: int) -> None:
        self.renew()
        self.cursor = self.folds.index(max(0, row))
        self.call_after_refresh(self.show_cursor)

    # drawing

    def line(self, index: int, width: int) -> Text:
        assert self.view is not None
        row = self.folds.row(index)
        rows, label = self.folds.rows, self.view.labels.label(row)
        severed = bool(rows.marks[row] & Mark.SEVERED)
        text = self._guides(row)
        text.append_text(self._sign(row))
        gradient = GRADIENT if self.passage.begun else 0
        columns = _columns(width - gradient - bool(gradient), self.needs)
        style = self._style(row)
        words = self._words(row, label)
        room = columns[0] - text.cell_len
        fit = _ending if label.path else _cell
        if row in self.folds.folded:
            hidden = f" {FOLDED}{rows.end[row] - row - 1:,}"
            text.append(fit(words, max(4, room - len(hidden) - 1)).rstrip(), style)
            text.append(hidden, ACCENT)
            text.append(" " * max(0, columns[0] - text.cell_len))
        else:
            text.append(fit(words, max(4, room)), style)
        text.append(" ").append(_cell(label.name, columns[1]), self._name_style(row))
        if gradient:
            text.append(" ").append_text(self._gradient(row, gradient))
        if columns[2]:
            text.append(" ").append(_cell(label.shape, columns[2]), MUTED if severed else "")
        if columns[3]:
            text.append(" ").append(_cell(label.module, columns[3]), MUTED)
        if columns[4]:
            place = label.place if columns[4] > LINE_ONLY else label.place[label.place.rfind(":") :]
            text.append(" ").append(_ending(place, columns[4]), MUTED)
        return text

    def _gradient(self, row: int, width: int) -> Text:
        """The norm of what the row's node was handed, coloured by its health."""
        vertex = self.folds.rows.vertex[row]
        passed = self.passage.of(vertex) if vertex < self.folds.rows.nodes else None
        text = brief(passed) if passed is not None else Text()
        text.truncate(width, overflow="ellipsis", pad=True)
        return text

    def _guides(self, row: int) -> Text:
        rows, text = self.folds.rows, Text()
        guides = rows.guides(row)
        if len(guides) > DEEPEST:
            text.append(f"{len(guides)}… ", MUTED)
            guides = guides[-DEEPEST:]
        severed = bool(rows.marks[row] & Mark.SEVERED)
        style = CUT if severed else MUTED
        for number, goes_on in enumerate(guides):
            if number == len(guides) - 1 and rows.marks[row] & Mark.FIRST:
                text.append("├ " if goes_on else "└ ", style)
            else:
                bar = SEVERED if severed else "│"
                text.append(f"{bar} " if goes_on else "  ", style)
        return text

    def _sign(self, row: int) -> Text:
        rows = self.folds.rows
        marks, kind = rows.marks[row], rows.kind[row]
        if row == self.next_row:
            return Text("✗ ", f"bold {CUT}") if self.passage.raised else Text(f"{NEXT} ", f"bold {ACCENT}")
        if kind == RowKind.REFERENCE:
            return Text(f"{UP if rows.target(row) < row else DOWN} ", MUTED)
        if self.view is not None and self.view.labels.raised(row):
            return Text("✗ ", f"bold {CUT}")
        if marks & Mark.CUT:
            return Text(f"{SCISSORS} ", f"bold {CUT}" if marks & Mark.BLAMED else WARNING)
        if kind == RowKind.LEAF:
            return Text(f"{CUT_PARAMETER} ", CUT) if marks & Mark.SEVERED else Text(f"{PARAMETER} ", REACHED)
        if marks & Mark.STALE:
            return Text("! ", f"bold {CUT}")
        if row in self.folds.folded:
            return Text(f"{FOLDED} ", ACCENT)
        if marks & Mark.SEVERED:
            return Text(f"{SEVERED} ", CUT)
        return Text(f"{OPEN if self.foldable(row) else NODE} ", MUTED)

    def _words(self, row: int, label: Label) -> str:
        rows = self.folds.rows
        if rows.kind[row] == RowKind.NODE and row and rows.depth[row - 1] == rows.depth[row]:
            before, here = rows.call[rows.vertex[row - 1]], rows.call[rows.vertex[row]]
            if before == here != NONE:
                return "″"
        return label.words

    def _style(self, row: int) -> str:
        marks, kind = self.folds.rows.marks[row], self.folds.rows.kind[row]
        if kind == RowKind.REFERENCE:
            return MUTED
        if marks & Mark.CUT:
            return f"bold {CUT}" if marks & Mark.BLAMED else WARNING
        if marks & Mark.SEVERED:
            return CUT
        if self.view is not None and self.view.labels.raised(row):
            return f"bold {CUT}"
        return "bold" if kind == RowKind.LEAF else ""

    def _name_style(self, row: int) -> str:
        marks, kind = self.folds.rows.marks[row], self.folds.rows.kind[row]
        if marks & Mark.CUT:
            return f"bold {CUT}" if marks & Mark.BLAMED else WARNING
        if kind == RowKind.LEAF:
            return CUT if marks & Mark.SEVERED else REACHED
        if marks & Mark.STALE or (self.view is not None and self.view.labels.raised(row)):
            return f"bold {CUT}"
        return MUTED


def _never(_row: int) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Needs:
    """The widest that stands in each column of one tree."""

    shape: int = 8
    module: int = 0
    place: int = 8
    one_file: bool = False
    """Whether all rows come from one file, so that the line alone says where."""


def needs(view: View) -> Needs:
    """How wide the columns of a tree had better be; looks at each different text once."""
    trace, graph = view.snapshot.trace, view.labels.graph
    shapes = (*trace.shapes, *graph.shapes)
    modules = [module_text(module) for module in view.snapshot.modules]
    places = [site for site in trace.sites if site.user and site.line]
    return Needs(
        shape=max((len(shape_text(shape)) for shape in shapes), default=2),
        module=max(map(len, modules), default=0),
        place=max((len(site.place) for site in places), default=4),
        one_file=len({site.file for site in places}) < 2,
    )


def _columns(width: int, need: Needs) -> tuple[int, int, int, int, int]:
    """Widths of words, name, shape, module and place; those there is no room for are 0."""
    if width < 40:
        return width - 15, 14, 0, 0, 0
    place = min(need.place, max(6, width * 22 // 100))
    if place < need.place and need.one_file:
        place = LINE_ONLY
    shape = 0 if width < 56 else min(need.shape, max(13, width * 16 // 100))
    module = 0 if width < 90 else min(need.module, width * 20 // 100)
    rest = width - sum(part + 1 for part in (place, shape, module) if part) - 1
    words = rest * 54 // 100
    return words, rest - words, shape, module, place


def _ending(text: str, width: int) -> str:
    """The text, its beginning left out where it is too long: a place ends with the line's number."""
    return _cell(text, width) if len(text) <= width else f"…{text[len(text) - width + 1 :]}"


def _cell(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(0, width - 1)) + "…"
