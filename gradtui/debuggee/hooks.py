"""Hooks on the nodes of one backward: put in together, and taken out together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from torch import Tensor

from gradtui.debuggee.garbage import uncollected
from gradtui.model.columns import NONE
from gradtui.model.graph import Graph

Gradients = tuple[Tensor | None, ...]
Before = Callable[[int, Gradients], None]
"""Gets a node and what it is handed, right before it runs."""
After = Callable[[int, Gradients, Gradients], None]
"""Gets a node, what it sends and what it was handed, right after it ran."""


class NodeHooks:
    """Everything of ours that hangs on the nodes of a graph; holds none of the nodes."""

    def __init__(
        self,
        graph: Graph,
        nodes: Sequence[Any],
        *,
        before: Before | None = None,
        after: After,
        leaves: Before,
    ) -> None:
        """`leaves` stands for `after` at leaves, whose nodes send nothing; it is called before they run."""
        self._handles: list[Any] = []
        try:
            with uncollected():
                for index, node in enumerate(nodes):
                    if before is not None:
                        self._handles.append(node.register_prehook(partial(before, index)))
                    if graph.leaf[index] == NONE:
                        self._handles.append(node.register_hook(partial(after, index)))
                    else:
                        self._handles.append(node.register_prehook(partial(leaves, index)))
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Take all of them out. May be called more than once, also from one of them."""
        handles, self._handles = self._handles, []
        for handle in handles:
            handle.remove()
