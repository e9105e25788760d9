"""Recordings through the installed command: a run without a screen, and what is shown of it afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradtui.wire.beginning import is_recording
from tests.end_to_end.commands import GRADTUI, LIMIT, Command, Terminal, gradtui
from tests.end_to_end.test_check import script, training

HUNG = """\
import time
import torch

weight, bias = torch.nn.Parameter(torch.ones(3)), torch.nn.Parameter(torch.ones(3))
optimizer = torch.optim.SGD([weight, bias], lr=0.1)
(weight.detach() * 2 + bias).sum().backward()
optimizer.step()
print("stepped", flush=True)
time.sleep(100)
"""


def test_a_recording_reports_what_the_check_of_the_run_did(check: Command, tmp_path: Path) -> None:
    name = training(tmp_path, cut=".detach()")
    live, later = (("--json", f"{when}.json", "--export", f"{when}.dot") for when in ("live", "later"))
    checked = check("-o", "run.gtr", *live, name)
    told = gradtui("--check", *later, "run.gtr", cwd=tmp_path)

    assert checked.returncode == told.returncode == 1
    assert checked.stdout.endswith(told.stdout)
    assert "detach  train.py:8" in told.stdout
    for suffix in ("json", "dot"):
        assert (tmp_path / f"live.{suffix}").read_bytes() == (tmp_path / f"later.{suffix}").read_bytes()


@pytest.mark.parametrize(("end", "status"), [("", 0), ("raise KeyError('lost')", 1), ("os._exit(3)", 3)])
def test_to_be_recorded_changes_nothing(run: Command, tmp_path: Path, end: str, status: int) -> None:
    name = training(tmp_path, end=f"import os; {end}")
    plain = subprocess.run(
        [sys.executable, name], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    recorded = run("-q", "-o", "run.gtr", name)

    assert recorded.returncode == plain.returncode == status
    assert (recorded.stdout, recorded.stderr) == (plain.stdout, plain.stderr)
    assert "step 11\n" in recorded.stdout  # to its end, and not until all is judged
    assert gradtui("run.gtr", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("how", [("-o", "run.gtr"), ("--listen",)], ids=lambda how: how[0])
def test_what_killed_it_is_said_as_a_shell_would(tmp_path: Path, how: tuple[str, ...]) -> None:
    name = training(tmp_path, end="import os; os.kill(os.getpid(), 11)")
    told = gradtui(*how, name, cwd=tmp_path)

    assert told.returncode == 128 + signal.SIGSEGV
    assert "gradtui: The program was killed by signal 11 (Segmentation fault).\n" in told.stderr


def test_what_was_recorded_when_the_recorder_was_killed_is_kept(tmp_path: Path) -> None:
    with subprocess.Popen(
        [GRADTUI, "-o", "run.gtr", script(tmp_path, HUNG)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "stepped\n"
        until = time.monotonic() + LIMIT
        while b'"optimizers":[{' not in (tmp_path / "run.gtr").read_bytes() and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(child.pid, signal.SIGKILL)
    told = gradtui("--check", "run.gtr", cwd=tmp_path)

    assert told.returncode == 1
    assert "detach  script.py:6" in told.stdout
    assert "run.gtr ends before the run did" in told.stderr


def test_an_interrupt_ends_the_run_and_the_recording_is_whole(tmp_path: Path) -> None:
    with subprocess.Popen(
        [GRADTUI, "-o", "run.gtr", script(tmp_path, HUNG)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "stepped\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(LIMIT) == 130
    told = gradtui("run.gtr", cwd=tmp_path)

    assert "ends before the run did" not in told.stderr
    assert "detach  script.py:6" in told.stdout


def test_every_rank_has_its_own_and_those_alike_are_reported_on_together(
    run: Command, tmp_path: Path
) -> None:
    cut = "[:, :4]; hidden = hidden.detach() if int(os.environ['RANK']) == 1 else hidden"
    name = training(tmp_path, cut=cut)
    (tmp_path / name).write_text("import os\n" + (tmp_path / name).read_text())
    for rank in range(3):
        run("-o", "run.gtr", name, RANK=str(rank), WORLD_SIZE="3")
    told = gradtui("--check", *(f"run.rank{rank}.gtr" for rank in range(3)), cwd=tmp_path)

    assert told.returncode == 1
    healthy, broken = told.stdout.split("\n\ngradtui  ")
    assert "train.py, ranks 0, 2 ·" in healthy
    assert "every one got a gradient" in healthy
    assert "train.py, rank 1 of 3 ·" in broken
    assert "detach  train.py:9" in broken


def test_a_breakpoint_in_the_code_is_a_stop_that_is_recorded(run: Command, tmp_path: Path) -> None:
    name = script(
        tmp_path,
        """
        from gradtui import breakpoint
        import torch

        weight = torch.ones(2, requires_grad=True)
        for step in range(3):
            loss = (weight * step).sum()
            if step == 2:
                breakpoint(loss)
            loss.backward()
        """,
    )
    run("-o", "run.gtr", name)
    told = gradtui("--json", "-", "run.gtr", cwd=tmp_path)

    stops = [(stop["kind"], stop["index"], stop["line"]) for stop in json.loads(told.stdout)["stops"]]
    assert stops == [("backward", 1, 10), ("backward", 2, 10), ("breakpoint", 1, 9), ("backward", 3, 10)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("-o nowhere/run.gtr train.py", "can't write nowhere/run.gtr: there is no folder nowhere"),
        ("-o train.py train.py", "train.py is there already and is no recording"),
        ("-o run.gtr", "nothing to run"),
        ("run.gtr", "can't open run.gtr: there is no such file"),
    ],
)
def test_what_cannot_be_recorded_is_one_sentence(tmp_path: Path, words: str, sentence: str) -> None:
    training(tmp_path)
    done = gradtui(*words.split(), cwd=tmp_path)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (tmp_path / "run.gtr").exists()


def test_a_run_with_nothing_to_see_is_told_so(tmp_path: Path) -> None:
    gradtui("-o", "run.gtr", script(tmp_path, "def broken(:\n"), cwd=tmp_path)
    assert is_recording(str(tmp_path / "run.gtr"))
    told = gradtui("run.gtr", cwd=tmp_path)

    sentence = "gradtui: run.gtr has no stop: the program ended before there was anything to see"
    assert (told.returncode, told.stderr) == (2, f"{sentence}\n")
    screen = Terminal("run.gtr", cwd=tmp_path, columns=160)
    assert screen.end() == 2
    assert sentence in screen.shown


def test_one_that_has_nothing_hides_none_of_the_others(run: Command, tmp_path: Path) -> None:
    run("-o", "healthy.gtr", training(tmp_path))
    gradtui("-o", "dead.gtr", script(tmp_path, "print('no torch')\n"), cwd=tmp_path)
    (tmp_path / "broken.gtr").write_bytes((tmp_path / "healthy.gtr").read_bytes()[:60])
    told = gradtui("--check", "dead.gtr", "healthy.gtr", "broken.gtr", cwd=tmp_path)

    assert told.returncode == 2
    assert "every one got a gradient" in told.stdout
    assert told.stderr.splitlines() == [
        "gradtui: dead.gtr has no stop: the program ended before there was anything to see.",
        "gradtui: broken.gtr can't be read: it breaks off in line 1.",
    ]


def test_what_has_nothing_to_show_is_not_promised_to(tmp_path: Path) -> None:
    done = gradtui("-o", "run.gtr", script(tmp_path, "print('no torch')\n"), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == (
        "gradtui: run.gtr has nothing to show: the program ended before there was anything to see.\n"
    )


def test_a_full_disk_costs_the_recording_and_not_the_run(run: Command, tmp_path: Path) -> None:
    done = run("-o", "/dev/full", training(tmp_path))
    assert done.returncode == 0
    assert "step 11\n" in done.stdout
    assert done.stderr == "gradtui: /dev/full isn't whole: No space left on device.\n"


def test_a_recording_opens_on_the_screen_where_its_script_is_gone(run: Command, tmp_path: Path) -> None:
    name = training(tmp_path, cut=".detach()")
    run("-o", "run.gtr", name)
    (tmp_path / name).unlink()
    screen = Terminal("run.gtr", cwd=tmp_path, columns=120, rows=40)
    screen.until("recorded: ended")
    screen.until(".detach()")
    screen.type("s")
    screen.until("A recording can't be stepped")
    screen.type("q")

    assert screen.end() == 0
    assert "\x1b[?1049l" in screen.shown  # the terminal is given back


def test_a_program_that_never_began_leaves_no_recording(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\n[ "$1" = -I ] && exec {sys.executable} "$@"\nexit 9\n', encoding="utf-8")
    python.chmod(0o755)
    done = gradtui("--python", str(python), "-o", "run.gtr", training(tmp_path), cwd=tmp_path)

    assert done.returncode == 2
    assert "isn't a Python that gradtui can use" in done.stderr
    assert not (tmp_path / "run.gtr").exists()
