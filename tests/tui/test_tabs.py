"""Tabs can be read at every width: in fewer words where there is little room, else some of them."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from gradtui.tui.widgets.tabs import BRIEF, Tab, Tabs

TABS = (
    Tab("node", "2", "Node"),
    Tab("source", "3", "Source"),
    Tab("findings", "4", "Findings", "1", loud=True),
    Tab("parameters", "5", "Parameters", "1,024"),
    Tab("output", "6", "Output"),
    Tab("stops", "7", "Stops", "12"),
    Tab("saved", "8", "Saved"),
    Tab("optimizers", "9", "Optimizers", "1"),
)


class Host(App[None]):
    """Nothing but the tabs."""

    def __init__(self, front: str = "node") -> None:
        super().__init__()
        self.front = front

    def compose(self) -> ComposeResult:
        tabs = Tabs()
        tabs.tabs, tabs.front = TABS, self.front
        yield tabs


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (120, " 4 Findings 1 ─ 5 Parameters 1,024 ─"),
        (100, "4 Findings 1│5 Parameters 1,024│"),
        (88, "4 Findings 1│5 Params 1,024│"),
        (80, "4 Findings 1│5 Params│6 Output│7 Stops│8 Saved│9 Optims"),
    ],
)
async def test_titles_use_fewer_words_where_there_is_little_room(width: int, shown: str) -> None:
    async with Host().run_test(size=(width, 1)) as pilot:
        line = pilot.app.query_one(Tabs).render()

        assert shown in line.plain
        assert line.cell_len == width


@pytest.mark.parametrize(("front", "marks"), [("node", " ›"), ("optimizers", "‹ "), ("stops", "‹")])
@pytest.mark.parametrize("width", [40, 50, 60])
async def test_the_tab_in_front_is_always_there_and_marks_lead_to_the_others(
    front: str, marks: str, width: int
) -> None:
    title = next(tab.title for tab in TABS if tab.pane == front)
    async with Host(front).run_test(size=(width, 1)) as pilot:
        line = pilot.app.query_one(Tabs).render()

        assert line.cell_len == width
        assert f" {BRIEF.get(title, title)}" in line.plain
        assert [mark in line.plain for mark in "‹›"] == [mark in marks for mark in "‹›"]
        leads = {
            Style.parse(str(span.style)) if isinstance(span.style, str) else span.style for span in line.spans
        }
        panes = {style.meta["pane"] for style in leads if style.meta}
        assert front in panes
        assert len(panes) >= 3
