"""What a record weighs: peak memory of whole processes, recorded and plain."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.conftest import Table

ROOT = Path(__file__).parent.parent.parent

PASS = """
import resource, sys, torch
sys.path.insert(0, {root!r})
from contextlib import nullcontext
from tests.benchmarks import workloads
from tests.debuggee.recording import recording
torch.set_num_threads(1)
torch.manual_seed(0)
with recording(stop_at="1000000") if sys.argv[1] == "recorded" else nullcontext() as made:
    forward = {make}()
    for _ in range({steps}):
        loss = forward()
        before = made.stops.recorder.tape.next_order if made else 0
        loss.backward()
        del loss
    if made:
        assert not made.stops.recorder.fault
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, before)
sys.stdout.flush()
__import__("os")._exit(0)
"""


def peak(make: str, how: str, steps: int = 1) -> tuple[int, int]:
    """Peak bytes of a process, and how many calls it had recorded before its last backward."""
    code = PASS.format(root=str(ROOT), make=make, steps=steps)
    done = subprocess.run([sys.executable, "-c", code, how], check=True, capture_output=True, text=True)
    memory, calls = done.stdout.split()
    return int(memory), int(calls)


@pytest.mark.timeout(600)
def test_a_recorded_call_weighs_little(table: Table) -> None:
    more, calls = [], []
    for count in (100_000, 1_000_000):  # their difference leaves out what the recorder itself takes
        make = f"workloads.adds({count})"
        recorded, number = peak(make, "recorded")
        more.append(recorded - peak(make, "plain")[0])
        calls.append(number)
    table.add(
        ("memory", "", ""),
        "a recorded call, of 1,000,000 tiny adds",
        f"{(more[1] - more[0]) / (calls[1] - calls[0]):.0f} bytes",
        "at most 120",
    )


@pytest.mark.timeout(600)
def test_a_training_step_of_a_transformer_needs_no_more_memory(table: Table) -> None:
    make = "workloads.transformer"
    plain = min(peak(make, "plain", steps=3)[0] for _ in range(3))
    recorded = min(peak(make, "recorded", steps=3)[0] for _ in range(3))
    table.add(
        ("memory", "", ""),
        "peak of the transformer's steps, over plain",
        f"{recorded / plain:.3f}",
        "at most 1.02",
    )


@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_length_of_a_run(table: Table) -> None:
    # Until 100,000 calls are on the tape it grows: nothing is dropped before.
    short, calls = peak("workloads.small_training", "recorded", steps=20_000)
    long, more = peak("workloads.small_training", "recorded", steps=80_000)
    table.add(
        ("memory", "", ""),
        f"peak after {more:,} calls, over that after {calls:,}",
        f"{long / short:.3f}",
        "flat",
    )
