"""Whatever takes long says what it is doing, and a key ends the wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gradtui.diagnosis.outline import full_graph, outline
from gradtui.model.findings import Finding
from gradtui.model.messages import Act, Command, Hello, ProgramPhase, Progress, Ready, Stopped
from gradtui.model.unseen import left_out
from gradtui.tui import backward_status, following
from gradtui.tui import view as making
from gradtui.tui.pipeline import UnwantedError
from gradtui.tui.status import ScreenPhase
from gradtui.tui.view import Stage, View
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.saved import Saved
from tests.tui.feeds import MadeUp
from tests.tui.programs import silent_numpy
from tests.tui.showing import showing, shown


async def test_every_phase_before_the_stop_has_its_words() -> None:
    async with shown() as screen:
        for event, words in (
            (Hello(1, 4711, "3.11.7"), "running, torch is not imported yet"),
            (Progress(0, None, ProgramPhase.IMPORTING), "p holds it at its first torch call."),
            (Ready("2.13.0"), "before its first backward; p holds it at its next torch call."),
            (Progress(5, None, ProgramPhase.CAPTURING, 20_000), "reading the graph (20,000 nodes)"),
            (Progress(5, None, ProgramPhase.TELLING, 150_000), "taking the snapshot (150,000 nodes)"),
            (Progress(5, None, ProgramPhase.BACKWARD, 37, 100), "running backward 37 %"),
        ):
            screen.feed.say(event)
            await screen.until(lambda words=words: words in screen.headline)
        assert "p: at the next node of this backward" in screen.headline
        await screen.press("p")
        assert screen.notice.startswith("It will be held at the next node of this backward")


async def test_where_a_pause_holds_it_is_said_whole_on_a_small_screen() -> None:
    feed = MadeUp(Progress(0, None, ProgramPhase.IMPORTING))
    async with showing(feed, size=(80, 24), stop_at="network.py:99") as screen:
        words = "Held before the backward at network.py:99; p: at its first torch call."
        await screen.until(lambda: any(words in line for line in screen.drawn))


async def test_a_pause_that_was_asked_for_is_shown_until_it_holds() -> None:
    snapshot, _ = silent_numpy()
    async with shown(Ready("2.13.0"), Progress(5, None, ProgramPhase.RUNNING)) as screen:
        await screen.until(lambda: "running" in screen.headline)
        await screen.press("p")
        assert screen.notice == "It will be held at its next torch call."
        # Between two torch calls a loop may take long: what was asked for isn't forgotten meanwhile.
        await screen.press("6")
        assert "running; paused at its next torch call" in screen.headline
        assert "p holds it" not in screen.headline
        screen.feed.say(Stopped(snapshot))
        await screen.until_stopped()

        assert "paused" not in screen.header


async def test_a_long_diagnosis_can_be_left_to_come_later() -> None:
    snapshot, findings = silent_numpy()
    over = threading.Event()

    def slow(snapshots: Sequence[Any], mute: Any) -> tuple[Finding, ...]:
        assert over.wait(20)
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


@pytest.mark.parametrize("key", ["p", "escape"])
async def test_a_large_graph_can_be_left_unread(key: str) -> None:
    snapshot, _ = silent_numpy()
    left = replace(snapshot, graph=None, stop=replace(snapshot.stop, nodes=0, total=0, reached=0))
    async with shown(Ready("2.13.0"), Progress(5, None, ProgramPhase.CAPTURING, 20_000)) as screen:
        await screen.until(lambda: "p leaves the rest of the graph unread" in screen.headline)
        await screen.press(key)
        assert screen.feed.sent == [Command(Act.ENOUGH)]
        screen.feed.say(Stopped(left))
        await screen.until_stopped()
        assert "left unread: c goes on" in screen.headline
        await screen.press("s")
        assert "left unread: c goes on" in screen.notice
        await screen.press("c")

    assert screen.feed.sent[-1] == Command(Act.CONTINUE)


async def test_a_graph_that_is_on_its_way_is_shown_without_waiting_for_findings() -> None:
    snapshot, findings = silent_numpy()
    over = threading.Event()

    def slow(snapshots: Sequence[Any], mute: Any) -> tuple[Finding, ...]:
        over.wait(60)
        return findings

    try:
        async with showing(MadeUp(Progress(5, None, ProgramPhase.TELLING, 150_000)), diagnose=slow) as screen:
            await screen.until(lambda: "no more than the last calls" in screen.headline)
            await screen.press("p")
            screen.feed.say(Stopped(snapshot))
            await screen.until_stopped()
            assert screen.feed.sent == [Command(Act.ENOUGH)]
    finally:
        over.set()


async def test_of_a_graph_with_the_last_calls_alone_it_is_said_what_is_not_known() -> None:
    snapshot, _ = silent_numpy()
    brief = replace(snapshot, brief=True, unseen=(left_out(9, 4),))

    def never(snapshots: Sequence[Any], mute: Any) -> tuple[Finding, ...]:
        raise AssertionError("there is nothing to look at")

    async with showing(MadeUp(Stopped(brief)), diagnose=never) as screen:
        await screen.until_stopped()
        view = screen.app.main.view
        assert view is not None
        assert not view.judged
        assert f"Only the last {len(brief.trace)} calls were read" in screen.headline
        told = " ".join(screen.text(Findings).split())
        assert "only the last 4 were read" in told
        assert "Nothing was found" not in told


async def test_a_left_graph_of_many_calls_has_rows_of_the_last_ones_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (full_graph, backward_status):
        monkeypatch.setattr(module, "MOST", 3)
    snapshot, _ = silent_numpy()
    left = replace(snapshot, graph=None, stop=replace(snapshot.stop, nodes=0, total=0, reached=0))
    async with shown(Stopped(left)) as screen:
        await screen.until_stopped()
        assert "the rows are of the last 3 calls" in screen.headline
        view = screen.app.main.view
        assert view is not None
        assert len(view.rows) < len(outline(left))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Rows take until this is set to be put together, but for the first ones."""
    over = threading.Event()

    def slow(*told: Any, part: bool = False, stage: Stage = lambda *_: None) -> View:
        if not part:
            stage(ScreenPhase.ARRANGING, 3, 10)
            assert over.wait(20)
        return making.view(*told, part=part, stage=stage)

    monkeypatch.setattr(following, "view", slow)
    yield over
    over.set()


async def test_rows_say_how_far_they_have_come_and_what_is_shown_then(large: threading.Event) -> None:
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until(lambda: "putting the graph into rows 30 %" in screen.headline)
        large.set()
        await screen.until_stopped()
        view = screen.app.main.view
        assert view is not None
        assert not view.part
        assert view.findings == findings


@pytest.mark.parametrize("key", ["p", "escape"])
async def test_the_first_rows_are_shown_already_and_the_others_leave_the_cursor_where_it_is(
    key: str, large: threading.Event
) -> None:
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until(lambda: "putting the graph into rows" in screen.headline)
        await screen.press(key)
        await screen.until_stopped()
        part = screen.app.main.view
        assert part is not None
        assert part.part
        assert part.findings == findings
        assert "Only the first rows are shown" in screen.notice
        await screen.press("1", "G")
        words = screen.words
        large.set()
        await screen.until(lambda: screen.app.main.view is not part)

        whole = screen.app.main.view
        assert whole is not None
        assert not whole.part
        assert len(whole.rows) > len(part.rows)
        assert screen.words == words


async def test_whoever_quits_waits_neither_for_findings_nor_for_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot, findings = silent_numpy()
    ends: list[BaseException] = []

    def endless(*told: Any, part: bool = False, stage: Stage = lambda *_: None) -> View:
        try:
            while not part:
                stage(ScreenPhase.ARRANGING, 1, 2)
                time.sleep(0.001)
        except UnwantedError as error:
            ends.append(error)
            raise
        return making.view(*told, part=part, stage=stage)

    monkeypatch.setattr(following, "view", endless)
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until(lambda: "putting the graph into rows" in screen.headline)
        await screen.press("q", "q")
        await screen.until(lambda: not screen.app.is_running)

    assert len(ends) == 1
    assert screen.app.outcome is not None


@pytest.mark.parametrize("key", ["p", "escape"])
async def test_the_reading_of_saved_tensors_can_be_stopped(key: str) -> None:
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        await screen.press("8")
        screen.feed.say(Progress(5, None, ProgramPhase.WEIGHING, 5_000, 60_000))
        saved = screen.app.main.query_one(Saved)
        await screen.until(lambda: "5,000 of 60,000 nodes asked; p stops" in saved.said)
        await screen.press(key)

    assert screen.feed.sent[-1] == Command(Act.ENOUGH)


async def test_sentences_name_the_keys_that_the_user_gave() -> None:
    snapshot, findings = silent_numpy()
    keymap = {"breaks": "f9", "step": "n", "pause": "f8", "findings": "f4", "back": "f2"}
    async with showing(MadeUp(Stopped(snapshot)), findings=findings, keymap=keymap) as screen:
        await screen.until(
            lambda: "f8 shows the graph" in screen.headline or screen.app.main.view is not None
        )
        await screen.until_stopped()
        await screen.press("left_square_bracket")
        assert "n steps" in screen.notice
        await screen.press("F")
        assert "(f2: all)" in str(screen.app.main.graph.border_title)
        assert " f4 Findings" in "\n".join(screen.drawn)


@pytest.mark.parametrize("opener", ["f9", "question_mark", "w", "colon", "q"])
async def test_a_screen_above_is_left_by_the_users_own_key(opener: str) -> None:
    snapshot, findings = silent_numpy()
    keymap = {"breaks": "f9", "back": "f2"}
    async with showing(MadeUp(Stopped(snapshot)), findings=findings, keymap=keymap) as screen:
        await screen.until_stopped()
        await screen.press("G", opener)
        assert screen.app.screen is not screen.app.main
        assert "f2" in "\n".join(screen.drawn)
        await screen.press("f2")

        assert screen.app.screen is screen.app.main
