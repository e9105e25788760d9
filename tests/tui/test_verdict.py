"""That all is well is said once it has been judged, and no note is told in its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gradtui.model.columns import NONE
from gradtui.model.findings import Rule, Severity
from gradtui.model.messages import ProgramPhase, Progress, Seen, Stopped
from gradtui.model.owners import GradState, Judgement
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome, Stop, StopKind
from gradtui.session.events import Ended
from gradtui.tui.app import GradApp
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.wishes import Wishes
from tests.builders import Program
from tests.terminal import running
from tests.tui.feeds import LAUNCH, MadeUp
from tests.tui.programs import silent_numpy, transformer
from tests.tui.showing import MEDIUM, Shown, showing, shown

SNAPSHOT, (ERROR,) = silent_numpy()
NOTE = replace(ERROR, rule=Rule.DETACH, severity=Severity.NOTE, message="That is meant.", affected=())
WELL = Judgement(0, 1, 0, 1, dict.fromkeys(range(4), GradState.PRESENT))
WHOLE = replace(SNAPSHOT, stop=replace(SNAPSHOT.stop, total=4, reached=4), optimizers=())
STEPPED = replace(
    WHOLE, stop=replace(SNAPSHOT.stop, kind=StopKind.STEP), graph=None, judgements=(WELL,), optimizers=()
)
END = replace(STEPPED, stop=Stop(1, StopKind.END, NONE), judgements=())
SENTENCE = "✓ 4 parameters in 1 optimizer, 1 step judged: every one got a gradient."


async def test_a_note_alone_leaves_the_headline_to_what_backward_will_do() -> None:
    async with shown(Stopped(WHOLE), findings=(NOTE,)) as screen:
        await screen.until_stopped()

        assert "will get a gradient" in screen.headline
        assert screen.headline.endswith("1 note: 4 lists it")


async def test_once_a_step_was_judged_the_headline_says_that_all_is_well_to_the_end() -> None:
    async with shown(Stopped(WHOLE), findings=(NOTE,)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        screen.feed.say(Seen(STEPPED))
        await screen.until(lambda: screen.headline == f"{SENTENCE}   1 note: 4 lists it")
        screen.feed.say(Seen(END), Ended(Outcome(0)))
        await screen.until(lambda: not screen.app.status.running)

        assert screen.headline == f"{SENTENCE}   1 note: 4 lists it"


async def test_an_error_keeps_the_headline_whatever_else_was_judged() -> None:
    async with shown(Stopped(WHOLE), Seen(STEPPED), findings=(ERROR, NOTE)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        await screen.until(lambda: screen.app.tallying.tally.steps == 1)

        assert f":{ERROR.line}" in screen.headline


async def test_notes_are_counted_only_where_that_costs_no_further_line() -> None:
    async with shown(Stopped(WHOLE), Seen(STEPPED), findings=(NOTE,), size=(80, 24)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        await screen.until(lambda: screen.headline == SENTENCE)


async def test_what_is_muted_is_counted_and_isnt_called_well() -> None:
    feed = MadeUp(Stopped(WHOLE), Seen(STEPPED))
    wishes = Wishes(mute=["numpy_roundtrip"])
    app = GradApp(LAUNCH, feed, wishes, script="train.py", diagnose=lambda *_: (ERROR,))
    async with app.run_test(size=MEDIUM) as pilot:
        screen = Shown(app, feed, pilot)
        await screen.until_stopped()
        await screen.press("C")
        await screen.until(lambda: "1 finding muted." in screen.headline)
        assert "✓" not in screen.headline
    app.transcript.close()


async def test_a_program_that_failed_isnt_called_well() -> None:
    async with shown(Stopped(WHOLE), Seen(STEPPED), Ended(Outcome(3))) as screen:
        await screen.until_stopped()
        await screen.press("C")
        await screen.until(lambda: not screen.app.status.running)

        assert "✓" not in screen.headline


async def test_quiet_only_counts_the_notes() -> None:
    feed = MadeUp(Stopped(WHOLE))
    app = GradApp(LAUNCH, feed, Wishes(quiet=True), script="train.py", diagnose=lambda *_: (NOTE, NOTE))
    async with app.run_test(size=MEDIUM) as pilot:
        screen = Shown(app, feed, pilot)
        await screen.until_stopped()
        assert "2 notes not shown (-q)" in screen.text(Findings)
        assert NOTE.message not in screen.text(Findings)
        assert "note" not in screen.headline
        assert "4 Findings ─" in "\n".join(screen.drawn)
        await screen.press("}")
        assert screen.app.main.query_one(Footer).notice == "No findings."
    app.transcript.close()


TRAINED = (
    "import torch\n"
    "layer = torch.nn.Linear(2, 1)\n"
    "optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)\n"
    "for _ in range(3):\n"
    "    optimizer.zero_grad()\n"
    "    layer(torch.ones(4, 2)).mean().backward()\n"
    "    optimizer.step()\n"
)


@pytest.mark.parametrize(("option", "said"), [("", True), ("-q", False)])
def test_that_all_was_well_stays_on_the_terminal(
    option: str, *, said: bool, tmp_path: Path, warm: Path
) -> None:
    script = tmp_path / "train.py"
    script.write_text(TRAINED, encoding="utf-8")
    with running(script, option=option, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("C")
        terminal.until("3 steps judged: every one got a gradient.")
        terminal.until(" ended")
        terminal.press("q")
        terminal.end()

    sentence = "gradtui: 2 parameters in 1 optimizer, 3 steps judged: every one got a gradient."
    assert (sentence in terminal.left) is said


def two_networks() -> tuple[Snapshot, Snapshot]:
    """Before the second backward, which as the first reaches one of two networks; its own has stepped."""
    run = Program("a.backward()\nb.backward()\n")
    judge, maker = run.parameter("judge", (3,)), run.parameter("maker", (3,))
    run.optimizer("Adam", [judge], name="opt_d")
    run.optimizer("Adam", [maker], name="opt_g")
    first = run.backward(run.op("F.mse_loss", [judge], ()), "a.backward()")
    step = run.step({judge: GradState.PRESENT})
    run.optimizers[0] = replace(run.optimizers[0], steps=1)
    second = run.backward(run.op("F.mse_loss", [judge], ()), "b.backward()")
    return first, replace(second, judgements=step.judgements)


async def test_what_an_optimizer_holds_that_never_stepped_isnt_called_well_by_the_steps_of_another() -> None:
    first, second = two_networks()
    async with shown(Stopped(first)) as screen:
        await screen.until_stopped()
        assert screen.headline.endswith("this backward; 1 that opt_g holds is not part of it.")
        await screen.press("c")
        screen.feed.say(Stopped(second))
        await screen.until(lambda: "has not stepped yet" in screen.headline)

        assert " ".join(screen.headline.split()) == (
            "· Every parameter of this loss will get a gradient from this backward; 1 that opt_g holds is "
            "not part of it, and it has not stepped yet."
        )
        said = "· Nothing is wrong so far: at 1 step judged 1 of 1 parameter got a gradient. opt_g has not"
        assert " ".join(screen.text(Findings).split()).startswith(said)


async def test_before_a_step_was_judged_nothing_is_called_well_and_it_is_said_what_that_waits_for() -> None:
    snapshot, findings = transformer(1)
    async with showing(MadeUp(Stopped(snapshot)), findings=findings) as screen:
        await screen.until_stopped()

        assert "judged" not in screen.headline
        said = " ".join(screen.text(Findings).split())
        assert said.startswith("· Nothing is wrong so far: it is judged when an optimizer steps")
        assert said.endswith("(C runs on to that).")


async def test_a_program_of_which_the_end_was_seen_is_ending_whatever_else_it_does() -> None:
    async with shown(Stopped(WHOLE)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        screen.feed.say(Progress(7, None, ProgramPhase.RUNNING), Seen(END))
        await screen.until(lambda: " ending" in screen.header)
        screen.feed.say(Progress(8, None, ProgramPhase.RUNNING))
        await screen.pilot.pause()

        assert "running" not in screen.header


async def test_what_got_no_gradient_at_the_first_step_isnt_called_well_before_the_end() -> None:
    half = replace(WELL, states={0: GradState.PRESENT, 1: GradState.ZERO})
    async with shown(Stopped(WHOLE), Seen(replace(STEPPED, judgements=(half,)))) as screen:
        await screen.until_stopped()
        await screen.press("C")
        await screen.until(lambda: "1 got a gradient so far." in screen.headline)
        assert "✓" not in screen.headline
        assert screen.text(Findings) == (
            "· Nothing is wrong so far: at 1 step judged 1 of 2 parameters got a gradient."
        )
        screen.feed.say(Seen(END), Ended(Outcome(0)))
        await screen.until(lambda: "✓" in screen.headline)
        assert screen.headline.endswith("1 got a gradient, and nothing points to a fault.")


async def test_a_backward_that_reaches_nothing_of_any_optimizer_isnt_called_well() -> None:
    run = Program("loss.backward()\n")
    model, numbers = run.parameter("model", (3,)), run.leaf("numbers", ())
    run.optimizer("Adam", [model], name="opt")
    async with shown(Stopped(run.backward(run.op("F.mse_loss", [numbers], ()), "loss.backward()"))) as screen:
        await screen.until_stopped()

        said = "▲ This backward reaches nothing that opt holds: 1 other leaf gets a gradient."
        assert " ".join(screen.headline.split()) == said
