"""What is drawn the short way is what Textual's own way draws, whatever the styles; and panes don't lag."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from rich.segment import Segments
from textual._styles_cache import StylesCache
from textual.scrollbar import ScrollBarRender

from gradtui.model.messages import Stopped
from gradtui.tui.terminal_diff import Cell, cells
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.plainly import PlainScrollBar
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.source import Source
from tests.tui.programs import transformer
from tests.tui.showing import shown

STYLES: dict[str, dict[str, object]] = {
    "as they are": {},
    "no border": {"border": ("none", "red")},
    "a border on the left": {"border_left": ("heavy", "red")},
    "a border all round": {"border": ("round", "green")},
    "padding": {"padding": 1},
    "a tint": {"tint": "red 40%"},
    "faint": {"opacity": 0.5},
    "faint text": {"text_opacity": 0.5},
    "hatched": {"hatch": ("cross", "red")},
    "an outline": {"outline": ("solid", "red")},
    "an outline on top": {"outline_top": ("solid", "red")},
}


def drawn(rows: Rows, cache: StylesCache) -> list[list[Cell]]:
    """The cells of a list as one of the two ways draws them, without the one below the scrollbar."""
    rows.render_lines(rows.size.region)
    under = rows.scrollbar_size_vertical
    lines = cache.render_widget(rows, rows.size.region)
    return [cells(line, ColorSystem.TRUECOLOR)[: rows.size.width - under] for line in lines]


@pytest.mark.parametrize("styles", STYLES.values(), ids=STYLES)
async def test_lines_look_as_textual_itself_draws_them(styles: dict[str, object]) -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        await screen.press("plus", "G")
        for kind in (GraphTree, Details, Source):
            rows: Rows = screen.app.main.query_one(kind)
            for name, value in styles.items():
                setattr(rows.styles, name, value)
            await screen.press("k")
            ours = drawn(rows, type(rows._styles_cache)())
            assert ours == drawn(rows, StylesCache())
            assert len({str(line) for line in ours}) > 2


async def test_a_scrollbar_looks_as_textual_itself_draws_it() -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        await screen.press("plus")
        bar, console = screen.app.main.graph.vertical_scrollbar, screen.app.console
        assert isinstance(bar, PlainScrollBar)
        looks = set()
        for key in ("ctrl+d", "ctrl+d", "ctrl+d", "G", "ctrl+u", "g"):
            await screen.press(key)
            strips, rendered = bar.render_lines(bar.size.region), bar.render()
            assert isinstance(rendered, ScrollBarRender)
            options = console.options.update(width=1, height=bar.size.height)
            (wanted,) = rendered.__rich_console__(console, options)
            assert isinstance(wanted, Segments)
            assert [list(strip) for strip in strips] == [[segment] for segment in wanted.segments]
            looks.add("".join(strip.text for strip in strips) + str(strips[0]))
        assert len(looks) > 2


async def test_the_panes_beside_the_tree_follow_its_cursor_before_anything_is_drawn() -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        await screen.press("plus")
        tree, details = screen.app.main.graph, screen.app.main.query_one(Details)
        for line in (5, tree.count - 1, 0):
            tree.cursor = line
            assert details.row == tree.row


@pytest.mark.parametrize(("layers", "stays"), [(40, True), (1, False)])
async def test_a_long_tree_keeps_the_place_of_its_scrollbar_where_all_is_folded(
    layers: int, stays: bool
) -> None:
    snapshot, _ = transformer(layers)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        tree = screen.app.main.graph
        await screen.press("plus")
        assert tree.show_vertical_scrollbar
        await screen.press("minus")
        assert tree.count <= tree.size.height
        assert tree.show_vertical_scrollbar is stays
