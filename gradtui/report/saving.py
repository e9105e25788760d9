"""The picture of a graph, in a file: by `--export`, or by a key of the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gradtui.model.findings import Finding
from gradtui.model.snapshot import Snapshot
from gradtui.report.picture import picture
from gradtui.report.rendering import NEEDED, RenderingError, missing, rendered
from gradtui.report.writable import unwritable

FORMATS = ("dot", *NEEDED)
"""What a picture can be drawn as; `options.PICTURES` without the full stops."""


def format_of(file: str) -> str:
    """The format of a picture by its file's name: `svg`."""
    return Path(file).suffix.lower().removeprefix(".")


def undrawable(file: str) -> str:
    """Why no picture can be drawn into a file, as a sentence without its full stop; empty where one can."""
    if format_of(file) not in FORMATS:
        return f"can't draw {file}: its name ends in none of {', '.join(f'.{one}' for one in FORMATS)}"
    if sentence := unwritable(file):
        return sentence
    sentence = missing(format_of(file))
    return f"can't draw {file}: {sentence}" if sentence else ""


def draw(snapshot: Snapshot, findings: Sequence[Finding], sources: Mapping[str, str], file: str) -> None:
    """Draw the graph of a snapshot into a file. Raises RenderingError where it can't be drawn or written."""
    try:
        drawing = rendered(picture(snapshot, findings, sources), format_of(file))
    except RenderingError as error:
        raise RenderingError(f"can't draw {file}: {error}") from None
    try:
        Path(file).write_bytes(drawing)
    except OSError as error:
        raise RenderingError(f"can't write {file}: {error.strerror}") from None
