"""`--listen` and `--attach` through the installed command: a job in one place, the screen in another."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.end_to_end.commands import GRADTUI, LIMIT, Terminal, gradtui
from tests.end_to_end.test_check import script

JOB = """\
import time
import torch
from torch import nn
import gradtui

first, second = nn.Linear(4, 4), nn.Linear(4, 1)
optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
for step in range(4):
    loss = second(first(torch.ones(3, 4)).detach()).sum()
    if step == 2:
        gradtui.breakpoint(loss)
    loss.backward()
    optimizer.step()
print("all steps", flush=True)
"""


@pytest.fixture(autouse=True)
def meeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where they meet, in this test alone."""
    monkeypatch.setenv("GRADTUI_RUNTIME_DIR", str(tmp_path / "meeting"))
    return tmp_path / "meeting"


@contextmanager
def job(folder: Path, *words: str, end: str = "") -> Iterator[subprocess.Popen[str]]:
    """A job that listens, once it waits at its breakpoint."""
    name = script(folder, JOB + end, "train.py")
    with subprocess.Popen(
        [GRADTUI, "--listen", *words, name],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            assert child.stderr is not None
            said = [child.stderr.readline(), child.stderr.readline()]
            assert [f"--attach {child.pid}`" in line for line in said] == [True, True], said
            yield child
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


def let_run(screen: Terminal) -> None:
    """Leave, and let the job go on."""
    screen.type("q")
    screen.until_drawn("and let it run on")
    screen.type("q")  # the same key once more: whoever only looks at a job ends nothing


def test_the_screen_opens_on_a_job_that_waits_and_the_job_goes_on_without_it(
    tmp_path: Path, meeting: Path
) -> None:
    with job(tmp_path, "-o", "run.gtr") as child:
        screen = Terminal("--attach", str(child.pid), cwd=tmp_path, columns=120, rows=40)
        screen.until_drawn("stopped at a breakpoint")
        screen.until_drawn(".detach()")
        screen.type("c")
        screen.until_drawn("stopped before backward 3")
        let_run(screen)
        assert screen.end() == 0
        out, _ = child.communicate(timeout=LIMIT)

    assert child.returncode == 0
    assert out == "all steps\n"
    assert not list(meeting.iterdir())
    told = gradtui("--check", "run.gtr", cwd=tmp_path)
    assert "detach  train.py:9" in told.stdout


def test_a_line_that_is_cut_ends_the_screen_and_not_the_job(tmp_path: Path) -> None:
    with job(tmp_path) as child:
        screen = Terminal("--attach", str(child.pid), cwd=tmp_path, columns=120, rows=40)
        screen.until_drawn("stopped at a breakpoint")
        screen.child.send_signal(signal.SIGHUP)
        screen.end()
        out, _ = child.communicate(timeout=LIMIT)

    assert (child.returncode, out) == (0, "all steps\n")


def test_a_screen_that_was_killed_lets_the_job_run(tmp_path: Path) -> None:
    with job(tmp_path) as child:
        screen = Terminal("--attach", str(child.pid), cwd=tmp_path, columns=120, rows=40)
        screen.until_drawn("stopped at a breakpoint")
        screen.child.kill()
        screen.end()
        out, _ = child.communicate(timeout=LIMIT)

    assert (child.returncode, out) == (0, "all steps\n")


def test_the_screen_can_end_the_job(tmp_path: Path) -> None:
    with job(tmp_path) as child:
        screen = Terminal("--attach", str(child.pid), cwd=tmp_path, columns=120, rows=40)
        screen.until_drawn("stopped at a breakpoint")
        screen.type("q")
        screen.until_drawn("end it and quit")
        screen.type("e")
        assert screen.end() == 0
        assert child.wait(LIMIT) == 128 + signal.SIGTERM


def test_it_is_called_by_the_number_of_the_python_that_runs_the_script(tmp_path: Path) -> None:
    with job(tmp_path) as child:
        found = subprocess.run(
            ["pgrep", "-P", str(child.pid)], capture_output=True, text=True, timeout=LIMIT, check=True
        )
        screen = Terminal("--attach", found.stdout.strip(), cwd=tmp_path, columns=120, rows=40)
        screen.until_drawn("stopped at a breakpoint")
        let_run(screen)
        assert screen.end() == 0


def test_who_waits_at_no_breakpoint_is_shown_as_it_runs(tmp_path: Path) -> None:
    end = "for _ in range(10 ** 9): (first.weight * 2).sum(); time.sleep(0.01)\n"
    with job(tmp_path, end=end) as child:
        first = Terminal("--attach", str(child.pid), cwd=tmp_path, columns=120, rows=40)
        first.until_drawn("stopped at a breakpoint")
        first.type("C")
        first.until_drawn("  running")
        let_run(first)
        assert first.end() == 0
        second = Terminal("--attach", str(child.pid), cwd=tmp_path, columns=120, rows=40)
        second.until_drawn("  running")
        second.until_drawn(".detach()")  # of what it was held at before
        second.type("p")
        second.until_drawn("stopped at a pause")
        let_run(second)
        assert second.end() == 0
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(LIMIT) == 128 + signal.SIGTERM


def test_who_does_not_listen_is_one_sentence(tmp_path: Path) -> None:
    screen = Terminal("--attach", "1", cwd=tmp_path)
    assert screen.end() == 2
    assert "gradtui: process 1 doesn't listen in " in screen.shown

    with job(tmp_path) as child:
        screen = Terminal("--attach", "1", cwd=tmp_path, columns=160)
        assert screen.end() == 2
        assert f"these do: {child.pid}" in screen.shown
        first = Terminal("--attach", str(child.pid), cwd=tmp_path, columns=120, rows=40)
        first.until_drawn("stopped at a breakpoint")
        second = Terminal("--attach", str(child.pid), cwd=tmp_path)
        assert second.end() == 2
        assert re.search(r"can't attach to \d+ in \S+: somebody else is attached to it", second.shown)
        let_run(first)
        assert first.end() == 0


def test_without_a_terminal_nothing_is_opened(tmp_path: Path) -> None:
    done = gradtui("--attach", "1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "gradtui: --attach opens a screen, and this is no terminal\n"


def test_a_job_without_a_breakpoint_runs_as_it_would(tmp_path: Path) -> None:
    name = script(tmp_path, "import torch\nprint('through')\nraise SystemExit(5)\n")
    done = gradtui("--listen", "-q", name, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (5, "through\n", "")
