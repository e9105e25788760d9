"""What is said on a terminal while a run without a screen goes on."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from gradtui.check import run_check
from gradtui.heartbeat import Heartbeat
from gradtui.model.messages import ProgramPhase, Progress
from gradtui.model.source import Site
from gradtui.options import parse
from gradtui.program import launch_of

SITE = Site("/home/me/train.py", 31, 31, 0, 20, "step", user=True)


def on_terminal(run: Callable[[], object]) -> list[str]:
    """What is written meanwhile to stderr, which is a pseudo-terminal."""
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    try:
        with os.fdopen(theirs, "w", encoding="utf-8") as stream, redirect_stderr(stream):
            run()
            try:
                return os.read(ours, 1 << 16).decode().splitlines()
            except BlockingIOError:
                return []
    finally:
        os.close(ours)


async def wait(seconds: float) -> None:
    """A run that takes so long, and what comes after it."""
    heartbeat = Heartbeat("train.py", "to its end")
    heartbeat.begin()
    heartbeat.heard(Progress(64, SITE, ProgramPhase.RUNNING))
    await asyncio.sleep(seconds)
    heartbeat.end()
    await asyncio.sleep(seconds)


def test_it_is_said_ever_more_rarely_that_a_run_goes_on_and_not_once_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gradtui.heartbeat.FIRST", 0.1)

    said = on_terminal(lambda: asyncio.run(wait(1.2)))

    assert 3 <= len(said) <= 4  # at 0.1, 0.2, 0.4 and 0.8 seconds
    still = r"gradtui: train\.py still runs after \d s, at train\.py:31; it goes on to its end\. Ctrl-C .+"
    assert all(re.fullmatch(still, line) for line in said)


def test_a_stream_that_is_no_terminal_is_told_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradtui.heartbeat.FIRST", 0.01)

    asyncio.run(wait(0.1))

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("words", "until"),
    [
        (["--check"], "until 8 steps of each optimizer are judged"),
        (["--check", "--steps", "1"], "until 1 step of each optimizer is judged"),
        (["--check", "--steps", "0"], "to its end"),
        ([], "to its end"),
        (["--check", "-q"], ""),
    ],
)
def test_a_check_says_what_it_goes_on_to_unless_it_is_to_be_quiet(
    words: list[str], until: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradtui.heartbeat.FIRST", 0.2)
    script = tmp_path / "wait.py"
    script.write_text("import time\ntime.sleep(1)\n", encoding="utf-8")
    options = parse([*words, str(script)])

    lines = on_terminal(lambda: run_check(options, launch_of(options, check=options.check)))

    said = [line for line in lines if "still runs" in line]
    assert bool(said) is bool(until)
    for line in said:
        assert line.startswith("gradtui: wait.py still runs after ")
        assert f" s; it goes on {until}. Ctrl-C " in line
