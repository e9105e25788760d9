"""What another run says of the findings of the one before: gone is only what has been looked for again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Finding
from gradtui.model.messages import Seen, Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome, StopKind
from gradtui.session.events import Ended
from gradtui.tui.app import GradApp
from gradtui.tui.view import Diagnose
from gradtui.tui.widgets.findings import Findings
from tests.tui.feeds import LAUNCH, Engine, MadeUp, gradient
from tests.tui.programs import silent_numpy
from tests.tui.showing import MEDIUM, Shown
from tests.tui.test_rerun import again
from tests.tui.test_stepping import node, program

STOPPED, FINDINGS = silent_numpy()
STEPPED = replace(STOPPED, stop=replace(STOPPED.stop, kind=StopKind.STEP), graph=None)


@asynccontextmanager
async def running(*runs: MadeUp, diagnose: Diagnose = diagnose) -> AsyncIterator[Shown]:
    first, *others = runs
    app = GradApp(LAUNCH, first, script="train.py", diagnose=diagnose, anew=lambda: others.pop(0))
    try:
        async with app.run_test(size=MEDIUM) as pilot:
            screen = Shown(app, first, pilot)
            await screen.until_stopped()
            yield screen
    finally:
        app.transcript.close()


def dividing_by_zero() -> Engine:
    snapshot = program()
    return Engine(snapshot, sends={node(snapshot, "SqrtBackward0"): gradient(nans=2)})


def at_steps(snapshots: Sequence[Snapshot], mute: Collection[str]) -> tuple[Finding, ...]:
    """Finds what there is once a step was judged."""
    return FINDINGS if any(one.stop.kind is StopKind.STEP for one in snapshots) else ()


async def finished(screen: Shown) -> None:
    await screen.press("f")
    await screen.until(lambda: screen.app.main.passage.ended)


async def test_a_nan_of_the_run_before_is_not_gone_before_backward_has_been_there() -> None:
    async with running(dividing_by_zero(), dividing_by_zero()) as screen:
        await finished(screen)
        await screen.until(lambda: "nan_gradient" in screen.text(Findings))
        await again(screen)

        assert screen.notice == ("Run 2: not judged yet: nan_gradient at train.py:3 (found in backward 1).")
        assert "Whether it is gone isn't known yet." in screen.text(Findings)
        await finished(screen)
        await screen.until(lambda: "found again" in screen.notice)
        assert screen.notice == "Run 2: nan_gradient at train.py:3 is found again."
        assert "isn't known yet" not in screen.text(Findings)


async def test_a_nan_is_gone_when_backward_has_ended_without_it() -> None:
    async with running(dividing_by_zero(), Engine(program())) as screen:
        await finished(screen)
        await screen.until(lambda: "nan_gradient" in screen.text(Findings))
        await again(screen)
        assert "gone" not in screen.notice
        await finished(screen)
        await screen.until(lambda: "gone" in screen.notice)

        assert screen.notice == "Run 2: nan_gradient at train.py:3 is gone."


async def test_what_is_named_at_another_line_now_is_not_gone() -> None:
    elsewhere = replace(FINDINGS[0], line=FINDINGS[0].line + 1)
    told = [FINDINGS, (elsewhere,)]
    first, second = MadeUp(Stopped(STOPPED)), MadeUp(Stopped(STOPPED))
    async with running(first, second, diagnose=lambda *_: told.pop(0)) as screen:
        await again(screen)

        assert screen.notice == "Run 2: numpy_roundtrip at train.py:27 is now found at train.py:28."


async def test_what_an_optimizers_step_showed_is_not_gone_before_the_next_stop() -> None:
    later = replace(STOPPED, stops=(*STOPPED.stops, replace(STOPPED.stop, index=2)))
    first, second = MadeUp(Stopped(STOPPED)), MadeUp(Stopped(STOPPED), Stopped(later))
    async with running(first, second, diagnose=at_steps) as screen:
        await screen.press("C")
        first.say(Seen(STEPPED))
        await screen.until(lambda: "Found: numpy_roundtrip" in screen.notice)
        await again(screen, "R", "R")
        assert "not judged yet: numpy_roundtrip at train.py:27 (found after backward 1)" in screen.notice
        await screen.press("c")
        await screen.until(lambda: "gone" in screen.notice)

        assert screen.notice == "Run 2: numpy_roundtrip at train.py:27 is gone."


async def test_a_run_that_dies_early_has_judged_nothing() -> None:
    first, second = MadeUp(Stopped(STOPPED)), MadeUp(Stopped(STOPPED), Ended(Outcome(1)))
    async with running(first, second, diagnose=at_steps) as screen:
        await screen.press("C")
        first.say(Seen(STEPPED))
        await screen.until(lambda: "Found: numpy_roundtrip" in screen.notice)
        await again(screen, "R", "R")
        await screen.press("c")
        await screen.until(lambda: "it ended before" in screen.notice)

        assert "is gone" in screen.notice.split("whether")[1]


async def test_what_was_found_once_is_not_announced_again_when_more_is_known_of_it() -> None:
    grown = replace(FINDINGS[0], count=9)

    def growing(snapshots: Sequence[Snapshot], mute: Collection[str]) -> tuple[Finding, ...]:
        return (grown,) if len(snapshots) > 2 else FINDINGS if len(snapshots) > 1 else ()

    async with running(MadeUp(Stopped(STOPPED)), diagnose=growing) as screen:
        await screen.press("C")
        screen.feed.say(Seen(STEPPED))
        await screen.until(lambda: "Found: numpy_roundtrip" in screen.notice)
        await screen.press("4")
        assert not screen.notice
        screen.feed.say(Seen(STEPPED))
        await screen.until(lambda: grown in screen.app.main.view.findings)  # type: ignore[union-attr]

        assert not screen.notice
