"""The graph of one backward as a picture, in the language of Graphviz.

It says what torchviz says in the same way: a grey box a node, a light blue one a leaf, arrows from what was
there first to the loss. And it says what only a recording knows: the line that made a node, in red the calls
at which tracking stops, and dashed what lies beyond them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from gradtui.diagnosis.naming import said, shape_text
from gradtui.diagnosis.outline.full_graph import FullGraph
from gradtui.diagnosis.outline.groups import grouped
from gradtui.diagnosis.outline.layout import Layout
from gradtui.diagnosis.outline.rows import Mark
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding
from gradtui.model.graph import Graph
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import BACKWARDS, Stop, StopKind
from gradtui.report.box_styles import (
    BEYOND,
    BROKEN,
    CLUSTER,
    FLOWS,
    LOST,
    ROOT,
    STOPPED,
    BoxStyles,
    Style,
    beginning,
    ending,
)
from gradtui.report.boxes import Box, Boxes
from gradtui.report.dot import FONT, attributes, label
from gradtui.report.places import relative

GRAPH = {
    "bgcolor": "white",
    "fontsize": "10",
    "labelloc": "t",
    "labeljust": "l",
    "nodesep": "0.2",
    "ranksep": "0.3",
    "pad": "0.3",
}
NODE = {"shape": "box", "style": "filled", "fontsize": "10", "height": "0.2", "margin": "0.1,0.06"}
EDGE = {"arrowsize": "0.6"}
WIDTH = 84
"""Characters of a line of the caption."""
FEW = 8
"""Roots, and parameters without a place in the graph, that get a box each."""


def picture(snapshot: Snapshot, findings: Sequence[Finding], sources: Mapping[str, str]) -> str:
    """The graph of a snapshot as DOT; `findings` are of the same run, worst and likeliest first."""
    return "".join(f"{line}\n" for line in _Picture(snapshot, findings, sources).lines())


def pictured(snapshots: Sequence[Snapshot], findings: Sequence[Finding]) -> Snapshot | None:
    """The snapshot of the backward that the first finding is about, or of another; None without any."""
    shown = [snapshot for snapshot in snapshots if has_graph(snapshot)]
    wanted = findings[0].stop if findings else 0
    return next((one for one in shown if _backwards(one) >= wanted), shown[-1] if shown else None)


def has_graph(snapshot: Snapshot) -> bool:
    """Whether there is something to draw: a graph, or where the loss has none what it was computed from."""
    return snapshot.graph is not None and bool(len(snapshot.graph) or snapshot.stop.roots)


def stop_of(snapshot: Snapshot) -> Stop:
    """The stop that a snapshot's graph is of: at an optimizer's step the backward before it."""
    own, earlier = snapshot.stop, (stop for stop in reversed(snapshot.stops) if stop.kind in BACKWARDS)
    if own.kind in (StopKind.STEP, StopKind.END) or not own.roots:
        return next(earlier, own)
    return own


def _backwards(snapshot: Snapshot) -> int:
    """How many backwards had begun."""
    return next((stop.index for stop in reversed(snapshot.stops) if stop.kind is StopKind.BACKWARD), 0)


class _Picture:
    def __init__(self, snapshot: Snapshot, findings: Sequence[Finding], sources: Mapping[str, str]) -> None:
        self.snapshot, self.findings = snapshot, findings
        self.trace, self.graph = snapshot.trace, snapshot.graph or Graph()
        self.full_graph = FullGraph(snapshot, findings)
        layout = Layout(self.full_graph)
        rows = layout.outline()
        self.boxes = Boxes(self.full_graph, rows, grouped(rows, snapshot))
        self.styles = BoxStyles(snapshot, findings, sources, layout, self.boxes)
        self.stop = stop_of(snapshot)

    def lines(self) -> Iterator[str]:
        yield "digraph gradtui {"
        font = {"fontname": FONT}
        yield f"  graph {attributes({**GRAPH, **font, 'label': label(self.caption(), left=True)})}"
        yield f"  node {attributes({**NODE, **font})}"
        yield f"  edge {attributes(EDGE)}"
        yield from self.clusters()
        yield from self.apart()
        yield from self.roots()
        yield from self.edges()
        yield "}"

    # the caption

    def caption(self) -> Iterator[str]:
        stop = self.stop
        yield f"{self.snapshot.script}: {self.moment()}"
        reached = f", {stop.reached} of {stop.total} parameters reached" if stop.total else ""
        yield f"{stop.nodes or len(self.graph):,} nodes{reached}"
        if self.findings:
            first = self.findings[0]
            place = f"{relative(first.file, self.snapshot.folder)}:{first.line}"
            yield ""
            yield from wrap(f"{first.severity} at {place}: {first.message}", WIDTH)
        yield from self.folds()
        yield ""

    def moment(self) -> str:
        return f"{self.what()}{self.at(self.stop.site)}"

    def what(self) -> str:
        """What the graph is of, in a few words."""
        stop, raised = self.stop, self.snapshot.raised
        match stop.kind:
            case StopKind.GRAD:
                return f"autograd.grad {stop.index}"
            case StopKind.EXCEPTION if raised is not None:
                return f"{raised.type}{' in backward' if raised.in_backward else ''}"
            case _:
                return f"{stop.kind} {stop.index}"

    def at(self, site: int) -> str:
        place = self.trace.sites[site] if site != NONE else None
        return (
            f" at {relative(place.file, self.snapshot.folder)}:{place.line}" if place and place.line else ""
        )

    def folds(self) -> Iterator[str]:
        """What the picture leaves out, and what stands in its place."""
        boxes = [box for _, box in self.boxes.drawn()]
        folded = [box.size for box in boxes if box.folded]
        if folded:
            where = "one box" if len(folded) == 1 else f"{len(folded)} boxes"
            yield ""
            yield from wrap(
                f"A large graph: of {sum(box.size for box in boxes):,} nodes, calls and parameters "
                f"{sum(folded):,} are folded into {where} with a double line.",
                WIDTH,
            )

    # nodes

    def clusters(self) -> Iterator[str]:
        """The boxes, each in the module that it belongs to."""
        inside: dict[int, list[tuple[int, Box]]] = {}
        below: dict[int, list[int]] = {}
        for number, box in self.boxes.drawn():
            inside.setdefault(box.group, []).append((number, box))
        for group in sorted(self.around(inside)):
            below.setdefault(self.boxes.parent(group), []).append(group)
        yield from self.cluster(NONE, "  ", inside, below)

    def around(self, inside: Mapping[int, object]) -> set[int]:
        """The groups that something is in."""
        found: set[int] = set()
        for group in inside:
            while group != NONE and group not in found:
                found.add(group)
                group = self.boxes.parent(group)
        return found

    def cluster(
        self,
        group: int,
        indent: str,
        inside: Mapping[int, Sequence[tuple[int, Box]]],
        below: Mapping[int, Sequence[int]],
    ) -> Iterator[str]:
        for number, box in inside.get(group, ()):
            yield self.box(f"{indent}{_name(number)}", *self.styles.box(number, box))
        for inner in below.get(group, ()):
            path = self.styles.within(self.boxes.groups.path[inner], group)
            yield f"{indent}subgraph cluster{inner} {{"
            yield f"{indent}  graph {attributes({**CLUSTER, 'label': label([path])})}"
            yield from self.cluster(inner, f"{indent}  ", inside, below)
            yield f"{indent}}}"

    def box(self, name: str, lines: Sequence[str], style: Style) -> str:
        return f"{name} {attributes({'label': label(lines), **style})}"

    def apart(self) -> Iterator[str]:
        """Parameters that a finding is about, and that have no place in the graph."""
        missing = self.styles.accused.keys() - self.full_graph.of_leaf.keys()
        items = [item for item in self.snapshot.parameters if item.tensor in missing]
        for number, item in enumerate(items[:FEW]):
            lines = [ending(item.name), shape_text(item.shape), "no part of this graph"]
            yield self.box(f"  apart{number}", lines, LOST)
        if more := len(items[FEW:]):
            yield self.box("  more", [f"and {more:,} more", "no part of this graph"], LOST)

    def roots(self) -> Iterator[str]:
        """What backward starts from, as torchviz has it: the tensor below the node that made it."""
        sites = self.trace.sites
        for number, root in enumerate(self.full_graph.roots[:FEW]):
            call, severed = self.full_graph.call[root], self.styles.severed(root)
            words = said(self.styles.words, sites[self.trace.site[call]]) if call != NONE else ""
            lines = [f"{beginning(words) or 'root'} {self.styles.shape(root)}"]
            if self.stop.site != NONE:
                lines.append(f"{self.what()} · {sites[self.stop.site].place}")
            if severed:
                lines.append("does not require grad")
            yield self.box(f"  root{number}", lines, LOST if severed else ROOT)
            if self.boxes.of[root] != NONE:
                arrow = attributes(BEYOND if severed else FLOWS)
                yield f"  {_name(self.boxes.of[root])} -> root{number} {arrow}"
        if more := len(self.full_graph.roots[FEW:]):
            yield self.box("  roots", [f"and {more:,} more roots"], ROOT)

    # edges

    def edges(self) -> Iterator[str]:
        """Arrows from what was there first; of several alike to or from a folded box only one."""
        of, boxes, drawn = self.boxes.of, self.boxes.boxes, set[str]()
        for vertex, head in enumerate(of):
            for target, style in self.targets(vertex) if head != NONE else ():
                tail = of[target]
                if tail in (NONE, head):
                    continue
                edge = f"  {_name(tail)} -> {_name(head)} {attributes(style)}"
                if boxes[tail].folded or boxes[head].folded:
                    if edge in drawn:
                        continue
                    drawn.add(edge)
                yield edge

    def targets(self, vertex: int) -> Iterator[tuple[int, Style]]:
        """Where the gradient of a vertex goes, or would go, and how the arrow from there looks."""
        if vertex < self.full_graph.nodes:
            yield from ((target, FLOWS) for target in self.graph.children(vertex))
        severed = self.styles.severed(vertex)
        for target in dict.fromkeys(self.full_graph.more.get(vertex, ())):
            if vertex in self.full_graph.cut:
                yield target, BROKEN if self.styles.marked(vertex) & Mark.BLAMED else STOPPED
            elif severed:
                yield target, BEYOND
            else:
                stopped = BROKEN if self.full_graph.blames else STOPPED
                yield target, stopped if self.styles.severed(target) else FLOWS


def _name(box: int) -> str:
    return f"n{box}"
