"""Rows that belong to one `nn.Module`, and repeated modules of the same structure: what the tree folds.

Groups lie over an outline and leave it as it is: each is a range of its rows, any two either apart or one
inside the other, none across the end of a branch. One pass over the rows; a graph without modules has none
and costs next to nothing.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import ne, or_

from gradtui.diagnosis.outline.rows import Mark, Outline, RowKind
from gradtui.model.columns import NONE, indices, ints
from gradtui.model.owners import Module
from gradtui.model.snapshot import Snapshot

Path = tuple[str, ...]
SEVERED = Mark.SEVERED
TELLING = Mark.CUT | Mark.BLAMED | Mark.STALE
LEAF, REFERENCE = int(RowKind.LEAF), int(RowKind.REFERENCE)
NO_CALL = NONE - 1
"""In the place of a module: no call stands in the row."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups as columns, the outer before the inner ones; a group is an index."""

    start: array[int] = field(default_factory=ints)
    """Its first row."""
    end: array[int] = field(default_factory=ints)
    """One after its last row."""
    parent: array[int] = field(default_factory=ints)
    """The group around it, NONE for an outermost one."""
    repeats: array[int] = field(default_factory=ints)
    """How many alike groups it holds; 0 for a single module."""
    path: tuple[str, ...] = ()
    """By group the module's path; where modules repeat, of the first and the last of them."""

    def __len__(self) -> int:
        return len(self.start)

    def around(self, row: int) -> int:
        """The innermost group that a row lies in, NONE where it lies in none."""
        group = bisect_right(self.start, row) - 1
        while group != NONE and self.end[group] <= row:
            group = self.parent[group]
        return group

    def above(self, group: int) -> Iterator[int]:
        """A group and those around it, from the inside out."""
        while group != NONE:
            yield group
            group = self.parent[group]


@dataclass(slots=True)
class _Group:
    """One that is being found."""

    path: Path
    start: int
    level: int
    end: int = 0
    inner: list[_Group] = field(default_factory=list)
    repeats: int = 0
    last: Path = ()
    """The path of the one with the lowest number, where modules repeat; its own has the highest."""


def grouped(rows: Outline, snapshot: Snapshot) -> Groups:
    """The groups of an outline's rows."""
    if not any(module != NONE for module in snapshot.trace.module):
        return Groups()
    top = _nested(rows, snapshot)
    _merge(top, rows)
    return _columns(top)


def path_of(module: Module, *, several: bool) -> Path:
    """A module's path; with its root's name where there are several, or where it begins with a number."""
    parts = tuple(module.name.split(".")) if module.name else ()
    root = module.root or module.kind  # a model that was never given a name has its class's
    return (root, *parts) if several or (parts and parts[0].isdigit()) else parts


def several_roots(snapshot: Snapshot) -> bool:
    """Whether several models were called, whose modules have the same paths only too often."""
    return len({module.root for module in snapshot.modules if module.called and not module.name}) > 1


def _nested(rows: Outline, snapshot: Snapshot) -> list[_Group]:
    """A group for each step of a module's path along neighbouring rows of one branch."""
    several = several_roots(snapshot)
    paths = [path_of(module, several=several) for module in snapshot.modules]
    modules, top, opened = _modules(rows, snapshot.trace.module), list[_Group](), list[_Group]()

    def close(row: int) -> None:
        group = opened.pop()
        group.end = row
        (opened[-1].inner if opened else top).append(group)

    for row in _changes(modules, rows.depth):
        depth, module = rows.depth[row], modules[row]
        if module == NO_CALL:
            while opened and opened[-1].level > depth:
                close(row)
            continue
        path = paths[module] if module != NONE else ()
        while opened and (
            opened[-1].level > depth
            or (opened[-1].level == depth and path[: len(opened[-1].path)] != opened[-1].path)
        ):
            close(row)
        shared = opened[-1].path if opened and path[: len(opened[-1].path)] == opened[-1].path else ()
        opened += (_Group(path[: length + 1], row, depth) for length in range(len(shared), len(path)))
    while opened:
        close(len(rows))
    return top


def _modules(rows: Outline, module_of: array[int]) -> array[int]:
    """By row the module that ran, NONE where none did, and NO_CALL where no call stands in the row."""
    by_call = [*module_of, NO_CALL]  # the last is NONE's
    found = indices(map(by_call.__getitem__, map(rows.call.__getitem__, rows.vertex)))
    for row in compress(range(len(rows)), map(REFERENCE.__eq__, rows.kind)):
        found[row] = NO_CALL
    return found


def _changes(modules: array[int], depths: array[int]) -> Iterator[int]:
    """The first row, and those of another module or depth than the row before."""
    other = map(or_, map(ne, modules, modules[1:]), map(ne, depths, depths[1:]))
    return chain(range(min(1, len(modules))), compress(range(1, len(modules)), other))


def _merge(groups: list[_Group], rows: Outline) -> None:
    """Leave out groups that tell nothing of their own, and put repeated ones under one, inside out."""
    pending, order = [groups], list[list[_Group]]()
    while pending:
        these = pending.pop()
        order.append(these)
        pending += (group.inner for group in these if group.inner)
    for these in reversed(order):
        kept: list[_Group] = []
        for group in these:
            if len(group.inner) == 1 and (group.inner[0].start, group.inner[0].end) == (
                group.start,
                group.end,
            ):
                kept.append(group.inner[0])
            elif _is_worth_it(group, rows):
                kept.append(group)
            else:
                kept += group.inner
        these[:] = _repeated(kept, rows)


def _is_worth_it(group: _Group, rows: Outline) -> bool:
    """Whether more than one call was made in it: a single row folds its parameters by itself."""
    kinds = rows.kind
    calls = (row for row in range(group.start, group.end) if kinds[row] in (RowKind.NODE, RowKind.CALL))
    return next(calls, NONE) != next(calls, NONE) != NONE


def _repeated(groups: list[_Group], rows: Outline) -> list[_Group]:
    """Neighbours that differ in one number of their path and in nothing else stand under one group."""
    found: list[_Group] = []
    run: list[_Group] = []
    key: object = None
    for group in groups:
        own = _structure(group, rows)
        if (
            run
            and own is not None
            and own == key
            and run[-1].end == group.start
            and run[-1].path != group.path
        ):
            run.append(group)
            continue
        found += _under_one(run)
        run, key = [group], own
    return found + _under_one(run)


def _under_one(run: list[_Group]) -> list[_Group]:
    if len(run) < 2:
        return run
    first, last = run[0], run[-1]
    number = _number(first.path)
    paths = sorted((group.path for group in run), key=lambda path: int(path[number]))  # run in any order
    return [_Group(paths[-1], first.start, first.level, last.end, run, len(run), paths[0])]


def _structure(group: _Group, rows: Outline) -> object:
    """What two layers have in common that are alike; None for what isn't one of several."""
    number = _number(group.path)
    if number == NONE or group.repeats:
        return None
    skip = len(group.path)
    own = slice(group.start, group.end)
    leaves = rows.kind[own].count(LEAF)
    pairs = set(zip(rows.kind[own], rows.marks[own], strict=True))
    marks = [mark for kind, mark in pairs if kind != REFERENCE]
    severed, cut = any(mark & SEVERED for mark in marks), any(mark & TELLING for mark in marks)
    inner = frozenset((item.path[skip:], item.repeats) for item in group.inner)
    return group.path[:number], group.path[number + 1 :], group.level, leaves, severed, cut, inner


def _number(path: Path) -> int:
    """Where in a path its last number stands, NONE where there is none."""
    return next((place for place in range(len(path) - 1, -1, -1) if path[place].isdigit()), NONE)


def _columns(groups: list[_Group]) -> Groups:
    start, end, parent, repeats, paths = ints(), ints(), ints(), ints(), list[str]()
    pending = [(group, NONE) for group in reversed(groups)]
    while pending:
        group, around = pending.pop()
        index = len(start)
        start.append(group.start)
        end.append(group.end)
        parent.append(around)
        repeats.append(group.repeats)
        name = ".".join(group.path)
        paths.append(f"{'.'.join(group.last)} … {name}" if group.repeats else name)
        pending += ((inner, index) for inner in reversed(group.inner))
    return Groups(start, end, parent, repeats, tuple(paths))
