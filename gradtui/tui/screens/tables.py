"""What the tables say: that they are to be filtered, that something must be asked, where enter goes."""

from __future__ import annotations

from gradtui.model.columns import NONE
from gradtui.model.messages import Weigh
from gradtui.tui.screens.navigation import Navigation
from gradtui.tui.screens.requests import ToProgram, next_number
from gradtui.tui.screens.searching import Searching
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.saved import Saved
from gradtui.tui.widgets.search import Search
from gradtui.tui.widgets.sorted_table import SortedTable


class Tables(Navigation, Searching):
    """Lets the line of the search filter a table too, and asks the program what the nodes have saved."""

    def __init__(self) -> None:
        super().__init__()
        self.narrowed: SortedTable[object] | None = None
        """The table whose filter is being typed."""

    # filters

    def action_narrow(self) -> None:
        """Let the user type what the lines of the table in focus must contain."""
        table = self.focused
        if isinstance(table, SortedTable):
            self.narrowed = table
            self.open_search("filter: ", table.wanted)

    def on_search_changed(self, event: Search.Changed) -> None:
        table = self.narrowed
        if table is not None:
            event.prevent_default()  # what searches the pane otherwise
            table.narrow(event.query)
            self.query_one(Search).missed = not table.items

    def on_search_done(self, event: Search.Done) -> None:
        table, self.narrowed = self.narrowed, None
        if table is None:
            return
        event.prevent_default()
        if not event.kept:
            table.narrow("")
        search = self.query_one(Search)
        search.display, self.query_one(Footer).display = False, True
        table.focus()
        self.renew_hints()

    def action_back(self) -> None:
        """Show all lines of a table again, where some are filtered out."""
        table = self.focused
        if self.zoomed or not isinstance(table, SortedTable) or not table.unfilter():
            super().action_back()

    def on_sorted_table_sorted(self, event: SortedTable.Sorted) -> None:
        self.say(event.words)

    # optimizers

    def on_optimizers_wanted(self, event: Optimizers.Wanted) -> None:
        self.action_pane("parameters")
        held = event.held
        self.query_one(Parameters).pick(held.words, lambda item: item.tensor in held.group.tensors)

    # saved tensors

    def on_saved_asked(self) -> None:
        saved, view = self.query_one(Saved), self.view
        if view is None or view.snapshot.graph is None:
            saved.say("No backward is held here, so nothing is saved for one.")
        elif not len(view.snapshot.graph):
            saved.say("This loss has no graph, so nothing is saved for its backward.")
        elif not self.status.held:
            saved.say("What nodes have saved can be asked while the program is held before backward.")
        else:
            number = next_number()
            saved.await_answer(number)
            self.post_message(ToProgram(Weigh(number)))

    def on_saved_wanted(self, event: Saved.Wanted) -> None:
        if event.row == NONE:
            self.say("The tree has no row for this node.")
        else:
            self._go_to(event.row)
