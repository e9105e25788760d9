"""What one line of the tree looks like: guides, a sign, words, torch's name, shape, module, place."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, partial

from rich.cells import cell_len
from rich.text import Text

from gradtui.diagnosis.grad_status import GradStatus, GradStatuses
from gradtui.diagnosis.outline import Mark, Outline, RowKind
from gradtui.diagnosis.outline.lines import Lines
from gradtui.diagnosis.outline.row_filters import leaves, references
from gradtui.model.columns import NONE, ints
from gradtui.tui.gradients import between as between_norms
from gradtui.tui.gradients import brief, short
from gradtui.tui.labels import Label
from gradtui.tui.nonfinite import NonFinite
from gradtui.tui.palette import (
    ACCENT,
    CUT,
    DOWN,
    FOLDED,
    MUTED,
    NEXT,
    NODE,
    OPEN,
    SCISSORS,
    SEVERED,
    STALE,
    UP,
    WARNING,
)
from gradtui.tui.passage import Passage
from gradtui.tui.statuses import sign_of, style_of
from gradtui.tui.text_builder import Piece, TextBuilder
from gradtui.tui.view import View
from gradtui.tui.widgets.tree_columns import LINE_ONLY, Needs, cell, columns, ending, middle, needs

GRADIENT = 11
"""Cells for the norm of what a node was handed: `0.0123→✗NaN`."""
LARGE = 2_000
"""Rows of a fold up to which it tells what is in it of gradients; beyond, only whether they are finite."""
WORST = (
    GradStatus.CUT,
    GradStatus.RAISED_BEFORE,
    GradStatus.WILL_RAISE,
    GradStatus.IN_VAIN,
    GradStatus.NOT_IN_LOSS,
    GradStatus.FROZEN,
    GradStatus.UNKNOWN,
    GradStatus.REACHED,
)
"""In which order a fold tells how its parameters stand."""
TOLD_APART = 11
"""Cells of words, and of a node's name, that are enough to know them by."""
DEEPEST = 12
"""Steps of depth that are drawn; what is deeper stands at this depth and says how deep it is."""


class Contents:
    """What groups hold, counted by bisection: a group of a million rows is asked as quickly as one of ten."""

    def __init__(self, rows: Outline) -> None:
        self.rows = rows

    @cached_property
    def leaves(self) -> Sequence[int]:
        return leaves(self.rows)

    @cached_property
    def severed_leaves(self) -> Sequence[int]:
        return ints(row for row in self.leaves if self.rows.marks[row] & Mark.SEVERED)

    @cached_property
    def blamed(self) -> Sequence[int]:
        return ints(row for row in self.rows.cuts if self.rows.marks[row] & Mark.BLAMED)

    @cached_property
    def references(self) -> Sequence[int]:
        return references(self.rows)

    def count(self, places: Sequence[int], start: int, end: int) -> int:
        return bisect_left(places, end) - bisect_left(places, start)


class TreeLines:
    """Draws the lines of one view's tree as it is folded."""

    def __init__(self, view: View, lines: Lines) -> None:
        self.view, self.lines = view, lines
        self.rows, self.groups = view.rows, view.groups
        self.needs: Needs = needs(view)
        self.contents = Contents(view.rows)
        self.broken = NonFinite(view.rows)
        self._stand_of: GradStatuses | None = None
        self._stands: dict[int, Counter[GradStatus]] = {}
        self._columns = cache(partial(columns, need=self.needs))

    def draw(self, place: int, width: int, passage: Passage, next_row: int) -> Text:
        gradient = GRADIENT if passage.begun else 0
        widths = self._columns(width - gradient - bool(gradient))
        group = self.lines.group_at(place)
        if group != NONE:
            return self._group(group, place, widths, gradient, passage)
        row = self.lines.row_at(place)
        label = self.view.labels.label(row)
        text = TextBuilder(self._guides(row, NONE))
        text.add(*self._sign(row, place, passage, next_row))
        style = row_style(self.view, row)
        words = self._words(row, label)
        more = lent(words, widths[0] - text.cell_len, label.name, widths[1], self.rows.kind[row])
        first, second = widths[0] + more, widths[1] - more
        room = first - text.cell_len
        fit = middle if label.path else cell
        if self.lines.is_folded(place):
            hidden = f" {FOLDED}{self.lines.end(place) - place - 1:,}"
            text.add(fit(words, max(4, room - len(hidden) - 1)).rstrip(), style)
            text.add(hidden, ACCENT)
            text.add(" " * max(0, first - text.cell_len))
        else:
            text.add(fit(words, max(4, room)), style)
        passed = self._gradient(row, passage)
        room = second
        if gradient and not passed and len(label.name) > room:
            room, gradient = room + 1 + gradient, 0  # nothing stands there that it would be in the way of
        text.add(" ")
        text.add(cell(label.name, room), name_style(self.view, row))
        if gradient:
            passed.truncate(gradient, overflow="ellipsis", pad=True)
            text.add(" ")
            text.add_text(passed)
        if widths[2]:
            severed = self.rows.marks[row] & Mark.SEVERED
            text.add(" ")
            text.add(cell(label.shape, widths[2]), MUTED if severed else "")
        if widths[3]:
            text.add(" ")
            text.add(ending(label.module, widths[3]), MUTED)
        if widths[4]:
            text.add(" ")
            text.add(_placed(label.place, widths[4]), MUTED)
        return text.text

    # groups

    def _group(
        self,
        group: int,
        place: int,
        widths: tuple[int, int, int, int, int],
        gradient: int,
        passage: Passage,
    ) -> Text:
        row, end = self.groups.start[group], self.groups.end[group]
        cuts = self.contents.count(self.rows.cuts, row, end)
        text = TextBuilder(self._guides(row, group)).text
        text.append(f"{FOLDED if self.lines.is_folded(place) else OPEN} ", ACCENT)
        severed = bool(self.rows.marks[row] & Mark.SEVERED)
        name, what = self.name(group), self.tells(group, cuts)
        folded = gradient and self.lines.is_folded(place)
        inside = self._inside(row, end, passage) if folded else Text()
        if inside:
            inside = Text("  ") + inside
        rest = sum(part + 1 for part in widths[1:4] if part) + (gradient + 1 if gradient else 0)
        room = widths[0] + rest - text.cell_len
        fit = room - what.cell_len - inside.cell_len - 1
        first = max(widths[0] - text.cell_len, min(len(name), fit), 4)
        if first > fit:  # the blanks after a short name are worth less than what the group tells
            first = max(min(len(name), first), fit)
        text.append(
            middle(name, first), f"bold {CUT}" if severed and severed_style(self.view, row) == CUT else "bold"
        )
        # Counts are given up before what gradients came to.
        what.truncate(max(0, room - first - 1 - inside.cell_len), overflow="ellipsis")
        what.append_text(inside).truncate(max(0, room - first - 1), overflow="ellipsis", pad=True)
        text.append(" ").append_text(what)
        if widths[4]:
            place_of = self.view.labels.place(self.rows.call[self.rows.vertex[row]])
            text.append(" ").append(_placed(place_of, widths[4]), MUTED)
        return text

    def _inside(self, row: int, end: int, passage: Passage) -> Text:
        """What the nodes of a fold were handed; of a very large one only what is not finite."""
        if end - row > LARGE:
            handed = self.broken.handed(row, end, passage)
            return short(handed) if handed else Text()
        nodes = {self.rows.vertex[inner] for inner in range(row, end)}
        found = [passage.of(node) for node in sorted(nodes) if node < self.rows.nodes]
        return between_norms(item for item in found if item is not None)

    def name(self, group: int) -> str:
        """A group's path, from where the one around it leaves off; `layers.0…23  x 24` where it repeats."""
        path, parent = self.groups.path[group], self.groups.parent[group]
        if repeats := self.groups.repeats[group]:
            first, last = path.split(" … ")
            return f"{between(first, last)}  x {repeats}"
        if parent != NONE and not self.groups.repeats[parent]:
            return path.removeprefix(f"{self.groups.path[parent]}.")
        return path

    def tells(self, group: int, cuts: int) -> Text:
        """How much a group holds, and what is wrong in it."""
        start, end, contents = self.groups.start[group], self.groups.end[group], self.contents
        leaves = contents.count(contents.leaves, start, end)
        stand = self._stand(group)
        nodes = end - start - leaves - contents.count(contents.references, start, end)
        text = Text()
        if cuts:
            blamed = contents.count(contents.blamed, start, end)
            text.append(f"{SCISSORS} {cuts:,}  ", f"bold {CUT}" if blamed else WARNING)
        for grad_status, many in sorted(stand.items(), key=lambda item: WORST.index(item[0])):
            said = "" if grad_status is GradStatus.REACHED else f" {grad_status.value}"
            text.append(f"{sign_of(grad_status)} {many:,}{said}  ", style_of(grad_status))
        beyond = bool(self.rows.marks[start] & Mark.SEVERED)
        what = "call" if beyond else "node"
        return text.append(f"{nodes:,} {what}{'' if nodes == 1 else 's'}", MUTED)

    def _stand(self, group: int) -> Counter[GradStatus]:
        """How many leaves of a group stand in which way: asked once, as a model's may be thousands."""
        if self._stand_of is not self.view.labels.grad_statuses:
            self._stand_of, self._stands = self.view.labels.grad_statuses, {}
        if group not in self._stands:
            self._stands[group] = self._counted(self.groups.start[group], self.groups.end[group])
        return self._stands[group]

    def _counted(self, start: int, end: int) -> Counter[GradStatus]:
        contents, grad_statuses, labels = self.contents, self.view.grad_statuses, self.view.labels
        leaves = _within(contents.leaves, start, end)
        severed = _within(contents.severed_leaves, start, end)
        if grad_statuses.raises or grad_statuses.raised or grad_statuses.vain:
            return Counter(map(labels.grad_status, leaves))
        stand = Counter(map(labels.grad_status, severed))
        if len(leaves) > len(severed):  # all the others stand as one of them
            beyond = set(severed)
            stand[labels.grad_status(next(row for row in leaves if row not in beyond))] += len(leaves) - len(
                severed
            )
        return stand

    # parts of a line

    def _guides(self, row: int, group: int) -> Iterator[Piece]:
        """The lines of the branches a row lies in, and blanks for the groups around it."""
        rows = self.rows
        severed = bool(rows.marks[row] & Mark.SEVERED)
        bar, style = (SEVERED, severed_style(self.view, row)) if severed else ("│", MUTED)
        around = self.groups.around(row) if group == NONE else self.groups.parent[group]
        indents: dict[int, int] = {}
        for outer in self.groups.above(around):
            level = rows.depth[self.groups.start[outer]]
            indents[level] = indents.get(level, 0) + 1
        # The line on top of a branch has the corner: its row's, or that of the outermost group begun there.
        begins = bool(rows.marks[row] & Mark.FIRST) and not (
            around != NONE
            and self.groups.start[around] == row
            and rows.depth[row] == rows.depth[self.groups.start[around]]
        )
        parts: list[str] = ["  "] * indents.get(0, 0)
        guides = rows.guides(row)
        for number, goes_on in enumerate(guides):
            if number == len(guides) - 1 and begins:
                parts.append("├ " if goes_on else "└ ")
            else:
                parts.append(f"{bar} " if goes_on else "  ")
            parts += ["  "] * indents.get(number + 1, 0)
        if len(parts) > DEEPEST:
            yield f"{len(parts)}… ", MUTED
            parts = parts[-DEEPEST:]
        yield "".join(parts), style

    def _sign(self, row: int, place: int, passage: Passage, next_row: int) -> Piece:
        rows = self.rows
        marks, kind = rows.marks[row], rows.kind[row]
        if row == next_row:
            raised = passage.raised and not passage.past
            return ("✗ ", f"bold {CUT}") if raised else (f"{NEXT} ", f"bold {ACCENT}")
        if kind == RowKind.REFERENCE:
            return f"{UP if rows.target(row) < row else DOWN} ", MUTED
        if self.view.labels.raised(row) or (
            self.view.snapshot.raised is not None and row == self.view.raising
        ):
            return "✗ ", f"bold {CUT}"
        if marks & Mark.CUT:
            return f"{SCISSORS} ", f"bold {CUT}" if marks & Mark.BLAMED else WARNING
        if kind == RowKind.LEAF:
            return f"{sign_of(self.view.labels.grad_status(row))} ", name_style(self.view, row)
        if marks & Mark.STALE:
            return f"{STALE} ", f"bold {CUT}"
        if self.lines.is_folded(place):
            return f"{FOLDED} ", ACCENT
        if marks & Mark.SEVERED:
            return f"{SEVERED} ", severed_style(self.view, row)
        return f"{OPEN if rows.end[row] > row + 1 else NODE} ", MUTED

    def _words(self, row: int, label: Label) -> str:
        rows = self.rows
        if rows.kind[row] == RowKind.NODE and row and rows.depth[row - 1] == rows.depth[row]:
            before, here = rows.call[rows.vertex[row - 1]], rows.call[rows.vertex[row]]
            if before == here != NONE and self.groups.around(row) == self.groups.around(row - 1):
                return "″"
        if not label.path:
            return label.words
        return self._within(row, label.words)

    def _within(self, row: int, path: str) -> str:
        """A path without what the lines above it say already."""
        for group in self.groups.above(self.groups.around(row)):
            if self.groups.repeats[group]:
                continue
            around = self.groups.path[group]
            if path == around:
                call = self.rows.call[self.rows.vertex[row]]
                return self.view.snapshot.trace.call(call).name if call != NONE else path
            if path.startswith(f"{around}."):
                return path[len(around) + 1 :]
        return path

    def _gradient(self, row: int, passage: Passage) -> Text:
        """The norm of what the row's node was handed, coloured by its health."""
        vertex = self.rows.vertex[row]
        passed = passage.of(vertex) if vertex < self.rows.nodes else None
        return brief(passed) if passed is not None else Text()


def lent(words: str, room: int, name: str, width: int, kind: int) -> int:
    """Cells of the name's column that the words of a row may have, where that lies so deep that they don't
    fit: all that the name leaves free, and of a node's name so much that both can be told apart."""
    free = min(cell_len(words) - room, width - len(name))
    taken = min(min(cell_len(words), TOLD_APART) - room, width - TOLD_APART) if kind == RowKind.NODE else 0
    return max(0, free, taken)


def severed_style(view: View, row: int) -> str:
    """Red only where it is somebody's loss that backward doesn't get there."""
    return CUT if row in view.lost or (view.grave and not view.judged) else MUTED


def _within(places: Sequence[int], start: int, end: int) -> Sequence[int]:
    """Those of some places, in order, that lie between two."""
    return places[bisect_left(places, start) : bisect_left(places, end)]


def row_style(view: View, row: int) -> str:
    marks, kind = view.rows.marks[row], view.rows.kind[row]
    if kind == RowKind.REFERENCE:
        return MUTED
    if marks & Mark.CUT:
        return f"bold {CUT}" if marks & Mark.BLAMED else WARNING
    if marks & Mark.SEVERED:
        return name_style(view, row) if kind == RowKind.LEAF else severed_style(view, row)
    if view.labels.raised(row):
        return f"bold {CUT}"
    return "bold" if kind == RowKind.LEAF else ""


def name_style(view: View, row: int) -> str:
    marks, kind = view.rows.marks[row], view.rows.kind[row]
    if marks & Mark.CUT:
        return f"bold {CUT}" if marks & Mark.BLAMED else WARNING
    if kind == RowKind.LEAF:
        return style_of(view.labels.grad_status(row))
    if marks & Mark.STALE or view.labels.raised(row):
        return f"bold {CUT}"
    return MUTED


def between(first: str, last: str) -> str:
    """Two paths that differ in one number as one: `encoder.layers.0…23.norm`."""
    one, other = first.split("."), last.split(".")
    if len(one) != len(other):
        return f"{first} … {last}"
    return ".".join(a if a == b else f"{a}…{b}" for a, b in zip(one, other, strict=True))


def _placed(place: str, width: int) -> str:
    return ending(place if width > LINE_ONLY else place[place.rfind(":") :], width)
