"""How the CPU time of each part grows, from the recording of a program to the keys pressed on its rows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.benchmarks.conftest import Table
from tests.benchmarks.growing import WORKLOADS
from tests.benchmarks.measuring import exponent

ROOT = Path(__file__).parent.parent.parent
ROUNDS = {10_000: 4, 30_000: 4, 100_000: 3, 300_000: 2, 1_000_000: 2}
"""By size how often it is measured, for the least to be taken: a machine has its slow moments."""
SIZES = [*ROUNDS]
MOST = 1.1
HEADINGS = ("CPU seconds of", "on", *(f"{size:,}" for size in SIZES), "exponent", "at most")

Seconds = Mapping[str, float]
"""By the name of a part."""


def measured(workload: str, size: int) -> Seconds:
    words = [sys.executable, "-m", "tests.benchmarks.growing", workload, str(size)]
    done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT)
    seconds: Seconds = json.loads(done.stdout)
    return seconds


def quickest(rounds: list[Seconds]) -> Seconds:
    return {part: min(one[part] for one in rounds) for part in rounds[0]}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("workload", WORKLOADS)
def test_nothing_grows_faster_than_the_graph(workload: str, table: Table) -> None:
    rounds: dict[int, list[Seconds]] = {size: [] for size in SIZES}
    for number in range(max(ROUNDS.values())):  # in turn, so that what else the machine does hits all of them
        for size in SIZES:
            if number < ROUNDS[size]:
                rounds[size].append(measured(workload, size))
    found = [quickest(rounds[size]) for size in SIZES]
    for part in found[0]:
        costs = [one[part] for one in found]
        table.add(HEADINGS, part, workload, *costs, exponent(SIZES, costs), f"{MOST}")
    seconds = found[SIZES.index(100_000)]["diagnosis"]
    table.add(("seconds", "on", "", "at most"), "diagnosis of 100,000 calls", workload, seconds, "1")
