"""Running the command again from the screen: what ends, what begins, and what is found again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.worker import Worker

from gradtui.diagnosis.outline import RowKind
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.findings import Finding
from gradtui.model.messages import ProgramPhase, Progress, Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import SourceFile
from gradtui.model.stops import Outcome
from gradtui.session.edits import Edits
from gradtui.session.events import Ended, Event, Output
from gradtui.tui.app import GradApp
from gradtui.tui.breaks import Breaks
from gradtui.tui.moved_lines import follow, moved_lines
from gradtui.tui.tree_filters import Filter
from gradtui.tui.widgets.footer import Footer, Hint
from tests.tui.feeds import LAUNCH, MadeUp
from tests.tui.programs import silent_numpy, transformer
from tests.tui.showing import MEDIUM, Shown


@asynccontextmanager
async def running(*runs: MadeUp, findings: tuple[Finding, ...] = ()) -> AsyncIterator[Shown]:
    """The screen on the first of these runs; each `R` begins the next one."""
    first, *others = runs
    app = GradApp(LAUNCH, first, script="train.py", diagnose=lambda *_: findings, anew=lambda: others.pop(0))
    try:
        async with app.run_test(size=MEDIUM) as pilot:
            await pilot.pause()
            yield Shown(app, first, pilot)
    finally:
        app.transcript.close()


async def again(screen: Shown, *keys: str) -> None:
    """Run it again, and wait for the first stop of the new run."""
    run = screen.app.run_number
    await screen.press(*(keys or ("R",)))
    await screen.until(lambda: screen.app.run_number == run + 1 and screen.app.main.view is not None)


def runs(snapshot: Snapshot, count: int = 2) -> list[MadeUp]:
    return [MadeUp(Stopped(snapshot)) for _ in range(count)]


async def test_a_held_program_is_run_again_by_one_key_on_the_row_where_one_was() -> None:
    snapshot, findings = silent_numpy()
    async with running(*runs(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        await screen.press("G", "k")
        here = screen.words
        await again(screen)

        assert screen.words == here
        assert screen.focused == "graph"
        assert "Run 2: the same is found as before" in screen.notice


class Slow(MadeUp):
    """A program that takes its time to end."""

    def __init__(self, *coming: Event) -> None:
        super().__init__(*coming)
        self.gone = asyncio.Event()

    def close(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._close())

    async def _close(self) -> None:
        await self.gone.wait()


async def test_while_the_run_before_ends_nothing_offers_what_is_being_done() -> None:
    snapshot, findings = silent_numpy()
    first = Slow(Stopped(snapshot))
    async with running(first, MadeUp(Stopped(snapshot)), findings=findings) as screen:
        await screen.until_stopped()
        screen.app.main.changed = ("train.py",)
        await screen.press("R")
        await screen.until(lambda: "ending the run before" in screen.header)
        screen.app.look_for_edits()
        await screen.pilot.pause()

        assert "changed" not in screen.header
        assert not {"rerun", "pause"} & {hint.action for hint in screen.app.main.query_one(Footer).hints}
        first.gone.set()
        await screen.until(lambda: screen.app.run_number == 2 and screen.app.main.view is not None)


async def test_another_run_says_what_is_no_longer_found() -> None:
    snapshot, findings = silent_numpy()
    found = [findings, ()]
    first, second = runs(snapshot)
    app = GradApp(LAUNCH, first, script="train.py", diagnose=lambda *_: found.pop(0), anew=lambda: second)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = Shown(app, first, pilot)
        await screen.until_stopped()
        await again(screen)

        assert "Run 2: numpy_roundtrip at train.py:27 is gone." in screen.notice
    app.transcript.close()


async def test_pane_tab_filter_breaks_and_searches_outlive_a_run() -> None:
    snapshot, findings = silent_numpy()
    async with running(*runs(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        main = screen.app.main
        await screen.press("slash", *"fc2.bias", "enter", "F", "5", "F", *"fc2", "enter", "j", "b")
        chosen, graph = main.query_one("#parameters").name_here, main.graph  # type: ignore[attr-defined]
        assert graph.filter is Filter.CUT
        await again(screen)

        assert main.front == screen.focused == "parameters"
        assert main.query_one("#parameters").name_here == chosen  # type: ignore[attr-defined]
        assert {item.name for item in main.query_one("#parameters").items} == {"fc2.weight", "fc2.bias"}  # type: ignore[attr-defined]
        assert graph.filter is Filter.CUT
        assert [item.condition.name for item in main.breaks.kept] == [chosen]
        await screen.press("1", "g", "n")
        assert screen.words == "fc2.bias"


async def test_folded_modules_stay_folded() -> None:
    snapshot, _ = transformer(12)
    async with running(*runs(snapshot)) as screen:
        await screen.until_stopped()
        await screen.press("plus", "g")
        graph = screen.app.main.graph
        before = next(place for place in range(len(graph.lines)) if graph.lines.group_at(place) != -1)
        path = graph.lines.groups.path[graph.lines.group_at(before)]
        graph.lines.fold(before)
        folded = len(graph.lines)
        await again(screen)

        assert len(graph.lines) == folded
        assert [graph.lines.groups.path[graph.lines.group_at(at)] for at in graph.lines.folded] == [path]


async def test_the_cursor_follows_its_line_where_the_script_was_edited(tmp_path: Path) -> None:
    snapshot, findings = silent_numpy()
    path = tmp_path / "train.py"
    first = _in_file(snapshot, path, above=0)
    second = _in_file(snapshot, path, above=3)
    async with running(MadeUp(Stopped(first)), MadeUp(Stopped(second)), findings=()) as screen:
        await screen.until_stopped()
        main = screen.app.main
        await screen.press("g")
        while main.view.rows.kind[main.graph.row] != RowKind.CALL:  # type: ignore[union-attr]
            await screen.press("j")
        here = screen.words
        line = main.view.labels.site_of(main.graph.row).line  # type: ignore[union-attr]
        main.breaks.add(Break(BreakKind.LINE, file=str(path), line=line))
        path.write_text("# one\n# two\n# three\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        await again(screen)

        assert screen.words == here
        assert main.view.labels.site_of(main.graph.row).line == line + 3  # type: ignore[union-attr]
        assert [item.condition.line for item in main.breaks.kept] == [line + 3]
        assert findings


async def test_a_program_that_runs_is_ended_only_by_the_same_key_once_more() -> None:
    snapshot, _ = silent_numpy()
    busy = MadeUp(Progress(7, None, ProgramPhase.RUNNING))
    async with running(busy, MadeUp(Stopped(snapshot))) as screen:
        await screen.until(lambda: screen.app.status.phase == ProgramPhase.RUNNING)
        await screen.press("R")
        assert "R again ends it" in screen.notice
        assert screen.app.run_number == 1
        await again(screen)

        assert screen.app.run_number == 2


async def test_an_ended_program_is_run_again_and_the_output_says_where_the_new_run_begins() -> None:
    snapshot, _ = silent_numpy()
    first = MadeUp(Stopped(snapshot), Output(b"\x1b[31mfirst\r\n"), Ended(Outcome(1)), hold=False)
    second = MadeUp(Output(b"second\r\n"), Stopped(snapshot))
    async with running(first, second) as screen:
        await screen.until_stopped()
        await screen.press("c")
        await screen.until(lambda: screen.app.outcome is not None)
        await again(screen)
        output = screen.app.main.output
        await screen.until(lambda: any("second" in output.line(at, 80).plain for at in range(output.count)))

        lines = [output.line(index, 80).plain for index in range(output.count)]
        assert lines[0] == "first"
        assert lines[1].startswith("── run 2 ──")
        assert lines[2] == "second"
        assert screen.app.transcript.size == len(b"second\r\n")
        assert screen.app.outcome is None


async def test_a_new_run_without_a_stop_stays_on_the_screen_and_can_be_run_again() -> None:
    snapshot, _ = silent_numpy()
    broken = MadeUp(Output(b"SyntaxError: invalid syntax\r\n"), Ended(Outcome(1)))
    async with running(MadeUp(Stopped(snapshot)), broken, MadeUp(Stopped(snapshot))) as screen:
        await screen.until_stopped()
        await screen.press("G", "k")
        here = screen.words
        await screen.press("R")
        await screen.until(lambda: screen.app.outcome is not None)
        assert "ended with status 1 without a stop" in screen.headline
        assert Hint("rerun", "run it again") in screen.app.main.query_one(Footer).hints
        await again(screen)

        assert screen.app.run_number == 3
        assert screen.words == here


async def test_nothing_that_the_run_before_still_says_is_shown() -> None:
    snapshot, _ = silent_numpy()
    first, second = MadeUp(Stopped(snapshot)), MadeUp()
    async with running(first, second) as screen:
        await screen.until_stopped()
        await screen.press("R")
        await screen.until(lambda: screen.app.run_number == 2)
        first.say(Output(b"late\r\n"), Stopped(snapshot), Ended(Outcome(143, 15)))
        second.say(Progress(3, None, ProgramPhase.RUNNING))
        await screen.until(lambda: screen.app.status.calls == 3)

        assert screen.app.main.view is None
        assert screen.app.outcome is None
        assert screen.app.transcript.size == 0


async def test_another_run_offers_itself_when_a_file_that_ran_is_edited(tmp_path: Path) -> None:
    snapshot, _ = silent_numpy()
    path = tmp_path / "train.py"
    edited = _in_file(snapshot, path, above=0)
    async with running(MadeUp(Stopped(edited)), MadeUp(Stopped(edited))) as screen:
        await screen.until_stopped()
        screen.app.look_for_edits()
        await screen.app.workers.wait_for_complete(_looking(screen.app))
        assert not screen.app.main.changed
        path.write_text("# edited\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        screen.app.look_for_edits()
        await screen.until(lambda: screen.app.main.changed == ("train.py",))

        assert "train.py has changed: R runs it again." in screen.notice
        assert screen.app.main.query_one(Footer).hints[0] == Hint("rerun", "run it again")


def test_a_file_that_was_saved_unchanged_has_not_changed(tmp_path: Path) -> None:
    path, edits = tmp_path / "train.py", Edits()
    path.write_text("x = 1", encoding="utf-8")
    ran = {str(path): "x = 1\n", str(tmp_path / "gone.py"): "y"}
    assert edits.changed(ran) == ()
    path.write_text("x = 1\n", encoding="utf-8")
    assert edits.changed(ran) == ()
    path.write_text("x = 22\n", encoding="utf-8")

    assert edits.changed(ran) == (str(path),)


@pytest.mark.parametrize(
    ("after", "line", "on"),
    [
        (["new", "a", "b", "c"], 3, True),  # something was put above it
        (["a", "B", "c"], 2, True),  # it was rewritten where it stands
        (["a", "c"], 2, False),  # it was taken out: the break is kept, and switched off
    ],
)
def test_a_break_stays_with_its_line(after: list[str], line: int, on: bool) -> None:
    breaks = Breaks()
    breaks.add(Break(BreakKind.LINE, file="/t.py", line=2))
    follow(breaks, moved_lines({"/t.py": "a\nb\nc\n"}, {"/t.py": "\n".join(after)}))

    assert [(item.condition.line, item.on) for item in breaks.kept] == [(line, on)]


def _in_file(snapshot: Snapshot, path: Path, *, above: int) -> Snapshot:
    """The snapshot of a program that stands in a real file, with some lines of comment on top."""
    trace = snapshot.trace
    sites = tuple(
        replace(site, file=str(path), line=site.line + above, end_line=site.end_line + above)
        for site in trace.sites
    )
    text = "".join(f"# {word}\n" for word in ("one", "two", "three")[:above]) + snapshot.sources[0].text
    if not above:
        path.write_text(text, encoding="utf-8")
    return replace(snapshot, trace=replace(trace, sites=sites), sources=(SourceFile(str(path), text),))


def _looking(app: GradApp) -> list[Worker[Any]]:
    return [worker for worker in app.workers if worker.group == "edits"]
