"""Whatever takes long says what it is doing, and a key ends the wait."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from gradtui.model.findings import Finding
from gradtui.model.messages import Hello, Progress, Ready, Stopped
from tests.tui.feeds import MadeUp
from tests.tui.programs import silent_numpy
from tests.tui.showing import showing, shown


async def test_every_phase_before_the_stop_has_its_words() -> None:
    async with shown() as screen:
        for event, words in (
            (Hello(1, 4711, "3.11.7"), "running, torch is not imported yet"),
            (Ready("2.13.0"), "running"),
            (Progress(5, None, "capturing", 20_000), "reading the graph (20,000 nodes)"),
            (Progress(5, None, "telling", 150_000), "taking the snapshot (150,000 nodes)"),
            (Progress(5, None, "backward", 37, 100), "running backward 37 %"),
        ):
            screen.feed.say(event)
            await screen.until(lambda words=words: words in screen.headline)
        assert "p holds it sooner" in screen.headline


async def test_a_long_diagnosis_can_be_left_to_come_later() -> None:
    snapshot, findings = silent_numpy()
    over = threading.Event()

    def slow(snapshots: Sequence[Any], mute: Any) -> tuple[Finding, ...]:
        assert over.wait(60)
        return findings

    try:
        async with showing(MadeUp(Stopped(snapshot)), diagnose=slow) as screen:
            await screen.until(lambda: "looking for what is wrong" in screen.headline)
            assert "p shows the graph already" in screen.headline
            await screen.press("p")
            await screen.until_stopped()
            view = screen.app.main.view
            assert view is not None
            assert view.findings == ()
            await screen.press("j")
            row = screen.app.main.graph.row
            over.set()
            await screen.until(lambda: screen.app.main.view is not None and screen.app.main.view.findings)

            assert screen.app.main.graph.row == row
            assert "Found: numpy_roundtrip" in screen.notice
    finally:
        over.set()
