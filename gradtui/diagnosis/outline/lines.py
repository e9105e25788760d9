"""What is seen of the rows: with a line on top of each group, without what is folded or filtered out.

A line is known by its place: its number if everything were unfolded. Places are reckoned from the rows and
the groups by bisection, so that only folds, groups and filters cost memory. Folding a line costs by the
number of folds, in functions written in C; a cursor's move by its logarithm.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate, compress
from operator import gt, sub

from gradtui.diagnosis.outline.groups import Groups
from gradtui.diagnosis.outline.rows import Outline
from gradtui.model.columns import NONE, counting, ints

BLOCK = 128
"""Rows that are compared at once."""
NOTHING = NONE, ints(), ints()


class Lines:
    """The rows of an outline and their groups, as they are folded and filtered now."""

    def __init__(self, rows: Outline, groups: Groups | None = None) -> None:
        self.rows, self.groups = rows, groups or Groups()
        self.kept: array[int] | None = None
        """Places that a filter keeps, in order; None where there is no filter."""
        self._kept_rows = self._count = 0
        self._heads = ints(start + number for number, start in enumerate(self.groups.start))
        self._folded = ints()
        self._hid = NOTHING
        """What was folded last, and the ranges that were hidden within it; as long as they would be again."""
        self._starts, self._ends, self._shown_before = ints(), ints(), ints()
        self._renew()

    def __len__(self) -> int:
        return self._count

    @property
    def total(self) -> int:
        """How many lines there are where nothing is folded or filtered."""
        return len(self.rows) + len(self.groups)

    @property
    def kept_rows(self) -> int:
        """How many rows the filter keeps, without the lines of groups."""
        return self._kept_rows if self.kept is not None else len(self.rows)

    # places

    def place(self, row: int) -> int:
        """The place of a row's own line."""
        return row + bisect_right(self.groups.start, row)

    def head(self, group: int) -> int:
        """The place of the line on top of a group."""
        return self._heads[group]

    def group_at(self, place: int) -> int:
        """The group that the line at a place stands for, NONE where it stands for a row."""
        number = bisect_right(self._heads, place) - 1
        return number if number != NONE and self._heads[number] == place else NONE

    def row_at(self, place: int) -> int:
        """The row of a place; for the line of a group its first."""
        group = self.group_at(place)
        return self.groups.start[group] if group != NONE else place - bisect_right(self._heads, place)

    def end(self, place: int) -> int:
        """One after the last place that folding hides."""
        group = self.group_at(place)
        row = self.groups.end[group] if group != NONE else self.rows.end[self.row_at(place)]
        return row + bisect_left(self.groups.start, row)

    def foldable(self, place: int) -> bool:
        return self.end(place) > place + 1

    def above(self, place: int) -> int:
        """The place of the line that this one stands under: of its group, or of where its branch began."""
        group, row = self.group_at(place), self.row_at(place)
        around = self.groups.parent[group] if group != NONE else self.groups.around(row)
        parent = self.rows.parent(row)
        if around != NONE and (parent == NONE or self.groups.start[around] > parent):
            return self._heads[around]
        return self.place(parent) if parent != NONE else 0

    # lines

    def at(self, index: int) -> int:
        """The place of the line that is seen as the one of this number."""
        number = bisect_right(self._shown_before, index) - 1
        if number >= 0:
            index += self._ends_kept[number] - self._shown_before[number]
        return self.kept[index] if self.kept is not None else index

    def index(self, place: int) -> int:
        """The number under which a place is seen, or that of the fold that hides it."""
        if self.kept is not None:
            place = min(bisect_left(self.kept, place), max(0, len(self.kept) - 1))
        number = bisect_right(self._starts_kept, place) - 1
        if number < 0:
            return place
        if place < self._ends_kept[number]:
            return max(0, self._shown_before[number] - 1)
        return self._shown_before[number] + place - self._ends_kept[number]

    def is_kept(self, place: int) -> bool:
        if self.kept is None:
            return True
        number = bisect_left(self.kept, place)
        return number < len(self.kept) and self.kept[number] == place

    # folding

    def is_folded(self, place: int) -> bool:
        number = bisect_left(self._folded, place)
        return number < len(self._folded) and self._folded[number] == place

    @property
    def folded(self) -> array[int]:
        """The places that are folded, in order."""
        return self._folded[:]

    @property
    def folds(self) -> int:
        return len(self._folded)

    def fold(self, place: int) -> None:
        if self.is_folded(place) or not self.foldable(place):
            return
        insort(self._folded, place)
        if self.kept is not None:
            self._refold()
            return
        first, last = place + 1, self.end(place)
        number = bisect_right(self._starts, first) - 1
        if number >= 0 and self._ends[number] >= last:
            self._hid = NOTHING
            return  # something around it is folded already
        begin, stop = bisect_left(self._starts, first), bisect_left(self._starts, last)
        self._hid = place, self._starts[begin:stop], self._ends[begin:stop]
        self._replace(begin, stop, ints([first]), ints([last]))

    def unfold(self, place: int) -> None:
        if not self.is_folded(place):
            return
        del self._folded[bisect_left(self._folded, place)]
        if self.kept is not None:
            self._refold()
            return
        number = bisect_left(self._starts, place + 1)
        if number == len(self._starts) or self._starts[number] != place + 1:
            self._hid = NOTHING
            return  # something around it stays folded
        hid, starts, ends = self._hid
        if hid != place:  # otherwise a model of thousands of folds is opened again as fast as it was closed
            first, last = bisect_left(self._folded, place + 1), bisect_left(self._folded, self._ends[number])
            starts, ends = self._outermost(self._folded[first:last])
        self._replace(number, number + 1, starts, ends)

    def fold_only(self, places: Iterable[int]) -> None:
        """Fold these, in rising order, and nothing else."""
        self._folded = ints(places)
        self._refold()

    def fold_all(self) -> None:
        """Fold every line that has something under it."""
        places, starts, ends = self._all
        self._folded = places[:]
        if self.kept is not None:
            self._refold()
            return
        self._starts, self._ends = starts[:], ends[:]
        self._renew()

    def prepare(self) -> None:
        """Find beforehand what `fold_all` folds: it depends on the rows and their groups alone."""
        _ = self._all

    @cached_property
    def _all(self) -> tuple[array[int], array[int], array[int]]:
        """Everything that can be folded, and what is hidden then."""
        places = self._branching
        if len(self.groups):
            places = ints(sorted([*self._heads, *map(self.place, places)]))
        return places, *self._outermost(places)

    @cached_property
    def _branching(self) -> array[int]:
        """Rows that have deeper ones under them. Most have none, and are passed over block by block."""
        ends, found = self.rows.end, ints()
        nothing = counting(len(ends) + 1)
        for begin in range(0, len(ends), BLOCK):
            part, least = ends[begin : begin + BLOCK], nothing[begin + 1 : begin + BLOCK + 1]
            if part != least:
                found.extend(compress(range(begin, begin + BLOCK), map(gt, part, least)))
        return found

    def show(self, row: int) -> None:
        """Unfold whatever hides a row, and give up the filter that leaves it out."""
        place = self.place(row)
        if not self.is_kept(place):
            self.keep(None)
        while (number := bisect_right(self._starts, place) - 1) >= 0 and place < self._ends[number]:
            self.unfold(self._starts[number] - 1)

    def keep(self, rows: array[int] | None) -> None:
        """Show only these rows, in rising order, and the lines of the groups they lie in; None for all."""
        if rows is None:
            self.kept = None
        else:
            kept, groups = ints(), self.groups
            done = 0
            for group, start in enumerate(groups.start):
                until = bisect_left(rows, start, done)
                kept.extend(row + group for row in rows[done:until])
                done = until
                if until < len(rows) and rows[until] < groups.end[group]:
                    kept.append(start + group)
            kept.extend(row + len(groups) for row in rows[done:])
            self.kept, self._kept_rows = kept, len(rows)
        self._refold()

    def _refold(self) -> None:
        """Hide what the folds hide. One that a filter leaves out hides nothing: nobody could unfold it."""
        folded = self._folded
        if self.kept is not None:
            folded = ints(sorted(set(folded).intersection(self.kept)))
        self._starts, self._ends = self._outermost(folded)
        self._renew()

    def _outermost(self, places: array[int]) -> tuple[array[int], array[int]]:
        """What is hidden where these places, in rising order, are folded; as `end` of each that isn't hidden.

        A model may hold thousands of folds, and each of them as many: what one hides is leapt over, and each
        begins its bisections where the last one ended.
        """
        heads, groups, row_ends = self._heads, self.groups, self.rows.end
        starts, ends, index, number = ints(), ints(), 0, 0
        while index < len(places):
            place = places[index]
            number = bisect_right(heads, place, number)
            of_group = number and heads[number - 1] == place
            row = groups.end[number - 1] if of_group else row_ends[place - number]
            past = row + bisect_left(groups.start, row, number)
            starts.append(place + 1)
            ends.append(past)
            index = bisect_left(places, past, index + 1)
        return starts, ends

    def _replace(self, begin: int, stop: int, starts: array[int], ends: array[int]) -> None:
        """Put other hidden ranges in the place of some; those behind them are only seen sooner or later."""
        before = sum(self._ends[begin:stop]) - sum(self._starts[begin:stop])
        more = before - (sum(ends) - sum(starts))
        self._starts[begin:stop], self._ends[begin:stop] = starts, ends
        hidden = self._ends[begin - 1] - self._shown_before[begin - 1] if begin else 0
        shown = ints(map(sub, starts, accumulate(map(sub, ends, starts), initial=hidden)))
        self._shown_before[begin:] = shown + ints(map(more.__add__, self._shown_before[stop:]))
        self._starts_kept, self._ends_kept = self._starts, self._ends
        self._count += more

    def _renew(self) -> None:
        """Reckon how many lines are seen before each of the hidden ranges."""
        kept = self.kept
        if kept is None:
            starts, ends, count = self._starts, self._ends, self.total
        else:
            starts = ints(bisect_left(kept, place) for place in self._starts)
            ends = ints(bisect_left(kept, place) for place in self._ends)
            count = len(kept)
        hidden = ints(accumulate(map(sub, ends, starts), initial=0))
        self._hid = NOTHING
        self._starts_kept, self._ends_kept = starts, ends
        self._shown_before = ints(map(sub, starts, hidden))
        self._count = count - hidden[-1]


def opened(lines: Lines, room: int) -> None:
    """Fold a tree that doesn't fit, then open the outer groups while there is room for what they hold.

    What repeats stays folded, and a tree that has no groups stays as it is.
    """
    groups = lines.groups
    if lines.total <= room or not len(groups):
        return
    lines.fold_only(map(lines.head, range(len(groups))))
    inner: dict[int, list[int]] = {}
    for group, parent in enumerate(groups.parent):
        inner.setdefault(parent, []).append(group)
    waiting, tried = inner.get(NONE, []), 0
    for group in waiting:
        if groups.repeats[group]:
            continue
        tried += 1
        if tried > room:
            return
        lines.unfold(lines.head(group))
        if len(lines) > room:
            lines.fold(lines.head(group))
        else:
            waiting += inner.get(group, ())
