"""Where gradients die: hooks on every node of a backward that is judged by value.

A node that was handed something finite and sent on something that isn't, or that was handed something else
than zeros and sent on nothing but zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtui.debuggee.hooks import Gradients, NodeHooks
from gradtui.debuggee.readings import health, undisturbed
from gradtui.debuggee.recorder import Recorder
from gradtui.model.columns import NONE
from gradtui.model.gradients import Death
from gradtui.model.graph import Graph

LARGEST = 20_000
"""Nodes beyond which a backward isn't watched: the hooks would take longer than the backward itself."""

LIVE, ZERO, BROKEN = "fine", "zero", "nan"


class Watcher:
    """Watches one backward; `found` after it says where gradients died."""

    def __init__(self, graph: Graph, nodes: Sequence[Any], recorder: Recorder) -> None:
        self.graph = graph
        self.recorder = recorder
        self.received: dict[int, str] = {}
        self.sent: dict[int, list[str | None]] = {}
        self.hooks = NodeHooks(graph, nodes, after=self._seen, leaves=self._leaf)

    def _leaf(self, index: int, received: Gradients) -> None:
        self._seen(index, (), received)

    def _seen(self, index: int, sent: Gradients, received: Gradients) -> None:
        if index in self.received:
            return
        before, self.recorder.quiet = self.recorder.quiet, 2
        try:
            with undisturbed():
                self.received[index] = worst(received)
                self.sent[index] = [None if item is None else health(item) for item in sent]
        finally:
            self.recorder.quiet = before

    def remove(self) -> None:
        self.hooks.remove()

    def found(self) -> tuple[Death, ...]:
        """Each node at which gradients died, with the leaves below it."""
        deaths = []
        for node, received in self.received.items():
            # Zeros can still become NaN: times infinity, or over zero.
            for kind in (ZERO, BROKEN) if received == LIVE else (BROKEN,) if received == ZERO else ():
                dead = [
                    target
                    for target, sent in zip(self.graph.edges[node], self.sent[node], strict=False)
                    if sent == kind and target != NONE
                ]
                if dead:
                    leaves = self._leaves_below(dead, kind)
                    if leaves:
                        name = self.graph.node_name(node)
                        deaths.append(Death(node, self.graph.call[node], name, kind, leaves))
        return tuple(deaths)

    def _leaves_below(self, targets: list[int], kind: str) -> tuple[int, ...]:
        """Leaves reached from these nodes through nothing but gradients that are dead in the same way."""
        pending, seen, leaves = list(targets), set(targets), []
        while pending:
            node = pending.pop()
            if self.received.get(node) != kind:
                continue
            leaf = self.graph.leaf[node]
            if leaf != NONE:
                leaves.append(leaf)
            for target in self.graph.edges[node]:
                if target != NONE and target not in seen:
                    seen.add(target)
                    pending.append(target)
        return tuple(leaves)


def worst(gradients: Gradients) -> str:
    states = [health(item) for item in gradients if item is not None]
    return BROKEN if BROKEN in states else LIVE if LIVE in states else ZERO
