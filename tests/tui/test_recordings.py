"""Recordings on the screen: what they open on, how one goes from stop to stop and from one to another."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gradtui.diagnosis.final_snapshot import telling
from gradtui.diagnosis.outline import Mark
from gradtui.model.findings import Finding
from gradtui.model.graph import Graph
from gradtui.model.messages import PROTOCOL, FromDebuggee, Ready, Seen, Stopped
from gradtui.model.recording import Recording
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome, Stop, StopKind
from gradtui.model.trace import Trace
from gradtui.tui.app import GradApp
from gradtui.tui.palette import MUTED
from gradtui.tui.recordings import Recordings
from gradtui.tui.widgets.output import Output
from gradtui.tui.widgets.stops import Stops
from gradtui.wire.codec import encode
from gradtui.wire.recording import Writer, recording_of
from tests.tui.feeds import LAUNCH, MadeUp
from tests.tui.programs import silent_numpy
from tests.tui.showing import MEDIUM, Shown

WELL = Outcome(0)


def recorded(
    file: Path, *said: FromDebuggee, outcome: Outcome | None = WELL, rank: int = -1, ranks: int = 0
) -> str:
    """A recording of what was said; without an outcome whoever wrote it was killed."""
    writer = Writer(str(file), Recording(PROTOCOL, "0.1.0", "train.py", 1.5e9, rank, ranks))
    for message in said:
        writer.add(encode(message).removesuffix(b"\n"))
    writer.close(outcome or Outcome(0))
    if outcome is None:
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[:-1]))
    return str(file)


@asynccontextmanager
async def opened(*files: str, findings: tuple[Finding, ...] = ()) -> AsyncIterator[Shown]:
    """The screen on recordings, when it shows the first of them."""
    recordings = Recordings([(file, recording_of(file)) for file in files])
    app = GradApp(
        LAUNCH,
        recordings.feed(),
        script=recordings.title,
        diagnose=lambda *_: findings,
        recordings=recordings,
    )
    try:
        async with app.run_test(size=MEDIUM) as pilot:
            screen = Shown(app, MadeUp(), pilot)
            await screen.until(lambda: app.main.view is not None)
            yield screen
    finally:
        app.transcript.close()


def at_end(snapshot: Snapshot) -> Snapshot:
    """What is seen at the end of a run."""
    return replace(snapshot, stop=Stop(1, StopKind.END, -1), graph=None, stops=snapshot.stops)


async def test_it_opens_on_the_cut_of_the_first_finding(tmp_path: Path) -> None:
    snapshot, findings = silent_numpy()
    file = recorded(tmp_path / "run.gtr", Ready("2.13.0"), Seen(snapshot), Seen(at_end(snapshot)))
    async with opened(file, findings=findings) as screen:
        view = screen.app.main.view
        assert view is not None
        assert view.rows.marks[screen.app.main.graph.row] & Mark.BLAMED
        assert "recorded: ended, the tree is of backward 1" in screen.header
        assert "cut off" in screen.header
        assert "train.py" in screen.headline


async def test_of_a_step_it_says_which_backward_the_tree_is_of_and_how_far_the_run_had_come(
    tmp_path: Path,
) -> None:
    snapshot, findings = silent_numpy()
    later = replace(snapshot.stop, index=2, loss=0.25)
    at_step = replace(
        snapshot,
        stop=Stop(1, StopKind.STEP, snapshot.stop.site),
        stops=(snapshot.stop, later),
        optimizers=tuple(replace(one, steps=2) for one in snapshot.optimizers),
    )
    async with opened(recorded(tmp_path / "run.gtr", Seen(at_step)), findings=findings) as screen:
        assert "recorded: ended, the tree is of backward 2" in screen.header
        assert screen.header.rstrip().endswith("backward 2   step 2   loss 0.25")
        await screen.pilot.resize_terminal(80, 24)
        await screen.pilot.pause()
        assert "recorded: ended, tree of backward 2" in screen.header
        assert screen.header.rstrip().endswith("step 2   loss 0.25")


async def test_nothing_in_it_can_be_stepped_or_run(tmp_path: Path) -> None:
    snapshot, findings = silent_numpy()
    async with opened(recorded(tmp_path / "run.gtr", Seen(snapshot)), findings=findings) as screen:
        for key in ("s", "o", "f", "c", "C", "p", "b"):
            await screen.press("1", key)
            assert screen.notice.startswith("A recording can't be stepped or held"), key
        await screen.press("R")
        assert not screen.app.main.breaks.kept
        for key, said in (
            ("R", "A recording can't be run again"),
            ("left_square_bracket", "No step of this backward was seen"),
            ("right_square_bracket", "No step of this backward was seen"),
            ("v", "Values can be looked at while the program is held. A recording can't"),
        ):
            await screen.press(key)
            assert screen.notice.startswith(said), key
        assert "nothing of what the program printed" in screen.text(Output)
        await screen.press("6", "i")
        assert not screen.app.main.output.typing
        await screen.press("greater_than_sign")
        assert screen.notice.startswith("There is no other recording")
        await screen.press("q")
        assert not screen.app.is_running or screen.app._exit


async def test_a_stop_that_was_looked_at_is_shown_by_enter(tmp_path: Path) -> None:
    first, findings = silent_numpy()
    stop = replace(first.stop, index=2)
    second = replace(first, stop=stop, stops=(first.stop, stop, replace(stop, index=3, nodes=0)))
    file = recorded(tmp_path / "run.gtr", Seen(first), Stopped(second))
    async with opened(file, findings=findings) as screen:
        view = screen.app.main.view
        assert view is not None
        assert view.snapshot.stop.index == 1
        stops = screen.app.main.query_one(Stops)
        first_spans = [[one for one in stops.line(row, 100).spans if one.start == 0] for row in (1, 2, 3)]
        styles = [[str(one.style) for one in spans] for spans in first_spans]
        assert styles == [[MUTED], [], ["bold"]]  # passed without a look, looked at, shown
        await screen.press("7", "k", "enter")  # the cursor is on the stop that is shown
        await screen.until(lambda: screen.app.main.view is not view)
        assert screen.app.main.view is not None
        assert screen.app.main.view.snapshot.stop.index == 2
        assert screen.app.main.view.findings == findings
        await screen.press("7", "g", "enter")
        assert screen.notice == "Backward 3 was passed without a look at its graph."
        screen.app.main.hear_key()
        await screen.pilot.pause()
        assert "its graph" not in screen.drawn[-1]
        await screen.press("j")
        assert "enter its graph" in screen.drawn[-1]


async def test_from_one_recording_to_another_the_pane_stays_and_nothing_is_called_mended(
    tmp_path: Path,
) -> None:
    snapshot, findings = silent_numpy()
    files = [
        recorded(tmp_path / f"{rank}.gtr", Seen(snapshot), rank=rank, ranks=2, outcome=Outcome(rank))
        for rank in (0, 1)
    ]
    async with opened(*files, findings=findings) as screen:
        assert "train.py, rank 0 of 2" in screen.header
        assert "recording 1 of 2: ended" in screen.header
        await screen.press("5")
        for key, rank in (("greater_than_sign", 1), ("greater_than_sign", 0), ("less_than_sign", 1)):
            before = screen.app.main.view
            await screen.press(key)
            await screen.until(lambda before=before: screen.app.main.view not in (None, before))
            assert f"train.py, rank {rank} of 2" in screen.header
            assert f"recording {rank + 1} of 2: ended" in screen.header
            assert screen.focused == "parameters"
            assert screen.notice == f"This is train.py, rank {rank} of 2."


async def test_recordings_of_one_script_are_told_apart_by_when_they_began_and_how_they_ended(
    tmp_path: Path,
) -> None:
    snapshot, findings = silent_numpy()
    files = [
        recorded(tmp_path / f"{name}.gtr", Seen(snapshot), outcome=Outcome(status))
        for status, name in enumerate(("before", "after"))
    ]
    began = Recording(PROTOCOL, "0.1.0", "train.py", 1.5e9).when
    async with opened(*files, findings=findings) as screen:
        assert f"recording 1 of 2 ({began}): ended" in screen.header
        await screen.press("greater_than_sign")
        await screen.until(lambda: "ended with status 1" in screen.header)
        assert screen.notice == f"This is train.py, begun {began}: after.gtr."


async def test_one_that_breaks_off_is_shown_and_says_so(tmp_path: Path) -> None:
    snapshot, findings = silent_numpy()
    file = recorded(tmp_path / "run.gtr", Seen(snapshot), outcome=None)
    async with opened(file, findings=findings) as screen:
        await screen.until(lambda: screen.app.outcome is not None)
        assert "run.gtr ends before the run did" in screen.notice
        assert "recorded: breaks off" in screen.header


@pytest.mark.parametrize("fate", ["has no stop", "can't be read: No such file or directory"])
async def test_one_with_nothing_to_show_says_so_and_the_others_are_there_still(
    tmp_path: Path, fate: str
) -> None:
    snapshot, findings = silent_numpy()
    good = recorded(tmp_path / "good.gtr", Seen(snapshot))
    other = recorded(tmp_path / "other.gtr", Ready("2.13.0"))
    async with opened(good, other, findings=findings) as screen:
        if "can't" in fate:
            os.unlink(other)  # noqa: PTH108 - a Path of this would be taken for work that blocks
        await screen.press("greater_than_sign")
        await screen.until(lambda: screen.app.outcome is not None and screen.app.main.view is None)
        assert f"other.gtr {fate}" in screen.headline
        assert ("breaks off" in screen.header) == ("can't" in fate)
        assert "> shows the next recording" in screen.headline
        await screen.press("greater_than_sign")
        await screen.until(lambda: screen.app.main.view is not None)
        assert "train.py" in screen.headline


async def test_all_of_a_long_run_is_judged(tmp_path: Path) -> None:
    snapshot, _ = silent_numpy()
    given: list[int] = []

    def diagnose(snapshots: Sequence[Snapshot], _: object) -> tuple[Finding, ...]:
        given.append(len(snapshots))
        return ()

    file = recorded(tmp_path / "run.gtr", *[Seen(snapshot)] * 100)
    recordings = Recordings([(file, recording_of(file))])
    app = GradApp(
        LAUNCH, recordings.feed(), script=recordings.title, diagnose=diagnose, recordings=recordings
    )
    try:
        async with app.run_test(size=MEDIUM) as pilot:
            await Shown(app, MadeUp(), pilot).until(lambda: app.main.view is not None)
    finally:
        app.transcript.close()
    assert given[-1] == 100


# which snapshot tells most

GRAPH, NO_GRAPH = Graph(), None
SITES = silent_numpy()[0].trace.sites


def seen(
    kind: StopKind, index: int, graph: Graph | None = GRAPH, *, last: int = 0, here: bool = False
) -> Snapshot:
    """A snapshot at a stop, after so many backwards; `here` with calls on the line of the finding."""
    stops = tuple(Stop(number, StopKind.BACKWARD, 0) for number in range(1, last + 1))
    trace = Trace(sites=SITES) if here else Trace()
    return Snapshot("train.py", "/", "2.13.0", "3.11", Stop(index, kind, 0), trace, graph, stops=stops)


B, S, E = StopKind.BACKWARD, StopKind.STEP, StopKind.END


@pytest.mark.parametrize(
    ("snapshots", "stop", "index"),
    [
        # of the exception, whatever was found
        ([seen(B, 1), seen(StopKind.EXCEPTION, 1, NO_GRAPH), seen(E, 1, NO_GRAPH)], 1, 1),
        # the backward that the first finding is about
        ([seen(B, 1), seen(B, 2), seen(B, 3), seen(E, 1, NO_GRAPH)], 2, 1),
        # what was seen after it, where nobody looked before
        ([seen(B, 1, here=True), seen(S, 4, last=4), seen(E, 1, NO_GRAPH, last=9)], 4, 1),
        # a graph with its line in it
        ([seen(B, 1), seen(B, 2, here=True), seen(E, 1, NO_GRAPH, here=True)], 7, 1),
        # the first graph there is
        ([seen(S, 1), seen(B, 1), seen(E, 1, NO_GRAPH)], 7, 1),
        ([seen(E, 1, NO_GRAPH)], 7, 0),
    ],
)
def test_what_tells_most_is_shown(snapshots: list[Snapshot], stop: int, index: int) -> None:
    first, *_ = silent_numpy()[1]
    assert telling(snapshots, [replace(first, stop=stop)]) == index


def test_without_a_finding_the_first_graph_is_shown() -> None:
    assert telling([seen(S, 1, NO_GRAPH), seen(S, 2), seen(B, 2), seen(B, 3)], []) == 2
