"""Going from what a pane tells to the row and the line that it is about: cuts, findings, parameters."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from gradtui.model.columns import NONE
from gradtui.model.findings import Finding
from gradtui.model.source import Site
from gradtui.tui.screens.panes import Panes
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.headline import Headline
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.source import Source
from gradtui.tui.widgets.stops import Stops


class Navigation(Panes):
    """Lets the tree and the source follow what is chosen elsewhere, and the other panes the tree."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "cut(1)", "Next cut", id="next-cut"),
        Binding("X", "cut(-1)", "Previous cut", id="previous-cut"),
        Binding("right_curly_bracket", "next_finding(1)", "Next finding", id="next-finding"),
        Binding("left_curly_bracket", "next_finding(-1)", "Previous finding", id="previous-finding"),
    ]

    number: reactive[int] = reactive(0, init=False)
    """Which finding the headline is about."""
    unvisited = False
    """The first finding came up while the user was at something else: it is the next one to go to."""

    def show_row(self) -> None:
        """Let the panes beside the tree follow its cursor."""
        view, row = self.view, self.graph.row
        if view is None or row == NONE:
            return
        details = self.query_one(Details)
        before, details.folded = details.folded, self.graph.folded_here
        if details.row == row and details.folded != before:
            details.tell()
        details.row = row
        site = view.labels.site_of(row)
        if site is not None and site.line:
            self.query_one(Source).site = site
        self.renew_title("source")

    def on_mount(self) -> None:
        # Watched, as a message would come a screen later: everything would be drawn twice.
        self.watch(self.graph, "cursor", self._tree_moved, init=False)
        self.watch(self.graph, "refolds", self._tree_refolded, init=False)
        self.watch(self.query_one(Source), "cursor", self._source_moved, init=False)
        self.watch(self.query_one(Stops), "cursor", self.renew_hints, init=False)
        self.watch(self.query_one(Source), "site", lambda: self.renew_title("source"), init=False)

    def _tree_moved(self) -> None:
        self.renew_title("graph")
        if self.has_way != self._had_way:
            self.renew_hints()
        if self.query_one(Source).has_focus:
            self.query_one(Details).row = self.graph.row  # the tree follows the source, not it the tree
        else:
            self.show_row()

    def _source_moved(self) -> None:
        source = self.query_one(Source)
        if source.has_focus:
            self._follow_source(source)

    def _follow_source(self, source: Source) -> None:
        """Let the tree point at what the line under the cursor made, folded as it is."""
        view = self.view
        row = view.row_at(source.path, source.cursor + 1) if view is not None else NONE
        if view is not None and row != NONE:
            source.light(view.labels.site_of(row))
            self.graph.point_at(row)

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        if isinstance(event.rows, GraphTree):
            if not self.graph.follow():
                self.action_pane("source")
        elif isinstance(event.rows, Source) and self.view is not None:
            row = self.view.row_at(event.rows.path, event.index + 1)
            if row == NONE:
                self.say("No row of the tree was made on this line.")
            else:
                self.graph.go_to(row)

    def on_graph_tree_sifted(self, event: GraphTree.Sifted) -> None:
        self.renew_title("graph")
        if event.empty:
            self.say(f"There is nothing of: {', '.join(event.empty)}.")
        self.show_row()

    def _tree_refolded(self) -> None:
        self.renew_title("graph")
        self.show_row()

    def action_back(self) -> None:
        """Show every row again, where some are filtered out."""
        if self.zoomed or not self.graph.unfilter():
            super().action_back()

    def on_findings_wanted(self, event: Findings.Wanted) -> None:
        view = self.view
        if view is None:
            return
        if event.evidence is not None:
            step = event.evidence
            row = view.row_at(step.file, step.line)
            if row == NONE:
                site = Site(step.file, step.line, step.line, 0, 0, "", user=True)
                self.query_one(Source).site = site
                return
        else:
            self.number = view.findings.index(event.finding)
            row = view.row_of(event.finding)
            if row == NONE:
                self._show_without_row(event.finding)
                return
        self._go_to(row)

    def open_finding(self, finding: Finding) -> None:
        """Go to what a finding is about in the tree that has just come for it."""
        view = self.view
        if view is not None and finding in view.findings:
            self.number = view.findings.index(finding)
            if (row := view.row_of(finding)) != NONE:
                self._go_to(row)

    def on_parameters_wanted(self, event: Parameters.Wanted) -> None:
        row = self.query_one(Parameters).view_row(event.tensor)
        if row == NONE:
            self.say("Nothing of this loss was made from it, so the tree has no row for it.")
        else:
            self._go_to(row)

    def _go_to(self, row: int) -> None:
        self.zoomed = ""
        self.graph.go_to(row)
        self.focus_pane("graph")
        self.show_row()

    def watch_number(self, number: int) -> None:
        self.query_one(Headline).number = number
        self.rearrange()

    def action_cut(self, step: int) -> None:
        if not self.graph.go_to_cut(step):
            self.say("No cut in this tree.")
            return
        self.focus_pane("graph")
        self.show_row()

    def action_next_finding(self, step: int) -> None:
        view = self.view
        if view is None or not view.listed:
            self.say("No findings.")
            return
        self.number = (self.number + (0 if self.unvisited else step)) % len(view.listed)
        self.unvisited = False
        finding = view.listed[self.number]
        self.query_one(Findings).show(self.number)
        row = view.row_of(finding)
        if row != NONE:
            self.graph.go_to(row)
            self.show_row()
        else:
            self._show_without_row(finding)

    def _show_without_row(self, finding: Finding) -> None:
        """Light the line that a finding names and no row was made on, and go to what it has cut, if so."""
        assert self.view is not None
        if (stop := self.view.another(finding)) is not None:
            self.query_one(Source).site = site_of_finding(finding)
            self.post_message(Stops.Wanted(stop, finding))
            return
        row = self.view.row_beside(finding)
        if row != NONE:
            self.graph.go_to(row)
            self.show_row()
            what = "where backward raises" if row == self.view.raising else "what it has cut"
            self.say(f"This line made no row of the tree: here is {what}.")
        else:
            self.say("This line made no row of the tree; it is lit in the source.")
        self.query_one(Source).site = site_of_finding(finding)


def site_of_finding(finding: Finding) -> Site:
    return Site(
        finding.file, finding.line, finding.end_line, finding.column, finding.end_column, "", user=True
    )
