"""The screen in a real pseudo-terminal, with a real program under it, read back as a person would see it."""

from __future__ import annotations

import os
import signal
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.terminal import PATIENCE, running

SCRIPT = """\
import sys
import torch

weight = torch.ones(3, requires_grad=True)
print("before the loss")
for step in range(2):
    loss = (weight * 2).sum()
    loss.backward()
    print("after backward", step + 1)
sys.exit(5)
"""

LOST = """\
import torch

net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), 0.1)
out = net(torch.ones(3, 2)).detach()
loss = (out * torch.ones(1, requires_grad=True)).sum()
loss.backward()
optimizer.step()
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "train.py"
    file.write_text(SCRIPT, encoding="utf-8")
    return file


def test_a_run_from_the_first_stop_to_the_end_leaves_its_output_its_status_and_the_terminal(
    script: Path,
) -> None:
    with running(script) as terminal:
        terminal.until("stopped before backward 1")
        terminal.until("MulBackward0")
        terminal.press("c")
        terminal.until("stopped before backward 2")
        terminal.press("c")
        terminal.until("ended with status 5")
        terminal.press("q")
        status = terminal.end()

    assert status == 5
    assert "before the loss\r" in terminal.left
    assert "after backward 2\r" in terminal.left
    assert "status 5" in terminal.left
    assert " echo " in terminal.left
    assert " icanon " in terminal.left


def test_a_real_backward_is_stepped_through_looked_at_and_finished(script: Path, warm: Path) -> None:
    with running(script, columns=120, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("s")
        terminal.until("before SumBackward0 at train.py:7")
        terminal.press("s")
        terminal.until("before MulBackward0 at train.py:7")
        terminal.press(":")
        terminal.until("Evaluate at train.py:8")
        terminal.press("weight.grad is None, loss.item()\r")
        terminal.until("(True, 6.0)")
        terminal.press("\x1b")
        terminal.until("[ back")
        terminal.press("v")
        terminal.until("tensor([1., 1., 1.])")
        terminal.press("q")
        terminal.until("before MulBackward0")
        terminal.press("[")
        terminal.until("the past: after 0 of 1 steps seen")
        terminal.press("]f")
        terminal.until("backward 1 has ended, 3 of 3 nodes")
        terminal.press("5")
        terminal.until("3.46")
        terminal.press("c")
        terminal.until("stopped before backward 2")
        terminal.press("c")
        terminal.until("ended with status 5")
        terminal.press("q")
        status = terminal.end()

    assert status == 5
    assert "after backward 2\r" in terminal.left
    assert " echo " in terminal.left
    assert " icanon " in terminal.left


def test_ending_the_program_from_the_screen_leaves_the_terminal_as_it_was(script: Path) -> None:
    with running(script) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("q")
        terminal.until("The program is held.")
        terminal.press("q")
        status = terminal.end()

    assert status != 0
    assert " icanon " in terminal.left


def test_a_program_that_ends_while_it_is_asked_about_is_not_said_to_run(script: Path, warm: Path) -> None:
    go = script.with_name("go")
    waits = f"import os, time\nwhile not os.path.exists({str(go)!r}):\n    time.sleep(0.05)\nsys.exit(5)"
    script.write_text(SCRIPT.replace("sys.exit(5)", waits), encoding="utf-8")
    with running(script, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("C")
        terminal.until("running")
        terminal.press("q")
        terminal.until("The program still runs.")
        go.touch()
        terminal.until("The program has ended meanwhile.")
        terminal.press("q")
        status = terminal.end()

    assert status == 5


def test_ending_it_in_the_middle_of_a_backward_leaves_what_it_printed_and_no_traceback_of_ours(
    script: Path, warm: Path
) -> None:
    script.write_text("import atexit\natexit.register(print, 'put away')\n" + SCRIPT, encoding="utf-8")
    with running(script, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("s")
        terminal.until("before SumBackward0")
        terminal.press("qq")
        terminal.end()

    assert "before the loss\r" in terminal.left
    assert "put away\r" in terminal.left
    assert "Traceback" not in terminal.left
    assert "KeyboardInterrupt" not in terminal.left


@pytest.mark.parametrize(
    ("last", "shown", "status"),
    [
        ("raise RuntimeError('boom')", "RuntimeError at train.py:3", 1),
        ("print('done')", "without calling backward", 0),
    ],
)
def test_ending_it_at_its_very_end_leaves_what_it_would_have_left_by_itself(
    last: str, shown: str, status: int, script: Path, warm: Path
) -> None:
    script.write_text(f"import torch\nweight = torch.ones(3)\n{last}\n", encoding="utf-8")
    with running(script, python=warm) as terminal:
        terminal.until(shown)
        terminal.press("qq")
        left = terminal.end()

    assert left == status
    assert "gradtui" not in terminal.left
    assert "Interrupt" not in terminal.left
    assert terminal.left.count("Traceback") == status
    assert ("RuntimeError: boom\r" in terminal.left) == bool(status)


def test_what_is_typed_after_the_end_was_asked_for_does_nothing_and_no_signal_is_told_of(
    script: Path,
) -> None:
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    script.write_text(deaf + SCRIPT, encoding="utf-8")
    with running(script) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("qq")
        terminal.until("Ending the program.")
        terminal.press("?")
        terminal.end()

    assert b"Keys, and signs" not in terminal.raw
    assert "killed" not in terminal.left


@pytest.mark.parametrize(("option", "said"), [("", True), ("-q", False)])
def test_the_line_to_begin_with_stays_on_the_terminal(
    option: str, *, said: bool, script: Path, warm: Path
) -> None:
    script.write_text(LOST, encoding="utf-8")
    with running(script, option=option, python=warm) as terminal:
        terminal.until("cut off")
        terminal.press("qq")
        terminal.end()

    assert (f"gradtui: 1 error: begin at {script}:5.\r" in terminal.left) is said


def test_leaving_and_letting_it_run_on_shows_the_rest_and_its_status(script: Path, warm: Path) -> None:
    with running(script, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("q")
        terminal.until("let it run on")
        terminal.press("r")
        status = terminal.end()

    assert status == 5
    assert "after backward 2" in terminal.left
    line = f"gradtui: {script} runs on here, without a screen: Ctrl-C ends it.\r"
    assert terminal.left.index(line) < terminal.left.index("after backward 2")


def test_of_a_program_that_ended_with_another_status_a_line_says_that_nothing_was_found(
    script: Path, warm: Path
) -> None:
    with running(script, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("C")
        terminal.until("ended with status 5")
        terminal.press("q")
        terminal.end()

    said = "ended with status 5. Nothing was found that is wrong, to the program's end."
    assert f"gradtui: {script} {said}\r" in terminal.left


def test_ctrl_c_ends_a_program_that_was_let_run_on(script: Path, warm: Path) -> None:
    waits = "import time\ntime.sleep(600)"
    script.write_text(SCRIPT.replace("sys.exit(5)", waits), encoding="utf-8")
    with running(script, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("q")
        terminal.until("let it run on")
        terminal.press("r")
        terminal.until("after backward 2")
        terminal.press("\x03")
        status = terminal.end()

    assert status != 0


def test_a_script_without_torch_leaves_nothing_but_its_output(tmp_path: Path) -> None:
    script = tmp_path / "plain.py"
    script.write_text("print('no torch here')\nraise SystemExit(3)\n", encoding="utf-8")
    with running(script) as terminal:
        status = terminal.end()

    assert status == 3
    assert "no torch here\r" in terminal.left


def test_a_tiny_terminal_says_what_it_needs(script: Path, warm: Path) -> None:
    with running(script, columns=20, rows=5, python=warm) as terminal:
        terminal.until("40x10")
        termios.tcsetwinsize(terminal.descriptor, (30, 100))
        terminal.screen.resize(30, 100)
        terminal.until("stopped before backward 1")
        terminal.press("qq")
        terminal.end()


def test_a_signal_that_ends_it_still_gives_the_terminal_back(script: Path) -> None:
    with running(script) as terminal:
        terminal.until("stopped before backward 1")
        viewer = _child_of(terminal.pid)
        os.kill(viewer, signal.SIGTERM)
        terminal.end()

    assert " icanon " in terminal.left


def test_a_terminal_that_is_gone_while_an_editor_has_it_leaves_nothing_behind(
    script: Path, tmp_path: Path
) -> None:
    editor, noted = tmp_path / "stubborn", tmp_path / "editor.pid"
    editor.write_text(f"#!/bin/sh\necho $$ >{noted}\ntrap '' HUP\nexec sleep 300\n", encoding="utf-8")
    editor.chmod(0o755)
    with running(script, environment={"VISUAL": str(editor)}) as terminal:
        terminal.until("stopped before backward 1")
        viewer = _child_of(terminal.pid)
        program = _child_of(viewer)
        terminal.press("e")
        terminal.wait(lambda: noted.exists() and bool(noted.read_text(encoding="utf-8").strip()))
        elsewhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(elsewhere, terminal.descriptor)  # nobody has our end of it any more
        os.close(elsewhere)
        try:
            end = time.monotonic() + PATIENCE
            while _lives(viewer) or _lives(program):
                assert time.monotonic() < end
                time.sleep(0.1)
        finally:
            with suppress(ProcessLookupError):
                os.kill(int(noted.read_text(encoding="utf-8")), signal.SIGKILL)


def _lives(pid: int) -> bool:
    """Whether a process is there, and not only waits for somebody to ask how it ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _child_of(pid: int) -> int:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                    return int(entry.name)
    raise AssertionError(f"{pid} has no child")
