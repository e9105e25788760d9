"""How wide the columns of the tree are: by what stands in them, and by the room there is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.diagnosis.naming import shape_text
from gradtui.model.columns import NONE
from gradtui.tui.labels import FREED
from gradtui.tui.view import View
from gradtui.tui.widgets.shortening import parts_kept

STATES = 14
"""Cells for what is said of a parameter or a cut in the place of a name."""
LEGIBLE = 30
"""Cells of words that are given to no other column."""
LONG = 24
"""Cells of a function's name that are counted on."""
ENOUGH = 22
"""Cells of words that are worth more than the name of the only file."""
DEEP = 12
"""Cells for guides that are counted on."""
LINE_ONLY = 6
"""Cells for a place that is only a line: `:1234`."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The widest that stands in each column of one tree."""

    shape: int = 8
    module: int = 0
    place: int = 8
    name: int = 99
    state: int = STATES
    """The longest that is said in the place of a name: of a parameter, or of what was saved and is spoilt."""
    words: int = 0
    """The longest name of a parameter, with the guides before it."""
    one_file: bool = False
    """Whether all rows come from one file, so that the line alone says where."""


def needs(view: View) -> Needs:
    """How wide the columns of a tree had better be; looks at each different text once."""
    trace, graph = view.snapshot.trace, view.labels.graph
    shapes = (*trace.shapes, *graph.shapes)
    modules = view.labels.modules
    places = [site for site in trace.sites if site.user and site.line]
    names = [len(name) for name in graph.names]
    if view.snapshot.raised is not None:
        names.append(len(f"raised {view.snapshot.raised.type}"))
    spoilt = [len(f"version {save.actual}, saved {save.expected}") for save in graph.stale]
    spoilt += [len(FREED)] if graph.freed != NONE else []
    if view.rows.cuts:
        names += [min(len(name), LONG) for name in trace.functions]
    apart = len(GradStatus.NOT_IN_LOSS.value) if view.grad_statuses.count[GradStatus.NOT_IN_LOSS] else 0
    state = max(apart or STATES, *spoilt, 0)
    return Needs(
        shape=max((len(shape_text(shape)) for shape in shapes), default=2),
        module=max(map(len, modules), default=0),
        place=max((len(site.place) for site in places), default=4),
        name=max([state, *names]),
        state=state,
        words=_deepest(view),
        one_file=len({site.file for site in places}) < 2,
    )


def columns(width: int, need: Needs) -> tuple[int, int, int, int, int]:
    """Widths of words, name, shape, module and place; those there is no room for are 0."""
    if width < 40:
        return width - 15, 14, 0, 0, 0
    found = _shared(width, need)
    cut = found[0] < max(need.words, ENOUGH) or found[2] < need.shape
    if cut and need.one_file and found[4] > LINE_ONLY:
        # That names and shapes can be read matters more than the name of the only file.
        found = _shared(width, replace(need, place=LINE_ONLY))
    return found


def _shared(width: int, need: Needs) -> tuple[int, int, int, int, int]:
    place = min(need.place, max(6, width * 22 // 100))
    if place < need.place and need.one_file:
        place = LINE_ONLY
    shape = 0 if width < 56 else min(need.shape, max(16, width * 16 // 100))
    module = 0 if width < 90 else min(need.module, width * 20 // 100)
    rest = width - sum(part + 1 for part in (place, shape, module) if part) - 1
    name = min(need.name, max(need.state if rest > 2 * need.state else 0, rest * 43 // 100))
    words = rest - name
    spare = max(0, words - max(need.words, min(words, LEGIBLE)))
    more = min(spare, need.name - name)
    name, words, spare = name + more, words - more, spare - more
    if shape:
        more = min(spare, need.shape - shape)
        shape, words, spare = shape + more, words - more, spare - more
    if module:
        more = min(spare, need.module - module)
        module, words = module + more, words - more
    return words, name, shape, module, place


def _deepest(view: View) -> int:
    """How wide the rows of parameters are; looks at each parameter once."""
    rows, widest = view.rows, 0
    for tensor, row in view.labels.row_of_leaf.items():
        parameter = view.labels.parameters.get(tensor)
        if parameter is not None and row != NONE:
            last = parameter.name.rsplit(".", 2)[-2:]
            widest = max(widest, min(2 * rows.depth[row], DEEP) + 4 + len(".".join(last)))
    return widest


def ending(text: str, width: int) -> str:
    """The text, its beginning left out where it is too long: a place ends with the line's number."""
    return cell(text, width) if len(text) <= width else f"…{text[len(text) - width + 1 :]}"


def middle(text: str, width: int) -> str:
    """The text, what stands in it after its first quarter left out where it is too long: of a path both ends
    tell, and the last names more than the first; and numbers tell layers apart."""
    begins = (width - 1) // 4
    if cell_len(text) != len(text) or begins < 3:  # of so little nothing can be told
        return ending(text, width)
    if len(text) <= width:
        return cell(text, width)
    return cell("…".join(text[start:end] for start, end in parts_kept(text, width, begins)), width)


def cell(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(0, width - 1)) + "…"
