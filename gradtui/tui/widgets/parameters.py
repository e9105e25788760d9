"""The table of everything that could learn: whether this backward reaches it, and if not, why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan, prod
from typing import Any, ClassVar

from rich.text import Text
from textual.message import Message
from textual.reactive import reactive

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.diagnosis.naming import shape_text
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Severity
from gradtui.model.gradients import GradHealth, Grads
from gradtui.model.graph import Graph
from gradtui.model.owners import GradState, Optimizer, Parameter, Role
from gradtui.tui.gradients import HEALTH, NONFINITE, SIGNS, norm, number, short
from gradtui.tui.palette import MUTED, WARNING
from gradtui.tui.palette import SIGNS as MARKS
from gradtui.tui.passage import Passage
from gradtui.tui.statuses import sign_of, style_of, verdict_of
from gradtui.tui.view import View, as_of
from gradtui.tui.widgets.details import blamed
from gradtui.tui.widgets.sorted_table import SortedTable, in_order
from gradtui.tui.widgets.table import Column

ALARM = MARKS[Severity.WARNING]
MUCH = 0.1
"""Of a weight: a step that changes more of it deserves a look."""


LAST = {GradStatus.FROZEN: 2, GradStatus.NOT_IN_LOSS: 2, GradStatus.REACHED: 3}
"""What doesn't come first."""


class Parameters(SortedTable[Parameter]):
    """One line a parameter; at first those that are cut off, then those that learn nothing by what they get,
    then the others as they stand in the model."""

    EMPTY: ClassVar[str] = "No parameter has been seen yet."
    NEVER: ClassVar[str] = "The program has ended, and no parameter was seen."

    view: reactive[View | None] = reactive(None, init=False)
    over: reactive[bool] = reactive(False, init=False)
    """Whether the program has ended."""

    @dataclass
    class Wanted(Message):
        """The user wants to see where a parameter stands in the tree."""

        tensor: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._groups: dict[int, str] = {}
        self._node_of: dict[int, int] = {}
        """By tensor the node that accumulates its gradient."""
        self.passage = Passage()
        self.breaks: frozenset[str] = frozenset()
        """Names of parameters before whose gradients backward is to be held."""
        self.earlier: Mapping[int, float] = {}
        """By tensor the norm of its gradient in the backward before, where that was seen."""

    def watch_view(self, before: View | None, view: View | None) -> None:
        graph = view.labels.graph if view is not None else Graph()
        self._node_of = {leaf: node for node, leaf in enumerate(graph.leaf) if leaf != NONE}
        found = list(view.grad_statuses.learners) if view is not None else []
        if view is not None:
            grad_statuses = view.grad_statuses
            found.sort(
                key=lambda item: 1 if grad_statuses.in_vain(item) else LAST.get(grad_statuses.of(item), 0)
            )
        self._groups = groups_of(view.snapshot.optimizers) if view is not None else {}
        if before is None or view is None or before.rows is not view.rows:
            self.all = self.items = []
            if view is None and self.picked:
                self.unfilter()  # identities of another run mean other tensors
            self.set_reactive(Parameters.cursor, 0)
            self.scroll_to(y=0, animate=False)
        self.fill(found)

    @property
    def ended(self) -> bool:
        return self.over or (self.view is not None and self.view.at_the_end)

    def heading(self, width: int) -> Text | None:  # noqa: ARG002 - it is short
        """As of when it is, where the program has gone on from there."""
        if self.view is None or not self.over or not self.view.about_backward:
            return None
        return Text(f"As of {as_of(self.view.snapshot)}; the program has ended since.", MUTED)

    def watch_over(self) -> None:
        self.reorder()

    def action_choose(self) -> None:
        if self.here is not None:
            self.post_message(self.Wanted(self.here.tensor))

    @property
    def name_here(self) -> str:
        """The full name of the parameter under the cursor."""
        return self.here.name if self.here is not None else ""

    @property
    def tensor_here(self) -> int:
        """Its identity, NONE where the cursor is on none."""
        return self.here.tensor if self.here is not None else NONE

    def go_to(self, name: str) -> None:
        """Put the cursor on the parameter of a name, if there is one."""
        for index, item in enumerate(self.items):
            if name in item.names:
                self.cursor = index + self.head
                return

    @property
    def reason_here(self) -> str:
        """Why it gets no gradient, or learns nothing by it; empty where nothing is wrong with it."""
        item = self.here
        return self._reason(item) if item is not None and self.view is not None else ""

    @property
    def columns(self) -> list[Column]:
        """Those that have anything to say now."""
        return [column for column in COLUMNS if column.shown is None or column.shown(self)]

    @property
    def _all_learn(self) -> bool:
        statuses = self.view.grad_statuses if self.view is not None else None
        return statuses is not None and set(statuses.count) <= {GradStatus.REACHED} and not statuses.vain

    def flagged(self, index: int) -> bool:
        item = index - self.head
        return item >= 0 and bool(self.breaks) and not self.breaks.isdisjoint(self.items[item].names)

    def key(self, item: Parameter, title: str) -> Any:
        sort = BY_TITLE[title].key
        return super().key(item, title) if sort is None else sort(self, item)

    def texts(self, item: Parameter) -> dict[str, Text]:
        return {column.title: column.text(self, item) for column in COLUMNS}

    def _name_text(self, item: Parameter) -> Text:
        assert self.view is not None
        grad_status = self.view.grad_statuses.shown(item)
        fine = grad_status is GradStatus.REACHED
        sign = Text.assemble((f"{sign_of(grad_status)} ", style_of(grad_status)))
        name, tied = self.view.labels.name_of(item), ", ".join(item.names[1:])
        return sign + Text(f"{name} (tied: {tied})" if tied else name, "" if fine else "bold")

    def _verdict(self, item: Parameter) -> Text:
        assert self.view is not None
        grad_status = self.view.grad_statuses.shown(item)
        return Text(verdict_of(grad_status), style_of(grad_status))

    def _grad_now(self, item: Parameter) -> Text:
        """What stands in its `.grad` now: backward may have put it there since the stop."""
        given = item.tensor in self.passage.learnt
        known = {GradState.PRESENT: "present"}.get(item.grad, str(item.grad))
        return Text("present" if given else known, MUTED)

    def _was(self, item: Parameter) -> Text:
        return Text(number(self.earlier[item.tensor]) if item.tensor in self.earlier else "", MUTED)

    def _norm(self, item: Parameter) -> Text:
        """What stands in its `.grad` at the end, and before what was added to it by the moment shown."""
        return short(self._grads(item))

    def _norm_of(self, item: Parameter) -> float | None:
        grads = self._grads(item)
        return norm(grads) if any(grad is not None for grad in grads) else None

    def _grads(self, item: Parameter) -> Grads:
        learnt = self.passage.learnt.get(item.tensor)
        if learnt is not None and not self.passage.past:
            return (learnt.grad,)
        node = self._node_of.get(item.tensor, NONE)
        passed = self.passage.of(node) if node != NONE else None
        return passed.received if passed is not None else ()

    def _update_of(self, item: Parameter) -> float | None:
        learnt = self.passage.learnt.get(item.tensor)
        return learnt.update if learnt is not None else None

    def _update(self, item: Parameter) -> Text:
        """How far a step of its optimizer would go, measured by its own size; usually about 0.001."""
        learnt = self.passage.learnt.get(item.tensor)
        if learnt is None or self.passage.past:
            return Text()
        update = learnt.update
        if update is None and learnt.grad.health in NONFINITE and item.tensor in self._groups:
            update = nan  # of weights that are all zero too, by whose size nothing can be measured
        if update is None:
            return Text()
        if not isfinite(update):
            return Text(f"{SIGNS[GradHealth.NAN]}{number(update)}", HEALTH[GradHealth.NAN])
        much = len(item.shape) > 1 and update > MUCH  # biases begin at nothing, and may move far
        return Text(f"{f'{ALARM} ' if much else ''}{number(update)}", WARNING if much else "")

    def _reason(self, item: Parameter) -> str:
        """Why a parameter gets no gradient, or learns nothing by it, as far as anybody knows: a line first,
        which is what is looked for and mustn't be cut off."""
        assert self.view is not None
        grad_statuses = self.view.grad_statuses
        grad_status = grad_statuses.of(item)
        if grad_status is GradStatus.REACHED:
            return _line_of(blamed(self.view, item)) if grad_statuses.in_vain(item) else ""
        if grad_status in (GradStatus.WILL_RAISE, GradStatus.RAISED_BEFORE):
            return "this backward raises" if grad_statuses.raises else "backward raised before it"
        if (finding := blamed(self.view, item)) is not None:
            return _line_of(finding)
        if not item.requires_grad:
            return "requires_grad is False"
        if grad_status is GradStatus.UNKNOWN:
            return "its graph was left unread" if self.view.left_unread else "no backward is at hand"
        if grad_status is GradStatus.NOT_IN_LOSS:
            return GradStatus.NOT_IN_LOSS.value
        row = self.view_row(item.tensor)
        return "not part of this loss" if row == NONE else "beyond a cut"

    def view_row(self, tensor: int) -> int:
        """The row of a tensor, NONE where the tree has none."""
        assert self.view is not None
        return self.view.labels.row_of_leaf.get(tensor, NONE)

    def _optimizer(self, item: Parameter) -> Text:
        assert self.view is not None
        if item.tensor in self._groups:
            return Text(self._groups[item.tensor])
        if not self.view.snapshot.optimizers or item.role is Role.LEAF:
            return Text("none", MUTED)
        return Text("in none", WARNING)


def _line_of(finding: Finding | None) -> str:
    return f"{finding.place}  {finding.rule}" if finding is not None else ""


@dataclass(frozen=True, slots=True)
class ParameterColumn(Column):
    """A column that says of a parameter what the table knows of it."""

    text: Callable[[Parameters, Parameter], Text] = lambda _table, _item: Text()
    key: Callable[[Parameters, Parameter], Any] | None = None
    """What it is sorted by, where that isn't its text."""
    shown: Callable[[Parameters], bool] | None = None
    """Whether it has anything to say now; always, where there is none."""


COLUMNS = (
    ParameterColumn(
        "name", 14, 4, kept=25, text=Parameters._name_text, key=lambda _, item: in_order(item.name)
    ),
    ParameterColumn(
        "shape",
        10,
        1,
        60,
        text=lambda _, item: Text(shape_text(item.shape)),
        key=lambda _, item: prod(item.shape),
    ),
    ParameterColumn("gradient", 10, 0, text=Parameters._verdict),
    ParameterColumn(
        "norm",
        11,
        0,
        text=Parameters._norm,
        key=Parameters._norm_of,
        shown=lambda table: table.passage.begun,
    ),
    ParameterColumn(
        "was",
        9,
        0,
        100,
        text=Parameters._was,
        key=lambda table, item: table.earlier.get(item.tensor),
        shown=lambda table: table.passage.begun and bool(table.earlier),
    ),
    ParameterColumn(
        "update/weight",
        13,
        0,
        84,
        text=Parameters._update,
        key=Parameters._update_of,
        shown=lambda table: any(one.update is not None for one in table.passage.learnt.values()),
    ),
    ParameterColumn(
        "why",
        12,
        6,
        text=lambda table, item: Text(table._reason(item)),
        shown=lambda table: not table._all_learn,
    ),
    ParameterColumn(
        "optimizer",
        10,
        1,
        90,
        text=Parameters._optimizer,
        key=lambda table, item: table._groups.get(item.tensor, "~"),
    ),
    ParameterColumn("dtype", 9, 1, 120, text=lambda _, item: Text(item.dtype)),
    ParameterColumn("device", 7, 1, 120, text=lambda _, item: Text(item.device)),
    ParameterColumn(
        ".grad now",
        9,
        1,
        140,
        text=lambda pane, item: pane._grad_now(item),
    ),
)
BY_TITLE = {column.title: column for column in COLUMNS}


def groups_of(optimizers: Sequence[Optimizer]) -> dict[int, str]:
    """By tensor the optimizer that steps it, and the group where there are several."""
    return {
        tensor: f"{optimizer.kind} group {place}" if len(optimizer.groups) > 1 else optimizer.kind
        for optimizer in reversed(optimizers)
        for place, group in enumerate(optimizer.groups)
        for tensor in group.tensors
    }
