"""Tensors that backward needs as they were, and that were written since: the line that wrote."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.explanations.stale_save import written_since
from gradtui.diagnosis.run import Run
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding


def stale_saves(run: Run) -> Iterator[Finding]:
    """Told before backward runs: a tensor that it has saved was written since."""
    scene = run.last
    graph = scene.snapshot.graph
    if graph is None or scene.snapshot.raised is not None:
        return
    for save in graph.stale:
        if save.call != NONE:
            node = graph.node_name(save.node)
            sure = Confidence.LIKELY if save.likely else Confidence.EXACT
            yield written_since(
                run, scene, save.call, save.actual, save.expected, node, graph.call[save.node], sure
            )
