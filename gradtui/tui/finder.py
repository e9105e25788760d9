"""Finds rows by a text: among the different names, places, modules, shapes, parameters; then rows by these.

A million rows have perhaps a hundred different names. So a key costs a look at each name, a look at the rows
near the cursor, and only where none of them fits a pass over the columns by functions written in C.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cached_property, reduce
from itertools import chain, islice, product
from typing import TypeAlias

from gradtui.diagnosis.naming import shape_text
from gradtui.diagnosis.outline import Mark, RowKind
from gradtui.diagnosis.outline.full_graph import leaves
from gradtui.diagnosis.outline.row_filters import references
from gradtui.model.columns import NONE, SELDOM, indices, ints, low_bytes, ones
from gradtui.tui.labels import UNNAMED, Labels
from gradtui.tui.widgets.rows import Matcher

Column: TypeAlias = "bytes | array[int]"
"""A number a call, a vertex or a row; as bytes where all of them are small, and NONE as 255 then."""
MARKS = Mark.ALL + 1
"""One more than the largest number that marks make together."""
COUNTED = 100_000
"""Rows of a tree in which matches are counted."""
NEAR = 2_000
"""Rows that are asked one by one before the columns are."""


class Finder:
    """Searches the rows of one outline; the answers to the last query are kept."""

    def __init__(self, labels: Labels) -> None:
        self.labels, self.rows = labels, labels.rows
        self.looked_at = 0
        """Rows that were asked one by one so far."""
        self._query = ""
        self._hits: Hits | None = None

    def prepare(self) -> None:
        """Work out beforehand what the first query would wait for."""
        for column in ("site_of", "module_of", "name_of", "shape_of", "state_of", "references"):
            getattr(self._texts, column)

    def next(self, query: str, start: int, step: int) -> int:
        """The first row from `start` on that contains a text, one way or the other and round the end."""
        count = len(self.rows)
        if not count or not query:
            return NONE
        hits = self._asked(query)
        if not hits.any:
            return NONE
        for number in range(min(NEAR, count)):
            self.looked_at += 1
            row = (start + number * step) % count
            if hits.row(row):
                return row
        start %= count
        if step > 0:
            found = hits.flags.find(1, start)
            return found if found != NONE else hits.flags.find(1)
        found = hits.flags.rfind(1, 0, start + 1)
        return found if found != NONE else hits.flags.rfind(1)

    def standing(self, query: str, row: int) -> tuple[int, int]:
        """Which of the rows that contain a text this is, and how many there are; 0, 0 if unknown.

        Every row is looked at for it, which takes too long in a large tree.
        """
        if not query or len(self.rows) > COUNTED or not self._asked(query).any:
            return 0, 0
        flags = self._asked(query).flags
        return flags.count(1, 0, row + 1) if row != NONE and flags[row] else 0, flags.count(1)

    def matcher(self, query: str) -> Matcher:
        return self._asked(query).row

    def _asked(self, query: str) -> Hits:
        if self._hits is None or query != self._query:
            self._query, self._hits = query, Hits(self.labels, self._texts, query)
        return self._hits

    @cached_property
    def _texts(self) -> Texts:
        return Texts(self.labels)


class Texts:
    """What can be found, each different text once, and which of them each vertex and row has."""

    def __init__(self, labels: Labels) -> None:
        trace, graph = labels.trace, labels.graph
        self.labels = labels
        self.names = [name.casefold() for name in graph.names]
        self.functions = [name.casefold() for name in trace.functions]
        self.sites = [
            f"{labels.said_at(number)}\n{site.place if site.line else ''}".casefold()
            for number, site in enumerate(trace.sites)
        ]
        self.modules = [module.casefold() for module in labels.modules]
        self.node_shapes = [shape_text(shape) for shape in graph.shapes]
        self.shapes = [shape_text(shape) for shape in trace.shapes]
        self.leaves = {
            tensor: "\n".join([*item.names, shape_text(item.shape)]).casefold()
            for tensor, item in labels.parameters.items()
        }
        self.leaf_vertices = [*leaves(labels.rows.leaf)]
        self.unnamed = UNNAMED

    # The columns below are worked out when the first query asks for all rows, and then kept.

    @cached_property
    def site_of(self) -> Column:
        return self._of_vertices(_narrow(self.labels.trace.site, len(self.sites)))

    @cached_property
    def module_of(self) -> Column:
        return self._of_vertices(_narrow(self.labels.trace.module, len(self.modules)))

    @cached_property
    def name_of(self) -> Column:
        return _narrow(self.labels.graph.name, len(self.names))

    @cached_property
    def shape_of(self) -> Column:
        """Of the first gradient that each node is handed."""
        received = self.labels.graph.received
        if len(received.flat) == len(received):
            return _narrow(received.flat, len(self.node_shapes))
        ends = islice(received.starts, 1, None)
        first = ints(
            received.flat[start] if start < end else NONE
            for start, end in zip(received.starts, ends, strict=False)
        )
        return _narrow(first, len(self.node_shapes))

    @cached_property
    def state_of(self) -> bytes:
        """By row its kind and its marks in one byte."""
        rows = self.labels.rows
        kinds, marks = (int.from_bytes(column.tobytes(), "big") for column in (rows.kind, rows.marks))
        return (kinds * MARKS | marks).to_bytes(len(rows), "big")

    @cached_property
    def references(self) -> array[int]:
        return references(self.labels.rows)

    def _of_vertices(self, of_calls: Column) -> Column:
        """A column of calls as one of vertices."""
        if isinstance(of_calls, bytes):
            return bytes(map((of_calls + b"\xff").__getitem__, self.labels.rows.call))
        return indices(map([*of_calls, NONE].__getitem__, self.labels.rows.call))


class Hits:
    """Which rows contain a query, or each of its words in some part."""

    def __init__(self, labels: Labels, texts: Texts, query: str) -> None:
        whole = _Query(labels, texts, query.casefold())
        words = query.casefold().split()
        many = len(words) > 1 and not whole.any
        self.parts = [_Query(labels, texts, word) for word in words] if many else [whole]
        self.any = all(part.any for part in self.parts)

    def row(self, row: int) -> bool:
        return all(part.row(row) for part in self.parts)

    @cached_property
    def flags(self) -> bytes:
        """One byte a row: 1 where it contains the query."""
        found = self.parts[0].flags
        for part in self.parts[1:]:
            both = int.from_bytes(found, "big") & int.from_bytes(part.flags, "big")
            found = both.to_bytes(len(found), "big")
        return found


class _Query:
    """A text, and which of the different names, places, … contain it. Tables end with a 0 for NONE."""

    def __init__(self, labels: Labels, texts: Texts, wanted: str) -> None:
        def table(items: Iterable[str]) -> bytes:
            return bytes(chain((wanted in item for item in items), (0,)))

        self.labels, self.rows, self.texts = labels, labels.rows, texts
        self.names, self.functions = table(texts.names), table(texts.functions)
        self.sites, self.modules = table(texts.sites), table(texts.modules)
        self.node_shapes, self.shapes = table(texts.node_shapes), table(texts.shapes)
        self.unnamed = wanted in texts.unnamed
        self.known, self.leaf_vertices = texts.leaves, texts.leaf_vertices
        self.leaves = {tensor for tensor, text in texts.leaves.items() if wanted in text}
        self.states = table(_state(*state) for state in product(RowKind, range(MARKS)))
        tables = (self.names, self.functions, self.sites, self.modules, self.node_shapes, self.shapes)
        self.any = any(map(any, (*tables, self.states))) or bool(self.leaves or self.unnamed)

    def row(self, row: int) -> bool:
        vertex = self.rows.vertex[row]
        return self._state(row) or self._vertex(vertex)

    def _state(self, row: int) -> bool:
        return bool(self.states[self.rows.kind[row] * MARKS + self.rows.marks[row]])

    def _vertex(self, vertex: int) -> bool:
        leaf, call = self.rows.leaf[vertex], self.rows.call[vertex]
        if leaf != NONE:
            return leaf in self.leaves or (self.unnamed and leaf not in self.known)
        if call != NONE and self._call(call):
            return True
        if vertex >= self.rows.nodes:
            return call != NONE and bool(
                self.functions[self.labels.trace.function[call]] or self.shapes[self._shape(call)]
            )
        graph = self.labels.graph
        received = graph.received[vertex]
        return bool(self.names[graph.name[vertex]] or (len(received) and self.node_shapes[received[0]]))

    def _call(self, call: int) -> bool:
        trace = self.labels.trace
        return bool(self.sites[trace.site[call]] or self.modules[trace.module[call]])

    def _shape(self, call: int) -> int:
        trace = self.labels.trace
        outputs = trace.outputs[call]
        return trace.shape[outputs[0]] if len(outputs) else NONE

    @cached_property
    def flags(self) -> bytes:
        """One byte a row, by whole columns."""
        found = self._rows_of(self._vertices())
        if any(self.states):
            found = _either(found, _looked_up(self.states, self.texts.state_of))
        return found

    def _vertices(self) -> bytearray:
        """One byte a vertex."""
        rows, texts = self.rows, self.texts
        columns = (
            (self.sites, "site_of"),
            (self.modules, "module_of"),
            (self.names, "name_of"),
            (self.node_shapes, "shape_of"),
        )
        parts = [_looked_up(table, getattr(texts, column)) for table, column in columns if any(table)]
        many = len(rows.call)
        found = bytearray(reduce(_either, (_padded(part, many) for part in parts), bytes(many)))
        for vertex in range(rows.nodes, many):
            found[vertex] = self._vertex(vertex)
        if self.leaves or self.unnamed or parts:
            for vertex in self.leaf_vertices:
                found[vertex] = self._vertex(vertex)
        return found

    def _rows_of(self, vertices: bytearray) -> bytes:
        """One byte a row from one byte a vertex: a few are put in their rows, of many each row is asked."""
        rows = self.rows
        if vertices.count(1) * SELDOM > len(rows):
            return bytes(map(vertices.__getitem__, rows.vertex))
        found = bytearray(len(rows))
        for vertex in ones(vertices):
            if rows.row_of[vertex] != NONE:
                found[rows.row_of[vertex]] = 1
        for row in self.texts.references:
            found[row] = vertices[rows.vertex[row]]
        return bytes(found)


def _state(kind: int, marks: int) -> str:
    """How a row of this sort stands, in the words that it says itself."""
    if kind == RowKind.REFERENCE:
        return "stands above stands below"
    if marks & Mark.CUT:
        return "tracking stops"
    if kind == RowKind.LEAF:
        return "cut off" if marks & Mark.SEVERED else "reached"
    return ""


def _either(one: bytes, other: bytes) -> bytes:
    """Two columns of 0 and 1 as one."""
    both = int.from_bytes(one, "big") | int.from_bytes(other, "big")
    return both.to_bytes(len(one), "big")


def _narrow(numbers: array[int], many: int) -> Column:
    """Numbers below `many`, and NONE, in one byte each where they fit: NONE as 255."""
    return low_bytes(numbers) if many < 256 else numbers


def _looked_up(table: bytes, column: Column) -> bytes:
    """What a table has for each number of a column; for all of them at once where they are bytes."""
    if isinstance(column, bytes):
        return column.translate(table[:-1].ljust(255, b"\0") + table[-1:])
    return bytes(map(table.__getitem__, column))


def _padded(part: bytes, length: int) -> bytes:
    return part + bytes(length - len(part))
