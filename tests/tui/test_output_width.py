"""A program's terminal is as wide as the output pane can show, from the program's beginning to its end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradtui.model.messages import Stopped
from gradtui.session.events import Output
from gradtui.tui.screen_size import output_width
from tests.terminal import running
from tests.tui.programs import silent_numpy
from tests.tui.showing import shown

BAR = """\
import os
import torch

weight = torch.ones(3, requires_grad=True)
for step in range(4):
    for done in range(9):
        print("\\r" + f"step {step} {done}/8 ".ljust(os.get_terminal_size().columns - 1, "#"), end="")
    print()
    (weight * 2).sum().backward()
print(os.get_terminal_size())
"""


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (99, 30), (120, 40), (159, 60), (160, 40), (200, 60)])
async def test_the_width_that_a_program_prints_for_is_what_the_pane_shows(size: tuple[int, int]) -> None:
    snapshot, findings = silent_numpy()
    lines = b"".join(b"line %d\r\n" % number for number in range(200))
    async with shown(Output(lines), Stopped(snapshot), findings=findings, size=size) as screen:
        await screen.until_stopped()
        await screen.press("6")
        pane = screen.app.main.output
        columns, _ = pane.shape

        assert pane.inner.width - 1 == columns  # beside the mark of the cursor; the scrollbar is shown
        assert pane.terminal is not None
        assert pane.terminal.screen.columns == columns


async def test_it_stays_the_same_whatever_is_shown_and_changes_with_the_screen_alone() -> None:
    snapshot, findings = silent_numpy()
    async with shown(Output(b"epoch 1\r\n"), Stopped(snapshot), findings=findings, size=(200, 60)) as screen:
        await screen.until_stopped()
        await screen.press("6", "z", "z", "1", "4")
        assert screen.feed.launch is not None
        told = {(screen.feed.launch.columns, screen.feed.launch.rows), *screen.feed.sizes}
        assert told == {(screen.app.main.output.shape)} == {(83, 60)}

        await screen.pilot.resize_terminal(120, 40)
        await screen.until(lambda: screen.feed.sizes[-1:] == [(118, 40)])


def test_a_screen_that_is_too_small_leaves_the_program_what_it_has() -> None:
    assert output_width(30, 8) == 0


def test_a_bar_keeps_to_its_line_before_and_after_the_first_stop(tmp_path: Path, warm: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(BAR, encoding="utf-8")
    with running(script, columns=170, rows=45, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("C")
        terminal.until("ended")
        terminal.until("terminal_size")
        bars = re.findall(r"step (\d) (\d)/8 (#+)", terminal.text)
        terminal.press("q")
        terminal.end()

    assert [(step, done) for step, done, _ in bars] == [(str(step), "8") for step in range(4)]
    assert len({bar for _, _, bar in bars}) == 1
