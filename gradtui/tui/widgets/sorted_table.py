"""A table below a line with the names of its columns, sorted by any of them and filtered as one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from gradtui.tui.keymap import KeyNames
from gradtui.tui.palette import ACCENT, DOWN, MUTED, UP, WARNING
from gradtui.tui.widgets.rows import Matcher, Rows
from gradtui.tui.widgets.table import Column, Fitted, cells, fitted

Item = TypeVar("Item")


LOOKED_AT = 200
"""Lines that tell how wide the columns had better be."""


class SortedTable(Rows, Generic[Item]):
    """Subclasses say which items there are, what their cells say, and what each column is sorted by."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("S", "sort", "Sort: next column", show=False, id="sort"),
        Binding("I", "turn", "Turn the order", show=False, id="turn"),
        Binding("F", "screen.narrow", "Filter by typing", show=False, id="narrow"),
    ]

    EMPTY: ClassVar[str] = "There is nothing yet."
    NEVER: ClassVar[str] = EMPTY
    """What is said instead of that when the program has ended."""

    @dataclass
    class Sorted(Message):
        """The lines stand in another order."""

        words: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.all: list[Item] = []
        self.items: list[Item] = []
        """Those that are shown, in order."""
        self.by = ""
        """The title of the column it is sorted by; empty for the order in which the items come."""
        self.turned = False
        self.names = KeyNames(back="esc")
        self.wanted = ""
        """What a line must contain."""
        self.picked = ""
        """What items were chosen by in another pane, in words; empty where none were."""
        self._holds: Callable[[Item], bool] | None = None
        """Which items those are."""
        self._narrowed = False
        """Whether not all items are shown, which a line above the titles says."""
        self._head = 1
        """How many lines stood above the items when these were sorted last."""
        self._needs: dict[str, int] | None = None
        """How wide the columns had better be as far as is known, None where that isn't worked out yet."""

    # what subclasses say

    @property
    def ended(self) -> bool:
        """Whether nothing can come any more."""
        return False

    @property
    def columns(self) -> Sequence[Column]:
        raise NotImplementedError

    def texts(self, item: Item) -> dict[str, Text]:
        """What the cells of an item say, by the titles of the columns."""
        raise NotImplementedError

    def key(self, item: Item, title: str) -> Any:
        """What an item is sorted by in a column: numbers fall, texts rise at first."""
        return self.texts(item)[title].plain.strip("✗✓◆◇▲ ").casefold()

    def heading(self, width: int) -> Text | None:  # noqa: ARG002 - by default none
        """A line above the table, if there is one, of at most so many cells if that can be."""
        return None

    # the items

    def fill(self, items: Sequence[Item]) -> None:
        """Show these items, sorted and filtered as it was."""
        self.all = list(items)
        if self.by not in {column.title for column in self.columns}:
            self.by = ""
        self.reorder()

    def reorder(self) -> None:
        """Sort and filter again; the cursor stays on its item where that is still shown."""
        here = self._here_below(self._head)  # there may be a heading now, or none any more
        items = self.all if self._holds is None else [*filter(self._holds, self.all)]
        if self.wanted:
            words = self.wanted.casefold().split()
            items = [item for item in items if _has(self.texts(item), words)]
        if self.by:
            # What has nothing in this column stands at the end in either direction.
            keyed = [(self.key(item, self.by), item) for item in items]
            known = [pair for pair in keyed if pair[0] is not None and pair[0] == pair[0]]
            falling = bool(known) and isinstance(known[0][0], (int, float))
            known.sort(key=lambda pair: pair[0], reverse=falling != self.turned)
            items = [item for _, item in known] + [item for key, item in keyed if key is None or key != key]
        elif self.turned:
            items = items[::-1]
        narrowed = bool((self.wanted or self.picked) and self.all)
        self.items, self._needs, self._narrowed = items, None, narrowed
        self._head = self.head
        self.renew()
        if here is not None and here in items:
            self.cursor = items.index(here) + self.head
        else:
            self.cursor = min(self.head, self.count - 1)

    @property
    def head(self) -> int:
        return 1 + (self._narrowed or self.heading(self.inner.width) is not None)

    @property
    def count(self) -> int:
        return len(self.items) + self.head

    @property
    def here(self) -> Item | None:
        """The item under the cursor."""
        return self._here_below(self.head)

    def _here_below(self, head: int) -> Item | None:
        index = self.cursor - head
        return self.items[index] if 0 <= index < len(self.items) else None

    # keys

    def action_sort(self) -> None:
        width = self.inner.width - 2
        shown = self._fitted(width) if width > 0 else [(column, 0) for column in self.columns]
        titles = ["", *(column.title for column, _ in shown if column.title)]
        self.sort_by(titles[(titles.index(self.by) + 1) % len(titles)] if self.by in titles else "")

    def sort_by(self, title: str) -> None:
        if not self.all:
            self.post_message(self.Sorted("There is nothing here to be sorted."))
            return
        self.by, self.turned = title, False
        self._reorder_from_the_top()
        self.post_message(self.Sorted(f"Sorted by {title}." if title else "In the order of the program."))

    def action_turn(self) -> None:
        self.turned = not self.turned
        self._reorder_from_the_top()

    def _reorder_from_the_top(self) -> None:
        """Sort again and show what comes first; the cursor goes there too, where it would be out of sight."""
        self.reorder()
        if self.cursor >= self.inner.height:
            self.cursor = self.head
        self.scroll_to(y=0, animate=False)

    def matcher(self, query: str) -> Matcher:
        matches, head = super().matcher(query), self.head
        return lambda index: index >= head and matches(index)

    def narrow(self, wanted: str) -> None:
        """Show only lines that contain these words."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.reorder()

    def pick(self, words: str, holds: Callable[[Item], bool]) -> None:
        """Show only what was chosen in another pane, which no words of a line tell exactly."""
        self.wanted, self.picked, self._holds = "", words, holds
        self.reorder()

    def unfilter(self) -> bool:
        """Show all items again; False where none were left out."""
        if not (self.wanted or self.picked):
            return False
        self.wanted, self.picked, self._holds = "", "", None
        self.reorder()
        return True

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        title = event.style.meta.get("column")
        if offset is None or not title:
            super().on_click(event)
        elif title == self.by:
            self.action_turn()
        else:
            self.sort_by(title)

    # drawing

    def _fitted(self, width: int) -> Fitted:
        if self._needs is None:
            self._needs = self._needed()
        return fitted(self.columns, width, self._needs)

    def _needed(self) -> dict[str, int]:
        """By column how wide its texts are, as far as the first lines tell."""
        needs: dict[str, int] = {}
        for item in self.items[:LOOKED_AT]:
            needs |= _longer(self.texts(item), needs)
        return needs

    def _make_room(self, texts: dict[str, Text]) -> None:
        """Let columns grow with what comes into sight: numbers get longer as backward goes on."""
        if self._needs is not None and (longer := _longer(texts, self._needs)):
            self._needs |= longer
            self.call_later(self.refresh)  # lines that were drawn before this one stand in the old columns

    def line(self, index: int, width: int) -> Text:
        if index < self.head - 1:
            return self._above(width)
        if index == self.head - 1:
            return self._titles(self._fitted(width))
        texts = self.texts(self.items[index - self.head])
        self._make_room(texts)
        columns = self._fitted(width)
        return cells([texts[column.title] for column, _ in columns], columns)

    def _titles(self, columns: Fitted) -> Text:
        if not self.all:
            return Text(self.NEVER if self.ended else self.EMPTY, MUTED)
        return cells([self._title(column) for column, _ in columns], columns)

    def _above(self, width: int) -> Text:
        """The heading, and how many items are shown where not all are."""
        heading, said = self.heading(width), ""
        if self._narrowed:
            back = self.names["back"]
            what = f" in {self.picked}" if self.picked else ""
            what += f" with {self.wanted!r}" if self.wanted else ""
            said = f"{len(self.items):,} of {len(self.all):,}{what} ({back}: all)"
        if heading is None or len(said) >= width:
            heading = Text()
        elif said:
            heading.truncate(width - len(said) - 2, overflow="ellipsis", pad=True)
            heading.append("  ")
        heading.append(said, WARNING).truncate(width, overflow="ellipsis")
        return heading

    def _title(self, column: Column) -> Text:
        here = bool(self.by) and column.title == self.by
        falls = here and bool(self.items) and isinstance(self.key(self.items[0], self.by), (int, float))
        arrow = f"{DOWN if falls != self.turned else UP}" if here else ""
        title = Text(f"{arrow}{column.title}", f"bold {ACCENT}" if here else MUTED)
        title.stylize(Style(meta={"column": column.title}))
        return title


def _longer(texts: dict[str, Text], needs: dict[str, int]) -> dict[str, int]:
    """By column how long a text is, where it is longer than those that are known."""
    found = {title: text.cell_len for title, text in texts.items()}
    return {title: length for title, length in found.items() if length > needs.get(title, -1)}


def _has(texts: dict[str, Text], words: list[str]) -> bool:
    line = " ".join(text.plain for text in texts.values()).casefold()
    return all(word in line for word in words)


def in_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts names as people do: `layers.2` before `layers.10`."""
    parts = name.replace("[", ".").replace("]", "").split(".")
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part.casefold()) for part in parts)
