"""Where gradients die: hooks on every node of a backward that is judged by value.

A node that was handed something finite and not all zero, and sent on only zeros or something not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gradtui.debuggee.recorder import Recorder
from gradtui.model.columns import NONE
from gradtui.model.gradients import Death
from gradtui.model.graph import Graph

LARGEST = 20_000
"""Nodes beyond which a backward isn't watched: the hooks would take longer than the backward itself."""

LIVE, ZERO, BROKEN = "live", "zero", "nan"


class Watcher:
    """Watches one backward; `found` after it says where gradients died."""

    def __init__(self, graph: Graph, nodes: Sequence[Any], recorder: Recorder) -> None:
        self.graph = graph
        self.recorder = recorder
        self.received: dict[int, str] = {}
        self.sent: dict[int, list[str | None]] = {}
        self.handles = [node.register_hook(self._hook(index)) for index, node in enumerate(nodes)]

    def _hook(self, index: int) -> Any:
        def seen(sent: Sequence[Tensor | None], received: Sequence[Tensor | None]) -> None:
            if index in self.received:
                return
            before, self.recorder.quiet = self.recorder.quiet, 2
            try:
                self.received[index] = worst(received)
                self.sent[index] = [None if item is None else state(item) for item in sent]
            finally:
                self.recorder.quiet = before

        return seen

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()
        self.handles = []

    def found(self) -> tuple[Death, ...]:
        """Each node at which gradients died, with the leaves below it."""
        deaths = []
        for node, received in self.received.items():
            if received != LIVE:
                continue
            for kind in (ZERO, BROKEN):
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


def state(gradient: Tensor) -> str:
    values = gradient.detach()
    if values.is_sparse:
        values = values._values()
    if values.device.type == "meta" or not (values.is_floating_point() or values.is_complex()):
        return LIVE
    if not bool(torch.isfinite(values).all()):
        return BROKEN
    return LIVE if bool(values.any()) else ZERO


def worst(gradients: Sequence[Tensor | None]) -> str:
    states = [state(item) for item in gradients if item is not None]
    return BROKEN if BROKEN in states else LIVE if LIVE in states else ZERO
