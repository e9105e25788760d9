"""How wide the columns of the tree are: by what stands in them, and by the room there is."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from gradtui.tui.labels import module_text, shape_text
from gradtui.tui.view import View

LINE_ONLY = 6
"""Cells for a place that is only a line: `:1234`."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The widest that stands in each column of one tree."""

    shape: int = 8
    module: int = 0
    place: int = 8
    one_file: bool = False
    """Whether all rows come from one file, so that the line alone says where."""


def needs(view: View) -> Needs:
    """How wide the columns of a tree had better be; looks at each different text once."""
    trace, graph = view.snapshot.trace, view.labels.graph
    shapes = (*trace.shapes, *graph.shapes)
    modules = [module_text(module) for module in view.snapshot.modules]
    places = [site for site in trace.sites if site.user and site.line]
    return Needs(
        shape=max((len(shape_text(shape)) for shape in shapes), default=2),
        module=max(map(len, modules), default=0),
        place=max((len(site.place) for site in places), default=4),
        one_file=len({site.file for site in places}) < 2,
    )


def columns(width: int, need: Needs) -> tuple[int, int, int, int, int]:
    """Widths of words, name, shape, module and place; those there is no room for are 0."""
    if width < 40:
        return width - 15, 14, 0, 0, 0
    place = min(need.place, max(6, width * 22 // 100))
    if place < need.place and need.one_file:
        place = LINE_ONLY
    shape = 0 if width < 56 else min(need.shape, max(13, width * 16 // 100))
    module = 0 if width < 90 else min(need.module, width * 20 // 100)
    rest = width - sum(part + 1 for part in (place, shape, module) if part) - 1
    words = rest * 54 // 100
    return words, rest - words, shape, module, place


def ending(text: str, width: int) -> str:
    """The text, its beginning left out where it is too long: a place ends with the line's number."""
    return cell(text, width) if len(text) <= width else f"…{text[len(text) - width + 1 :]}"


def cell(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(0, width - 1)) + "…"
