"""Where a backward's gradients died: told from how each of its nodes was handed and sent them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gradtui.model.columns import NONE
from gradtui.model.gradients import Death, GradHealth
from gradtui.model.graph import Graph

JOINS = ("StackBackward", "CatBackward")
"""How the names of nodes begin that give each of their inputs its part of what they are handed."""
SPLITS = ("UnbindBackward", "SplitBackward", "SplitWithSizesBackward", "ChunkBackward")
"""How those begin that put together what their outputs are handed."""
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
    parts: Mapping[int, Sequence[GradHealth | None]] | None = None,
) -> tuple[Death, ...]:
    """Each node that made zeros of a live gradient, or something not finite of a finite one.

    `parts` tells how the gradients were one by one that a node of several outputs was handed.

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
    if any(_hands_on(death) for death in found):
        senders = _Senders(graph, received, sent, parts or {})
        found = [senders.origin(death) if _hands_on(death) else death for death in found]
    return (*found, *_in_between(graph, received, sent))


def _hands_on(death: Death) -> bool:
    """Whether zeros come of a node that gives each of its parts its own: another one made them."""
    return death.state == ZERO and death.name.startswith(JOINS)


class _Senders:
    """Which nodes sent a gradient to a node, to which of its outputs, and how that was."""

    def __init__(
        self,
        graph: Graph,
        received: Mapping[int, GradHealth],
        sent: Mapping[int, Sequence[GradHealth | None]],
        parts: Mapping[int, Sequence[GradHealth | None]],
    ) -> None:
        self.graph, self.received, self.parts = graph, received, parts
        self.of: dict[int, list[tuple[int, int, GradHealth | None]]] = {}
        for node, states in sent.items():
            rows = zip(graph.edges[node], graph.edge_inputs[node], states, strict=False)
            for target, output, state in rows:
                self.of.setdefault(target, []).append((node, output, state))

    def origin(self, death: Death) -> Death:
        """The death of what made the zeros that a node has handed on; itself where that can't be told."""
        pending, seen = [*self._zeros_into(death.node)], set[int]()
        for node in pending:
            if self.received[node] == LIVE:
                graph = self.graph
                return replace(death, node=node, call=graph.call[node], name=graph.node_name(node))
            if node not in seen:
                seen.add(node)
                pending += self._zeros_into(node)
        return death

    def _zeros_into(self, target: int) -> Iterator[int]:
        """The nodes that sent zeros to one, or to that part of one before it from which its zeros came."""
        for node, _, state in self.of.get(target, ()):
            if state == ZERO:
                yield node
            elif state == LIVE and self.graph.node_name(node).startswith(SPLITS):
                states = self.parts.get(node, ())
                dead = {output for output, part in enumerate(states) if part == ZERO}
                yield from (
                    one for one, output, sent in self.of.get(node, ()) if output in dead and sent == ZERO
                )


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
