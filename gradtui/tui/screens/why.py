"""Why a parameter gets no gradient, or how it gets one: the way from the loss to it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from gradtui.model.columns import NONE
from gradtui.tui.screens.navigation import Navigation
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.stops import Stops


class Why(Navigation):
    """Opens the way to what the cursor of the tree, or of the table of parameters, is on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("w", "way", "Why: the way from the loss", id="why")]

    def action_way(self) -> None:
        view = self.view
        if view is None:
            self.say("No graph has been seen yet.")
            return
        row = self.graph.row
        if self.focused_pane == "parameters":
            table = self.query_one(Parameters)
            if table.tensor_here == NONE:
                self.say("The cursor is on no parameter.")
                return
            row = table.view_row(table.tensor_here)
            if row == NONE:
                self.say(f"No way leads to {table.name_here}: {table.reason_here}.")
                return
        if row == NONE:
            self.say("There are no rows here, so no way leads anywhere.")
            return
        row = view.way_to(row)
        if row == 0 and view.listed and (stop := view.another(view.listed[0])) is not None:
            self.post_message(Stops.Wanted(stop, view.listed[0]))
            return
        if row == 0:
            why = "The first finding is about no row here" if view.listed else "Every way begins at the loss"
            self.say(f"{why}: go to a parameter or another row first.")
            return
        from gradtui.diagnosis.outline.path import loss_path
        from gradtui.tui.screens.path import PathScreen

        found = loss_path(view.rows, view.snapshot, view.rows.target(row))
        self.app.push_screen(PathScreen(view, found), self._go_back_to)

    def _go_back_to(self, chosen: int | str | None) -> None:
        """A row of the way, or a pane."""
        if isinstance(chosen, str):
            self.action_pane(chosen)
        elif chosen is not None and chosen != NONE:
            self._go_to(chosen)
