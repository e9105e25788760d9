"""Lines and scrollbars drawn without the steps that Textual takes for what our styles never have.

Each line of a widget is asked for its tint, hatch, opacity, outline and padding before it is put between its
borders, which takes as long as to draw it; a scrollbar is laid out as a text of many lines. All that moves
when a list is scrolled are lines and a scrollbar, so that a key waits for just these.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual._border import get_box
from textual._styles_cache import StylesCache
from textual.css.styles import StylesBase
from textual.geometry import Region, Size
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.style import Style


class PlainCache(StylesCache):
    """Takes lines as they are where no style changes them, and puts the border on their left."""

    def __init__(self) -> None:
        super().__init__()
        self._plain, self._top, self._left = False, 0, list[Segment]()
        """What the lines of one pass have in common."""

    def render(self, styles: StylesBase, size: Size, *rest: Any, **options: Any) -> list[Strip]:
        base, background, *_ = rest
        side, colour = styles.border_left
        opaque = options.get("opacity", 1.0) == styles.text_opacity == 1.0
        self._plain = opaque and not _coloured(styles) and not _framed(styles)
        self._top, self._left = styles.gutter.top, []
        if side:
            inner, outer = self.get_inner_outer(base, background)
            self._left = [get_box(side, inner, outer, Style(foreground=base + colour))[1][0]]
        return super().render(styles, size, *rest, **options)

    def render_line(self, styles: StylesBase, y: int, size: Size, content: Size, *rest: Any) -> Strip:
        inside = y - self._top
        if not self._plain or not 0 <= inside < content.height:
            return super().render_line(styles, y, size, content, *rest)
        strip: Strip = rest[3](inside)
        return Strip([*self._left, *strip], size.width) if self._left else strip


def _coloured(styles: StylesBase) -> bool:
    """Whether a style is laid over the colours of the lines."""
    return bool(styles.tint.a) or styles.has_rule("hatch")


def _framed(styles: StylesBase) -> bool:
    """Whether something stands around the lines, but for a border on their left."""
    return bool(styles.padding or styles.border_right[0]) or any(edge for edge, _ in styles.outline)


class PlainScrollBar(ScrollBar):
    """One strip a cell, which are the same few over and over."""

    def __init__(self, **options: Any) -> None:
        super().__init__(vertical=True, **options)
        self._styles_cache = PlainCache()
        self._cells: tuple[Strip, ...] = ()

    def render_lines(self, crop: Region) -> list[Strip]:
        bar = self.render()
        assert isinstance(bar, ScrollBarRender)
        assert isinstance(bar.style, RichStyle)
        self._cells = _cells(self.size.height, bar.virtual_size, bar.window_size, bar.position, bar.style)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        return self._cells[y]


@lru_cache(64)
def _cells(height: int, whole: int, window: int, position: float, style: RichStyle) -> tuple[Strip, ...]:
    assert style.bgcolor is not None
    assert style.color is not None
    bar = ScrollBarRender.render_bar(
        height,
        whole,
        window if whole > window else 0,  # nothing to scroll: nothing to see
        position,
        back_color=style.bgcolor,
        bar_color=style.color,
    )
    strips = {segment: Strip([segment], 1) for segment in bar.segments}
    return tuple(strips[segment] for segment in bar.segments)
