"""Breaks and the nodes they name: which break a row's node gets, and which nodes one is on."""

from __future__ import annotations

from gradtui.model.breaks import Break, BreakKind
from gradtui.model.columns import NONE
from gradtui.tui.view import View


def break_at_node(view: View, node: int) -> Break:
    """The break on one node: a leaf's by its parameter, another by name, place and its number there."""
    graph, trace = view.labels.graph, view.snapshot.trace
    parameter = view.labels.parameters.get(graph.leaf[node]) if graph.leaf[node] != NONE else None
    if parameter is not None and parameter.names:
        return Break(BreakKind.PARAMETER, parameter.name)
    name, call = graph.node_name(node), graph.call[node]
    site = trace.sites[trace.site[call]] if call != NONE else None
    file, line = (site.file, site.line) if site is not None else ("", 0)
    number = _alike(view, name, file, line).index(node)
    return Break(BreakKind.NODE, name, file, line, number)


def nodes_of(view: View, condition: Break) -> list[int]:
    """The nodes of a break that names them, of a module those at which backward enters it; else none."""
    graph = view.labels.graph
    if condition.kind is BreakKind.PARAMETER:
        leaves = {item.tensor for item in view.snapshot.parameters if condition.name in item.names}
        return [node for node, leaf in enumerate(graph.leaf) if leaf in leaves]
    if condition.kind is BreakKind.MODULE:
        return _entries(view, condition.name)
    if condition.kind is not BreakKind.NODE:
        return []
    alike = _alike(view, condition.name, condition.file, condition.line)
    if condition.occurrence < 0:
        return alike
    return alike[condition.occurrence : condition.occurrence + 1]


def is_elsewhere(view: View, condition: Break) -> bool:
    """Whether a break names nodes and no node of this graph is one: it waits for another graph."""
    match condition.kind:
        case BreakKind.LINE:
            return not _made_at(view, condition.file, condition.line)
        case BreakKind.NODE | BreakKind.MODULE | BreakKind.PARAMETER:
            return not nodes_of(view, condition)
    return False


def _entries(view: View, path: str) -> list[int]:
    """The nodes of a module before which backward was outside of it: what was made last comes first."""
    graph, trace, modules = view.labels.graph, view.snapshot.trace, view.snapshot.modules
    inside = {number for number, module in enumerate(modules) if module.kind and module.name == path}
    while more := {number for number, one in enumerate(modules) if one.parent in inside} - inside:
        inside |= more
    order = sorted(
        (node for node, leaf in enumerate(graph.leaf) if leaf == NONE), key=graph.sequence.__getitem__
    )
    found, before = [], False
    for node in reversed(order):
        call = graph.call[node]
        here = call != NONE and trace.module[call] in inside
        if here and not before:
            found.append(node)
        before = here
    return found


def _alike(view: View, name: str, file: str, line: int) -> list[int]:
    """Nodes of one name that a line made, in the order of capture; of any line where none is given."""
    graph = view.labels.graph
    if name not in graph.names:
        return []
    wanted = graph.names.index(name)
    named = [node for node, number in enumerate(graph.name) if number == wanted]
    if not file:
        return named
    here = _made_at(view, file, line)
    return [node for node in named if node in here]


def _made_at(view: View, file: str, line: int) -> set[int]:
    """All nodes that a line made."""
    graph, trace = view.labels.graph, view.snapshot.trace
    here = {
        number
        for number, site in enumerate(trace.sites)
        if site.file == file and site.line <= line <= site.end_line
    }
    return {node for node, call in enumerate(graph.call) if call != NONE and trace.site[call] in here}
