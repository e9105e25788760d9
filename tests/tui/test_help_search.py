"""A text can be looked for in the help, by the keys that search a pane."""

from __future__ import annotations

import pytest

from gradtui.tui.screens.help import HelpScreen, Keys
from tests.tui.showing import Shown, stopped


def found(screen: Shown) -> str:
    """The line of the help that a search has come to, as it stands on the screen."""
    keys = screen.app.screen.query_one(Keys)
    line = keys.lines()[keys.at].plain
    assert any(line.strip() in drawn for drawn in screen.drawn)
    return line


def last_line(screen: Shown) -> str:
    return screen.drawn[-1].strip()


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40)])
async def test_a_word_that_is_typed_in_the_help_comes_into_sight(size: tuple[int, int]) -> None:
    async with stopped(size=size) as screen:
        await screen.press("question_mark", "slash", *"Dead End")

        assert "dead end" in found(screen)
        assert last_line(screen).startswith("/Dead End")


async def test_n_goes_on_in_the_help_and_shift_n_back_again() -> None:
    async with stopped(size=(80, 24)) as screen:
        await screen.press("question_mark", "slash", *"cut", "enter")
        first = found(screen)
        assert "1 of" not in last_line(screen)
        await screen.press("n")
        second = found(screen)
        assert second != first
        assert last_line(screen).startswith("'cut': 2 of ")
        await screen.press("N")

        assert found(screen) == first
        assert isinstance(screen.app.screen, HelpScreen)


async def test_esc_puts_the_help_back_where_it_was_and_a_second_one_leaves_it() -> None:
    async with stopped(size=(80, 24)) as screen:
        await screen.press("question_mark")
        before = screen.drawn
        await screen.press("slash", *"update", "escape")
        assert screen.drawn == before
        await screen.press("escape")

        assert screen.app.screen is screen.app.main


async def test_what_is_nowhere_in_the_help_is_said_not_to_be() -> None:
    async with stopped(size=(80, 24)) as screen:
        await screen.press("question_mark", "n")
        assert last_line(screen) == "Nothing to look for yet: / searches."
        await screen.press("slash", *"zebra")
        assert "not found" in last_line(screen)
        await screen.press("enter")

        assert last_line(screen) == "'zebra' isn't in this help."


async def test_the_frame_of_the_help_names_the_key_that_searches() -> None:
    async with stopped(size=(80, 24)) as screen:
        await screen.press("question_mark")

        assert "/: search" in last_line(screen)
        assert "esc: back" in last_line(screen)
