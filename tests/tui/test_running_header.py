"""The header of a program that runs, where there is little room: that breaks are set stays in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gradtui.model.messages import ProgramPhase, Training
from gradtui.model.source import Site
from gradtui.tui.widgets.header import Header
from tests.tui.showing import stopped

STATES: dict[str, dict[str, Any]] = {
    "running": {},
    "in a backward": {"phase": ProgramPhase.BACKWARD, "done": 75, "total": 100},
    "pausing": {"pausing": True},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("width", [60, 80, 120])
async def test_that_a_break_is_set_is_seen_while_the_program_runs(width: int, state: str) -> None:
    async with stopped(size=(width, 24)) as screen:
        await screen.press("g", "b")
        header = screen.app.main.query_one(Header)
        running = replace(
            screen.app.status,
            script="long_training.py",
            held=False,
            phase=ProgramPhase.RUNNING,
            site=Site("long_training.py", 115, 115, 0, 4, "train", user=True),
            training=Training(809, 809, 0.1722),
            elapsed=3700,
        )
        header.status = replace(running, **STATES[state])

        assert "● 1" in screen.header
        assert header.render().cell_len <= width
