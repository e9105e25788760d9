"""Whether a program waits for input: real programs in a pseudo-terminal, whose kernel is asked."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gradtui.session.asking import asks

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process waits for")

PATIENCE = 30.0


@contextmanager
def program(code: str) -> Iterator[tuple[int, str]]:
    """A Python program on a terminal of its own: its process, and the terminal's name."""
    master, slave = os.openpty()
    name = os.ttyname(slave)
    pid = os.fork()
    if not pid:
        os.setsid()
        for number in range(3):
            os.dup2(slave, number)
        os.execv(sys.executable, [sys.executable, "-c", code])
    try:
        # Not before the program has come so far is there anything to ask about.
        while os.read(master, 1) != b"!":
            pass
        yield pid, name
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(master)
        os.close(slave)


def comes_to_ask(pid: int, name: str) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if asks(pid, name):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    "code",
    [
        "input('!')",
        "import sys; print('!', flush=True); sys.stdin.readline()",
        "import readline; input('!')",  # which reads key by key, and waits in select
    ],
)
def test_a_program_that_reads_a_line_from_its_terminal_waits_for_input(code: str) -> None:
    with program(code) as (pid, name):
        assert comes_to_ask(pid, name)


@pytest.mark.parametrize(
    "code",
    [
        "import time; print('!', end='', flush=True); time.sleep(99)",
        "import os; print('!', flush=True); os.read(os.pipe()[0], 1)",
        "import select, os; print('!', flush=True); select.select([os.pipe()[0]], [], [])",
    ],
)
def test_a_program_that_waits_for_something_else_does_not(code: str) -> None:
    with program(code) as (pid, name):
        for _ in range(20):
            assert asks(pid, name) is False
            time.sleep(0.02)


def test_where_nobody_says_it_is_unknown(tmp_path: Path) -> None:
    assert asks(1, "/dev/pts/1", tmp_path) is None
