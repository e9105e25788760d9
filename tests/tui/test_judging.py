"""What is found while the program runs on, or by its end, is shown without another stop."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from gradtui.model.findings import Finding
from gradtui.model.messages import Seen, Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome, StopKind
from gradtui.session.events import Ended
from tests.tui.feeds import MadeUp
from tests.tui.programs import silent_numpy
from tests.tui.showing import showing

SNAPSHOT, FINDINGS = silent_numpy()
JUDGED = replace(SNAPSHOT, stop=replace(SNAPSHOT.stop, kind=StopKind.STEP), graph=None)
WHOLE = replace(SNAPSHOT, stop=replace(SNAPSHOT.stop, total=4, reached=4))


def at_steps(snapshots: Sequence[Snapshot], mute: Collection[str]) -> tuple[Finding, ...]:
    """Finds what there is once a step was judged."""
    return FINDINGS if any(one.stop.kind is StopKind.STEP for one in snapshots) else ()


async def test_what_a_judged_step_shows_is_told_while_the_program_runs_on() -> None:
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=at_steps) as screen:
        await screen.until_stopped()
        assert "will get a gradient" in screen.headline
        await screen.press("C")
        screen.feed.say(Seen(JUDGED))
        await screen.until(lambda: FINDINGS[0].message[:40].replace("`", "") in screen.headline)
        assert screen.app.main.view is not None
        assert screen.app.main.view.snapshot is WHOLE  # the tree stays that of the stop


async def test_at_the_end_it_is_told_what_was_found_and_not_what_one_backward_promised() -> None:
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=at_steps) as screen:
        await screen.until_stopped()
        await screen.press("C")
        screen.feed.say(Ended(Outcome(0)))
        await screen.until(lambda: "to the program's end" in screen.headline)
        assert "The tree is of backward" in screen.headline


async def test_the_headline_gets_the_second_line_that_a_late_finding_needs() -> None:
    long = replace(FINDINGS[0], message="It is long. " * 12)

    def diagnose(snapshots: Sequence[Snapshot], mute: Collection[str]) -> tuple[Finding, ...]:
        return (long,) if at_steps(snapshots, mute) else ()

    async with showing(MadeUp(Stopped(WHOLE)), diagnose=diagnose) as screen:
        await screen.until_stopped()
        before = screen.app.main.graph.region.y
        await screen.press("C")
        screen.feed.say(Seen(JUDGED), Ended(Outcome(0)))
        await screen.until(lambda: "It is long" in screen.headline)
        await screen.until(lambda: screen.app.main.graph.region.y == before + 1)
