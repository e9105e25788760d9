"""Running the same command again from the screen, and finding the way back to where one was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from gradtui.diagnosis.verdicts import (
    Found,
    Judged,
    Phase,
    Reach,
    at_first,
    compared,
    same,
    since_then,
    waiting,
)
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.stops import StopKind, come_to
from gradtui.tui.moved_lines import MovedLines, follow
from gradtui.tui.position import Position, fold_again, folds, found, named
from gradtui.tui.screens.panes import Panes
from gradtui.tui.screens.stepping import Stepping
from gradtui.tui.status import ScreenPhase
from gradtui.tui.tree_filters import FILTERS
from gradtui.tui.view import View
from gradtui.tui.view import named as stop_named
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.header import Header
from gradtui.tui.widgets.parameters import Parameters

FindingKey = tuple[Rule, Severity, str, int]
"""By what a finding is known to be the same one, whatever it has grown to since."""

SURE = 4.0
"""Seconds in which the key is to be pressed again where a program that runs would be ended by it."""


class Reruns(Stepping):
    """Asks for another run. Breaks, searches and histories are the screen's own and stay in any case."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "rerun", "Run it again", id="rerun"),
        Binding("greater_than_sign", "turn(1)", "Next recording", id="next-recording"),
        Binding("less_than_sign", "turn(-1)", "Previous recording", id="previous-recording"),
    ]

    class Rerun(Message):
        """The user wants the command to be run again."""

    @dataclass
    class Turned(Message):
        """The user wants to see another recording."""

        steps: int

    def __init__(self) -> None:
        super().__init__()
        self._asked = False
        self._bearings: Position | None = None
        """Where the user was before the run that has begun."""
        self._run, self._other = 1, ""
        """Which run it is, and its name where it is one of another program."""
        self._told: dict[FindingKey, Reach] = {}
        """What this run has told, and how far it had been judged when it did."""
        self._watched = 0
        """The last backward of this run that was gone through to its end."""
        self._before: tuple[Found, ...] = ()
        """Findings of the run before of which nothing could be said yet."""

    def action_rerun(self) -> None:
        """End it and run it again; what runs, and isn't held, is ended only by pressing the key twice."""
        if self.status.phase == ScreenPhase.ENDING:
            self.say("It will be run again as soon as the run before has ended.")
        elif self.status.running and not self.status.held and not self._asked:
            self._asked = True
            self.set_timer(SURE, self._unask)
            self.say(self.keyed("It still runs: {rerun} again ends it and runs it anew."))
        else:
            self._asked = False
            self.post_message(self.Rerun())

    def action_turn(self, steps: int) -> None:
        self.post_message(self.Turned(steps))

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
        self._bearings = Position(
            pane=self.focused_pane,
            front=self.front,
            zoomed=self.zoomed,
            row=named(view, graph.row) if graph.row != NONE else None,
            folds=folds(view, graph.lines),
            filter=graph.filter,
            parameter=self.query_one(Parameters).name_here,
            number=self.number,
            findings=(
                *(
                    Found(finding, finding.line, self._told.get(known_by(finding), Reach()))
                    for finding in view.findings
                ),
                *(item for item in self._before if same(item, view.findings) == NONE),
            ),
        )

    def run_begins(self, number: int, moved: MovedLines, other: str = "") -> None:
        """Another run: nothing of it has been seen, and files may have been edited. Where it is one of an
        `other` program, what was found before is no news to it."""
        self._run, self._other = number, other
        self._told, self._watched, self._before = {}, 0, ()
        self.query_one(Findings).before = ""
        if self._bearings is not None:
            kept = () if other else self._bearings.findings
            self._bearings = replace(self._bearings.moved(moved), findings=kept)
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
        if self._other:
            self.say(f"This is {self._other}.")
            return
        verdicts = compared(before.findings, view.findings, self._judged(view))
        self._wait_for(verdicts.pending)
        self.say(f"Run {self._run}: {at_first(verdicts, to_the_end=self._ended_well(view))}.")

    # findings

    def take_note(self, view: View) -> list[Finding]:
        """Note what is told, and how far that is into the run; gives what wasn't told before."""
        fresh = [item for item in view.findings if known_by(item) not in self._told]
        reach = self._reach(view)
        self._told.update((known_by(item), reach) for item in fresh)
        return fresh

    def judged(self) -> None:
        """This run has been judged further: say what that means for findings of the run before."""
        view = self.view
        if view is None:
            return
        if self.passage.ended:
            self._watched = come_to(view.snapshot.stops)
        if not self._before:
            return
        verdicts = compared(self._before, view.findings, self._judged(view))
        said = since_then(self._before, verdicts, over=not self.status.running)
        self._wait_for(verdicts.pending)
        if said:
            self.say(f"Run {self._run}: {said}.")

    def _wait_for(self, pending: tuple[Found, ...]) -> None:
        self._before = pending if self.status.running else ()
        self.query_one(Findings).before = waiting(self._before) if self._before else ""

    def _reach(self, view: View) -> Reach:
        stops = view.latest.stops
        if view.since:
            phase = Phase.PAST
        else:
            phase = Phase.WITHIN if self.passage.begun else Phase.HELD
        name = stop_named(stops[-1]) if stops else "the first stop"
        return Reach(self._ended_well(view), come_to(stops), phase, name)

    def _judged(self, view: View) -> Judged:
        reach = self._reach(view)
        if not reach.ended and reach.phase is Phase.PAST:  # it goes on: more may be told of the same stop
            reach = Reach(False, come_to(view.snapshot.stops))
        steps = any(item.steps for item in view.optimizers)
        by_value = steps and all(item.device == "cpu" for item in view.stepping.parameters)
        return Judged(reach, self._watched, by_value, view.judged)

    def _ended_well(self, view: View) -> bool:
        """Whether the program has come to its end by itself, so that there is nothing left to be judged."""
        outcome = self.status.outcome
        return outcome.status == 0 if outcome is not None else view.snapshot.stop.kind is StopKind.END

    # places

    def _find_rows(self, view: View, before: Position) -> None:
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

    def _find_finding(self, view: View, before: Position) -> None:
        looked_at = before.findings[before.number : before.number + 1]
        number = same(looked_at[0], view.findings) if looked_at else NONE
        if number != NONE:
            self.number = number
            self.query_one(Findings).show(number)

    def _find_pane(self, before: Position) -> None:
        if before.front:
            self.front = before.front
        if before.pane and before.pane != "output":
            self.action_pane(before.pane)
        self.zoomed = before.zoomed


def known_by(finding: Finding) -> FindingKey:
    return finding.rule, finding.severity, finding.file, finding.line
