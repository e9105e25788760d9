"""Going through a backward: its keys, and what the panes show of where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from gradtui.model.breaks import BreakKind
from gradtui.model.columns import NONE
from gradtui.model.graph import Graph
from gradtui.model.messages import Act, Command, Reason, Stepped
from gradtui.tui.backward_status import explained
from gradtui.tui.breaks import Breaks
from gradtui.tui.gradients import NONFINITE, norm
from gradtui.tui.marked import nodes_of
from gradtui.tui.passage import Passage
from gradtui.tui.screens.navigation import Navigation, site_of_finding
from gradtui.tui.screens.requests import ToProgram
from gradtui.tui.status import ENDINGS, ScreenPhase
from gradtui.tui.view import View
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.header import Header
from gradtui.tui.widgets.headline import PASSED, Headline
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.saved import Saved
from gradtui.tui.widgets.source import Source

BY_VALUE = frozenset([BreakKind.NONFINITE, BreakKind.ZERO, BreakKind.ABOVE, BreakKind.BELOW])
"""Breaks that come true by what a node sent: the node passed last is the one to look at."""


FEW = 20
"""Nodes passed at once up to which only their rows are drawn again."""


def accumulated(graph: Graph, passage: Passage) -> dict[int, float]:
    """By leaf the norm of its gradient, as far as it was seen."""
    found = {
        graph.leaf[item.node]: norm(item.received)
        for item in passage.passed
        if 0 <= item.node < len(graph) and graph.leaf[item.node] != NONE and any(item.received)
    }
    return found | {tensor: item.grad.norm for tensor, item in passage.learnt.items()}


def nonfinite(graph: Graph, stepped: Stepped) -> frozenset[int]:
    """Tensors that were brought NaN or something infinite just now."""
    passed = {
        graph.leaf[item.node]
        for item in stepped.passed
        if 0 <= item.node < len(graph)
        and graph.leaf[item.node] != NONE
        and any(one.health in NONFINITE for one in item.received if one is not None)
    }
    return frozenset(passed.union(one.tensor for one in stepped.learnt if one.grad.health in NONFINITE))


def same_backward(before: View | None, view: View | None) -> bool:
    """Whether a stop is at the exception of the backward that was held at the stop before."""
    if before is None or view is None or view.snapshot.raised is None or not view.snapshot.raised.in_backward:
        return False
    one, other = before.labels.graph, view.labels.graph
    return (one.names, one.name, one.sequence) == (other.names, other.name, other.sequence)


class Stepping(Navigation):
    """Lets the user drive the backward that is held, and look at what is past of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "step", "Step: one node of backward", id="step"),
        Binding("o", "command('over')", "Over the rest of the module", id="over"),
        Binding("t", "to", "To the row of the cursor", id="to-row"),
        Binding("f", "command('finish')", "Finish this backward", id="finish"),
        Binding("c", "go('continue')", "Continue to the next stop", id="continue"),
        Binding("C", "go('run')", "Run to a break or the end", id="run-on"),
        Binding("p", "pause", "Pause while it runs", id="pause"),
        Binding("left_square_bracket", "moment(-1)", "Back in the past", id="past"),
        Binding("right_square_bracket", "moment(1)", "Forth again, up to now", id="forth"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.breaks = Breaks()
        self._only_continued = False
        """Whether it was let go to the next stop though breaks are set."""
        self._run_on_wanted = False
        """Whether it is to run on past its first stop."""

    # what the program says

    def stepped(self, stepped: Stepped) -> None:
        """Backward is held at another node."""
        first, past = not self.passage.begun, self.passage.past
        self.passage.add(stepped)
        self._renew_statuses(stepped)
        many = first or past or len(stepped.passed) > FEW
        self.show_passage(None if many else [item.node for item in stepped.passed])
        if stepped.reason is Reason.RAISED:
            self._explain()
        if first:
            self.rearrange()

    def _explain(self) -> None:
        """Show the finding, and its line, that tells why backward has raised, where one does."""
        view = self.view
        finding = explained(view) if view is not None else None
        if view is not None and finding is not None:
            self.number = view.listed.index(finding)
            self.query_one(Source).site = site_of_finding(finding)

    def _renew_statuses(self, stepped: Stepped) -> None:
        """Where what was passed shows that gradients come in vain, or not at all, let all panes say so."""
        view = self.view
        if view is None:
            return
        graph, course = view.labels.graph, view.course
        if fresh := nonfinite(graph, stepped) - course.nonfinite:
            course = replace(course, nonfinite=course.nonfinite | fresh)
        if stepped.reason is Reason.RAISED:
            brought = frozenset(accumulated(graph, self.passage))
            error = stepped.error.strip() or "an exception"
            course = replace(course, error=error, node=stepped.next_node, brought=brought)
        if course is not view.course:
            self.view = replace(view, course=course)

    def begin_passage(self, before: View | None) -> None:
        """Another stop: nothing of its backward has been seen, unless it is where one that was has raised."""
        parameters = self.query_one(Parameters)
        if self.passage.begun and same_backward(before, self.view):
            self.passage.return_to_now()
            return
        if before is not None:
            parameters.earlier = {**parameters.earlier, **accumulated(before.labels.graph, self.passage)}
        self.passage = Passage()
        graph = self.graph
        graph.passage, graph.next_row = self.passage, NONE
        self.query_one(Header).passage = self.query_one(Headline).passage = self.passage
        self.query_one(Details).passage = parameters.passage = self.passage
        if self.breaks.kept:
            self.show_breaks()
        if self._only_continued and self.breaks.active:
            self.say(
                self.keyed(
                    "No break came true. {continue} stops at every backward, {run-on} only at a break."
                )
            )
        self._only_continued = False

    def show_breaks(self) -> None:
        """Let the tree, the parameters and the source mark where a break is set."""
        active, source, parameters = self.breaks.active, self.query_one(Source), self.query_one(Parameters)
        self.armed = len(active)
        source.breaks = frozenset((one.file, one.line) for one in active if one.kind is BreakKind.LINE)
        parameters.breaks = frozenset(one.name for one in active if one.kind is BreakKind.PARAMETER)
        view = self.view
        if view is not None:
            self.graph.breaks = frozenset(node for one in active for node in nodes_of(view, one))
        for pane in (self.graph, parameters, source):
            pane.refresh()

    def show_passage(self, changed: Sequence[int] | None = None) -> None:
        """Let the panes show the moment that the passage is at; `changed` are nodes where that is all."""
        view = self.view
        if view is None:
            return
        graph, passage = self.graph, self.passage
        last, graph.next_row = graph.next_row, view.rows.row_of_node(passage.next_node)
        if changed is None:
            graph.refresh()
        else:
            for row in {last, graph.next_row, *(view.rows.row_of_node(node) for node in changed)} - {NONE}:
                graph.refresh_row(row)
        row = view.rows.row_of_node(self._node_of_interest())
        before = graph.row
        if row != NONE:
            graph.go_to(row)
        details = self.query_one(Details)
        if graph.row == before:
            details.tell()  # another row tells by itself
        self.query_one(Parameters).refresh()
        self.query_one(Header).refresh()
        self.renew_hints()
        headline = self.query_one(Headline)
        headline.refresh()
        if headline.lines_needed(self.size.width) != headline.size.height:
            self.rearrange()

    def _node_of_interest(self) -> int:
        """The node that comes next, or the one whose doing it is that backward is held."""
        passage = self.passage
        last = passage.last
        if last is not None and not passage.past and passage.latest is not None:
            by_value = last.reason is Reason.BREAK and last.broke is not None and last.broke.kind in BY_VALUE
            if by_value:
                return passage.latest.node
        return passage.next_node

    # keys

    def action_step(self) -> None:
        self.action_command(Act.STEP)

    def action_command(self, act: str) -> None:
        if self._may_step():
            self.tell(Command(Act(act)))

    def action_to(self) -> None:
        """To the row under the tree's cursor."""
        view = self.view
        if view is None or not self._may_step():
            return
        row = self.graph.row
        node = view.rows.vertex[row] if row != NONE else NONE
        if not 0 <= node < view.rows.nodes:
            self.say("This row is no node of this backward.")
        elif node == self.passage.next_node:
            self.say("It is the next node already.")
        elif self.passage.of(node) is not None:
            self.say(self.keyed("Backward has been through it already: {past} goes back in what was seen."))
        else:
            self.tell(Command(Act.TO, node))

    def action_go(self, act: str) -> None:
        if self.status.held:
            self.passage.return_to_now()
            self._only_continued = act == Act.CONTINUE and bool(self.breaks.active)
            self.tell(Command(Act(act)))
        elif self._comes_to_first_stop and act == Act.RUN and not self.status.stop_at:
            self._want_run_on(wanted=True)
            self.say(PASSED, running=True)
        elif self._comes_to_first_stop:
            first = f"It is running, and will be held {self.status.first_held}."
            self.say(self.status.busy or first, running=True)
        elif self.status.running:
            self.say(self.status.busy or "It is running already.", running=True)
        else:
            self.say(self.status.over)

    @property
    def _comes_to_first_stop(self) -> bool:
        """Whether it runs, or is about to, was started here, and hasn't been held yet."""
        status = self.status
        begins = status.phase is ScreenPhase.ENDING or (self.view is None and status.phase not in ENDINGS)
        return begins and status.ours and status.running

    def _want_run_on(self, *, wanted: bool) -> None:
        self._run_on_wanted = self.query_one(Headline).runs_past = wanted

    def first_stop(self) -> None:
        """It is held for the first time: let it run on where that was asked for while it started."""
        wanted = self._run_on_wanted
        self._want_run_on(wanted=False)
        if wanted and self.view is not None and self.view.first is None and self.view.steppable:
            self.action_go(Act.RUN)

    def action_pause(self) -> None:
        if self.leave_unread():
            return
        if self.status.held:
            self.say("It is held already.")
        elif self.status.running and self.status.phase in ENDINGS:
            self.say(self.status.busy, running=True)
        elif self.status.running:
            self._want_run_on(wanted=False)
            self.tell(Command(Act.PAUSE))
            self.say(f"It will be held {self.status.to_pause}.", running=True)
        else:
            self.say(self.status.over)

    def action_moment(self, steps: int) -> None:
        if not self.passage.begun:
            self.say(
                self.keyed("Nothing of this backward has been seen yet: {step} steps.")
                if self.status.running
                else "No step of this backward was seen, so there is none to go back to."
            )
        elif self.passage.move(steps):
            self.show_passage()
        else:
            self.say(
                "This is the first step that was seen."
                if steps < 0
                else self.keyed("This is now: {step} steps on.")
                if self.status.running
                else "This is the last step that was seen."
            )

    def on_headline_slid(self, event: Headline.Slid) -> None:
        if self.passage.past and self.passage.move(event.moment - self.passage.moment):
            self.show_passage()

    def leave_unread(self) -> bool:
        """Wait no longer for what is being read; False where nothing is."""
        asked = self.query_one(Saved).request != 0
        if not self.status.running or not (asked or self.status.reading):
            return False
        self.post_message(ToProgram(Command(Act.ENOUGH)))
        return True

    def action_back(self) -> None:
        if self.leave_unread():
            return
        if self.passage.past:
            self.passage.return_to_now()
            self.show_passage()
        else:
            super().action_back()

    def tell(self, command: Command) -> None:
        """Have the program told, with the breaks that are switched on."""
        self.post_message(ToProgram(Command(command.act, command.node, self.breaks.active)))

    def arm(self) -> None:
        """The breaks are others: let it be seen, and let a program that runs know it now."""
        self.show_breaks()
        if self.status.running and not self.status.held:
            self.tell(Command(Act.ARM))

    def _may_step(self) -> bool:
        """Whether a node can be stepped over; where not, it is said why."""
        view = self.view
        if self.passage.past:
            self.passage.return_to_now()
            self.show_passage()
            self.say("That was the past; this is now.")
        elif not self.status.held:
            status = self.status
            running = status.busy or self.keyed("It is running: {pause} pauses.")
            self.say(running if status.running else status.over, running=status.running)
        elif view is not None and view.left_unread:
            self.say(self.keyed("This graph was left unread: {continue} goes on to the next stop."))
        elif view is not None and view.snapshot.raised is not None:
            self.say(self.keyed("The program has raised, and nothing catches it: {continue} lets it end."))
        elif view is None or not view.steppable:
            self.say(self.keyed("No backward is held here: {continue} goes on to the next stop."))
        elif self.passage.raised:
            self.say(self.keyed("This backward has raised: {continue} lets the script have the exception."))
        elif self.passage.ended:
            self.say(self.keyed("This backward has ended: {continue} goes on to the next stop."))
        else:
            return True
        return False
