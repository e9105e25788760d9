"""Running the same command again from the screen, and finding the way back to where one was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from gradtui.model.columns import NONE
from gradtui.tui.bearings import Bearings, Found, compared, fold_again, folds, found, named, same
from gradtui.tui.screens.panes import Panes
from gradtui.tui.screens.stepping import Stepping
from gradtui.tui.shifts import Shifts, follow
from gradtui.tui.sifting import FILTERS
from gradtui.tui.view import View
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.header import Header
from gradtui.tui.widgets.parameters import Parameters

SURE = 4.0
"""Seconds in which the key is to be pressed again where a program that runs would be ended by it."""


class Rerunning(Stepping):
    """Asks for another run. Breaks, searches and histories are the screen's own and stay in any case."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("R", "rerun", "Run it again", id="rerun")]

    class Rerun(Message):
        """The user wants the command to be run again."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = False
        self._bearings: Bearings | None = None
        """Where the user was before the run that has begun."""
        self._run = 1

    def action_rerun(self) -> None:
        """End it and run it again; what runs, and isn't held, is ended only by pressing the key twice."""
        if self.status.phase == "ending":
            self.say("It will be run again as soon as the run before has ended.")
        elif self.status.running and not self.status.held and not self._asked:
            self._asked = True
            self.set_timer(SURE, self._unask)
            self.say(self.keyed("It still runs: {rerun} again ends it and runs it anew."))
        else:
            self._asked = False
            self.post_message(self.Rerun())

    def _unask(self) -> None:
        self._asked = False

    def watch_changed(self, changed: Sequence[str]) -> None:
        if changed:
            verb = "has" if len(changed) == 1 else "have"
            self.say(f"{' and '.join(changed)} {verb} changed: {self.names['rerun']} runs it again.")
        header = self.query_one(Header)
        header.changed = self.keyed("changed: {rerun} runs it again") if changed else ""
        self.renew_hints()

    # to and fro

    def take_bearings(self) -> None:
        """Note where the user is. What a run that never came to a stop left unused is still good."""
        view, graph = self.view, self.graph
        if view is None:
            return
        self._bearings = Bearings(
            pane=self.focused_pane,
            front=self.front,
            zoomed=self.zoomed,
            row=named(view, graph.row) if graph.row != NONE else None,
            folds=folds(view, graph.lines),
            filter=graph.filter,
            parameter=self.query_one(Parameters).name_here,
            number=self.number,
            findings=tuple(Found(finding, finding.line) for finding in view.findings),
        )

    def run_begins(self, number: int, moved: Shifts) -> None:
        """Another run: nothing of it has been seen, and files may have been edited."""
        self._run = number
        if self._bearings is not None:
            self._bearings = self._bearings.moved(moved)
        follow(self.breaks, moved)
        self.query_one(Parameters).earlier = {}
        self.changed = ()
        self.set_reactive(Panes.zoomed, "")
        self.view = None

    def return_to_bearings(self, view: View) -> None:
        """The first stop of the run: go where the user was, as far as that is still there."""
        before, self._bearings = self._bearings, None
        if before is None:
            return
        self._find_rows(view, before)
        self._find_finding(view, before)
        self.query_one(Parameters).go_to(before.parameter)
        self._find_pane(before)
        self.say(f"Run {self._run}: {compared(before.findings, view.findings)}.")

    def _find_rows(self, view: View, before: Bearings) -> None:
        graph = self.graph
        fold_again(view, graph.lines, before.folds)
        graph.renew()
        row = found(view, before.row) if before.row is not None else NONE
        if row != NONE:
            graph.go_to(row)
        for _ in FILTERS:
            if graph.filter is before.filter:
                break
            graph.action_filter()
        self.show_row()

    def _find_finding(self, view: View, before: Bearings) -> None:
        looked_at = before.findings[before.number : before.number + 1]
        number = same(looked_at[0], view.findings) if looked_at else NONE
        if number != NONE:
            self.number = number
            self.query_one(Findings).show(number)

    def _find_pane(self, before: Bearings) -> None:
        if before.front:
            self.front = before.front
        if before.pane and before.pane != "output":
            self.action_pane(before.pane)
        self.zoomed = before.zoomed
