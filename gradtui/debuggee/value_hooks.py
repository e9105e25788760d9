"""Where gradients die: hooks on every node of a backward that is judged by value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradtui.debuggee.devices import waiting
from gradtui.debuggee.hooks import Gradients, NodeHooks
from gradtui.debuggee.quiet import silenced
from gradtui.debuggee.readings import health, undisturbed
from gradtui.debuggee.recorder import Recorder
from gradtui.model.cancelled import Cancelled, Sizes, cancelled
from gradtui.model.deaths import BROKEN, deaths, worst
from gradtui.model.gradients import Death, GradHealth
from gradtui.model.graph import Graph

LARGEST = 20_000
"""Nodes beyond which a backward isn't watched: the hooks would take longer than the backward itself."""


class ValueHooks:
    """Watches one backward; `found` after it says where gradients died.

    `broke` is called once, as soon as a node has made something not finite of a gradient that was: what nodes
    that are yet to run have saved can still be read then.
    """

    def __init__(
        self, graph: Graph, nodes: Sequence[Any], recorder: Recorder, broke: Callable[[], None]
    ) -> None:
        self.graph = graph
        self.recorder = recorder
        self.broke, self.broken = broke, False
        self.received: dict[int, GradHealth] = {}
        self.sent: dict[int, list[GradHealth | None]] = {}
        self.parts: dict[int, list[GradHealth | None]] = {}
        """How the gradients were that a node of several outputs was handed."""
        self._sizes: tuple[dict[int, Sizes], dict[int, Sizes]] = {}, {}
        """Of what each node was handed, and of what it has sent."""
        self.hooks = NodeHooks(graph, nodes, after=self._seen, leaves=self._leaf)

    def _leaf(self, index: int, received: Gradients) -> None:
        self._seen(index, (), received)

    @silenced
    def _seen(self, index: int, sent: Gradients, received: Gradients) -> None:
        if index in self.received:
            return
        with self.recorder.contained, undisturbed(), waiting():
            parts, self._sizes[0][index] = states(received)
            self.received[index] = worst(parts)
            if len(parts) > 1:
                self.parts[index] = parts
            self.sent[index], self._sizes[1][index] = states(sent)
            if BROKEN in self.sent[index] and self.received[index] != BROKEN and not self.broken:
                self.broken = True
                self.broke()

    def remove(self) -> None:
        self.hooks.remove()

    def found(self, *, over: bool = True) -> tuple[Death, ...]:
        """Each node at which gradients died, with the leaves below it; not `over` where backward raised, or
        gave back what isn't finite."""
        return deaths(self.graph, self.received, self.sent, over=over, parts=self.parts)

    def cancelled(self) -> tuple[tuple[Cancelled, ...], frozenset[int]]:
        """Where gradients have cancelled each other but for rounding, with the leaves for which they have,
        and the leaves that got anything else."""
        return cancelled(self.graph, *self._sizes)


def states(gradients: Gradients) -> tuple[list[GradHealth | None], Sizes]:
    """How each of these gradients is, and how large; None where there is none."""
    found = [(None, None) if item is None else health(item) for item in gradients]
    return [state for state, _ in found], [size for _, size in found]
