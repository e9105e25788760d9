"""Looking for a text as it is typed, and going on from match to match: the same in a pane and in the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from gradtui.tui.widgets.search import Search

Result = TypeVar("Result")


class Searchable(Protocol):
    """What a text can be looked for in: a pane, or the help."""

    def find(self, query: str, step: int, *, stay: bool = False) -> bool: ...

    def standing(self, query: str) -> tuple[int, int]: ...

    def held_fast(self) -> Callable[[], None]: ...


class Lookup(Screen[Result]):
    """The line in which the text is typed opens for `/`; `n` and `N` go on from there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="search"),
        Binding("n", "again(1)", "Next match", id="next-match"),
        Binding("N", "again(-1)", "Previous match", id="previous-match"),
    ]

    PLACE: ClassVar[str] = "pane"
    """What is searched, in a word."""

    def __init__(self) -> None:
        super().__init__()
        self.query_text = ""
        self.searched: Searchable | None = None
        self._put_back: Callable[[], None] = lambda: None
        """Undoes what the search has moved and unfolded."""

    # what each screen says

    @property
    def searchable(self) -> Searchable:
        """What a key that searches is meant for."""
        raise NotImplementedError

    @property
    def search_key(self) -> str:
        raise NotImplementedError

    def search_says(self, words: str) -> None:
        """Say a sentence in the last line."""
        raise NotImplementedError

    def search_closes(self) -> None:
        """Nothing is typed any more: what had the focus before has it again."""
        raise NotImplementedError

    # the search

    def action_search(self) -> None:
        self.searched = self.searchable
        self._put_back = self.searched.held_fast()
        self.open_search("/")

    def open_search(self, sign: str, wanted: str = "") -> None:
        """Show the line to type in, with a sign before the text."""
        search = self.query_one(Search)
        search.wanted, search.missed, search.sign = wanted, False, sign
        search.standing = 0, 0
        search.display = True
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
        search = self.query_one(Search)
        if event.kept and search.wanted:
            self.query_text = search.wanted
        elif not event.kept:
            self._put_back()
        search.display = False
        self.search_closes()
        if event.kept and search.missed:
            self._say_missed(search.wanted)

    def action_again(self, step: int) -> None:
        if not self.query_text:
            self.search_says(f"Nothing to look for yet: {self.search_key} searches.")
        elif not self.searchable.find(self.query_text, step):
            self._say_missed(self.query_text)
        else:
            here, many = self.searchable.standing(self.query_text)
            if here:
                self.search_says(f"{self.query_text!r}: {here:,} of {many:,}")

    def _say_missed(self, wanted: str) -> None:
        self.search_says(f"{wanted!r} isn't in this {self.PLACE}.")
