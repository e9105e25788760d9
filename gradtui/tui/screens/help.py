"""All keys on one screen, read from the bindings themselves, and below them what the signs mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.console import Console
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.model.columns import NONE
from gradtui.tui.keymap import NAMES, spoken
from gradtui.tui.legend import LEGEND
from gradtui.tui.palette import ACCENT, MUTED
from gradtui.tui.screens.lookup import Lookup, Searchable
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.rows import Matcher, next_match, standing_among
from gradtui.tui.widgets.search import Search

TOGETHER: dict[tuple[str | None, str | None], str] = {
    ("top", "bottom"): "bottom",
    ("fold-all", "unfold-all"): "unfold",
    ("quit", "suspend"): "to the shell",
    ("draw-anew", "light"): "change light and dark",
}
"""Two actions that stand on one line, and what is said of the second."""

GAP = 2
"""Cells between the two columns."""
INDENT = 10
"""Cells for a key or a sign."""
AROUND = 5
"""Cells for the border, a blank on each side, and the scrollbar."""

Section = tuple[str, Sequence[Binding]]
Part = tuple[str, Sequence[Text]]
"""A title, and the lines below it."""


class Keys(Widget):
    """The keys of some parts of the screen, and what its signs mean; in two columns where they fit."""

    DEFAULT_CSS = "Keys { width: auto; height: auto; background: ansi_default; color: ansi_default; }"

    wanted: reactive[str] = reactive("")
    """What is looked for: it is set off wherever it stands."""
    at: reactive[int] = reactive(NONE)
    """The line that was found last."""

    def __init__(self, sections: Sequence[Section], box: VerticalScroll) -> None:
        super().__init__()
        self.sections = sections
        self.box = box
        """What it scrolls in."""

    def render(self) -> Text:
        lines = self.lines()
        if self.wanted:
            found = re.compile(re.escape(self.wanted), re.IGNORECASE)
            for number, line in enumerate(lines):
                line.highlight_regex(found, "bold reverse" if number == self.at else "underline")
        return Text("\n").join(lines)

    def lines(self) -> list[Text]:
        keys = [(title, [_line(binding) for binding in bindings]) for title, bindings in self.sections]
        signs = [(title, [_sign(*sign) for sign in signs]) for title, signs in LEGEND]
        room = max(20, self.app.size.width - AROUND)
        return [*_in_columns(keys, room), Text(), *_in_columns(signs, room)]

    # what a search asks

    def find(self, query: str, step: int, *, stay: bool = False) -> bool:
        """Go to the next line that contains a text, from what is in sight on; whether there is one."""
        matches, count = self._matcher(query)
        first = round(self.box.scroll_y) if self.at == NONE else self.at + (0 if stay else step)
        index = next_match(matches, count, first, step)
        if index != NONE:
            self.wanted, self.at = query, index
            height = self.box.scrollable_content_region.height
            if not self.box.scroll_y <= index < self.box.scroll_y + height:
                self.box.scroll_to(y=index - height // 2, animate=False, immediate=True)
        return index != NONE

    def standing(self, query: str) -> tuple[int, int]:
        return standing_among(*self._matcher(query), self.at)

    def held_fast(self) -> Callable[[], None]:
        wanted, at, top = self.wanted, self.at, self.box.scroll_y

        def put_back() -> None:
            self.wanted, self.at = wanted, at
            self.box.scroll_to(y=top, animate=False, immediate=True)

        return put_back

    def _matcher(self, query: str) -> tuple[Matcher, int]:
        """What tells whether a line contains a text, and how many lines there are."""
        lines = [line.plain.casefold() for line in self.lines()]
        return lambda index: query.casefold() in lines[index], len(lines)


def _in_columns(parts: Sequence[Part], room: int) -> list[Text]:
    """Parts with their titles in two columns, or one below the other where those don't fit."""
    left: list[Text] = []
    right: list[Text] = []
    half = sum(len(lines) + 1 for _, lines in parts) / 2
    for title, lines in parts:
        # A part that would make the left column much the longer one goes to the right.
        column = left if not right and len(left) + len(lines) / 2 < half else right
        column += [Text.assemble((title, "bold")), *lines]  # a style of all would be its neighbour's too
    width = max((line.cell_len for line in left), default=0) + GAP
    if width + max((line.cell_len for line in right), default=0) > room:
        return [piece for line in left + right for piece in _wrapped(line, room)]
    found = []
    for row in range(max(len(left), len(right))):
        line = left[row].copy() if row < len(left) else Text()
        if row < len(right):
            line.pad_right(width - line.cell_len)
            line.append_text(right[row])
        found.append(line)
    return found


def _wrapped(line: Text, room: int) -> list[Text]:
    """A line in pieces; what is said of a key or sign goes on below where it begins."""
    if line.cell_len <= room:
        return [line]
    head, said = line[:INDENT], line[INDENT:]
    pieces = said.wrap(Console(), max(8, room - INDENT))
    return [
        Text.assemble(Text(" " * INDENT) if number else head, piece) for number, piece in enumerate(pieces)
    ]


class HelpScreen(Lookup[None], Modal[None]):
    CSS = """
    HelpScreen { align: center middle; background: transparent; }
    HelpScreen Search { layer: above; dock: bottom; }
    HelpScreen VerticalScroll {
        border: round ansi_cyan; border-title-color: ansi_cyan; border-subtitle-color: ansi_default;
        padding: 0 1; background: ansi_default;
        max-width: 100%; max-height: 100%;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; scrollbar-gutter: stable;
        scrollbar-color: ansi_bright_black; scrollbar-background: ansi_default;
        scrollbar-color-hover: ansi_cyan; scrollbar-background-hover: ansi_default;
        scrollbar-color-active: ansi_cyan; scrollbar-background-active: ansi_default;
    }
    """

    OPENED_BY = "help"
    PLACE = "help"
    AUTO_FOCUS = ""  # the line to type in isn't open yet

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "Down"),
        Binding("k,up", "scroll(-1)", "Up"),
        Binding("pagedown,ctrl+d,space", "page(1)", "A page down"),
        Binding("pageup,ctrl+u,b", "page(-1)", "A page up"),
        Binding("g,home", "top", "Top"),
        Binding("G,end", "bottom", "Bottom"),
        Binding("escape,question_mark,q,f1,enter", "dismiss(None)", "Back"),
    ]

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self.sections = sections
        self.box = VerticalScroll(can_focus=False)

    def compose(self) -> ComposeResult:
        with self.box as box:
            box.border_title = "Keys, and signs below them"
            box.border_subtitle = f"space: scroll  {self.search_key}: search  {self.names['back']}: back"
            yield Keys(self.sections, box)
        yield Search()

    @property
    def searchable(self) -> Searchable:
        return self.query_one(Keys)

    @property
    def search_key(self) -> str:
        return self.names["search"]

    def search_says(self, words: str) -> None:
        if self.main is not None:
            self.main.say(words)

    def search_closes(self) -> None:
        self.set_focus(None)

    def on_resize(self) -> None:
        """As large as what stands in it, up to the whole screen."""
        lines = self.query_one(Keys).lines()
        self.box.styles.width = max(line.cell_len for line in lines) + AROUND
        self.box.styles.height = len(lines) + 2

    def action_scroll(self, lines: int) -> None:
        self.box.scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        height = self.box.scrollable_content_region.height
        self.box.scroll_relative(y=pages * max(1, height - 1), animate=False)

    def action_top(self) -> None:
        self.box.scroll_to(y=0, animate=False)

    def action_bottom(self) -> None:
        self.box.scroll_end(animate=False)


def _line(binding: Binding) -> Text:
    keys = " ".join(spoken(key) for key in binding.key.split(","))
    return Text.assemble((f"{keys:<{INDENT - 1}}", ACCENT), (f" {binding.description}", ""))


def _sign(sign: str, style: str, meaning: str) -> Text:
    return Text.assemble((f"{sign:<{INDENT - 1}}", style), f" {meaning}")


def one_line(bindings: Sequence[Binding], key: str, description: str) -> list[Binding]:
    """The bindings, those that go to a pane by its number as one."""
    kept = [item for item in bindings if not (item.action.startswith("pane(") and item.key.isdigit())]
    return [Binding(key, "", description), *kept] if len(kept) < len(bindings) else kept


def paired(bindings: Sequence[Binding]) -> list[Binding]:
    """The bindings, what goes there and back again as one: `n N` for the next match and the one before."""
    found: list[Binding] = []
    for item in bindings:
        before = found[-1] if found else None
        both = _together(before, item) if before is not None else ""
        if before is not None and both:
            keys = f"{before.key.split(',')[0]},{item.key.split(',')[0]}"
            found[-1] = Binding(keys, before.action, both)
        else:
            found.append(item)
    return found


def _together(one: Binding, other: Binding) -> str:
    """What two actions do, where the other one is the way back: `Next or previous cut`; empty elsewhere."""
    if (one.id, other.id) in TOGETHER:
        return f"{one.description}, or {TOGETHER[one.id, other.id]}"
    if one.action.endswith("(-1)") and other.action == f"{one.action[:-3]}1)":
        return f"{one.description}, or forth"
    if not (one.action.endswith("(1)") and other.action == f"{one.action[:-2]}-1)"):
        return ""
    words, others = one.description.split(), other.description.split()
    place = next((at for at, pair in enumerate(zip(words, others, strict=False)) if len({*pair}) == 2), -1)
    if place < 0 or words[place + 1 :] != others[place + 1 :]:
        return f"{one.description}, or back"
    return " ".join([*words[: place + 1], "or", others[place].lower(), *words[place + 1 :]])


__all__ = ["MUTED", "NAMES", "HelpScreen", "Keys", "Section", "one_line", "paired"]
