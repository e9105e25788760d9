"""The tree of the backward graph, and beyond its cuts of what it would have been."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from gradtui.diagnosis.outline import Mark, Outline, RowKind
from gradtui.diagnosis.outline.lines import Lines, opened
from gradtui.diagnosis.outline.row_filters import dead_ends
from gradtui.model.columns import NONE
from gradtui.tui.empty import without_rows
from gradtui.tui.finder import COUNTED, Finder
from gradtui.tui.keymap import KeyNames
from gradtui.tui.passage import Passage
from gradtui.tui.tree_filters import FILTERS, Filter, sifted
from gradtui.tui.view import View
from gradtui.tui.widgets.rows import Matcher, Rows
from gradtui.tui.widgets.tree_lines import TreeLines

LONG = 500
"""Rows beyond which a tree keeps the place of its scrollbar."""
ROOM = 20
"""Lines that a tree may have at the start where it isn't known yet how many can be seen."""

Ranked = tuple[tuple[int, int], ...]
"""Rows in order, each behind its rank: 0 is what matters most."""


class GraphTree(Rows):
    """Rows of the graph; folding, filters, references, and going from cut to cut."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "fold", "Fold or unfold", show=False, id="fold"),
        Binding("h,left", "inward", "Fold, or to the row above", show=False, id="inward"),
        Binding("l,right", "outward", "Unfold, or into the branch", show=False, id="outward"),
        Binding("minus", "fold_all", "Fold everything", show=False, id="fold-all"),
        Binding("plus,equals_sign", "unfold_all", "Unfold everything", show=False, id="unfold-all"),
        Binding("F", "filter", f"Filter: {', '.join(FILTERS[1:])}", show=False, id="filter"),
        Binding("a", "glue", "Hide or show library glue", show=False, id="glue"),
    ]

    MARKED = True

    view: reactive[View | None] = reactive(None, init=False)
    refolds: reactive[int] = reactive(0, repaint=False)
    """How often something was folded or unfolded."""

    @dataclass
    class Sifted(Message):
        """Another part of the rows is shown."""

        empty: tuple[str, ...] = ()
        """Filters that were passed over because nothing is of their sort."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.lines = Lines(Outline())
        self.stops: Ranked = ()
        """Rows that `x` goes to: cuts and dead ends, or else where backward raises; in the order it goes."""
        self._sought = 0
        """The rank of the one that it has gone to last."""
        self.filter = Filter.NOTHING
        self.glue = True
        """Whether rows that only reshape are shown."""
        self.passage = Passage()
        """What backward did with the nodes so far."""
        self.breaks: frozenset[int] = frozenset()
        """Nodes before which it is to be held."""
        self.next_row = NONE
        """The row of the node that comes next."""
        self.names = KeyNames(back="esc")
        self.stop_at = ""
        """Where the program was to be held first, as typed."""
        self.stays = False
        """Whether this tree has the form of the one before it, of which folds and cursor are kept."""
        self._unfiltered: array[int] | None = None
        """What was folded where a filter began; under one all that it keeps is shown at first."""
        self._told: tuple[tuple[object, ...], str] = (), ""
        """What was said of how much is shown, and of what."""
        self._home = self._left = NONE
        """The row where the filters began, and the one that the last of them put the cursor on."""
        self._drawn: TreeLines | None = None
        self._finder: Finder | None = None

    def watch_view(self, before: View | None, view: View | None) -> None:
        if before is not None and view is not None and before.rows is view.rows:
            self.stops = stops(view)
            if self._drawn is not None:
                self._drawn.view = view
            return  # more was found, in the same tree
        self.stays = self.filter is Filter.NOTHING and of_one_form(before, view)
        folded, cursor, top = self.lines.folded, self.cursor, self.scroll_y
        self.lines, self._drawn, self._finder = Lines(Outline()), None, None
        self.filter, self.stops, self._unfiltered = Filter.NOTHING, (), None
        self._sought = 0
        if view is not None:
            self.lines = Lines(view.rows, view.groups)
            self._drawn, self._finder = TreeLines(view, self.lines), Finder(view.labels)
            if len(view.rows) > COUNTED:
                self.run_worker(partial(_prepare, self._finder, self.lines), thread=True, exclusive=True)
            # The scrollbar of a tree beyond any screen keeps its place where all is folded: each time that it
            # came or went would be a new layout of the whole screen.
            self.styles.overflow_y = "scroll" if len(view.rows) > LONG else "auto"
            self.stops = stops(view)
            if not self.glue:
                self._sift()
            if self.stays:
                self.lines.fold_only(folded)
            else:
                opened(self.lines, max(ROOM, self.size.height))
        self.set_reactive(GraphTree.cursor, cursor if self.stays else 0)
        self.scroll_to(y=top if self.stays else 0, animate=False)
        self.renew()

    @property
    def count(self) -> int:
        return len(self.lines)

    def why_empty(self) -> str:
        return without_rows(self.view, self.stop_at).format_map(self.names) if self.view is not None else ""

    @property
    def row(self) -> int:
        """The row under the cursor, or the first of the group under it; NONE in an empty tree."""
        return self.lines.row_at(self._place) if self.count else NONE

    @property
    def folded_here(self) -> int:
        """How many rows are folded into the line under the cursor, which shows the first; 0 for none."""
        group = self.lines.group_at(self._place) if self.count else NONE
        if group == NONE or not self.lines.is_folded(self._place):
            return 0
        return self.lines.groups.end[group] - self.lines.groups.start[group]

    @property
    def _place(self) -> int:
        return self.lines.at(self.cursor)

    @property
    def summary(self) -> str:
        """How many rows there are, which of them are shown, and on which of the cuts the cursor is."""
        if not len(self.lines.rows):
            return "empty"
        # Asked at each move of the cursor: what is folded under a filter is counted group by group.
        shown = (self.lines, self.filter, self.glue, len(self.lines), self.lines.folds, self.refolds)
        if self._told[0] != shown:
            self._told = shown, self._extent()
        return f"{self._told[1]}{self._stop_here()}"

    def _extent(self) -> str:
        rows = f"{len(self.lines.rows):,} {'row' if len(self.lines.rows) == 1 else 'rows'}"
        left_out = len(self.lines.rows) - self.lines.kept_rows
        if self.filter is Filter.NOTHING:
            return rows if self.glue else f"{rows}, {left_out:,} of glue hidden"
        folded = self.lines.kept_rows - self._rows_seen()
        hidden = f" ({folded:,} folded)" if folded else ""
        kept = f"{self.lines.kept_rows:,} of {rows}{hidden}"
        return f"{kept}, {self.filter} only ({self.names['back']}: all)"

    def _stop_here(self) -> str:
        """Which of the rows that `x` goes to the cursor is on, as the end of a sentence; empty for none."""
        row = self.row
        number = next((place for place, (_, stop) in enumerate(self.stops, 1) if stop == row), 0)
        if not number or self.lines.group_at(self._place) != NONE:
            return ""
        marks = self.lines.rows.marks[row]
        what = "cut" if marks & Mark.CUT else "dead end" if marks & Mark.SEVERED else "place"
        return f", {what} {number:,} of {len(self.stops):,}"

    def _rows_seen(self) -> int:
        """How many rows a filter and the folds leave, without the lines of groups."""
        lines = self.lines
        heads = map(lines.head, range(len(lines.groups)))
        return len(lines) - sum(lines.is_kept(head) and lines.at(lines.index(head)) == head for head in heads)

    def go_to(self, row: int) -> None:
        """Put the cursor on a row, wherever it is hidden."""
        place, filtered = self.lines.place(row), self.lines.kept is not None
        if self.lines.at(self.lines.index(place)) == place:
            self.cursor = self.lines.index(place)
            return
        if filtered and not self.lines.is_kept(place):
            self.filter, self.glue = Filter.NOTHING, True
            self._sift()
            self.post_message(self.Sifted())
        self.lines.show(row)
        self.renew(self.lines.index(place))

    def point_at(self, row: int) -> None:
        """Put the cursor on a row, or on the fold that hides it."""
        self.cursor = self.lines.index(self.lines.place(row))

    def flagged(self, index: int) -> bool:
        if not self.breaks:
            return False
        place, rows = self.lines.at(index), self.lines.rows
        row, group = self.lines.row_at(place), self.lines.group_at(place)
        if group == NONE:
            return rows.vertex[row] in self.breaks
        # A group that is folded hides the rows of its nodes.
        end = self.view.groups.end[group] if self.view is not None else row
        folded = self.lines.is_folded(place)
        return folded and any(row <= rows.row_of_node(node) < end for node in self.breaks)

    def refresh_row(self, row: int) -> None:
        """Draw a row's line again, or that of the fold that hides it."""
        self.refresh_line(self.lines.index(self.lines.place(row)))

    def go_to_cut(self, step: int) -> bool:
        """Put the cursor on the next or previous cut or dead end, round the end; False if there is none.

        From a row that is none of them it goes to one of the rank that was gone to last.
        """
        ranked, here = self.stops, self.row
        if not any(row == here for _, row in ranked):
            best = self._sought if any(rank == self._sought for rank, _ in ranked) else 0
            ranked = tuple(stop for stop in ranked if stop[0] == best) or ranked
        if not ranked:
            return False
        rank = next((rank for rank, row in ranked if row == here), ranked[0][0])
        number = bisect_right(ranked, (rank, here)) if step > 0 else bisect_left(ranked, (rank, here)) - 1
        self._sought, row = ranked[number % len(ranked)]
        self.go_to(row)
        return True

    def follow(self) -> bool:
        """Go where a reference points; False where the cursor isn't on one."""
        row = self.row
        if row == NONE or self.lines.rows.kind[row] != RowKind.REFERENCE:
            return False
        self.go_to(self.lines.rows.target(row))
        return True

    # finding

    def matcher(self, query: str) -> Matcher:
        """Tells which rows of the outline, hidden ones too, contain a text."""
        return self._finder.matcher(query) if self._finder is not None else _never

    def standing(self, query: str) -> tuple[int, int]:
        return self._finder.standing(query, self.row) if self._finder is not None else (0, 0)

    def held_fast(self) -> Callable[[], None]:
        folded, chosen, glue, kept = self.lines.folded, self.filter, self.glue, self.lines.kept
        lines, cursor, top, unfiltered = self.lines, self.cursor, self.scroll_y, self._unfiltered

        def put_back() -> None:
            if self.lines is not lines:
                return  # another stop has come meanwhile
            if lines.folded != folded:
                lines.fold_only(folded)
            if lines.kept is not kept:
                lines.kept = kept
                self.filter, self.glue, self._unfiltered = chosen, glue, unfiltered
                lines.fold_only(folded)
                self.post_message(self.Sifted())
            self.renew(cursor)
            self.scroll_to(y=top, animate=False)

        return put_back

    def find(self, query: str, step: int, *, stay: bool = False) -> bool:
        """Move to the next row that contains the query, also where it is folded away."""
        if self._finder is None or not self.count:
            return False
        row = self._finder.next(query, self.row + (0 if stay else step), step)
        if row != NONE:
            self.go_to(row)
        return row != NONE

    # filters

    def action_filter(self) -> None:
        """Show the next sort of rows, passing over those that there are none of."""
        row, empty = self._from(), []
        if row == NONE:
            return
        while True:
            self.filter = FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)]
            if self._sift(row):
                break
            empty.append(str(self.filter))
        self._settle(self.lines.place(row))
        self._left = self.row
        self.post_message(self.Sifted(tuple(empty)))

    def action_glue(self) -> None:
        row = self.row
        self.glue, self.filter = not self.glue, Filter.NOTHING
        self._sift()
        self._settle(self.lines.place(max(0, row)))
        self.post_message(self.Sifted())

    def unfilter(self) -> bool:
        """Show every row again; False where nothing was filtered."""
        if self.filter is Filter.NOTHING:
            return False
        row, self.filter = self._from(), Filter.NOTHING
        self._sift()
        self._settle(self.lines.place(max(0, row)))
        self.post_message(self.Sifted())
        return True

    def _from(self) -> int:
        """The row that the cursor is meant to be on: where it was, unless it was moved under a filter."""
        if self.filter is Filter.NOTHING or self.row != self._left:
            self._home = self.row
        return self._home

    def _sift(self, row: int = NONE) -> bool:
        """Keep what the filter says; False, and nothing has changed, where that is nothing at all."""
        assert self.view is not None
        rows = sifted(self.filter, self.view, max(0, row), self.passage, glue=self.glue)
        if rows is not None and not len(rows):
            return False
        self.lines.keep(rows)
        if self.filter is not Filter.NOTHING:
            if self._unfiltered is None:
                self._unfiltered = self.lines.folded
            self.lines.fold_only(())
        elif self._unfiltered is not None:
            self.lines.fold_only(self._unfiltered)
            self._unfiltered = None
        return True

    # folding

    def action_fold(self) -> None:
        if not self.count:
            return
        place = self._place
        if self.lines.is_folded(place):
            self.lines.unfold(place)
        else:
            place = place if self.lines.foldable(place) else self.lines.above(place)
            self.lines.fold(place)
        self._settle(place)

    def action_inward(self) -> None:
        if not self.count:
            return
        place = self._place
        if self.lines.foldable(place) and not self.lines.is_folded(place):
            self.lines.fold(place)
            self._settle(place)
        else:
            self.cursor = self.lines.index(self.lines.above(place))

    def action_outward(self) -> None:
        if not self.count:
            return
        place = self._place
        if self.lines.is_folded(place):
            self.lines.unfold(place)
            self._settle(place)
        elif self.lines.foldable(place):
            self.cursor += 1

    def action_fold_all(self) -> None:
        place = self._place if self.count else 0
        self.lines.fold_all()
        self._settle(place)

    def action_unfold_all(self) -> None:
        place = self._place if self.count else 0
        self.lines.fold_only(())
        self._settle(place)

    def _settle(self, place: int) -> None:
        self.renew(self.lines.index(max(0, place)))
        self.show_cursor()
        self.refolds += 1

    # drawing

    def line(self, index: int, width: int) -> Text:
        assert self._drawn is not None
        return self._drawn.draw(self.lines.at(index), width, self.passage, self.next_row)


def stops(view: View) -> Ranked:
    """Where tracking stops, one row a place; where it stops nowhere, the rows that loud findings are about.

    A call into a library may drop tracking in a dozen of its own steps, all at one place of the script. What
    is blamed comes first, then what a note names, and then what nobody minds: the history of a spectral norm
    or of an average has hundreds of cuts.
    """
    rows, trace, found = view.rows, view.snapshot.trace, dict[tuple[int, int], int]()
    for row in sorted(rows.cuts, key=lambda row: not rows.marks[row] & Mark.BLAMED):
        call = rows.call[rows.vertex[row]]
        found.setdefault((trace.site[call], trace.module[call]), row)
    graph = view.labels.graph
    lost = [*view.labels.stale, *([graph.freed] if graph.freed != NONE else ())]
    raised = [] if found else [rows.row_of_node(node) for node in lost]
    raised += [view.raising] if view.snapshot.raised is not None or view.course.error else []
    if cut := [*found.values(), *(raised or dead_ends(rows))]:
        return tuple(sorted((rank_of(view, row), row) for row in {*cut} - {NONE}))
    blamed = [view.row_of(finding) for finding in view.findings if finding.loud]
    return tuple((0, row) for row in sorted({*blamed} - {NONE}))


def rank_of(view: View, row: int) -> int:
    """How much a cut matters: 0 where a loud finding blames it, 1 where a note names its line, else 2."""
    if view.rows.marks[row] & Mark.BLAMED:
        return 0
    site = view.labels.site_of(row)
    named = site is not None and any((one.file, one.line) == (site.file, site.line) for one in view.findings)
    return 1 if named else 2


def of_one_form(before: View | None, view: View | None) -> bool:
    """Whether two trees have the same lines, as those of two rounds of one loop do."""
    if before is None or view is None or before.groups.path != view.groups.path:
        return False
    one, other = before.rows, view.rows
    return (one.kind, one.depth, one.end, one.cuts) == (other.kind, other.depth, other.end, other.cuts)


def _prepare(finder: Finder, lines: Lines) -> None:
    """Work out, beside the screen, what the first search and the first fold of everything would wait for."""
    finder.prepare()
    lines.prepare()


def _never(_row: int) -> bool:
    return False
