"""The picture of a graph, drawn into files: `--export`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradtui.errors import CannotOpenError, say
from gradtui.model.findings import Finding
from gradtui.model.snapshot import Snapshot
from gradtui.report.picture import has_graph
from gradtui.report.rendering import RenderingError
from gradtui.report.saving import draw


def save_pictures(
    snapshot: Snapshot | None, findings: Sequence[Finding], sources: Mapping[str, str], files: Sequence[str]
) -> None:
    """Draw the graph of a snapshot into each of some files; where there is none, say so on stderr.

    Raises CannotOpenError where it can't be drawn or written.
    """
    if snapshot is None or not has_graph(snapshot):
        were = "wasn't" if len(files) == 1 else "weren't"
        say(f"{' and '.join(files)} {were} written: there is no graph to draw, or none was left to be seen.")
        return
    try:
        for file in files:
            draw(snapshot, findings, sources, file)
    except RenderingError as error:
        raise CannotOpenError(str(error)) from None
