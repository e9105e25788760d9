"""The picture of a graph, drawn into a file: `--export`, and a key of the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gradtui.errors import CannotOpenError, say
from gradtui.model.findings import Finding
from gradtui.model.snapshot import Snapshot
from gradtui.program import format_of
from gradtui.report.picture import has_graph, picture
from gradtui.report.rendering import RenderingError, rendered


def save_picture(
    snapshot: Snapshot | None, findings: Sequence[Finding], sources: Mapping[str, str], file: str
) -> None:
    """As `draw`; where there is no graph, say so on stderr."""
    if snapshot is None or not has_graph(snapshot):
        say(f"{file} wasn't written: there is no graph to draw, or none was left to be seen.")
    else:
        draw(snapshot, findings, sources, file)


def draw(snapshot: Snapshot, findings: Sequence[Finding], sources: Mapping[str, str], file: str) -> None:
    """Draw the graph of a snapshot into a file, in the format that its name ends in.

    Raises CannotOpenError where it can't be drawn or written.
    """
    try:
        drawing = rendered(picture(snapshot, findings, sources), format_of(file))
        Path(file).write_bytes(drawing)
    except RenderingError as error:
        raise CannotOpenError(f"can't draw {file}: {error}") from None
    except OSError as error:
        raise CannotOpenError(f"can't write {file}: {error.strerror}") from None
