"""Looking for a text in a pane, as it is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from gradtui.tui.screens.panes import Panes
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.search import Search


class Searching(Panes):
    """The line in which the text is typed stands in the footer's place; `n` and `N` go on from there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="search"),
        Binding("n", "again(1)", "Next match", id="next-match"),
        Binding("N", "again(-1)", "Previous match", id="previous-match"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.query_text = ""
        self.searched: Rows | None = None
        self._put_back: Callable[[], None] = lambda: None
        """Undoes what the search has moved and unfolded."""

    def action_search(self) -> None:
        self.searched = self.rows
        self._put_back = self.searched.held_fast()
        self.open_search("/")

    def open_search(self, sign: str, wanted: str = "") -> None:
        """Put the line to type in in the footer's place, with a sign before the text."""
        search = self.query_one(Search)
        search.wanted, search.missed, search.sign = wanted, False, sign
        search.standing = 0, 0
        search.display = True
        self.query_one(Footer).display = False
        self.set_focus(search)  # at once: what is typed fast is meant for it, and not for the pane

    def on_search_changed(self, event: Search.Changed) -> None:
        if self.searched is None:
            return
        self._put_back()
        missed = bool(event.query) and not self.searched.find(event.query, 1, stay=True)
        search = self.query_one(Search)
        search.missed = missed
        search.standing = self.searched.standing(event.query) if not missed else (0, 0)

    def on_search_done(self, event: Search.Done) -> None:
        search, searched = self.query_one(Search), self.searched or self.graph
        if event.kept and search.wanted:
            self.query_text = search.wanted
        elif not event.kept:
            self._put_back()
        searched.focus()
        search.display = False
        self.query_one(Footer).display = True
        self.renew_hints()
        if event.kept and search.missed:
            self.say(f"{search.wanted!r} isn't in this pane.")

    def action_again(self, step: int) -> None:
        if not self.query_text:
            self.say(self.keyed("Nothing to look for yet: {search} searches."))
        elif not self.rows.find(self.query_text, step):
            self.say(f"{self.query_text!r} isn't in this pane.")
        else:
            here, many = self.rows.standing(self.query_text)
            if here:
                self.say(f"{self.query_text!r}: {here:,} of {many:,}")
