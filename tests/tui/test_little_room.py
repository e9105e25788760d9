"""At 80 columns what matters most of a sentence or a row is whole."""

from __future__ import annotations

from dataclasses import replace

from gradtui.model.messages import Stopped
from gradtui.model.stops import Outcome
from gradtui.session.events import Ended
from gradtui.tui.legend import LEGEND
from gradtui.tui.status import Status
from gradtui.tui.widgets.tree_columns import Needs, columns
from tests.tui.programs import silent_numpy
from tests.tui.showing import shown, stopped


async def test_that_a_break_is_set_is_said_in_whole_sentences() -> None:
    async with stopped(size=(60, 20)) as screen:
        await screen.press("g", "b")
        last = screen.drawn[-1].strip()

        assert last.startswith("Break set: node")
        assert last.endswith(".")
        assert "…" not in last


def test_what_a_node_saved_and_what_it_is_now_are_never_cut_off() -> None:
    said = len("version 1, saved 0")

    assert columns(76, Needs(shape=15, place=12, name=30, state=said))[1] >= said


def test_a_long_shape_is_whole_where_there_is_room() -> None:
    need = Needs(shape=20, place=12, name=22, module=12, words=24)

    assert columns(110, need)[2] == 20
    assert sum(columns(110, need)) + 4 <= 110
    assert columns(76, need)[2] == 16


def test_the_words_of_the_title_are_explained() -> None:
    assert any(sign == "place" for _, signs in LEGEND for sign, _, _ in signs)


async def test_the_time_of_a_program_that_has_ended_is_no_clock() -> None:
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), Ended(Outcome(0)), findings=findings, size=(200, 60)) as screen:
        await screen.until_stopped()
        await screen.press("c")
        await screen.until(lambda: screen.app.outcome is not None)

        assert screen.header.rstrip().split("   ")[-1].startswith("after ")


def test_the_time_of_a_program_that_runs_is_a_clock() -> None:
    status = Status(script="train.py", elapsed=65)

    assert status.figures[-1].plain == "1:05"
    assert replace(status, outcome=Outcome(0)).figures[-1].plain == "after 1:05"
