"""The way from the loss to one parameter, as a list to walk."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.diagnosis.outline import Mark, RowKind
from gradtui.diagnosis.outline.path import LossPath
from gradtui.diagnosis.sentences import clause
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.tui.palette import (
    CUT,
    MUTED,
    NODE,
    SCISSORS,
    SEVERED,
    SIGNS,
    WARNING,
)
from gradtui.tui.screens.modal import ListBox, Modal
from gradtui.tui.screens.panes import PANES
from gradtui.tui.statuses import sign_of, style_of, verdict_of
from gradtui.tui.view import View
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.tree_columns import LINE_ONLY, cell, columns, ending, needs
from gradtui.tui.widgets.tree_lines import name_style, row_style, severed_style


class Steps(Rows):
    """One line a step, the loss first."""

    def __init__(self, view: View, path: LossPath) -> None:
        super().__init__()
        self.view, self.path = view, path
        self.needs = needs(view)

    def on_mount(self) -> None:
        self.renew()
        wanted = to_see(self.view, self.path)
        self.cursor = self.path.rows.index(wanted) if wanted != NONE else len(self.path.rows) - 1

    @property
    def count(self) -> int:
        return len(self.path.rows)

    @property
    def row(self) -> int:
        """The row of the tree under the cursor."""
        return self.path.rows[self.cursor]

    def line(self, index: int, width: int) -> Text:
        row, view = self.path.rows[index], self.view
        label = view.labels.label(row)
        words, name, shape, module, place = columns(width - 2, self.needs)
        text = self._sign(row)
        text.append((ending if label.path else cell)(label.words, words), row_style(view, row))
        text.append(" ").append(cell(label.name, name), name_style(view, row))
        if shape:
            text.append(" ").append(cell(label.shape, shape))
        if module:
            text.append(" ").append(ending(label.module, module), MUTED)
        if place:
            said = label.place if place > LINE_ONLY else label.place[label.place.rfind(":") :]
            text.append(" ").append(ending(said, place), MUTED)
        return text

    def _sign(self, row: int) -> Text:
        marks, kind = self.view.rows.marks[row], self.view.rows.kind[row]
        if marks & Mark.CUT:
            return Text(f"{SCISSORS} ", name_style(self.view, row))
        severed = bool(marks & Mark.SEVERED)
        if kind == RowKind.LEAF:
            return Text(f"{sign_of(self.view.labels.grad_status(row))} ", name_style(self.view, row))
        return Text(f"{SEVERED} ", severed_style(self.view, row)) if severed else Text(f"{NODE} ", MUTED)


class Sentence(Widget):
    """What breaks the way, or that nothing does."""

    DEFAULT_CSS = "Sentence { height: auto; background: ansi_default; color: ansi_default; padding: 0 1; }"

    def __init__(self, text: Text) -> None:
        super().__init__()
        self.text = text

    def render(self) -> Text:
        return Text.assemble(self.text)  # of a style for the whole, Textual makes a colour of its own


class PathScreen(Modal[int | str]):
    """Gives the row or the pane that was chosen; NONE where the user goes back to where they were."""

    CSS = """
    PathScreen { align: center middle; background: transparent; }
    PathScreen ListBox { width: 100%; max-width: 130; height: auto; max-height: 90%;
        border: round ansi_cyan; border-title-color: ansi_cyan; border-subtitle-color: ansi_bright_black;
        background: ansi_default; }
    PathScreen Steps { height: auto; min-height: 1; }
    """

    OPENED_BY = "why"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "cut", "To the break", id="next-cut"),  # so the key is that of the screen below
        Binding("escape,q,w", "back", "Back"),
        *(Binding(key, f"pane('{pane}')", title, id=pane) for pane, (key, title) in PANES.items()),
    ]

    def __init__(self, view: View, path: LossPath) -> None:
        super().__init__()
        self.view, self.path = view, path
        self.steps = Steps(view, path)

    def compose(self) -> ComposeResult:
        name = self.view.labels.label(self.path.rows[-1]).words
        many = len(self.path.rows)
        with ListBox(self.steps, 30, 90) as box:
            box.border_title = f"The way from the loss to {name}: {many:,} step{'s' if many > 1 else ''}"
            names, breaks = self.names, to_see(self.view, self.path) != NONE
            broken = f"{names['next-cut']}: to the break  " if breaks else ""
            by_number = [names[pane] for pane in PANES] == [
                str(number) for number in range(1, len(PANES) + 1)
            ]
            panes = f"  1…{len(PANES)}: a pane" if by_number else ""
            box.border_subtitle = f"{names['choose']}: to the row  {broken}{names['back']}: back{panes}"
            yield Sentence(sentence(self.view, self.path))
            yield self.steps

    def on_mount(self) -> None:
        self.steps.focus()

    def on_rows_chosen(self) -> None:
        self.dismiss(self.steps.row)

    def action_cut(self) -> None:
        wanted = to_see(self.view, self.path)
        if wanted != NONE:
            self.steps.cursor = self.path.rows.index(wanted)

    def action_pane(self, pane: str) -> None:
        self.dismiss(pane)

    def action_back(self) -> None:
        self.dismiss(NONE)

    def leave(self) -> None:
        self.action_back()


UNCUT = {
    GradStatus.REACHED: "{verdict}: nothing breaks this way.",
    GradStatus.WILL_RAISE: "{verdict}: nothing is cut this way, but backward raises on it or elsewhere.",
    GradStatus.RAISED_BEFORE: "{verdict}: nothing is cut this way, but backward raised before it came here.",
    GradStatus.UNKNOWN: "· Nothing breaks this way; no backward is at hand.",
}
"""What is said of a way that is whole."""


def _grad_status(view: View, row: int) -> GradStatus:
    """How the end of a whole way stands."""
    grad_statuses, rows = view.grad_statuses, view.rows
    if rows.kind[row] == RowKind.LEAF:
        grad_status = view.labels.grad_status(row)
        return grad_status if grad_status in UNCUT else GradStatus.UNKNOWN
    if rows.vertex[row] >= rows.nodes:
        return GradStatus.UNKNOWN
    return GradStatus.WILL_RAISE if grad_statuses.raises or grad_statuses.raised else GradStatus.REACHED


def _reached(view: View, row: int) -> bool:
    return view.rows.kind[row] == RowKind.LEAF and view.labels.grad_status(row) in (
        GradStatus.REACHED,
        GradStatus.IN_VAIN,
    )


SPOILS = {
    Rule.NAN_GRADIENT: "The gradient becomes NaN or infinite",
    Rule.ZERO_GRADIENT: "The gradient becomes zero",
    Rule.CUSTOM_FUNCTION: "A custom Function gives no gradient on",
    Rule.INPLACE_VERSION: "What backward needs is written over",
    Rule.DOUBLE_BACKWARD: "A graph that was freed before comes in",
}
"""What is wrong with a way on which nothing is cut."""
SPOILT_VALUE = "The value becomes NaN or infinite"
"""The same where it was wrong before backward began, whose gradients are NaN from the loss on."""


def spoiled(view: View, path: LossPath) -> tuple[int, Finding] | None:
    """The row of an unbroken way that a loud finding is about, and that finding."""
    for finding in view.findings if path.end == NONE else ():
        row = view.row_of(finding) if finding.loud and finding.rule in SPOILS else NONE
        if row in path.rows:
            return row, finding
    return None


def to_see(view: View, path: LossPath) -> int:
    """The row to look at first, NONE where there is none before the last."""
    if path.cut != NONE or path.end != NONE:
        return path.cut if path.cut != NONE else path.end
    found = spoiled(view, path)
    if found is None and view.raising in path.rows:
        return view.raising
    return NONE if found is None else found[0]


def sentence(view: View, path: LossPath) -> Text:
    """One sentence: where the way is broken, or that it isn't."""
    if path.end == NONE:
        if (found := spoiled(view, path)) is not None:
            row, finding = found
            said = _said(view, row)
            place = view.labels.label(row).place
            spoils = SPOILT_VALUE if finding.in_forward else SPOILS[finding.rule]
            return Text(f"✗ {spoils} at {place}, `{said}`.", f"bold {CUT}")
        if view.raising == path.rows[-1]:
            return raises_here(view)
        parameter = view.labels.parameters.get(view.rows.leaf[view.rows.vertex[path.rows[-1]]])
        if parameter is not None and parameter.grad is GradState.NONFINITE:
            return Text("✗ Nothing is cut this way, but the gradient that came is NaN or infinite.", CUT)
        if parameter is not None and view.grad_statuses.in_vain(parameter):
            told = next((one for one in view.findings if one.loud and parameter.tensor in one.tensors), None)
            why = f". {told.place}: {clause(told.message)}" if told is not None else ""
            sign = SIGNS[Severity.WARNING]
            return Text(f"{sign} Nothing breaks this way, but it is reached in vain{why}.", f"bold {WARNING}")
        grad_status = _grad_status(view, path.rows[-1])
        if grad_status is not GradStatus.REACHED and view.raising in path.rows:
            words = f"{verdict_of(grad_status)}: nothing is cut this way, but backward {_raises(view)} on it"
            return Text(f"{words}{_at(view, view.raising)}.", style_of(grad_status))
        return Text(UNCUT[grad_status].format(verdict=verdict_of(grad_status)), style_of(grad_status))
    last = path.rows[-1]
    parameter = view.labels.parameters.get(view.rows.leaf[view.rows.vertex[last]])
    if parameter is not None and not parameter.requires_grad:
        place = view.labels.label(path.cut).place if path.cut != NONE else ""
        where = f" at {place}" if place else ""
        return Text(f"· It is frozen{where}: requires_grad is False, so it gets no gradient.")
    lost = view.rows.kind[last] == RowKind.LEAF and view.labels.grad_status(last) is GradStatus.CUT
    if path.cut == NONE:
        sign, style = ("✗", CUT) if lost else (SEVERED, "")
        place = view.labels.label(path.end).place or "a place that wasn't seen"
        return Text(f"{sign} Backward ends before {place}: what lies beyond was made without a graph.", style)
    label, said = view.labels.label(path.cut), _said(view, path.cut)
    site = view.labels.site_of(path.cut)
    here = [
        one for one in view.findings if site is not None and (one.file, one.line) == (site.file, site.line)
    ]
    blamed = lost or view.rows.marks[path.cut] & Mark.BLAMED or any(one.loud for one in here)
    if any(not one.loud and view.row_of(one) == path.cut for one in here):
        known = "that is meant, by the look of it" if view.tally.steps else "not judged yet"
        return Text(f"· Tracking stops at {label.place}, `{said}`: {known}.")
    other = "; another way reaches it" if _reached(view, last) else ""
    sign, style = ("✗", f"bold {CUT}") if blamed else (SCISSORS, "bold")  # many a cut is meant
    place = label.place or "a place that was not seen"
    callers = {(frame.file, frame.line) for frame, _ in view.labels.frames(path.cut)[1:]}
    told = next((one for one in view.findings if one.loud and (one.file, one.line) in callers), None)
    if told is not None and not here:
        place += f", called at {told.place}"  # where the finding is told, as the block stands there
    return Text(f"{sign} Tracking stops at {place}, `{said}`{other}.", style)


def raises_here(view: View) -> Text:
    """That the way leads to the row which raises, and for what finding."""
    row, first = view.raising, view.first
    by_itself = view.grad_statuses.raised or view.grad_statuses.raises
    who = "Backward" if by_itself else "The program"
    line = Text(f"✗ {who} {_raises(view)} at this row{_at(view, row)}", f"bold {CUT}")
    told = first is not None and view.labels.label(row).place != first.place
    return line.append(f": {first.rule} at {first.place}." if first is not None and told else ".")


def _raises(view: View) -> str:
    return "will raise" if view.grad_statuses.raises else "raised"


def _at(view: View, row: int) -> str:
    place = view.labels.label(row).place
    return f", at {place}, `{_said(view, row)}`" if place else ""


def _said(view: View, row: int) -> str:
    """The user's own text of a row, on one line and not too long."""
    site = view.labels.site_of(row)
    known = site is not None and site.line
    said = " ".join(view.labels.words.expression(site).split()) if site and known else ""
    said = said or view.labels.label(row).words
    return said if len(said) <= 60 else f"{said[:59]}…"
