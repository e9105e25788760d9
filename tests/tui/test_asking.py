"""A program that waits for input: it is said so, where its answer can be typed, and while one types."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradtui.model.messages import Ready
from gradtui.session.events import Output as Printed
from gradtui.tui.widgets import output
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.tabs import Tabs
from tests.terminal import running
from tests.tui.showing import Shown, shown, stopped

SCRIPT = """\
import torch

rate = float(input("learning rate? "))
weight = torch.ones(3, requires_grad=True)
(weight * rate).sum().backward()
print("saved to", input("where to save? "))
"""


def last_line(screen: Shown) -> str:
    return screen.app.main.query_one(Footer).render().plain


async def test_before_the_first_stop_the_question_stands_on_top_with_the_key_that_answers_it() -> None:
    async with shown(Ready("2.13.0"), Printed(b"loading\r\nlearning rate? ")) as screen:
        screen.feed.wants_input = True
        await screen.until(lambda: "waits for input" in screen.headline)

        assert screen.headline.splitlines() == [
            "? The program waits for input: learning rate?",
            "i types to it, enter sends the line, esc ends typing.",
        ]
        await screen.press("4")
        assert screen.notice == "It waits for input: i types to it."
        await screen.press("i")
        assert "esc ends typing" in last_line(screen)  # and no notice covers it
        await screen.press("0", ".", "1", "enter")
        assert screen.feed.typed == b"0.1\r"


async def test_after_a_stop_its_tab_is_marked_and_going_there_types_nothing() -> None:
    async with stopped(Printed(b"where to save? ")) as screen:
        screen.feed.wants_input = True
        await screen.press("c")
        await screen.until(lambda: "waits for input" in screen.header)
        await screen.until(lambda: "where to save?" in screen.headline)  # what it printed comes another way

        assert screen.headline == "? The program waits for input: where to save?   6, then i, types to it."
        tabs = {tab.pane: tab for tab in screen.app.main.query_one(Tabs).tabs}
        assert (tabs["output"].count, tabs["output"].loud) == ("?", True)
        await screen.press("6", "6", "i", "o", "enter")
        assert screen.feed.typed == b"o\r"

        screen.feed.wants_input = False
        await screen.until(lambda: "waits for input" not in screen.header)
        assert "waits for input" not in screen.headline


async def test_what_is_held_is_not_said_to_wait_for_input() -> None:
    async with stopped() as screen:
        screen.feed.wants_input = True
        await screen.pilot.pause(0.6)

        assert "input" not in screen.header + screen.headline


@pytest.mark.parametrize(
    ("printed", "guessed"),
    [
        (b"epoch 1\r\nlearning rate? ", True),
        (b"epoch 1\r\n", False),
        (b"epoch 1: 40%|####      \repoch 1: 50%|#####     ", False),  # a bar that takes its time
    ],
)
async def test_where_nobody_can_tell_a_line_that_is_not_ended_is_taken_for_a_question(
    printed: bytes, guessed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "QUIET", 0.0)
    async with shown(Ready("2.13.0"), Printed(printed)) as screen:
        screen.feed.wants_input = None
        await screen.until(lambda: "epoch 1" in screen.text(output.Output))
        printed_at = screen.app.status.elapsed
        await screen.until(lambda: screen.app.status.elapsed > printed_at)  # the clock was looked at since

        assert ("may be waiting for input" in screen.headline) is guessed


def test_a_program_asks_at_its_beginning_and_at_its_end_and_is_answered(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with running(script, columns=80, rows=24) as terminal:
        terminal.until("waits for input: learning rate?")
        terminal.press("i")
        terminal.until("all keys go to the program")
        terminal.press("\x1b")
        terminal.wait(lambda: "all keys go to the program" not in terminal.text)
        terminal.press("i")
        terminal.until("all keys go to the program")
        terminal.press("0.5\r")  # and no esc behind it: the stop ends typing, and esc with a c is alt and c
        terminal.until("stopped before backward 1")
        terminal.press("c")
        terminal.until("waits for input: where to save?")
        terminal.press("6")
        terminal.until("i type to the program")
        terminal.press("iout\r")
        terminal.until("saved to out")
        terminal.until("train.py  ended")
        terminal.press("q")
        status = terminal.end()

    assert status == 0
