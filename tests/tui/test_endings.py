"""What the headline says of a program that ended, or raised, without having been held before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradtui.model.columns import NONE
from gradtui.model.findings import Rule
from gradtui.model.messages import Act, Command, ProgramPhase, Progress, Ready, Stopped
from gradtui.model.stops import Outcome, Raised, Stop, StopKind
from gradtui.session.events import Ended
from gradtui.session.events import Output as Printed
from gradtui.tui.status import Status
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.source import Source
from gradtui.tui.widgets.stops import Stops
from tests.builders import Program
from tests.tui.feeds import MadeUp
from tests.tui.programs import silent_numpy, transformer
from tests.tui.showing import Shown, showing, shown


def trained() -> Program:
    """Six backwards at line 2 and one at line 3, none of them looked at."""
    run = Program("for step in range(6):\n    loss.backward()\npenalty.backward()\n")
    places = ["loss.backward()"] * 6 + ["penalty.backward()"]
    run.stops.extend(
        Stop(number, StopKind.BACKWARD, run.site(place)) for number, place in enumerate(places, 1)
    )
    return run


async def headline(run: Program, stop_at: str = "") -> str:
    async with shown(Stopped(run.end())) as screen:
        await screen.until_stopped()
        screen.app.main.status = Status(script="train.py", stop_at=stop_at, held=True)
        return screen.headline


async def test_a_line_without_backward_is_told_where_backward_was_called() -> None:
    assert await headline(trained(), "train.py:1") == (
        "· No backward was called at train.py:1; it was called at train.py:2 (6 times) and train.py:3 (once)."
    )


async def test_where_something_was_found_too_the_tree_says_that_the_line_had_no_backward() -> None:
    run = trained()
    finding = run.finding(Rule.DETACH, "loss.backward()", "It is cut off.", affected=["weight"])
    async with shown(Stopped(run.end()), findings=(finding,)) as screen:
        await screen.until_stopped()
        screen.app.main.status = replace(screen.app.main.status, stop_at="train.py:1")
        await screen.pilot.pause()
        said = " ".join(screen.app.main.graph.why_empty().split())

        assert "It is cut off." in screen.headline
        assert said.startswith("No graph. No backward was called at train.py:1; it was called at train.py:2")
        assert "R runs it again." in said


async def test_a_backward_that_never_came_is_told_how_many_there_were() -> None:
    assert await headline(trained(), "99") == (
        "· Backward 99 never came: the script called backward 7 times."
    )


async def test_a_script_that_never_called_backward_is_told_so_wherever_it_should_have_stopped() -> None:
    run = Program("")
    run.stops.append(Stop(1, StopKind.EXCEPTION, NONE))

    assert await headline(run, "train.py:1") == "· The script ended without calling backward."


async def test_an_exception_without_a_message_has_nothing_behind_its_name() -> None:
    run = Program("time.sleep(9)\n")
    async with shown(Stopped(run.exception("KeyboardInterrupt", "", "time.sleep(9)"))) as screen:
        await screen.until_stopped()

        assert screen.headline == "✗ KeyboardInterrupt"


async def test_a_muted_name_that_nothing_has_is_doubted_on_the_last_line() -> None:
    run = Program("")
    run.parameter("fc1.weight", (3,))
    async with shown(Stopped(run.end()), typed=("fc1.wieght",)) as screen:
        await screen.until_stopped()
        await screen.until(lambda: screen.notice)

        assert screen.notice.startswith("--mute fc1.wieght: no rule and no parameter")


async def test_what_a_script_says_that_ends_at_its_arguments_is_in_front() -> None:
    usage = Printed(b"usage: train.py [--lr LR]\r\ntrain.py: error: unrecognized arguments: --nope\r\n")
    async with shown(usage, Stopped(Program("").end())) as screen:
        await screen.until_stopped()
        assert "unrecognized arguments: --nope" in "\n".join(screen.drawn)


async def test_without_a_graph_every_pane_says_why_it_is_empty_and_what_to_press() -> None:
    # An import that failed: not one torch call was made.
    raised = Raised("ModuleNotFoundError", "No module named 'nosuchmodule'", (), "ModuleNotFoundError\n")
    died = replace(Program("").snapshot(Stop(1, StopKind.EXCEPTION, NONE), None), raised=raised)
    async with shown(Stopped(died)) as screen:
        await screen.until_stopped()

        drawn = "\n".join(screen.drawn)
        assert "1 Graph: empty" in drawn
        said = " ".join(" ".join(line.split("│")[0].strip() for line in screen.drawn).split())
        assert "No graph: the program raised before it had computed anything that requires grad." in said
        assert "6 shows what it printed, e edits the line, R runs it again." in said
        assert "so there is no node" in drawn
        assert "0 nodes" not in screen.header


async def test_at_the_end_of_a_script_without_a_loss_nothing_is_called_right_or_offered_in_vain() -> None:
    run = Program("print(model(x))\n")
    run.parameter("weight", (3, 3))
    async with shown(Stopped(run.end()), Ended(Outcome(3))) as screen:
        await screen.until_stopped()
        offered = {hint.action: hint.words for hint in screen.app.main.query_one(Footer).hints}
        assert "held at its end" in screen.header
        assert offered["continue"] == "let it end"
        assert not {"run-on", "next-cut", "why", "value", "fold", "filter", "search"} & set(offered)
        assert {"rerun", "output", "quit"} <= set(offered)
        assert screen.text(Findings) == "· Nothing could be judged: the script never called backward."
        await screen.press("9")
        assert screen.text(Optimizers) == "The program has ended, and no optimizer was seen."
        await screen.press("7")
        assert screen.text(Stops) == "The script called no backward."
        assert screen.text(Source) == "The script has ended: there is no line that it stands at."
        await screen.press("c")
        await screen.until(lambda: screen.app.outcome is not None)

        assert "ended with status 3" in screen.header
        assert screen.headline == "· The script ended with status 3 without calling backward."


async def test_a_script_that_is_killed_is_said_to_be_and_by_what() -> None:
    said = "The program was killed by signal 11 (Segmentation fault)."
    async with shown(Stopped(transformer(1)[0]), Ended(Outcome(139, signal=11, complaint=said))) as screen:
        await screen.until_stopped()
        await screen.press("c")
        await screen.until(lambda: screen.app.outcome is not None)

        assert "killed by signal 11" in screen.header
        assert screen.headline.startswith(f"✗ {said} Nothing was found that is wrong up to")


async def test_a_script_that_is_let_end_is_not_called_running() -> None:
    async with shown(Stopped(Program("").end())) as screen:
        await screen.until_stopped()
        await screen.press("c")

        assert screen.header.split()[2] == "ending"


@pytest.mark.parametrize("key", ["c", "C", "s", "p"])
async def test_while_it_ends_and_while_it_starts_a_key_is_told_what_the_program_is_about(key: str) -> None:
    async with shown() as screen:
        await screen.press(key)
        assert {
            "p": "at its first torch call",
            "C": "It will run on past its first backward",
        }.get(key, "starting, and will be held before its first") in screen.notice
        screen.feed.say(Stopped(Program("").end()))
        await screen.until_stopped()
        await screen.press("c")
        await screen.press(key)

        assert screen.notice == "It is ending: its last line has run."


def ran_on(screen: Shown) -> bool:
    return any(isinstance(one, Command) and one.act is Act.RUN for one in screen.feed.sent)


async def test_run_on_while_it_starts_takes_it_past_its_first_backward() -> None:
    async with shown() as screen:
        await screen.press("C")
        screen.feed.say(Progress(7, None, ProgramPhase.RUNNING))
        await screen.until(lambda: "It will run on past its first backward" in screen.headline)
        screen.feed.say(Stopped(transformer(1)[0]))
        await screen.until_stopped()

        assert ran_on(screen)
        assert not screen.app.status.held


async def test_run_on_while_it_starts_holds_it_where_something_is_wrong() -> None:
    snapshot, findings = silent_numpy()
    async with shown(findings=findings) as screen:
        await screen.press("C")
        screen.feed.say(Stopped(snapshot))
        await screen.until_stopped()

        assert not ran_on(screen)
        assert screen.app.status.held


async def test_a_pause_while_it_starts_takes_back_that_it_is_to_run_on() -> None:
    async with shown() as screen:
        await screen.press("C", "p")
        screen.feed.say(Stopped(transformer(1)[0]))
        await screen.until_stopped()

        assert not ran_on(screen)


@pytest.mark.parametrize("stop_at", ["", "train.py:9"])
async def test_before_the_first_stop_a_running_program_is_said_to_be_held_there(stop_at: str) -> None:
    feed = MadeUp(Ready("2.13.0"), Progress(7, None, ProgramPhase.RUNNING))
    async with showing(feed, stop_at=stop_at) as screen:
        await screen.until(lambda: screen.app.status.phase is ProgramPhase.RUNNING)
        await screen.press("c")

        where = "at train.py:9" if stop_at else "before its first backward"
        assert screen.notice == f"It is running, and will be held {where}."


async def test_quitting_at_a_stop_says_that_the_program_is_held_and_while_it_runs_that_it_does() -> None:
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        await screen.press("q")
        assert any("The program is held." in line for line in screen.drawn)
        await screen.press("escape", "c", "q")

        assert any("The program still runs." in line for line in screen.drawn)


@pytest.mark.parametrize(("size", "seen"), [((120, 40), True), ((200, 60), True), ((80, 24), False)])
async def test_what_was_raised_stands_below_the_finding_that_explains_it_where_there_is_room(
    size: tuple[int, int], *, seen: bool
) -> None:
    run = Program("net(features)\n")
    died = run.exception("RuntimeError", "shapes cannot be multiplied\n(3x4 and 5x6)", "net(features)")
    finding = run.finding(Rule.OTHER, "net(features)", "`features` has 4 columns.", affected=[])
    async with shown(Stopped(died), findings=(finding,), size=size) as screen:
        await screen.until_stopped()
        said = screen.headline.splitlines()

        assert said[0].endswith("features has 4 columns.")
        assert (said[-1] == "  RuntimeError: shapes cannot be multiplied") is seen
        assert ("(3x4 and 5x6)" in screen.headline) is False
        assert ("  RuntimeError: shapes" in "\n".join(screen.drawn[:4])) is seen


async def test_what_a_finding_says_of_the_exception_isnt_said_twice() -> None:
    run = Program("net(features)\n")
    died = run.exception("RuntimeError", "shapes cannot be multiplied", "net(features)")
    finding = run.finding(Rule.OTHER, "net(features)", "It raises: shapes cannot be multiplied", affected=[])
    async with shown(Stopped(died), findings=(finding,)) as screen:
        await screen.until_stopped()

        assert len(screen.headline.splitlines()) == 1
