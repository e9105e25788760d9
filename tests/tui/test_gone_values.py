"""`v` on a tensor that is gone: the last line says so, and what can be had instead; no box opens for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gradtui.model.columns import NONE
from gradtui.model.messages import Answer, FromViewer, Show
from gradtui.tui.screens.value import ValueScreen
from tests.tui.feeds import Engine
from tests.tui.programs import silent_numpy
from tests.tui.showing import MEDIUM, Shown, showing

GONE = "This tensor is gone: nothing holds it any more."


class Forgetful(Engine):
    """Holds none of the tensors that its calls gave; the gradient that the next node is handed is there."""

    def send(self, message: FromViewer) -> None:
        if isinstance(message, Show) and message.tensor != NONE:
            self.sent.append(message)
            self.say(Answer(message.request, GONE, error=True))
        else:
            super().send(message)


@asynccontextmanager
async def forgetful(size: tuple[int, int] = MEDIUM) -> AsyncIterator[Shown]:
    snapshot, findings = silent_numpy()
    engine = Forgetful(snapshot)
    async with showing(engine, findings=findings, size=size) as screen:
        await screen.until_stopped()
        yield screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_value_of_a_tensor_that_is_gone_is_told_in_the_last_line(size: tuple[int, int]) -> None:
    async with forgetful(size) as screen:
        await screen.press("g", "v")
        await screen.until(lambda: screen.notice)

        assert screen.app.screen is screen.app.main
        assert screen.drawn[-1].strip() == f"{GONE} t, then v: its gradient."


async def test_beyond_a_cut_no_gradient_is_promised_in_place_of_a_tensor_that_is_gone() -> None:
    async with forgetful() as screen:
        await screen.press("G", "v")
        await screen.until(lambda: screen.notice)

        assert screen.notice == f"{GONE} A name in the script would keep it."


async def test_where_there_is_little_room_only_that_it_is_gone_is_said() -> None:
    async with forgetful((60, 20)) as screen:
        await screen.press("g", "v")
        await screen.until(lambda: screen.notice)

        assert screen.notice == GONE


async def test_the_gradient_of_a_row_is_shown_where_backward_has_come_to_it_and_its_tensor_is_gone() -> None:
    async with forgetful() as screen:
        await screen.press("s")
        await screen.until(lambda: screen.app.main.passage.begun)
        await screen.press("v")
        shown = screen.app.screen
        assert isinstance(shown, ValueScreen)
        await screen.until(lambda: "nan" in shown.page.line(0, 80).plain)

        assert any("is handed" in line for line in screen.drawn)
        assert screen.app.screen.focused is shown.page
