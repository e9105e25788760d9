"""A list of lines with a cursor: what the tree, the tables and the findings have in common.

Lines are drawn when they come into sight and never before, so that a list may be a million lines long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from gradtui.model.columns import NONE
from gradtui.tui.palette import ACCENT, CURSOR, CUT, FLAG, HERE, HERE_COLOURLESS, MUTED
from gradtui.tui.widgets.plainly import PlainCache, PlainScrollBar

Matcher = Callable[[int], bool]
WHOLE = 300
"""Cells of a line that is copied: enough for everything that stands in it."""
COUNTED = 2_000
"""Lines up to which those that contain a text are counted."""
SIGNS = frozenset("┊│├└▾▸•◆◇✂↑↓▶✗▲·✓●○▌≠")
"""What stands before words, and isn't one."""
DRAWN = 512
"""Lines that are kept as they were drawn."""


class Rows(ScrollView, can_focus=True):
    """Subclasses say how many lines there are and what stands in each."""

    DEFAULT_CSS = """
    Rows {
        background: ansi_default;
        color: ansi_default;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        scrollbar-color: ansi_bright_black;
        scrollbar-color-hover: ansi_cyan;
        scrollbar-color-active: ansi_cyan;
        scrollbar-background: ansi_default;
        scrollbar-background-hover: ansi_default;
        scrollbar-background-active: ansi_default;
        overflow-x: hidden;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="up"),
        Binding("g,home", "top", "Top", show=False, id="top"),
        Binding("G,end", "bottom", "Bottom", show=False, id="bottom"),
        Binding("ctrl+d,pagedown", "half(1)", "Half a page down", show=False, id="half-down"),
        Binding("ctrl+u,pageup", "half(-1)", "Half a page up", show=False, id="half-up"),
        Binding("enter", "choose", "Choose", show=False, id="choose"),
    ]

    MARKED: ClassVar[bool] = False
    """Whether its cursor is shown while another pane has the focus."""

    cursor: reactive[int] = reactive(0, repaint=False)
    # A list of another length needs another scrollbar, and no new layout of the screen as by Textual's own.
    virtual_size = Reactive(Size(0, 0), repaint=False)

    @dataclass
    class Chosen(Message):
        """The line under the cursor was chosen."""

        rows: Rows
        index: int

        @property
        def control(self) -> Rows:
            return self.rows

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._ground, self._across, self._whole, self._staying = Style(), 0, 0, 0
        """What the lines of one pass have in common: their style, their width, that with what lies under the
        scrollbar, and how many stay."""
        self._styles_cache = PlainCache()
        self._strips: LRUCache[object, Strip] = LRUCache(DRAWN)
        """Lines that were drawn, by all that they are drawn from: many lines of a graph look alike."""

    # what subclasses say

    @property
    def count(self) -> int:
        return 0

    @property
    def head(self) -> int:
        """Lines at the beginning that tell what the others are; the cursor is never on one."""
        return 0

    def line(self, index: int, width: int) -> Text:
        """What stands in a line, without the mark of the cursor."""
        raise NotImplementedError

    def flagged(self, index: int) -> bool:  # noqa: ARG002 - by default none is
        """Whether a break is set on a line."""
        return False

    @property
    def usable(self) -> bool:
        """Whether there is a line that keys could act on."""
        return self.count > self.head

    def why_empty(self) -> str:
        """What is said where there are no lines."""
        return ""

    def matcher(self, query: str) -> Matcher:
        """Tells which lines contain a text; by default those whose words do, whatever their case."""
        wanted = query.casefold()
        return lambda index: wanted in self.line(index, 200).plain.casefold()

    def copied(self) -> str:
        """What `y` copies of the line under the cursor."""
        return in_words(self.line(self.cursor, WHOLE).plain) if self.count else ""

    def standing(self, query: str) -> tuple[int, int]:
        """Which of the lines that contain a text the cursor is on, and how many; 0, 0 if unknown."""
        if not query or self.count > COUNTED:
            return 0, 0
        return standing_among(self.matcher(query), self.count, self.cursor)

    def held_fast(self) -> Callable[[], None]:
        """What puts the cursor back where it is now, and everything else that a search changes."""
        cursor, top = self.cursor, self.scroll_y

        def put_back() -> None:
            self.cursor = cursor
            self.scroll_to(y=top, animate=False)

        return put_back

    # the list

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = PlainScrollBar(name="vertical")
            self._vertical_scrollbar.display = False
            self.app._start_widget(self, self._vertical_scrollbar)
        return self._vertical_scrollbar

    @property
    def inner(self) -> Size:
        """What is left for lines between borders and scrollbar."""
        return self.scrollable_content_region.size

    @property
    def fixed(self) -> int:
        """Lines that stay on top however far the others are scrolled: the head, where it leaves them room."""
        return self.head if self.inner.height > self.head + 1 else 0

    def renew(self, cursor: int | None = None) -> None:
        """Draw again after the lines have changed, with the cursor on this one or where it was."""
        self.virtual_size = Size(max(1, self.inner.width), self.count)
        self.cursor = self.validate_cursor(self.cursor if cursor is None else cursor)
        self.refresh()

    def on_resize(self) -> None:
        self.virtual_size = Size(max(1, self.inner.width), self.count)
        self.call_after_refresh(self.show_cursor)

    def watch_virtual_size(self, size: Size) -> None:
        self._scroll_update(size)

    def validate_cursor(self, cursor: int) -> int:
        last = max(0, self.count - 1)
        return clamp(cursor, min(self.head, last), last)

    def watch_cursor(self, old: int, new: int) -> None:
        self.refresh_line(old)
        self.refresh_line(new)
        self.show_cursor()

    def show_cursor(self) -> None:
        """Scroll as little as brings the cursor into sight, with a line of context where there is room."""
        height = self.inner.height
        if not height:
            return
        fixed = self.fixed
        margin = min(2, (height - fixed - 1) // 2)
        top = round(self.scroll_y)
        if self.cursor < top + fixed + margin:
            top = self.cursor - fixed - margin
        elif self.cursor > top + height - 1 - margin:
            top = self.cursor - height + 1 + margin
        top = clamp(top, 0, max(0, self.count - height))
        if top != round(self.scroll_y):
            self.scroll_to(y=top, animate=False)

    def on_focus(self) -> None:
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        self.refresh_line(self.cursor)

    def render_lines(self, crop: Region) -> list[Strip]:
        # Asked for each line, these would cost as much as drawing it.
        self._ground, self._staying = self.rich_style, self.fixed
        self._across, self._whole = self.inner.width, self.content_region.width
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width, index = self._across, y if y < self._staying else y + round(self.scroll_y)
        if not 0 <= index < self.count:
            return Strip.blank(self._whole, self._ground) if self.count else self._empty(y, width)
        here = index == self.cursor
        line = self.line(index, width - 2)
        marked = here and (self.has_focus or self.MARKED)
        look = (marked, here and self.has_focus, self.flagged(index))
        key = (line.plain, tuple(line.spans), line.style, width, self._whole, look, self._ground)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._strip(line, width, *look)
        return strip

    def _empty(self, y: int, width: int) -> Strip:
        words = wrap(self.why_empty(), max(1, width - 2))
        return self._strip(Text(words[y] if y < len(words) else "", MUTED), width, *[False] * 3)

    def _strip(self, line: Text, width: int, marked: bool, focused: bool, flagged: bool) -> Strip:
        line.no_wrap = True
        if line.cell_len > width - 1:
            line.rstrip()  # blanks at its end are no more of it
            line.truncate(width - 1, overflow="ellipsis")
        if flagged:
            segments = [Segment(FLAG, Style.parse(f"bold {CUT}"))]
        else:
            segments = [Segment(CURSOR if marked else " ", Style.parse(ACCENT))]
        segments += [item for item in line.render(self.app.console) if item.text != "\n"]
        strip = Strip(segments).adjust_cell_length(width)
        if focused:
            strip = _painted(strip, Style.parse(HERE_COLOURLESS if self.app.no_color else HERE))
        elif marked:
            strip = strip.apply_style(Style(bold=True))
        return strip.apply_style(self._ground).adjust_cell_length(self._whole, self._ground)

    def action_move(self, step: int) -> None:
        self.cursor += step

    def action_top(self) -> None:
        self.cursor = 0

    def action_bottom(self) -> None:
        self.cursor = self.count - 1

    def action_half(self, direction: int) -> None:
        self.cursor += direction * max(1, self.inner.height // 2)

    def action_choose(self) -> None:
        if self.count:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y if offset.y < self.fixed else offset.y + round(self.scroll_y)
        if self.head <= index < self.count:
            self.cursor = index
            if event.chain == 2:
                self.action_choose()

    def find(self, query: str, step: int, *, stay: bool = False) -> bool:
        """Move to the next line that contains the query, round the end; whether there is one."""
        index = next_match(self.matcher(query), self.count, self.cursor + (0 if stay else step), step)
        if index != NONE:
            self.cursor = index
        return index != NONE


def next_match(matches: Matcher, count: int, first: int, step: int) -> int:
    """The first of so many lines that matches, from one on, one way or the other and round the end."""
    lines = ((first + number * step) % count for number in range(count))
    return next((index for index in lines if matches(index)), NONE)


def standing_among(matches: Matcher, count: int, here: int) -> tuple[int, int]:
    """Which of the lines that match this is, 0 if it is none of them, and how many there are."""
    found = [index for index in range(count) if matches(index)]
    return found.index(here) + 1 if here in found else 0, len(found)


def in_words(line: str) -> str:
    """A line without the signs before its words, and without what is there to fill columns."""
    words = [word for word in line.split() if not (word[0] == "▸" and len(word) > 1)]
    while words and SIGNS.issuperset(words[0]):
        del words[0]
    return " ".join(words)


def _painted(strip: Strip, style: Style) -> Strip:
    """The strip in one colour: a background that all foregrounds are readable on doesn't exist."""
    return Strip(
        [Segment(text, _repainted(own, style), control) for text, own, control in strip],
        strip.cell_length,
    )


def _repainted(own: Style | None, style: Style) -> Style:
    if own is None:
        return style
    # Without its colours a style loses its marks too.
    return own.without_color + style + Style(meta=own.meta) if own.meta else own.without_color + style
