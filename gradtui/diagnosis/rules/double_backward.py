"""Backward through a graph that an earlier backward has freed: where the old graph came in."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.explanations.freed_graph import freed
from gradtui.diagnosis.run import Run
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding
from gradtui.model.stops import StopKind


def freed_graph_ahead(run: Run) -> Iterator[Finding]:
    """Told before backward runs: it will come to a node that has already freed what it saved."""
    snapshot = run.last.snapshot
    graph, now = snapshot.graph, snapshot.stop.kind is StopKind.BACKWARD
    if now and snapshot.raised is None and graph is not None and graph.freed != NONE:
        yield from freed(run, run.last)
