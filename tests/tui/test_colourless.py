"""Without colours: what they tell elsewhere is told by other means."""

from __future__ import annotations

import pytest
from rich.segment import Segment

from gradtui.tui.widgets.source import Source
from tests.tui.showing import Shown, stopped


@pytest.fixture(autouse=True)
def no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def underlined(screen: Shown) -> str:
    source = screen.app.main.query_one(Source)
    line = source.render_line(source.cursor - round(source.scroll_y))
    return "".join(segment.text for segment in line if _is_underlined(segment))


def _is_underlined(segment: Segment) -> bool:
    return segment.style is not None and bool(segment.style.underline)


async def test_the_expression_at_fault_is_underlined_in_the_source_with_the_focus_and_without() -> None:
    async with stopped(size=(200, 60)) as screen:
        assert underlined(screen) == "torch.from_numpy(out.detach().numpy())"
        await screen.press("3")
        assert underlined(screen) == "torch.from_numpy(out.detach().numpy())"


@pytest.mark.parametrize(("key", "title"), [("1", "1 Graph"), ("3", "3 train.py"), ("5", "5 Parameters")])
async def test_the_pane_with_the_focus_has_a_heavier_line_above_it(key: str, title: str) -> None:
    async with stopped() as screen:
        await screen.press(key)
        titles = [part for line in screen.drawn for part in line.replace("│", "┌").split("┌")]
        heavy = [part for part in titles if "━" in part]

        assert len(heavy) == 1
        assert title in heavy[0]
