"""Children of a program: forked, spawned, started over. None is watched, none holds on to the viewer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.debuggee.programs import Program
from tests.debuggee.test_launch import assert_same


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_can_pickle_what_main_defines(method: str) -> None:
    assert "Point(x=4) True" in assert_same(Program(["pools.py", method])).stdout


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_pools_of_a_module_can_too(method: str) -> None:
    assert "Point(x=4) True" in assert_same(Program(["pools", method], "module")).stdout


@pytest.mark.parametrize("how", ["end", "exit", "raise"])
def test_a_forked_child_runs_to_its_own_end(how: str, warm: Path) -> None:
    seen = assert_same(Program(["forks.py", how], interpreter=str(warm)))
    assert [message["type"] for message in seen.heard].count("Finished") == 1


@pytest.mark.parametrize(("method", "workers"), [("fork", "2"), ("spawn", "1")])
def test_workers_of_a_loader_deliver(method: str, workers: str) -> None:
    seen = assert_same(Program(["workers.py", method, workers]))
    assert len(seen.stdout.splitlines()) == 4


def test_a_child_that_outlives_the_program_does_not_keep_the_viewer_waiting() -> None:
    """It would, were its end of the socket still open: this test would then take a minute."""
    code = "import os, sys, time\nif os.fork() == 0:\n    [os.close(n) for n in (0, 1, 2)]; time.sleep(60)"
    seen = Program([code], "code").by_us()
    assert seen.heard[-1]["type"] == "Finished"
