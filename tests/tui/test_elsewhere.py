"""A screen on a program that was running before it, in another terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gradtui.model.messages import Act, Command, ProgramPhase, Ready, Seen, Stopped
from gradtui.session.events import Event
from gradtui.tui.app import GradApp
from gradtui.tui.widgets.output import Output
from tests.tui.feeds import LAUNCH, MadeUp
from tests.tui.programs import silent_numpy
from tests.tui.showing import MEDIUM, Shown

SNAPSHOT, FINDINGS = silent_numpy()


@asynccontextmanager
async def attached(*events: Event) -> AsyncIterator[Shown]:
    feed = MadeUp(*events)
    app = GradApp(LAUNCH, feed, script="train.py", diagnose=lambda *_: FINDINGS, elsewhere=True)
    try:
        async with app.run_test(size=MEDIUM) as pilot:
            screen = Shown(app, feed, pilot)
            await screen.until_stopped()
            yield screen
    finally:
        app.transcript.close()


async def test_what_it_was_held_at_before_is_shown_while_it_runs_and_can_be_held_again() -> None:
    async with attached(Ready("2.13.0"), Seen(SNAPSHOT)) as screen:
        await screen.until(lambda: screen.app.status.phase == ProgramPhase.RUNNING)
        assert "train.py  running" in screen.header
        assert "train.py" in screen.headline
        await screen.press("p")
        assert screen.notice.startswith("It will be held")
        assert [item.act for item in screen.feed.sent if isinstance(item, Command)] == [Act.PAUSE]


async def test_nothing_is_promised_that_another_terminal_has() -> None:
    async with attached(Ready("2.13.0"), Stopped(SNAPSHOT)) as screen:
        await screen.press("R")
        assert screen.notice == "It was started in another terminal, and can be run again only from there."
        assert "goes to the terminal where it was started" in screen.text(Output)
        await screen.press("6", "i")
        assert not screen.app.main.output.typing
        await screen.press("q")
        assert "quit, and let it run on in" not in "\n".join(screen.drawn)
        assert "quit, and let it run on" in "\n".join(screen.drawn)
        await screen.press("r")
        assert screen.app.let_run
        assert not screen.feed.killed
