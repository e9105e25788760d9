"""The table of everything that could learn: whether this backward reaches it, and if not, why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from gradtui.model.columns import NONE
from gradtui.model.graph import Graph
from gradtui.model.owners import GradState, Parameter, Role
from gradtui.tui.gradients import number, short
from gradtui.tui.labels import shape_text
from gradtui.tui.palette import CUT, CUT_PARAMETER, GOOD, MUTED, PARAMETER, REACHED, WARNING
from gradtui.tui.passage import Passage
from gradtui.tui.view import View
from gradtui.tui.widgets.details import why
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.table import Column, cells, fitted

ORDERS = ("as in the model", "cut off first", "by name", "by size")
COLUMNS = (
    Column("name", 14, 4),
    Column("shape", 10, 1, 60),
    Column("gradient", 10, 0),
    Column("norm", 11, 0),
    Column("was", 9, 0, 100),
    Column("update/weight", 13, 0, 84),
    Column("why", 12, 6),
    Column("optimizer", 10, 1, 90),
    Column("dtype", 9, 1, 120),
    Column("device", 7, 1, 120),
    Column(".grad now", 9, 1, 140),
)


MUCH = 0.1
"""Of a weight: a step that changes more of it deserves a look."""


class Parameters(Rows):
    """One line a parameter, below a line with the names of the columns."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("S", "sort", "Sort", show=False, id="sort")]

    view: reactive[View | None] = reactive(None, init=False)

    @dataclass
    class Wanted(Message):
        """The user wants to see where a parameter stands in the tree."""

        tensor: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.order = 1
        self._node_of: dict[int, int] = {}
        """By tensor the node that accumulates its gradient."""
        self.parameters: list[Parameter] = []
        self.passage = Passage()
        self.breaks: frozenset[str] = frozenset()
        """Names of parameters before whose gradients backward is to be held."""
        self.earlier: Mapping[int, float] = {}
        """By tensor the norm of its gradient in the backward before, where that was seen."""

    @property
    def count(self) -> int:
        return len(self.parameters) + 1 if self.parameters else 1

    def watch_view(self, before: View | None, view: View | None) -> None:
        graph = view.labels.graph if view is not None else Graph()
        self._node_of = {leaf: node for node, leaf in enumerate(graph.leaf) if leaf != NONE}
        self._sort()
        if before is not None and view is not None and before.rows is view.rows:
            self.refresh()
            return
        self.set_reactive(Parameters.cursor, min(1, self.count - 1))
        self.scroll_to(y=0, animate=False)
        self.renew()

    def action_sort(self) -> None:
        self.order = (self.order + 1) % len(ORDERS)
        self._sort()
        self.refresh()
        self.notify(f"Sorted {ORDERS[self.order]}.", timeout=2)

    def action_choose(self) -> None:
        if self.parameters and self.cursor:
            self.post_message(self.Wanted(self.parameters[self.cursor - 1].tensor))

    @property
    def name_here(self) -> str:
        """The full name of the parameter under the cursor."""
        return self.parameters[self.cursor - 1].name if self.parameters and self.cursor else ""

    @property
    def tensor_here(self) -> int:
        """Its identity, NONE where the cursor is on none."""
        return self.parameters[self.cursor - 1].tensor if self.parameters and self.cursor else NONE

    def go_to(self, name: str) -> None:
        """Put the cursor on the parameter of a name, if there is one."""
        for index, item in enumerate(self.parameters):
            if name in item.names:
                self.cursor = index + 1
                return

    @property
    def reason_here(self) -> str:
        """Why it gets no gradient, empty where it gets one."""
        if not self.parameters or not self.cursor or self.view is None:
            return ""
        item = self.parameters[self.cursor - 1]
        return "" if item.tensor in self.view.reached else self._reason(item)

    @property
    def columns(self) -> list[Column]:
        """All but the one with reasons, where every parameter is reached, and those of what wasn't seen."""
        whole = self.view is not None and all(item.tensor in self.view.reached for item in self.parameters)
        idle = {"why"} if whole else set()
        idle |= set() if self.passage.begun else {"norm", "was"}
        idle |= set() if self.earlier else {"was"}
        if all(item.update is None for item in self.passage.learnt.values()):
            idle.add("update/weight")
        return [column for column in COLUMNS if column.title not in idle]

    def _sort(self) -> None:
        view = self.view
        found = view.could_learn() if view is not None else []
        if view is not None and self.order == 1:
            found.sort(key=lambda item: item.tensor in view.reached)
        elif self.order == 2:
            found.sort(key=lambda item: item.name)
        elif self.order == 3:
            found.sort(key=_elements, reverse=True)
        self.parameters = found

    def flagged(self, index: int) -> bool:
        return bool(index and self.breaks and not self.breaks.isdisjoint(self.parameters[index - 1].names))

    def line(self, index: int, width: int) -> Text:
        if not self.parameters:
            return Text("No parameter has been seen yet.", MUTED)
        columns = fitted(self.columns, width)
        if not index:
            return cells([Text(column.title, MUTED) for column, _ in columns], columns)
        values = self._values(self.parameters[index - 1])
        return cells([values[column.title] for column, _ in columns], columns, ending="name")

    def _values(self, item: Parameter) -> dict[str, Text]:
        assert self.view is not None
        reached = item.tensor in self.view.reached
        reason = "" if reached else self._reason(item)
        frozen = not item.requires_grad
        sign = Text.assemble(
            (f"{PARAMETER} ", REACHED) if reached else (f"{CUT_PARAMETER} ", WARNING if frozen else CUT)
        )
        name = item.name if len(item.names) < 2 else f"{item.name} (tied: {', '.join(item.names[1:])})"
        return {
            "name": sign + Text(name, "" if reached else "bold"),
            "shape": Text(shape_text(item.shape)),
            "gradient": self._gradient(item, reached),
            "norm": self._norm(item),
            "was": Text(number(self.earlier[item.tensor]) if item.tensor in self.earlier else "", MUTED),
            "update/weight": self._update(item),
            "why": Text(reason),
            "optimizer": self._optimizer(item),
            "dtype": Text(item.dtype),
            "device": Text(item.device),
            ".grad now": Text({GradState.PRESENT: "present"}.get(item.grad, str(item.grad)), MUTED),
        }

    def _gradient(self, item: Parameter, reached: bool) -> Text:
        assert self.view is not None
        if reached:
            return Text(f"{GOOD} reached", REACHED)
        if not item.requires_grad:
            return Text("frozen", WARNING)
        return Text("✗ cut off", CUT) if self.view.about_backward else Text("unknown", MUTED)

    def _norm(self, item: Parameter) -> Text:
        """What stands in its `.grad` at the end, and before what was added to it by the moment shown."""
        learnt = self.passage.learnt.get(item.tensor)
        if learnt is not None and not self.passage.past:
            return short((learnt.grad,))
        node = self._node_of.get(item.tensor, NONE)
        passed = self.passage.of(node) if node != NONE else None
        return short(passed.received) if passed is not None else Text()

    def _update(self, item: Parameter) -> Text:
        """How far a step of its optimizer would go, measured by its own size; usually about 0.001."""
        learnt = self.passage.learnt.get(item.tensor)
        if learnt is None or learnt.update is None or self.passage.past:
            return Text()
        much = len(item.shape) > 1 and not learnt.update <= MUCH  # biases begin at nothing, and may move far
        return Text(f"{'! ' if much else ''}{number(learnt.update)}", WARNING if much else "")

    def _reason(self, item: Parameter) -> str:
        """Why a parameter gets no gradient, as far as anybody knows."""
        assert self.view is not None
        if blame := why(self.view, item):
            return blame
        if not item.requires_grad:
            return "requires_grad is False"
        if not self.view.about_backward:
            return "no backward is at hand"
        row = self.view_row(item.tensor)
        return "not part of this loss" if row == NONE else "beyond a cut"

    def view_row(self, tensor: int) -> int:
        """The row of a tensor, NONE where the tree has none."""
        assert self.view is not None
        return self.view.labels.row_of_leaf.get(tensor, NONE)

    def _optimizer(self, item: Parameter) -> Text:
        assert self.view is not None
        for optimizer in self.view.snapshot.optimizers:
            for place, group in enumerate(optimizer.groups):
                if item.tensor in group.tensors:
                    return Text(
                        f"{optimizer.kind} group {place}" if len(optimizer.groups) > 1 else optimizer.kind
                    )
        if not self.view.snapshot.optimizers or item.role is Role.LEAF:
            return Text("none", MUTED)
        return Text("in none", WARNING)


def _elements(item: Parameter) -> int:
    count = 1
    for size in item.shape:
        count *= size
    return count
