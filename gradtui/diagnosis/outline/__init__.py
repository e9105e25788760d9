"""The rows of the tree: what backward will walk, and what it would have walked but for a cut.

A pure function of one snapshot and the findings about it. Rows are columns of whole numbers, so that a graph
of a million nodes fits; what a row says in words is worked out elsewhere, for the rows that are looked at.

The order: a chain stays at one depth, and each row is followed by what its gradient flows into. Where the
graph branches, the branches come first, one step deeper; the row at which they meet again goes on at the old
depth (in terms of graphs: a row's depth counts the branches on its way in the tree of dominators). A node
stands once; where others lead to it there is a reference.
"""

from __future__ import annotations

from collections.abc import Iterable

from gradtui.diagnosis.outline.full_graph import MOST, FullGraph
from gradtui.diagnosis.outline.layout import Layout, Progress, silent
from gradtui.diagnosis.outline.rows import Mark, Outline, RowKind
from gradtui.model.findings import Finding
from gradtui.model.snapshot import Snapshot

__all__ = ["MOST", "Mark", "Outline", "RowKind", "outline"]


def outline(
    snapshot: Snapshot, findings: Iterable[Finding] = (), *, part: bool = False, progress: Progress = silent
) -> Outline:
    """The rows of a snapshot's tree; findings mark the rows that they name.

    A `part` takes no time: of a graph its nodes alone, where there is none the last `MOST` calls.
    What `progress` raises ends it.
    """
    progress(0, 0)
    return Layout(FullGraph(snapshot, list(findings), part=part), progress).outline()
