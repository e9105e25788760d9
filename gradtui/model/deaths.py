"""Where a backward's gradients died: told from how each of its nodes was handed and sent them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from gradtui.model.columns import NONE
from gradtui.model.gradients import Death, GradHealth
from gradtui.model.graph import Graph

LIVE, ZERO, BROKEN = GradHealth.FINE, GradHealth.ZERO, GradHealth.NAN
"""How a gradient is: anything else, zero in every element, or not finite."""


def worst(states: Iterable[GradHealth | None]) -> GradHealth:
    """How several gradients are together, which one node is handed; None stands for one that isn't there."""
    found = set(states)
    return BROKEN if BROKEN in found else LIVE if LIVE in found else ZERO


def deaths(
    graph: Graph,
    received: Mapping[int, GradHealth],
    sent: Mapping[int, Sequence[GradHealth | None]],
    *,
    over: bool,
) -> tuple[Death, ...]:
    """Each node that made zeros of a live gradient, or something not finite of a finite one.

    Zeros can still become NaN: times infinity, or over zero. A death counts once a leaf has got nothing else;
    but while backward isn't `over`, what isn't finite spreads, and counts at once. So it does where it was
    given back, by `autograd.grad`, of which no leaf is run: it got what was sent to it.
    """
    came = {**_given_back(graph, received, sent), **received}
    found = [
        death
        for node, state in received.items()
        for kind in (ZERO, BROKEN)
        if state == LIVE or (state == ZERO and kind == BROKEN)
        for death in _at(graph, node, kind, came if kind == ZERO else received, sent[node], over=over)
    ]
    return (*found, *_in_between(graph, received, sent))


def _given_back(
    graph: Graph, received: Mapping[int, GradHealth], sent: Mapping[int, Sequence[GradHealth | None]]
) -> dict[int, GradHealth]:
    """How the gradients of those leaves are that weren't run."""
    leaves = {node for node, leaf in enumerate(graph.leaf) if leaf != NONE and node not in received}
    return {node: worst(states) for node, states in _sent_to(leaves, graph, sent).items()}


def _sent_to(
    nodes: Container[int], graph: Graph, sent: Mapping[int, Sequence[GradHealth | None]]
) -> dict[int, list[GradHealth | None]]:
    """How all gradients were that were sent to these nodes."""
    came: dict[int, list[GradHealth | None]] = {}
    for node, states in sent.items():
        for target, state in zip(graph.edges[node], states, strict=False):
            if target in nodes:
                came.setdefault(target, []).append(state)
    return came


def _in_between(
    graph: Graph, received: Mapping[int, GradHealth], sent: Mapping[int, Sequence[GradHealth | None]]
) -> Iterator[Death]:
    """Nodes that were handed zeros where the one gradient that was sent to them was alive: the sum of several
    may be zero by itself."""
    zero = {node for node, state in received.items() if state == ZERO}
    for node, states in _sent_to(zero, graph, sent).items() if zero else ():
        if [state for state in states if state is not None] == [LIVE]:
            leaves = _leaves_below(graph, [node], ZERO, received)
            if leaves:
                yield Death(node, graph.call[node], graph.node_name(node), ZERO, leaves, hook=True)


def _at(
    graph: Graph,
    node: int,
    kind: GradHealth,
    received: Mapping[int, GradHealth],
    sent: Sequence[GradHealth | None],
    *,
    over: bool,
) -> Iterator[Death]:
    edges = zip(graph.edges[node], sent, strict=False)
    dead = [target for target, state in edges if state == kind and target != NONE]
    if dead:
        leaves = _leaves_below(graph, dead, kind, received)
        if leaves or (kind == BROKEN and not over):
            yield Death(node, graph.call[node], graph.node_name(node), kind, leaves)


def _leaves_below(
    graph: Graph, targets: list[int], kind: GradHealth, received: Mapping[int, GradHealth]
) -> tuple[int, ...]:
    """Leaves reached from these nodes through nothing but gradients that are dead in the same way."""
    pending, seen, leaves = list(targets), set(targets), []
    while pending:
        node = pending.pop()
        if received.get(node) != kind:
            continue
        if graph.leaf[node] != NONE:
            leaves.append(graph.leaf[node])
        leaves.extend(graph.rebuilt.get(node, ()))
        for target in graph.edges[node]:
            if target != NONE and target not in seen:
                seen.add(target)
                pending.append(target)
    return tuple(leaves)
