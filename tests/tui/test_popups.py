"""Popups: a key that does nothing in one says so, and what can be told in a line needs none."""

from __future__ import annotations

import pytest

from tests.tui.showing import Shown, stopped

IDLE = "does nothing here: esc goes back first."
POPUPS = {
    "the help": ("question_mark",),
    "the breaks": ("B", *"nan", "enter", "tab"),
    "a way": ("w",),
    "the question before leaving": ("q",),
    "the answers": ("colon", "tab"),
}


def last_line(screen: Shown) -> str:
    return screen.drawn[-1].strip()


@pytest.mark.parametrize("key", ["s", "R", "f5"])
@pytest.mark.parametrize("opening", POPUPS.values(), ids=POPUPS)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_key_that_does_nothing_in_a_popup_says_so_in_the_last_line(
    size: tuple[int, int], opening: tuple[str, ...], key: str
) -> None:
    async with stopped(size=size) as screen:
        await screen.press(*opening)
        popup = screen.app.screen
        assert popup is not screen.app.main
        await screen.press(key)

        assert last_line(screen) == f"{key} {IDLE}"
        assert screen.app.screen is popup


async def test_the_next_key_takes_away_what_was_said_in_a_popup() -> None:
    async with stopped(size=(80, 24)) as screen:
        await screen.press("question_mark", "s")
        assert IDLE in last_line(screen)
        await screen.press("j")

        assert IDLE not in last_line(screen)


async def test_keys_that_a_popup_knows_say_nothing() -> None:
    async with stopped() as screen:
        for key in ("j", "k", "G", "g", "space", "ctrl+d", "escape"):
            await screen.press("question_mark", key)
            assert not screen.notice, key
            await screen.press("escape")


async def test_ctrl_c_names_the_key_that_quits_in_a_popup_too() -> None:
    async with stopped() as screen:
        await screen.press("question_mark", "ctrl+c")

        assert "q quits" in last_line(screen)


async def test_typing_in_a_popup_is_no_key_that_does_nothing() -> None:
    async with stopped() as screen:
        await screen.press("B", *"sR5e")

        assert not screen.notice
