"""What the rows of the tree say: the user's words first, torch's after.

Worked out for the rows that are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gradtui.diagnosis.grad_status import GradStatus, GradStatuses
from gradtui.diagnosis.naming import last_of_burst, module_text, only_names, said, shape_text
from gradtui.diagnosis.outline import Mark, Outline, RowKind
from gradtui.diagnosis.outline.full_graph import leaves
from gradtui.diagnosis.outline.groups import path_of, several_roots
from gradtui.diagnosis.source_text import SourceText
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding
from gradtui.model.graph import Graph, StaleSave
from gradtui.model.owners import Parameter, Role
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site
from gradtui.model.trace import Kind

FREED = "already freed"
UNNAMED = "a tensor"
"""For a tensor that requires grad, of which nothing else is known."""


@dataclass(frozen=True, slots=True)
class Label:
    """A row in words."""

    words: str
    """Variable, expression, or a parameter's name."""
    name: str
    """The node's or function's name, or how a parameter stands."""
    shape: str
    place: str
    module: str = ""
    path: bool = False
    """Whether the words are a path, of which the end matters most."""


class Labels:
    """Puts the rows of one outline into words."""

    def __init__(
        self, snapshot: Snapshot, rows: Outline, sources: Mapping[str, str], findings: Sequence[Finding] = ()
    ) -> None:
        self.snapshot, self.rows = snapshot, rows
        self.trace, self.graph = snapshot.trace, snapshot.graph or Graph()
        self.words = SourceText(sources)
        self.findings = findings
        self.parameters: dict[int, Parameter] = {item.tensor: item for item in snapshot.parameters}
        self.rebuilt = self.graph.rebuilt_leaves()
        self.stale: dict[int, StaleSave] = {save.node: save for save in self.graph.stale}
        self.grad_statuses: GradStatuses | None = None
        """How the parameters stand, as soon as there is a view that knows."""
        self._said: dict[int, str] = {}

    @cached_property
    def versions(self) -> dict[int, int]:
        """By tensor the version of its latest value."""
        return dict(zip(self.trace.tensor, self.trace.version, strict=True))

    @cached_property
    def modules(self) -> Sequence[str]:
        """The paths of modules as the tree's groups have them: with the model's name where several are."""
        several, modules = several_roots(self.snapshot), self.snapshot.modules
        return [".".join(path_of(module, several=several)) or module_text(module) for module in modules]

    @cached_property
    def _namesakes(self) -> Mapping[int, str]:
        """By tensor which one of its name it is, where two models of a class have no names themselves."""
        found: dict[str, list[int]] = {}
        for item in self.snapshot.parameters:
            if item.names or (item.made != NONE and self._variable(item.made)):
                found.setdefault(self._called(item), []).append(item.tensor)
        return {
            tensor: f" ({number} of {len(tensors)})"
            for tensors in found.values()
            if len(tensors) > 1
            for number, tensor in enumerate(tensors, 1)
        }

    def name_of(self, parameter: Parameter) -> str:
        """A parameter's name, told apart from that of another one."""
        return f"{self._called(parameter)}{self._namesakes.get(parameter.tensor, '')}"

    def _called(self, parameter: Parameter) -> str:
        """What nobody holds under a name where the program stands is called as where it was made."""
        made = parameter.made
        return parameter.name if parameter.names or made == NONE else self._variable(made) or parameter.name

    def _variable(self, site: int) -> str:
        return " ".join(self.words.variable(self.trace.sites[site]).split())

    @cached_property
    def row_of_leaf(self) -> dict[int, int]:
        """By tensor the row that it stands in as a leaf."""
        rows = self.rows
        return {rows.leaf[vertex]: rows.row_of[vertex] for vertex in leaves(rows.leaf)}

    def prepare(self) -> None:
        """Work out what takes long for many calls: here, and not where a key waits for it."""
        _ = self.versions, self.row_of_leaf

    def label(self, row: int) -> Label:
        vertex = self.rows.vertex[row]
        leaf = self.rows.leaf[vertex]
        if leaf != NONE:
            return self._leaf(row, leaf)
        call = self.rows.call[vertex]
        module, said = self.module(call), self.said(call)
        inner = bool(module) and (not said or not last_of_burst(self.trace, call) or only_names(module, said))
        return Label(
            words=module if inner else said or self._torch_name(vertex, call),
            name=self._name(row, vertex, call),
            shape=self.shape(vertex),
            place=self.place(call),
            module="" if inner else module,
            path=inner,
        )

    def _leaf(self, row: int, leaf: int) -> Label:
        parameter = self.parameters.get(leaf)
        vertex = self.rows.vertex[row]
        what = "" if parameter is None or parameter.role is Role.PARAMETER else "leaf, "
        reference = self.rows.kind[row] == RowKind.REFERENCE
        made = self.site_of(row)
        return Label(
            words=self.name_of(parameter) if parameter else UNNAMED,
            name=f"{what}{f'stands {self._where(row)}' if reference else self.grad_status(row).value}",
            shape=shape_text(parameter.shape) if parameter else self.shape(vertex),
            place=made.place if made and made.line else "",
            path=parameter is not None,
        )

    def grad_status(self, row: int) -> GradStatus:
        """How the leaf of a row stands; beyond a cut the worst is to be feared until it is judged."""
        grad_statuses, vertex = self.grad_statuses, self.rows.vertex[row]
        parameter = self.parameters.get(self.rows.leaf[vertex])
        if self.rows.marks[row] & Mark.SEVERED:
            if parameter is None or grad_statuses is None:
                return (
                    GradStatus.CUT
                    if grad_statuses is None or grad_statuses.missing is None
                    else GradStatus.UNKNOWN
                )
            # One that this way is cut off may be reached by another all the same.
            grad_status = grad_statuses.shown(parameter)
            return GradStatus.CUT if grad_status is GradStatus.UNKNOWN else grad_status
        beside = vertex >= self.rows.nodes and self.rows.leaf[vertex] not in self.rebuilt
        if grad_statuses is None or beside:
            return GradStatus.UNKNOWN
        if parameter is not None:
            return grad_statuses.shown(parameter)
        return GradStatus.WILL_RAISE if grad_statuses.raises else GradStatus.REACHED

    def _name(self, row: int, vertex: int, call: int) -> str:
        marks = self.rows.marks[row]
        if self.rows.kind[row] == RowKind.REFERENCE:
            return f"stands {self._where(row)}"
        if self.raised(row):
            raised = self.snapshot.raised
            return f"raised {raised.type}" if raised is not None else "raised"
        if marks & Mark.CUT:
            return "tracking stops"
        if vertex in self.stale:
            save = self.stale[vertex]
            return f"version {save.actual}, saved {save.expected}"
        if vertex == self.graph.freed and vertex != NONE:
            return FREED
        return self._torch_name(vertex, call)

    def _where(self, row: int) -> str:
        return "above" if self.rows.target(row) < row else "below"

    def _torch_name(self, vertex: int, call: int) -> str:
        if vertex < self.rows.nodes:
            return self.graph.node_name(vertex)
        return self.trace.call(call).function if call != NONE else ""

    def said(self, call: int) -> str:
        """What the user calls the result of a call: its variable, or the function as written."""
        if call == NONE:
            return ""
        return self.said_at(self.trace.site[call])

    def said_at(self, site: int) -> str:
        """The same for all calls of one place, by its index."""
        if site not in self._said:
            self._said[site] = said(self.words, self.trace.sites[site])
        return self._said[site]

    def raised(self, row: int) -> bool:
        """Whether the row is the call that raised."""
        call = self.rows.call[self.rows.vertex[row]]
        return call != NONE and self.trace.kind[call] == Kind.RAISED

    def module(self, call: int) -> str:
        if call == NONE or self.trace.module[call] == NONE:
            return ""
        return self.modules[self.trace.module[call]]

    def shape(self, vertex: int) -> str:
        if vertex < self.rows.nodes:
            received = self.graph.received[vertex]
            return shape_text(self.graph.shapes[received[0]]) if len(received) and received[0] != NONE else ""
        call = self.rows.call[vertex]
        outputs = self.trace.outputs[call] if call != NONE else []
        if call != NONE and self.trace.kind[call] == Kind.RAISED:
            return ""  # nothing was made
        if not outputs:
            outputs = self.trace.inputs[call] if call != NONE else []
        return shape_text(self.trace.value(outputs[0]).shape) if outputs else ""

    def place(self, call: int) -> str:
        site = self.trace.sites[self.trace.site[call]] if call != NONE else None
        return site.place if site is not None and site.line else ""

    def site_of(self, row: int) -> Site | None:
        """Where in the source the row was made, None where that wasn't seen."""
        vertex = self.rows.vertex[row]
        leaf, call = self.rows.leaf[vertex], self.rows.call[vertex]
        if leaf != NONE:
            parameter = self.parameters.get(leaf)
            return self.trace.sites[parameter.made] if parameter and parameter.made != NONE else None
        return self.trace.sites[self.trace.site[call]] if call != NONE else None

    def frames(self, row: int) -> list[tuple[Site, int]]:
        """The user's lines that led to a row, innermost first, with how many of libraries lie between."""
        call = self.rows.call[self.rows.vertex[row]]
        if call == NONE:
            site = self.site_of(row)
            return [(site, 0)] if site is not None and site.line else []
        found = _of_user(self.trace.call(call).stack)
        if len(found) > 1:
            return found
        site = found[0][0] if found else self.trace.sites[self.trace.site[call]]
        return [(site, 0), *self._callers(site)] if site.line else []

    def _callers(self, site: Site) -> list[tuple[Site, int]]:
        """Who called the function of a line, where the program stands in it: that is known of a stop."""
        stack = [self.trace.sites[index] for index in self.snapshot.stop.stack]
        inside = [(one.file, one.function) for one in stack]
        place = (site.file, site.function)
        return _of_user(stack[inside.index(place) :])[1:] if place in inside else []


def _of_user(stack: Iterable[Site]) -> list[tuple[Site, int]]:
    """The user's lines of a stack, each with how many of libraries lie between it and the one before."""
    found: list[tuple[Site, int]] = []
    between = 0
    for site in stack:
        if site.user and site.line:
            found.append((site, between))
            between = 0
        elif found:
            between += 1
    return found
