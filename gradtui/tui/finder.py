"""Finds rows by a text: among the different names, places, modules, shapes, parameters; then rows by these.

A million rows have perhaps a hundred different names. So a key costs a look at each name, a look at the rows
near the cursor, and only where none of them fits a pass over the columns by functions written in C.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cached_property, reduce
from itertools import chain, islice, product

from gradtui.diagnosis.outline import Mark, RowKind
from gradtui.diagnosis.outline.web import leaves
from gradtui.model.columns import NONE, ints, low_bytes
from gradtui.tui.labels import Labels, module_text, shape_text
from gradtui.tui.widgets.rows import Matcher

MARKS = 2 * max(Mark)
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
    """What can be found, each different text once."""

    def __init__(self, labels: Labels) -> None:
        trace, graph = labels.trace, labels.graph
        self.names = [name.casefold() for name in graph.names]
        self.functions = [name.casefold() for name in trace.functions]
        self.sites = [
            f"{labels.said_at(number)}\n{site.place if site.line else ''}".casefold()
            for number, site in enumerate(trace.sites)
        ]
        self.modules = [module_text(module).casefold() for module in labels.snapshot.modules]
        self.node_shapes = [shape_text(shape) for shape in graph.shapes]
        self.shapes = [shape_text(shape) for shape in trace.shapes]
        self.leaves = {
            tensor: "\n".join([*item.names, shape_text(item.shape)]).casefold()
            for tensor, item in labels.parameters.items()
        }
        self.leaf_vertices = [*leaves(labels.rows.leaf)]
        self.unnamed = "a tensor that requires grad"


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

        self.labels, self.rows = labels, labels.rows
        self.names, self.functions = table(texts.names), table(texts.functions)
        self.sites, self.modules = table(texts.sites), table(texts.modules)
        self.node_shapes, self.shapes = table(texts.node_shapes), table(texts.shapes)
        self.unnamed = wanted in texts.unnamed
        self.known, self.leaf_vertices = texts.leaves, texts.leaf_vertices
        self.leaves = {tensor for tensor, text in texts.leaves.items() if wanted in text}
        self.states = {state for state in product(RowKind, range(MARKS)) if wanted in _state(*state)}
        tables = (self.names, self.functions, self.sites, self.modules, self.node_shapes, self.shapes)
        self.any = any(map(any, tables)) or bool(self.leaves or self.states or self.unnamed)

    def row(self, row: int) -> bool:
        vertex = self.rows.vertex[row]
        return self._state(row) or self._vertex(vertex)

    def _state(self, row: int) -> bool:
        return bool(self.states) and (self.rows.kind[row], self.rows.marks[row]) in self.states

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
        rows, graph, trace = self.rows, self.labels.graph, self.labels.trace
        nodes = rows.nodes
        parts: list[bytes] = []
        if any(self.sites) or any(self.modules):
            calls = _either(
                _looked_up(self.sites, trace.site), _looked_up(self.modules, trace.module)
            ) + bytes(1)
            parts.append(bytes(map(calls.__getitem__, rows.call)))
        if any(self.names):
            parts.append(_looked_up(self.names, graph.name))
        if any(self.node_shapes):
            parts.append(bytes(map(self.node_shapes.__getitem__, self._first_shapes())))
        vertices = bytearray(
            reduce(_either, (_padded(part, len(rows.call)) for part in parts), bytes(len(rows.call)))
        )
        for vertex in range(nodes, len(rows.call)):
            vertices[vertex] = self._vertex(vertex)
        if self.leaves or self.unnamed or parts:
            for vertex in self.leaf_vertices:
                vertices[vertex] = self._vertex(vertex)
        found = bytes(map(vertices.__getitem__, rows.vertex))
        if self.states:
            found = _either(
                found, bytes(map(self.states.__contains__, zip(rows.kind, rows.marks, strict=True)))
            )
        return found

    def _first_shapes(self) -> Iterable[int]:
        received = self.labels.graph.received
        if len(received.flat) == len(received):
            return received.flat
        ends = islice(received.starts, 1, None)
        return ints(
            received.flat[start] if start < end else NONE
            for start, end in zip(received.starts, ends, strict=False)
        )


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


def _looked_up(table: bytes, numbers: array[int]) -> bytes:
    """What a table has for each of these numbers; where it is small, for all of them at once."""
    if len(table) > 256:
        return bytes(map(table.__getitem__, numbers))
    by_byte = table[:-1].ljust(255, b"\0") + table[-1:]  # NONE ends with a byte of 255
    return low_bytes(numbers).translate(by_byte)


def _padded(part: bytes, length: int) -> bytes:
    return part + bytes(length - len(part))
