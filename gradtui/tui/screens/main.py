"""The main screen: hands all panes what they show, and says upward what the user wants of the program."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from gradtui.diagnosis.outline import Mark
from gradtui.model.columns import NONE
from gradtui.tui.screens.inspection import Inspection
from gradtui.tui.screens.navigation import Navigation, site_of_finding
from gradtui.tui.screens.panes import Panes
from gradtui.tui.screens.picture_export import PictureExport
from gradtui.tui.screens.rerun import Reruns, known_by
from gradtui.tui.screens.source_navigation import SourceNavigation
from gradtui.tui.screens.tables import Tables
from gradtui.tui.screens.why import Why
from gradtui.tui.status import Status
from gradtui.tui.view import View
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.header import Header
from gradtui.tui.widgets.headline import Headline
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.saved import Saved
from gradtui.tui.widgets.source import Source
from gradtui.tui.widgets.stops import Stops


class MainScreen(Inspection, Why, SourceNavigation, PictureExport, Tables, Reruns):
    DEFAULT_CSS = """
    MainScreen { background: ansi_default; color: ansi_default; overflow: hidden; }
    MainScreen .pane {
        border-top: solid ansi_bright_black; border-title-color: ansi_default; border-title-style: none;
    }
    MainScreen .pane:focus {
        border-top: heavy ansi_cyan; border-title-color: ansi_cyan; border-title-style: bold;
    }
    MainScreen .pane.beside { border-left: solid ansi_bright_black; padding: 0 0 0 0; }
    MainScreen .pane.beside:focus { border-left: solid ansi_bright_black; }
    MainScreen .pane.tabbed, MainScreen .pane.tabbed:focus { border: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "All keys", id="help"),
        Binding("ctrl+p", "app.actions", "All actions by their words", id="actions"),
        Binding("q", "leave", "Quit", id="quit"),
    ]

    class Leave(Message):
        """The user wants to quit."""

    class Help(Message):
        """The user wants to see the keys."""

    def __init__(self) -> None:
        super().__init__()
        self._left_at = NONE
        """The row where the tree's cursor was put at this stop, before the user moved it."""

    def on_mount(self) -> None:
        self.watch_status(self.status)

    # what is shown

    def watch_status(self, status: Status) -> None:
        if not self.children:
            return
        self.query_one(Header).status = self.query_one(Headline).status = status
        self.query_one(Findings).outcome = status.outcome
        self.graph.stop_at = status.stop_at
        self.query_one(Parameters).over = self.query_one(Optimizers).over = not status.running
        self._renew_behind()
        self.output.allowed = status.running and status.ours
        self.output.nothing = status.unprinted
        if status.held or not status.running:
            self.unsay_running()
        if not status.running:
            self.output.typing = False
        self.renew_hints()

    def watch_view(self, before: View | None, view: View | None) -> None:
        if before is not None and view is not None and before.rows is view.rows:
            self._found_more(before, view)
            return
        if before is not None and view is not None and before.part_of(view):
            self._rest_came(before, view)
            return
        passage, row, moved = self.passage, self.graph.row, self._moved
        self.begin_passage(before)
        self.query_one(Headline).number = 0
        self.set_reactive(Navigation.number, 0)
        self._hand_out(view)
        if view is not None and self.focused_pane in ("output", ""):
            self.output.typing = False
            self.set_reactive(Panes.front, "")
            self.focus_pane("graph")
        self.rearrange()
        elsewhere = moved and self.graph.stays and view is not None and before is not None
        elsewhere = elsewhere and not raises_now(before, view)
        if elsewhere and of_one_fault(before, view):
            self.show_row()  # the next round of a loop: the user stays where the user is
        elif elsewhere and begins(before, view):
            self.show_row()
            self._point_to_first(view)
        else:
            self._open_on_what_matters()
        if before is not None and view is not None and passage.begun and self.passage is passage:
            self._stay(before, view, row)
        if not elsewhere:
            self._left_at = self.graph.row
        if view is not None:
            self.take_note(view)
            self.return_to_bearings(view)
            self.judged()
            if before is None and self.status.held:
                self.first_stop()

    def _renew_behind(self) -> None:
        """Whether panes tell less than the header does: the program runs on, and isn't asked for more."""
        behind = self.view is not None and self.status.ahead_of(self.view.latest)
        stops = self.query_one(Stops)
        changed, stops.behind = behind is not stops.behind, behind
        self.query_one(Optimizers).behind = behind
        if changed:
            self.rearrange()

    def _hand_out(self, view: View | None) -> None:
        """Let all panes show it."""
        self.query_one(Header).view = self.query_one(Headline).view = view
        self.query_one(Source).view = self.query_one(Details).view = view
        self.query_one(Findings).view = self.query_one(Parameters).view = view
        self.query_one(Stops).view = self.graph.view = view
        self.query_one(Saved).view = self.query_one(Optimizers).view = view
        self._renew_behind()

    def _rest_came(self, before: View, view: View) -> None:
        """All rows are there, where the first ones were shown; the cursor stays on what it is on."""
        row, parameters, moved = self.graph.row, self.query_one(Parameters), self._moved
        name = parameters.name_here
        self._hand_out(view)
        self.graph.next_row = view.rows.row_of_node(self.passage.next_node)
        self.show_breaks()
        row = view.rows.same_row(before.rows, row)
        if row != NONE:
            self.graph.go_to(row)
        self._left_at = NONE if moved else self.graph.row
        parameters.go_to(name)
        self.take_note(view)
        self.show_row()
        self.rearrange()

    def _found_more(self, before: View, view: View) -> None:
        """Something was proven meanwhile; whatever is looked at stays where it is."""
        self.query_one(Header).view = self.query_one(Headline).view = self.query_one(Details).view = view
        self.query_one(Findings).view = self.query_one(Parameters).view = self.graph.view = view
        self.query_one(Stops).view = view
        self.query_one(Saved).view = self.query_one(Optimizers).view = view
        self._renew_behind()
        looked_at = before.findings[self.number : self.number + 1]
        self.number = view.findings.index(looked_at[0]) if looked_at and looked_at[0] in view.findings else 0
        self.query_one(Headline).refresh()
        fresh = [finding for finding in self.take_note(view) if finding.loud]
        first = begins(before, view)
        if first and not self._moved:
            self._open_on_what_matters()
            self._left_at = self.graph.row
        if first and self._moved:
            self._point_to_first(view)
        elif fresh and self.status.running:
            words = f"Found: {fresh[0].rule} at {fresh[0].place}. {self.names['findings']} lists it."
            # While it runs alone: what comes next tells it by itself, and needs the line for its keys.
            self.say(words, running=True)
        if view.course is before.course:  # otherwise it was stepped further, and not judged yet
            self.judged()
        self.rearrange()

    @property
    def _moved(self) -> bool:
        """Whether the user looks at something else than what this stop was opened on."""
        return self.graph.row != self._left_at or self.focused_pane == "source"

    def _point_to_first(self, view: View | None) -> None:
        """Say what has come up, and which key goes there, where the user is at something else."""
        if view is not None and view.first is not None:
            self.unvisited = True
            self.say(
                self.keyed(f"Found: {view.first.rule} at {view.first.place}. {{next-finding}} goes there.")
            )

    def _stay(self, before: View, view: View, row: int) -> None:
        """The backward that raised is the one that was shown: so are its norms, and the row it failed in."""
        self.graph.next_row = view.rows.row_of_node(self.passage.next_node)
        row = view.rows.same_row(before.rows, row)
        if row != NONE:
            self.graph.go_to(row)
            self.show_row()
        if row == view.raising and view.first is not None:
            self.query_one(Source).site = site_of_finding(view.first)

    def _open_on_what_matters(self) -> None:
        view = self.view
        if view is None:
            return
        row = about = view.row_of(view.first) if view.first is not None else NONE
        if view.snapshot.raised is not None and view.raising != NONE:
            row = view.raising
        elif row == NONE and view.first is not None:
            rows, beside = view.rows, view.row_beside(view.first)
            row = next((cut for cut in rows.cuts if rows.marks[cut] & Mark.BLAMED), beside)
        if row != NONE:
            self.graph.go_to(row)
        self.show_row()
        if (about == NONE or about != row) and view.first is not None:
            self.query_one(Source).site = site_of_finding(view.first)
        elif row == NONE and view.snapshot.raised is not None:
            self.query_one(Source).site = view.site

    # keys

    def action_help(self) -> None:
        self.post_message(self.Help())

    def action_leave(self) -> None:
        self.post_message(self.Leave())


def begins(before: View | None, view: View | None) -> bool:
    """Whether something is found to be wrong where nothing was before."""
    return before is not None and before.first is None and view is not None and view.first is not None


def raises_now(before: View | None, view: View | None) -> bool:
    """Whether the program has come to an exception that nothing catches, which is what matters then."""
    met = view is not None and view.snapshot.raised is not None
    return met and before is not None and before.snapshot.raised is None


def of_one_fault(before: View | None, view: View | None) -> bool:
    """Whether the first finding is the same, or there is none."""
    one = before.first if before is not None else None
    other = view.first if view is not None else None
    return one is other or (one is not None and other is not None and known_by(one) == known_by(other))
