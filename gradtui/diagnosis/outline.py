"""The rows of the tree: what backward will walk, and what it would have walked but for a cut.

A pure function of one snapshot and the findings about it. Rows are columns of whole numbers, so that a graph
of a million nodes fits; what a row says in words is worked out elsewhere, for the rows that are looked at.

The order: a chain stays at one depth, and each row is followed by what its gradient flows into. Where the
graph branches, the branches come first, one step deeper; the row at which they meet again goes on at the old
depth (in terms of graphs: a row's depth counts the branches on its way in the tree of dominators). A node
stands once; where others lead to it there is a reference.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from gradtui.model.columns import NONE, ints
from gradtui.model.findings import Finding
from gradtui.model.graph import Graph
from gradtui.model.owners import Role
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site
from gradtui.model.trace import Kind, ValueFlag

TRACKED_LEAF = ValueFlag.REQUIRES_GRAD | ValueFlag.LEAF
LONG = 64
LOOSE_ENDS = 8
"""How many results nobody used are shown where nothing else says where to begin."""


class RowKind(IntEnum):
    NODE = 0
    """A node of the backward graph."""
    CALL = 1
    """A call beyond a cut: backward will not come here."""
    LEAF = 2
    """A tensor that could take a gradient: a parameter, or a leaf of the program's own."""
    REFERENCE = 3
    """A vertex that stands elsewhere; see `Outline.target`."""


class Mark(IntFlag):
    SEVERED = 1
    """Backward doesn't reach it."""
    CUT = 2
    """The call that was given a tracked value and gave back one that isn't."""
    BLAMED = 4
    """A finding names this very place, or an expression that it is part of."""
    STALE = 8
    """Something that this node saved for backward has been written since."""
    FIRST = 16
    """The first row of a branch."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Rows as columns; a row is an index."""

    nodes: int = 0
    """How many vertices are nodes of the graph: vertex `i` below it is node `i`."""

    # one number a vertex
    call: array[int] = field(default_factory=ints)
    """Index of its call in the trace, or NONE."""
    leaf: array[int] = field(default_factory=ints)
    """Identity of its tensor where it is a leaf, or NONE."""
    row_of: array[int] = field(default_factory=ints)
    """The row that it stands in; NONE for one that is folded into the row of its leaf."""

    # one number a row
    kind: array[int] = field(default_factory=ints)
    vertex: array[int] = field(default_factory=ints)
    depth: array[int] = field(default_factory=ints)
    marks: array[int] = field(default_factory=ints)
    guide: array[int] = field(default_factory=ints)
    """Index into the guides of the branch that the row belongs to, NONE at depth 0."""
    via: array[int] = field(default_factory=ints)
    """First of the vertices between the row above and this leaf, all of one call; NONE if there is none."""
    end: array[int] = field(default_factory=ints)
    """One after the last row that is deeper: what folding the row hides."""

    # one number a branch
    guide_parent: array[int] = field(default_factory=ints)
    guide_goes_on: array[int] = field(default_factory=ints)
    """1 where more rows follow at the depth that the branch started from."""

    cuts: array[int] = field(default_factory=ints)
    """Rows that are cuts, in order."""
    via_next: dict[int, int] = field(default_factory=dict)
    """For vertices folded into a leaf's row: the next one on the way."""

    def __len__(self) -> int:
        return len(self.kind)

    def target(self, row: int) -> int:
        """The row in which this one's vertex stands: the row itself, unless it is a reference."""
        return self.row_of[self.vertex[row]]

    def parent(self, row: int) -> int:
        """The nearest row above with a smaller depth, NONE at depth 0."""
        depth = self.depth[row]
        while row >= 0 and self.depth[row] >= depth:
            row -= 1
        return row

    def is_node(self, row: int) -> bool:
        return self.vertex[row] < self.nodes

    def guides(self, row: int) -> list[bool]:
        """For each step of depth, outside in, whether a line goes on beside the row."""
        found: list[bool] = []
        guide = self.guide[row]
        while guide != NONE:
            found.append(bool(self.guide_goes_on[guide]))
            guide = self.guide_parent[guide]
        return found[::-1]

    def folded_into(self, row: int) -> list[int]:
        """The vertices between the row above and this leaf."""
        found: list[int] = []
        vertex = self.via[row]
        while vertex != NONE:
            found.append(vertex)
            vertex = self.via_next.get(vertex, NONE)
        return found

    def row_of_call(self, call: int) -> int:
        """The first row that stands for a call of the trace, NONE where there is none."""
        if call == NONE:
            return NONE
        for row, vertex in enumerate(self.vertex):
            if self.call[vertex] == call and self.kind[row] != RowKind.REFERENCE:
                return row
        return NONE


def outline(snapshot: Snapshot, findings: Iterable[Finding] = ()) -> Outline:
    """The rows of a snapshot's tree; findings mark the rows that they name."""
    web = _Web(snapshot, list(findings))
    return _Layout(web).outline()


class _Web:
    """The vertices and edges: the nodes of the graph, and beyond its cuts the calls of the trace."""

    def __init__(self, snapshot: Snapshot, findings: Sequence[Finding]) -> None:
        self.trace = snapshot.trace
        self.graph = snapshot.graph or Graph()
        self.nodes = len(self.graph)
        self._flat, self._starts = self.graph.edges.flat, self.graph.edges.starts
        self.call = ints(self.graph.call)
        self.leaf = ints(self.graph.leaf)
        self.more: dict[int, list[int]] = {}
        """Edges beside the graph's own."""
        self.cut: set[int] = set()
        """Vertices that are cuts."""
        self.tracked: set[int] = set()
        """Vertices that no graph holds and no cut severs: nobody has called backward on them yet."""
        self.affected = {tensor for finding in findings for tensor in finding.tensors}
        self.blames = [finding for finding in findings if finding.loud]
        self.buffers = {item.tensor for item in snapshot.parameters if item.role is Role.BUFFER}
        self.registered = {item.tensor for item in snapshot.parameters if item.role is Role.PARAMETER}
        self.of_leaf = {tensor: vertex for vertex, tensor in enumerate(self.leaf) if tensor != NONE}
        self.of_call = self._made_by()
        self.sources: dict[int, list[int]] = {}
        for tie in self.trace.ties:
            self.sources.setdefault(tie.target, []).append(tie.source)
        self.roots = [*dict.fromkeys(self.graph.roots)]
        self._go_on_beyond_cuts(snapshot)

    def edges(self, vertex: int) -> list[int]:
        """Where gradients go from a vertex, or would go; each target once."""
        own: list[int] = []
        if vertex < self.nodes:
            row = self._flat[self._starts[vertex] : self._starts[vertex + 1]]
            own = [target for target in row if target != NONE]
        more = self.more.get(vertex)
        if more:
            own += more
        return own if len(own) < 2 else [*dict.fromkeys(own)]

    def _made_by(self) -> dict[int, int]:
        """For each call the last node that it made: the one whose gradient is its result's."""
        found: dict[int, int] = {}
        for vertex, call in enumerate(self.call):
            if call != NONE:
                known = found.get(call)
                if known is None or self.graph.sequence[vertex] > self.graph.sequence[known]:
                    found[call] = vertex
        return found

    def _go_on_beyond_cuts(self, snapshot: Snapshot) -> None:
        """Add what lies beyond the inputs that backward will not follow."""
        if not len(self.trace):
            return
        starts = dict(self._untracked_inputs())
        rootless = [] if self.roots else self._where_to_begin(snapshot)
        raised = snapshot.raised.call if snapshot.raised is not None and not self.roots else NONE
        if raised != NONE and not rootless:
            rootless = list(self.trace.inputs[raised])
        tainted = self._tainted([value for values in starts.values() for value in values], rootless)
        for vertex, values in starts.items():
            for value in values:
                target = self._beyond(value, tainted)
                if target != NONE and target != vertex:
                    self.more.setdefault(vertex, []).append(target)
        if raised != NONE and list(self.trace.inputs[raised]) == list(rootless):
            tainted.add(raised)
            self.roots.append(self._call_vertex(raised))
        else:
            self.roots += dict.fromkeys(self._vertex(value) for value in rootless)
        self._connect(tainted)
        self._see_what_is_tracked(rootless)

    def _untracked_inputs(self) -> Iterator[tuple[int, list[int]]]:
        """For each node the values that went into its call and asked for no gradient."""
        seen: set[int] = set()
        flags = self.trace.value_flags
        for vertex in range(self.nodes):
            call = self.call[vertex]
            if self.leaf[vertex] != NONE:
                if values := self._history(self.leaf[vertex]):
                    yield vertex, values
            elif call != NONE and call not in seen:
                seen.add(call)
                values = [
                    value
                    for value in self.trace.inputs[call]
                    if not flags[value] & ValueFlag.REQUIRES_GRAD
                    and self.trace.tensor[value] not in self.buffers
                ]
                if values:
                    yield vertex, values

    def _history(self, tensor: int) -> list[int]:
        """What a leaf of the program's own was made from: it may have been cut off and begun anew."""
        if tensor in self.registered and tensor not in self.affected:
            return []
        value = self._value_of.get(tensor, NONE)
        if value == NONE:
            return []
        producer = self.trace.producer[value]
        return [
            item
            for item in self.trace.inputs[producer]
            if self.trace.tensor[item] != tensor or not self.trace.value_flags[item] & ValueFlag.REQUIRES_GRAD
        ]

    @property
    def _value_of(self) -> dict[int, int]:
        """The latest value of each tensor that is a tracked leaf."""
        if not hasattr(self, "_values"):
            self._values = {
                self.trace.tensor[value]: value
                for value, flags in enumerate(self.trace.value_flags)
                if flags & TRACKED_LEAF == TRACKED_LEAF
            }
        return self._values

    def _where_to_begin(self, snapshot: Snapshot) -> list[int]:
        """Values to start from where there is no graph: the loss, what failed, or results nobody used."""
        if snapshot.stop.roots:
            return list(snapshot.stop.roots)
        raised = snapshot.raised
        if raised is not None and raised.value != NONE:
            return [raised.value]
        if raised is not None and raised.call != NONE:
            return []
        return self._unused()

    def _unused(self) -> list[int]:
        """The last results that went into no other call."""
        found: list[int] = []
        used: set[int] = set()
        for call in range(len(self.trace) - 1, -1, -1):
            if len(found) >= LOOSE_ENDS:
                break
            if self.trace.kind[call] in (Kind.OP, Kind.FUNCTION):
                outputs = self.trace.outputs[call]
                if outputs and used.isdisjoint(outputs) and self.trace.value(outputs[0]).floating:
                    found.append(outputs[0])
            used.update(self.trace.inputs[call])
        return found

    def _calls_behind(self, call: int) -> Iterator[int]:
        """The calls that something in this one came from; nothing lies behind an optimizer's step."""
        if self.trace.kind[call] != Kind.STEP:
            for value in self.trace.inputs[call]:
                if not self._is_leaf(value):
                    yield self.trace.producer[value]
        yield from self.sources.get(call, ())

    def _is_leaf(self, value: int) -> bool:
        return self.trace.value_flags[value] & TRACKED_LEAF == TRACKED_LEAF or (
            self.trace.tensor[value] in self.affected and bool(self.trace.value_flags[value] & ValueFlag.LEAF)
        )

    def _tainted(self, values: Iterable[int], roots: Iterable[int]) -> set[int]:
        """Calls behind these values, not part of the graph, that descend from something tracked."""
        behind = {self.trace.producer[value] for value in values if not self._is_leaf(value)}
        behind.update(self.trace.producer[value] for value in roots if not self._is_leaf(value))
        pending = list(behind)
        while pending:
            call = pending.pop()
            if call in self.of_call:
                continue
            for source in self._calls_behind(call):
                if source not in behind and source < call:
                    behind.add(source)
                    pending.append(source)
        tainted: set[int] = set()
        for call in sorted(behind):
            known = call in self.of_call or self._tracked_here(call)
            if known or any(source in tainted for source in self._calls_behind(call)):
                tainted.add(call)
        tainted.update(self.trace.producer[value] for value in roots if not self._is_leaf(value))
        return tainted

    def _tracked_here(self, call: int) -> bool:
        flags = self.trace.value_flags
        return any(
            flags[value] & ValueFlag.REQUIRES_GRAD or self._is_leaf(value)
            for value in self.trace.inputs[call]
        ) or any(flags[value] & ValueFlag.REQUIRES_GRAD for value in self.trace.outputs[call])

    def _beyond(self, value: int, tainted: set[int]) -> int:
        """The vertex that a severed value comes from, NONE where nothing tracked lies behind it."""
        if self._is_leaf(value):
            return self._vertex(value)
        return self._vertex(value) if self.trace.producer[value] in tainted else NONE

    def _vertex(self, value: int) -> int:
        if self._is_leaf(value):
            return self._leaf_vertex(self.trace.tensor[value])
        return self._call_vertex(self.trace.producer[value])

    def _leaf_vertex(self, tensor: int) -> int:
        if tensor not in self.of_leaf:
            self.of_leaf[tensor] = self._add(NONE, tensor)
        return self.of_leaf[tensor]

    def _call_vertex(self, call: int) -> int:
        if call not in self.of_call:
            self.of_call[call] = self._add(call, NONE)
        return self.of_call[call]

    def _add(self, call: int, leaf: int) -> int:
        self.call.append(call)
        self.leaf.append(leaf)
        return len(self.call) - 1

    def _connect(self, tainted: set[int]) -> None:
        """Join the calls beyond the cuts to what they came from."""
        for call in sorted(tainted, reverse=True):
            vertex = self._call_vertex(call)
            if vertex < self.nodes:
                continue
            targets = self.more.setdefault(vertex, [])
            for value in self.trace.inputs[call]:
                if self._is_leaf(value) or self.trace.producer[value] in tainted:
                    target = self._vertex(value)
                    if target != vertex:
                        targets.append(target)
            targets += [
                self._call_vertex(source) for source in self.sources.get(call, ()) if source in tainted
            ]
            if self._cuts(call):
                self.cut.add(vertex)

    def _see_what_is_tracked(self, values: Iterable[int]) -> None:
        """Note the vertices that a backward from these values would reach, where no graph says so."""
        flags = self.trace.value_flags
        pending = [value for value in values if flags[value] & ValueFlag.REQUIRES_GRAD]
        seen = set(pending)
        while pending:
            value = pending.pop()
            self.tracked.add(self._vertex(value))
            if self._is_leaf(value):
                continue
            for source in self.trace.inputs[self.trace.producer[value]]:
                if flags[source] & ValueFlag.REQUIRES_GRAD and source not in seen:
                    seen.add(source)
                    pending.append(source)

    def _cuts(self, call: int) -> bool:
        flags = self.trace.value_flags
        return (
            self.trace.kind[call] not in (Kind.SEEN, Kind.RAISED, Kind.STEP, Kind.BACKWARD)
            and any(flags[value] & ValueFlag.REQUIRES_GRAD for value in self.trace.inputs[call])
            and not any(flags[value] & ValueFlag.REQUIRES_GRAD for value in self.trace.outputs[call])
        )


class _Layout:
    """Where each vertex stands."""

    def __init__(self, web: _Web) -> None:
        self.web = web
        self.trace = web.trace
        self.order = self._topological()
        self.uses = ints([0]) * len(web.call)
        self.parent = self._dominators()
        self.size = self._sizes()
        self.joins = self._joins()
        self.stale = {save.node for save in web.graph.stale}
        count = len(web.call)
        self.rows = Outline(
            nodes=web.nodes,
            call=web.call,
            leaf=web.leaf,
            row_of=ints([NONE]) * count,
        )
        self.blamed = {
            index
            for index, site in enumerate(web.trace.sites)
            if any(_within(site, item) for item in web.blames)
        }

    def _topological(self) -> list[int]:
        """Every vertex once, what it leads to after it; an edge that would close a ring is passed over."""
        edges = self.web.edges
        state = bytearray(len(self.web.call))
        done: list[int] = []
        for root in reversed(self.web.roots):
            if state[root]:
                continue
            state[root] = 1
            stack = [(root, iter(reversed(edges(root))))]
            while stack:
                vertex, rest = stack[-1]
                for target in rest:
                    if not state[target]:
                        state[target] = 1
                        stack.append((target, iter(reversed(edges(target)))))
                        break
                else:
                    done.append(vertex)
                    stack.pop()
        done.reverse()
        return done

    def _dominators(self) -> array[int]:
        """For each vertex the one that every way from the roots leads through last; NONE for a root.

        A leaf that leads nowhere stands with whoever uses it first: nobody looks for a weight anywhere else.
        One pass in topological order, meeting points found by jumps, so that ten thousand uses of one tensor
        cost ten thousand times a few steps.
        """
        count = len(self.web.call)
        parent, depth, jump = ints([NONE]) * count, ints([0]) * count, ints([NONE]) * count
        known, place = bytearray(count), ints([0]) * count
        edges, uses = self.web.edges, self.uses
        for index, vertex in enumerate(self.order):
            place[vertex] = index
        for root in self.web.roots:
            known[root], jump[root] = 1, root
        for vertex in self.order:
            above = parent[vertex]
            if above != NONE:
                depth[vertex] = depth[above] + 1
                jumped = jump[above]
                far = depth[above] - depth[jumped] == depth[jumped] - depth[jump[jumped]]
                jump[vertex] = jump[jumped] if far else above
            else:
                jump[vertex] = vertex
            for target in edges(vertex):
                uses[target] += 1
                if place[target] <= place[vertex]:
                    continue
                if not known[target]:
                    known[target] = 1
                    parent[target] = vertex
                elif parent[target] != NONE and not self._is_end(target):
                    parent[target] = _meeting(parent[target], vertex, parent, depth, jump)
        return parent

    def _is_end(self, vertex: int) -> bool:
        return self.web.leaf[vertex] != NONE and vertex not in self.web.more

    def _sizes(self) -> array[int]:
        size = ints([1]) * len(self.web.call)
        for vertex in reversed(self.order):
            if self.parent[vertex] != NONE:
                size[self.parent[vertex]] += size[vertex]
        return size

    def _joins(self) -> dict[int, list[int]]:
        """By vertex: where the branches that start there meet again."""
        found: dict[int, list[int]] = {}
        for vertex in self.order:
            if self.uses[vertex] > 1 and self.parent[vertex] != NONE and not self._is_end(vertex):
                found.setdefault(self.parent[vertex], []).append(vertex)
        return found

    def outline(self) -> Outline:
        roots = self._loose()
        stack = [
            (root, 0, NONE, 0, number + 1 < len(roots), NONE)
            for number, root in reversed([*enumerate(roots)])
        ]
        while stack:
            vertex, depth, guide, first, goes_on, via = stack.pop()
            if vertex < 0:
                self._emit(~vertex, RowKind.REFERENCE, depth, guide, first, via)
                continue
            leaf = self.web.leaf[vertex] != NONE
            kind = RowKind.LEAF if leaf else RowKind.NODE if vertex < self.web.nodes else RowKind.CALL
            self._emit(vertex, kind, depth, guide, first, via)
            spine, sides = self._split(vertex)
            last = len(spine) - 1
            stack += [
                (spine[number], depth, guide, 0, goes_on or number < last, NONE)
                for number in range(last, -1, -1)
            ]
            below = goes_on or bool(spine)
            for number in range(len(sides) - 1, -1, -1):
                side, through = sides[number]
                line = self._guide(guide, below or number < len(sides) - 1)
                stack.append((side, depth + 1, line, Mark.FIRST, False, through))
        self._ends()
        return self.rows

    def _loose(self) -> list[int]:
        """Vertices that hang on no other: the roots, and meeting points of several of them."""
        return [vertex for vertex in self.order if self.parent[vertex] == NONE]

    def _split(self, vertex: int) -> tuple[list[int], list[tuple[int, int]]]:
        """What goes on at the same depth, and the branches: vertices (inverted: references) and their via."""
        targets = self.web.edges(vertex)
        if len(targets) == 1 and self.parent[targets[0]] == vertex and not self._is_end(targets[0]):
            through = self._through(vertex, targets[0])[1]
            if through == NONE:
                return targets, []
        spine = self.joins.get(vertex, [])
        own = [target for target in targets if self.parent[target] == vertex]
        inner = [target for target in own if not self._is_end(target) and target not in spine]
        kept = max(inner, key=self.size.__getitem__, default=NONE)
        if kept != NONE and self._through(vertex, kept)[1] != NONE and len(targets) > 1:
            kept = NONE
        if kept != NONE and self._outweighs(kept, spine):
            targets = [*dict.fromkeys([*targets, *spine])]
            spine = [kept]
        held = set(spine)
        leaves: list[tuple[int, int]] = []
        references: list[tuple[int, int]] = []
        inner_sides: list[tuple[int, int]] = []
        for target in targets:
            if target in held:
                continue
            end, via = self._through(vertex, target)
            if via == NONE:
                end, mine = target, self.parent[target] == vertex
            else:
                mine = self.parent[end] == self._before(via)
            item = (end if mine else ~end, via)
            if not mine and not self._is_end(end) and via == NONE:
                references.append(item)
            else:
                (leaves if self._is_end(end) else inner_sides).append(item)
        if len(references) == 1 and not spine and not inner_sides:
            return [references[0][0]], leaves
        leaves += references
        return spine, leaves + sorted(inner_sides, key=lambda item: self.size[item[0]])

    def _outweighs(self, kept: int, joins: list[int]) -> bool:
        """Whether a branch is so much longer than where the branches meet that it had better go on itself.

        Without this a small tensor used at every step of a long chain would indent the whole chain.
        """
        if not joins:
            return True
        return self.size[kept] > max(LONG, 4 * sum(self.size[join] for join in joins))

    def _before(self, via: int) -> int:
        while via in self.rows.via_next:
            via = self.rows.via_next[via]
        return via

    def _through(self, vertex: int, target: int) -> tuple[int, int]:
        """The leaf that a chain of nodes of the same call leads to, and the chain's first; else NONE."""
        call, first = self.web.call[vertex], target
        if call == NONE or vertex >= self.web.nodes or self._is_end(target):
            return target, NONE
        while True:
            edges = self.web.edges(target)
            if self.web.call[target] != call or len(edges) != 1:
                return first, NONE
            if self._is_end(edges[0]):
                return edges[0], first
            self.rows.via_next[target] = edges[0]
            target = edges[0]

    def _guide(self, parent: int, goes_on: bool) -> int:
        self.rows.guide_parent.append(parent)
        self.rows.guide_goes_on.append(int(goes_on))
        return len(self.rows.guide_parent) - 1

    def _emit(self, vertex: int, kind: RowKind, depth: int, guide: int, first: int, via: int) -> None:
        rows = self.rows
        marks = first | self._marks(vertex)
        if kind is not RowKind.REFERENCE:
            rows.row_of[vertex] = len(rows)
            if marks & Mark.CUT:
                rows.cuts.append(len(rows))
        rows.kind.append(kind)
        rows.vertex.append(vertex)
        rows.depth.append(depth)
        rows.marks.append(marks)
        rows.guide.append(guide)
        rows.via.append(via)

    def _marks(self, vertex: int) -> int:
        marks = 0
        call = self.web.call[vertex]
        if vertex >= self.web.nodes and vertex not in self.web.tracked:
            marks |= 0 if call != NONE and self.trace.kind[call] == Kind.RAISED else Mark.SEVERED
        elif vertex in self.stale:
            marks |= Mark.STALE
        if vertex in self.web.cut:
            marks |= Mark.CUT
        if call != NONE and self.trace.site[call] in self.blamed:
            marks |= Mark.BLAMED
        return marks

    def _ends(self) -> None:
        rows, waiting = self.rows, list[int]()
        ends = ints([0]) * len(rows)
        for row in range(len(rows) - 1, -1, -1):
            depth = rows.depth[row]
            while waiting and rows.depth[waiting[-1]] > depth:
                waiting.pop()
            ends[row] = waiting[-1] if waiting else len(rows)
            waiting.append(row)
        rows.end.extend(ends)


def _within(site: Site, finding: Finding) -> bool:
    """Whether a place is part of the expression that a finding names."""
    return (
        site.file == finding.file
        and (finding.line, finding.column) <= (site.line, site.column)
        and (site.end_line, site.end_column) <= (finding.end_line, finding.end_column)
    )


def _meeting(one: int, other: int, parent: array[int], depth: array[int], jump: array[int]) -> int:
    """The deepest vertex above both (or one of them), NONE where they have none in common."""
    if depth[one] < depth[other]:
        one, other = other, one
    while depth[one] > depth[other]:
        one = jump[one] if depth[jump[one]] >= depth[other] else parent[one]
    while one != other:
        if parent[one] == NONE or parent[other] == NONE:
            return NONE
        if jump[one] != jump[other]:
            one, other = jump[one], jump[other]
        else:
            one, other = parent[one], parent[other]
    return one
