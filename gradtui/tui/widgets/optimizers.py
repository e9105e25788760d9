"""The optimizers: one line a group, what it holds, and how much of that this backward reaches."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.message import Message
from textual.reactive import reactive

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.model.columns import NONE
from gradtui.model.findings import Severity
from gradtui.model.owners import Group, Optimizer
from gradtui.tui.palette import CUT, GOOD, MUTED, REACHED, SIGNS, WARNING
from gradtui.tui.view import View, as_of
from gradtui.tui.widgets.sorted_table import SortedTable
from gradtui.tui.widgets.table import Column

COLUMNS = (
    Column("optimizer", 17, 2, kept=60),
    Column("group", 5, 0),
    Column("parameters", 10, 0),
    Column("gradients", 20, 1),
    Column("elements", 12, 0, 90),
    Column("lr", 8, 0),
    Column("steps", 6, 0),
    Column("options", 12, 3, 70),
    Column("made at", 24, 1, 110, kept=40),
)
KNOWN = ("lr",)
"""Options with a column of their own."""
IDLE = frozenset(["None", "False", "0"])
"""Values of options that say nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """One group of one optimizer."""

    optimizer: Optimizer
    number: int
    group: Group
    elements: int
    reached: int
    vain: int
    """How many of those that are reached a loud finding is about."""
    cut: int
    frozen: int

    @property
    def words(self) -> str:
        group = f", group {self.number}" if len(self.optimizer.groups) > 1 else ""
        return f"{named(self.optimizer)}{group}"


class Optimizers(SortedTable[Held]):
    EMPTY: ClassVar[str] = "No optimizer has been made yet."
    NEVER: ClassVar[str] = "The program has ended, and no optimizer was seen."

    view: reactive[View | None] = reactive(None, init=False)
    over: reactive[bool] = reactive(False, init=False)
    """Whether the program has ended, so that nothing will be told any more."""
    behind: reactive[bool] = reactive(False, init=False)
    """Whether the program runs, and has made steps that it hasn't told of one by one."""

    @dataclass
    class Wanted(Message):
        """The user wants to see the parameters of a group."""

        held: Held

    @property
    def columns(self) -> list[Column]:
        return [column for column in COLUMNS if column.title != "group" or self._several]

    @property
    def _several(self) -> bool:
        return any(len(item.optimizer.groups) > 1 for item in self.all)

    @property
    def ended(self) -> bool:
        return self.over or (self.view is not None and self.view.at_the_end)

    def heading(self, width: int) -> Text | None:
        """As of when it is, where the program has gone on from the stop."""
        view = self.view
        if view is None or not self.all or not (view.since or self.over or self.behind):
            return None
        steps, rest, gradients = map(as_of, (view.latest, view.stepping, view.snapshot))
        if steps == rest == gradients:
            return Text(f"As of {steps}.", MUTED)
        lr = f", lr at {rest}" if rest != steps else ""
        said = f"Steps up to {steps}, gradients in {gradients}{lr}."
        if cell_len(said) > width:
            moments = {"steps": view.latest, "gradients": view.snapshot}
            if lr:
                moments["lr"] = view.stepping
            told = (f"{as_of(moment, brief=True)} ({what})" for what, moment in moments.items())
            said = f"As of: {', '.join(told)}."
        return Text(said, MUTED)

    def watch_over(self) -> None:
        self.reorder()

    def watch_behind(self) -> None:
        self.reorder()

    def watch_view(self, view: View | None) -> None:
        self.all = _groups(view) if view is not None else []
        self.fill(self.all)

    def action_choose(self) -> None:
        if self.here is not None:
            self.post_message(self.Wanted(self.here))

    def key(self, item: Held, title: str) -> Any:
        match title:
            case "parameters":
                return len(item.group.tensors)
            case "gradients":
                return item.reached
            case "elements":
                return item.elements
            case "steps":
                return item.optimizer.steps
            case "group":
                return item.number
            case "lr":
                try:
                    return float(dict(item.group.options).get("lr", "nan"))
                except ValueError:
                    return None  # a tensor, or a schedule's own object
        return super().key(item, title)

    def texts(self, item: Held) -> dict[str, Text]:
        options, optimizer = dict(item.group.options), item.optimizer
        others = (
            f"{key} {value}" for key, value in options.items() if key not in KNOWN and value not in IDLE
        )
        return {
            "optimizer": Text(named(optimizer)),
            "group": Text(str(item.number)),
            "parameters": Text(f"{len(item.group.tensors):,}"),
            "gradients": self._reached(item),
            "elements": Text(f"{item.elements:,}"),
            "lr": Text(_rate(options.get("lr", ""))),
            "steps": Text(f"{optimizer.steps:,}"),
            "options": Text(", ".join(others), MUTED),
            "made at": Text(self._made(optimizer), MUTED),
        }

    def _reached(self, item: Held) -> Text:
        """How many of its parameters this backward brings a gradient."""
        total = len(item.group.tensors)
        if self.view is None or not self.view.about_backward:
            return Text("no backward is at hand", MUTED)
        if not total:
            return Text("it holds nothing", CUT)
        if self.view.grad_statuses.raises or self.view.grad_statuses.raised:
            return Text("backward raises" if self.view.grad_statuses.raises else "backward raised", CUT)
        if item.vain:
            sign, words = SIGNS[Severity.WARNING], f"{item.vain:,} of {total:,}"
            return Text(f"{sign} {'all' if item.vain == total else words} in vain", WARNING)
        if item.reached == total:
            return Text(f"{GOOD} all reached", REACHED)
        if item.cut:
            return Text(f"✗ {item.cut:,} of {total:,} cut off", CUT)
        if item.reached:
            return Text(f"{GOOD} {item.reached:,} of {total:,} reached", REACHED)
        return Text(GradStatus.FROZEN.value if item.frozen == total else GradStatus.NOT_IN_LOSS.value, MUTED)

    def _made(self, optimizer: Optimizer) -> str:
        if self.view is None or optimizer.made == NONE:
            return ""
        return self.view.stepping.trace.sites[optimizer.made].place


def named(optimizer: Optimizer) -> str:
    """`opt (AdamW)`, or its class alone where no variable holds it."""
    kind = optimizer.kind
    return kind if optimizer.name == kind else f"{optimizer.name} ({kind})"


def _groups(view: View) -> list[Held]:
    grad_statuses = {item.tensor: view.grad_statuses.of(item) for item in view.grad_statuses.learners}
    vain = {item.tensor for item in view.grad_statuses.learners if view.grad_statuses.in_vain(item)}
    # What an optimizer holds and nobody else does any more is what a finding may be about.
    lost = GradStatus.CUT if view.grave else GradStatus.NOT_IN_LOSS
    sizes = {item.tensor: prod(item.shape) for item in view.stepping.parameters}
    return [
        Held(
            optimizer,
            number,
            group,
            sum(sizes.get(tensor, 0) for tensor in group.tensors),
            sum(tensor in view.reached for tensor in group.tensors),
            sum(tensor in vain for tensor in group.tensors),
            sum(
                grad_statuses.get(tensor, lost) is GradStatus.CUT
                for tensor in group.tensors
                if tensor not in view.reached
            ),
            sum(grad_statuses.get(tensor) is GradStatus.FROZEN for tensor in group.tensors),
        )
        for optimizer in view.optimizers
        for number, group in enumerate(optimizer.groups)
    ]


def _rate(text: str) -> str:
    """A learning rate to four digits: what a schedule has computed has seventeen, and rounds in the last."""
    try:
        return f"{float(text):.4g}"
    except ValueError:  # a tensor's
        return text
