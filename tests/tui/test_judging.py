"""What is found while the program runs on, or by its end, is shown without another stop."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.messages import ProgramPhase, Progress, Seen, Stopped, Training
from gradtui.model.owners import GradState, Judgement
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome, Raised, Stop, StopKind
from gradtui.session.events import Ended
from gradtui.tui.screens.modal import ListBox
from gradtui.tui.screens.path import PathScreen
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.source import Source
from gradtui.tui.widgets.stops import Stops
from tests.tui.feeds import MadeUp
from tests.tui.programs import silent_numpy
from tests.tui.showing import showing

SNAPSHOT, FINDINGS = silent_numpy()
JUDGED = replace(SNAPSHOT, stop=replace(SNAPSHOT.stop, kind=StopKind.STEP), graph=None)
LAST = Stop(1, StopKind.END, NONE)
WHOLE = replace(SNAPSHOT, stop=replace(SNAPSHOT.stop, total=4, reached=4))


def at_steps(snapshots: Sequence[Snapshot], mute: Collection[str]) -> tuple[Finding, ...]:
    """Finds what there is once a step was judged."""
    return FINDINGS if any(one.stop.kind is StopKind.STEP for one in snapshots) else ()


async def test_what_a_judged_step_shows_is_told_while_the_program_runs_on() -> None:
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=at_steps) as screen:
        await screen.until_stopped()
        assert "This backward reaches nothing that optimizer holds" in screen.headline
        await screen.press("C")
        screen.feed.say(Seen(JUDGED))
        await screen.until(lambda: FINDINGS[0].message[:40].replace("`", "") in screen.headline)
        assert screen.app.main.view is not None
        assert screen.app.main.view.snapshot is WHOLE  # the tree stays that of the stop


async def test_at_the_end_it_is_told_what_was_found_and_not_what_one_backward_promised() -> None:
    async with showing(MadeUp(Stopped(WHOLE))) as screen:
        await screen.until_stopped()
        await screen.press("C")
        screen.feed.say(Seen(replace(JUDGED, stop=LAST)), Ended(Outcome(0)))
        await screen.until(lambda: "to the program's end" in screen.headline)
        assert "The tree is of backward" in screen.headline


async def test_at_the_end_no_pane_shows_what_was_before_as_if_it_were_now() -> None:
    kept = SNAPSHOT.optimizers[0]
    at_step = replace(JUDGED, optimizers=(replace(kept, steps=16),))
    # The optimizer was its function's own, which has returned: it holds nothing any more.
    gone = replace(JUDGED, stop=LAST, optimizers=(replace(kept, groups=(), steps=30),), parameters=())
    end = replace(gone, stops=tuple(replace(SNAPSHOT.stop, index=number) for number in range(1, 31)))
    async with showing(MadeUp(Stopped(WHOLE))) as screen:
        await screen.until_stopped()
        await screen.press("C")
        screen.feed.say(Seen(at_step), Seen(end), Ended(Outcome(0)))
        await screen.until(lambda: not screen.app.status.running)
        await screen.until(lambda: screen.app.main.view.latest is end)  # type: ignore[union-attr]

        assert "ended, the tree is of backward 1" in screen.header
        assert "✓ Nothing was found that is wrong, to the program's end." in screen.text(Findings)
        heading, _, group = screen.text(Optimizers).splitlines()
        assert heading.startswith("Steps up to the program's end, gradients in backward 1")
        assert "30" in group.split()
        assert screen.text(Parameters).startswith("As of backward 1; the program has ended since.")
        assert "backward 30" in screen.text(Stops)


async def test_on_a_narrow_screen_the_heading_of_the_optimizers_is_short_and_whole() -> None:
    kept = SNAPSHOT.optimizers[0]
    at_step = replace(JUDGED, optimizers=(replace(kept, steps=16),))
    gone = replace(JUDGED, stop=LAST, optimizers=(replace(kept, groups=(), steps=30),), parameters=())
    async with showing(MadeUp(Stopped(WHOLE)), size=(80, 24)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        screen.feed.say(Seen(at_step), Seen(gone), Ended(Outcome(0)))
        await screen.until(lambda: not screen.app.status.running)
        await screen.until(lambda: screen.app.main.view.latest is gone)  # type: ignore[union-attr]
        await screen.press("9")

        drawn = "\n".join(screen.drawn)
        assert "As of: the end (steps), backward 1 (gradients), after backward 1 (lr)." in drawn


async def test_counts_that_lag_behind_a_running_program_say_up_to_where_they_are_or_are_left_out() -> None:
    kept = SNAPSHOT.optimizers[0]
    stops = tuple(replace(SNAPSHOT.stop, index=number) for number in (1, 2))
    well = dict.fromkeys(kept.tensors, GradState.PRESENT)
    judged = replace(
        JUDGED,
        optimizers=(replace(kept, steps=2),),
        stops=stops,
        judgements=tuple(Judgement(0, step, step, step, well) for step in (1, 2)),
    )
    on = Progress(9_000, None, ProgramPhase.RUNNING, training=Training(198, 198, 0.17))
    async with showing(MadeUp(Stopped(WHOLE)), size=(80, 24)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        screen.feed.say(Seen(judged))
        await screen.until(lambda: "2 steps judged" in screen.headline)
        await screen.press("7", "j")
        assert "7 Stops 2" in "\n".join(screen.drawn)
        under = screen.app.main.query_one(Stops).here
        screen.feed.say(on)
        await screen.until(lambda: "each step judged" in screen.headline)

        assert "step 198" in screen.header
        assert "7 Stops│" in "\n".join(screen.drawn)
        assert screen.text(Stops).startswith("Up to backward 2; those since are listed where it is held: p")
        assert screen.app.main.query_one(Stops).here is under  # the line that came on top moves nothing
        screen.feed.say(Stopped(replace(judged, stop=SNAPSHOT.stop)))
        await screen.until(lambda: screen.app.status.held)

        assert "Up to" not in screen.text(Stops)
        assert "7 Stops 2" in "\n".join(screen.drawn)


async def test_the_steps_of_optimizers_say_as_of_when_they_are_while_a_program_runs_on() -> None:
    on = Progress(9_000, None, ProgramPhase.RUNNING, training=Training(198, 198, 0.17))
    async with showing(MadeUp(Stopped(WHOLE))) as screen:
        await screen.until_stopped()
        assert "As of" not in screen.text(Optimizers)
        await screen.press("C")
        screen.feed.say(on)
        await screen.until(lambda: screen.text(Optimizers).startswith("As of backward 1."))


async def test_of_a_program_that_was_killed_it_is_said_how_far_it_was_seen() -> None:
    async with showing(MadeUp(Stopped(WHOLE))) as screen:
        await screen.until_stopped()
        await screen.press("C")
        screen.feed.say(Seen(JUDGED), Ended(Outcome(137, 9)))
        await screen.until(lambda: not screen.app.status.running)

        await screen.until(lambda: "nothing is known of later" in screen.headline)
        assert "✓" not in screen.text(Findings)


async def test_after_an_exception_in_backward_the_header_tells_which_one_the_tree_is_of() -> None:
    raised = Raised("RuntimeError", "in-place", (), "RuntimeError: in-place\n", in_backward=True)
    stop = replace(SNAPSHOT.stop, kind=StopKind.EXCEPTION)
    died = replace(WHOLE, raised=raised, stop=stop, stops=(*SNAPSHOT.stops, stop))
    async with showing(MadeUp(Stopped(died), Ended(Outcome(1)))) as screen:
        await screen.until_stopped()
        await screen.press("c")
        await screen.until(lambda: not screen.app.status.running)

        assert "ended with status 1, the tree is of backward 1, which raised" in screen.header


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


async def test_where_something_is_found_later_the_cursor_goes_to_it_as_at_a_first_stop() -> None:
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=at_steps) as screen:
        await screen.until_stopped()
        row = screen.app.main.graph.row
        await screen.press("C")
        screen.feed.say(Seen(JUDGED))
        await screen.until(lambda: screen.app.main.graph.row != row)

        source = screen.app.main.query_one(Source)
        assert source.site is not None
        assert source.site.line == FINDINGS[0].line


async def test_at_the_next_stop_the_cursor_goes_to_what_was_found_on_the_way() -> None:
    second = replace(WHOLE, stop=replace(WHOLE.stop, index=2))
    async with showing(MadeUp(Stopped(WHOLE), Seen(JUDGED), Stopped(second)), diagnose=at_steps) as screen:
        await screen.until_stopped()
        await screen.press("c")
        await screen.until(lambda: "before backward 2" in screen.header)

        assert screen.words == "pred"


async def test_a_cursor_that_was_moved_stays_and_the_last_line_names_the_key_to_what_was_found() -> None:
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=at_steps) as screen:
        await screen.until_stopped()
        await screen.press("j")
        row = screen.app.main.graph.row
        await screen.press("C")
        screen.feed.say(Seen(JUDGED))
        await screen.until(lambda: screen.notice.endswith("} goes there."))
        assert screen.app.main.graph.row == row

        await screen.press("}")
        assert screen.words == "pred"


async def test_an_error_that_is_found_is_announced_and_a_note_is_not() -> None:
    note = replace(FINDINGS[0], rule=Rule.DETACH, severity=Severity.NOTE)
    second = replace(FINDINGS[0], rule=Rule.DETACH, line=28)
    told: list[Finding] = [FINDINGS[0]]
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=lambda *_: tuple(told)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        told.append(note)
        screen.feed.say(Seen(JUDGED))
        await screen.until(lambda: len(screen.app.main.view.findings) == 2)  # type: ignore[union-attr]
        assert screen.notice == ""

        told.insert(1, second)
        screen.feed.say(Seen(JUDGED))
        await screen.until(lambda: screen.notice == "Found: detach at train.py:28. 4 lists it.")


async def test_at_the_programs_end_the_last_line_shows_the_keys_at_once() -> None:
    told: list[Finding] = [FINDINGS[0]]
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=lambda *_: tuple(told)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        told.append(replace(FINDINGS[0], rule=Rule.DETACH, line=28))
        screen.feed.say(Seen(JUDGED))
        await screen.until(lambda: screen.notice.startswith("Found:"))
        screen.feed.say(Ended(Outcome(0)))
        await screen.until(lambda: not screen.app.status.running)

        assert screen.notice == ""


async def test_on_the_loss_the_way_leads_to_the_first_finding_also_where_that_is_a_note() -> None:
    note = replace(FINDINGS[0], rule=Rule.DETACH, severity=Severity.NOTE)
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=lambda *_: (note,)) as screen:
        await screen.until_stopped()
        await screen.press("g", "w")
        assert isinstance(screen.app.screen, PathScreen)
        assert "to pred" in str(screen.app.screen.query_one(ListBox).border_title)


async def test_on_the_loss_it_is_said_where_no_way_leads_to_the_first_finding() -> None:
    other = replace(FINDINGS[0], line=5, evidence=(), affected=(), tensors=())
    async with showing(MadeUp(Stopped(WHOLE)), diagnose=lambda *_: (other,)) as screen:
        await screen.until_stopped()
        await screen.press("g", "w")

        assert screen.notice.startswith("The first finding is about no row here")
