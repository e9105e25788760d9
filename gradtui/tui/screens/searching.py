"""Looking for a text in a pane, as it is typed."""

from __future__ import annotations

from gradtui.tui.screens.lookup import Lookup, Searchable
from gradtui.tui.screens.panes import Panes
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.rows import Rows


class Searching(Lookup[None], Panes):
    """The line in which the text is typed stands in the footer's place."""

    @property
    def searchable(self) -> Searchable:
        return self.rows

    @property
    def search_key(self) -> str:
        return self.names["search"]

    def search_says(self, words: str) -> None:
        self.say(words)

    def open_search(self, sign: str, wanted: str = "") -> None:
        super().open_search(sign, wanted)
        self.query_one(Footer).display = False

    def search_closes(self) -> None:
        (self.searched if isinstance(self.searched, Rows) else self.graph).focus()
        self.query_one(Footer).display = True
        self.renew_hints()
