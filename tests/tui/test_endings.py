"""What the headline says of a program that ended, or raised, without having been held before."""

from __future__ import annotations

from gradtui.model.columns import NONE
from gradtui.model.messages import Stopped
from gradtui.model.stops import Stop, StopKind
from gradtui.tui.status import Status
from tests.builders import Program
from tests.tui.showing import shown


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
