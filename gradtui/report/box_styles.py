"""What each box of a picture says, and how it looks: colours, words, places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from gradtui.diagnosis.naming import last_of_burst, module_text, only_names, said, shape_text
from gradtui.diagnosis.outline.layout import Layout, within
from gradtui.diagnosis.outline.rows import Mark
from gradtui.diagnosis.source_text import SourceText
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding
from gradtui.model.graph import Graph
from gradtui.model.owners import Parameter
from gradtui.model.snapshot import Snapshot
from gradtui.report.boxes import Box, Boxes
from gradtui.report.places import relative

Style = dict[str, str]
"""Attributes of Graphviz."""

INK, PALE, LINE = "#1f2328", "#656d76", "#8c959f"
RED, ALARM = "#cf222e", "#ffe4e3"

OP = {"fillcolor": "#eff1f3", "color": LINE, "fontcolor": INK}
LEAF = {"fillcolor": "lightblue", "color": "#3d85a6", "fontcolor": INK}
LOST = {"fillcolor": "white", "color": RED, "fontcolor": "#a40e26", "penwidth": "2"}
ROOT = {"fillcolor": "darkolivegreen1", "color": "#4d8c00", "fontcolor": INK}
SEVERED = {"fillcolor": "white", "style": "filled,dashed", "color": LINE, "fontcolor": PALE}
CUT = {"fillcolor": "#fff5d6", "color": "#9a6700", "fontcolor": "#7d4e00", "penwidth": "2"}
BLAMED_CUT = {"fillcolor": ALARM, "color": RED, "fontcolor": "#82071e", "penwidth": "3", "fontsize": "12"}
BLAMED = {"fillcolor": ALARM, "color": RED, "fontcolor": "#82071e", "penwidth": "2"}
FOLD = {"peripheries": "2", "penwidth": "1"}
CLUSTER = {"style": "rounded", "color": "#afb8c1", "fontcolor": PALE, "labeljust": "l", "margin": "10"}

FLOWS = {"color": PALE}
BEYOND = {"color": LINE, "style": "dashed"}
STOPPED = {"color": "#9a6700", "style": "dashed"}
BROKEN = {"color": RED, "style": "dashed", "penwidth": "2"}

LONGEST = 52
"""Characters of a name or expression: of a longer path the end, of a longer expression the beginning."""


class BoxStyles:
    """The looks of the boxes of one picture."""

    def __init__(
        self,
        snapshot: Snapshot,
        findings: Sequence[Finding],
        sources: Mapping[str, str],
        layout: Layout,
        boxes: Boxes,
    ) -> None:
        self.snapshot, self.trace, self.graph = snapshot, snapshot.trace, snapshot.graph or Graph()
        self.full_graph, self.rows, self.marks, self.boxes = (
            layout.full_graph,
            layout.rows,
            layout.marks,
            boxes,
        )
        self.words = SourceText(sources)
        self.parameters: dict[int, Parameter] = {item.tensor: item for item in snapshot.parameters}
        self.stale = {save.node: save for save in self.graph.stale}
        self.reached = self.graph.leaves()
        loud = [finding for finding in reversed(findings) if finding.loud]
        self.accused = {tensor: finding.rule for finding in loud for tensor in finding.tensors}
        """By tensor the rule of the first finding that is about it."""

    def within(self, path: str, group: int) -> str:
        """A path without what the cluster around it says already; of several the first and the last."""
        around = f"{self.boxes.groups.path[group]}." if group != NONE else ""
        return " … ".join(one.removeprefix(around) for one in path.split(" … "))

    def box(self, number: int, box: Box) -> tuple[list[str], Style]:
        if box.folded:
            return self.fold(number, box)
        if self.full_graph.leaf[box.vertex] != NONE:
            return self.leaf(box.vertex, box.group)
        if self.marked(box.vertex) & Mark.CUT:
            return self.cut(box.vertex)
        return self.node(box.vertex, box.group)

    def fold(self, number: int, box: Box) -> tuple[list[str], Style]:
        lines = [ending(self.within(box.path, box.group))] if box.path else []
        if box.repeats:
            lines.append(f"{box.repeats} alike, together")
        counts = ((box.nodes, "node"), (box.calls, "call"), (box.leaves, "parameter"), (box.cuts, "cut"))
        lines.append(", ".join(f"{count:,} {what}{'s' * (count != 1)}" for count, what in counts if count))
        if lost := self.lost_in[number]:
            lines.append(f"{lost:,} without a gradient")
            return lines, {**LOST, **FOLD}
        return lines, {**(OP if box.nodes else SEVERED if box.calls else LEAF), **FOLD}

    @cached_property
    def lost_in(self) -> Counter[int]:
        """By box how many parameters in it get no gradient."""
        leaves = zip(self.boxes.of, self.full_graph.leaf, strict=True)
        return Counter(
            number for number, tensor in leaves if tensor in self.accused and tensor not in self.reached
        )

    def leaf(self, vertex: int, group: int) -> tuple[list[str], Style]:
        tensor = self.full_graph.leaf[vertex]
        item = self.parameters.get(tensor)
        lines = [
            ending(self.within(item.name, group)) if item else "a tensor",
            shape_text(item.shape) if item else self.shape(vertex),
        ]
        if tensor in self.accused:
            known = f"✗ {self.accused[tensor]}" if tensor in self.reached else "gets no gradient"
            return [*lines, known], LOST
        if item is not None and not item.requires_grad:
            return [*lines, "frozen"], SEVERED
        return lines, LEAF if tensor in self.reached else SEVERED

    def cut(self, vertex: int) -> tuple[list[str], Style]:
        call = self.full_graph.call[vertex]
        site = self.trace.sites[self.trace.site[call]]
        blamed = bool(self.marked(vertex) & Mark.BLAMED)
        lines = [f"✂ {self.trace.call(call).function}: tracking stops here"]
        if expression := self.words.expression(site):
            lines.append(beginning(expression))
        if site.line:
            lines.append(f"{relative(site.file, self.snapshot.folder)}:{site.line}")
        return lines, BLAMED_CUT if blamed else CUT

    def node(self, vertex: int, group: int) -> tuple[list[str], Style]:
        call = self.full_graph.call[vertex]
        real = vertex < self.full_graph.nodes
        name = self.graph.node_name(vertex) if real else self.trace.call(call).function
        lines = [f"{name} {self.shape(vertex)}".strip()]
        if call != NONE and self.full_graph.of_call[call] == vertex:
            lines += self.origin(call, group, name)
        if fault := self.fault(vertex):
            return [*lines, f"✗ {fault}"], BLAMED
        return lines, SEVERED if self.severed(vertex) else OP

    def fault(self, vertex: int) -> str:
        """What is wrong with a node itself, in a few words."""
        if vertex in self.stale:
            save = self.stale[vertex]
            return f"saved at version {save.expected}, which is {save.actual} now"
        if vertex == self.graph.freed and not self.stale:  # what raises for another reason is freed as well
            return "freed already"
        call = self.full_graph.call[vertex]
        return self.blamed.get(self.trace.site[call], "") if call != NONE else ""

    def origin(self, call: int, group: int, name: str) -> Iterator[str]:
        """What the user calls the result of a call, unless that is its name, and where it was made."""
        site = self.trace.sites[self.trace.site[call]]
        module, number = "", self.trace.module[call]
        if number != NONE:
            module = module_text(self.snapshot.modules[number])
        words = said(self.words, site)
        if module and (not words or not last_of_burst(self.trace, call) or only_names(module, words)):
            around = self.boxes.groups.path[group] if group != NONE else ""
            words = "" if module == around else self.within(module, group)
        if words == name:
            words = ""
        parts = [part for part in (ending(words), site.place if site.line else "") if part]
        if parts:
            yield " · ".join(parts)

    @cached_property
    def blamed(self) -> dict[int, str]:
        """By site the rule of the loud finding that names it, unless a cut that is drawn says so already."""
        sites, told = (
            self.trace.sites,
            {self.trace.site[self.full_graph.call[vertex]] for vertex in self.full_graph.cut},
        )
        found: dict[int, str] = {}
        for finding in self.full_graph.blames:
            here = [number for number, site in enumerate(sites) if within(site, finding)]
            if told.isdisjoint(here):
                found.update((number, str(finding.rule)) for number in here)
        return found

    def marked(self, vertex: int) -> int:
        row = self.rows.row_of[vertex]
        return self.marks.get(vertex, 0) | (self.rows.marks[row] if row != NONE else 0)

    def severed(self, vertex: int) -> bool:
        return bool(self.marked(vertex) & Mark.SEVERED)

    def shape(self, vertex: int) -> str:
        if vertex < self.full_graph.nodes:
            received = self.graph.received[vertex]
            return shape_text(self.graph.shapes[received[0]]) if len(received) and received[0] != NONE else ""
        call = self.full_graph.call[vertex]
        outputs = self.trace.outputs[call] if call != NONE else []
        return shape_text(self.trace.value(outputs[0]).shape) if outputs else ""


def ending(path: str) -> str:
    return path if len(path) <= LONGEST else f"…{path[1 - LONGEST :]}"


def beginning(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
