"""From the script's reaching its backward to the screen's having all it shows, on ever longer chains."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from gradtui.diagnosis.engine import diagnose
from gradtui.model.messages import Act, Command, Stopped
from gradtui.session.live import Live
from gradtui.tui.view import view
from tests.benchmarks.conftest import Table
from tests.benchmarks.measuring import exponent
from tests.session import children
from tests.session.children import Told, program

SIZES = [10_000, 100_000, 1_000_000]
HEADINGS = ("a chain of", "s to the viewer", "s to the rows", "s in all", "viewer's peak, MiB", "exit status")

CHAIN = """
import time, torch
x = torch.ones(1, requires_grad=True)
y = x
for _ in range({count}):
    y = y + 1
print("reached", time.time(), flush=True)
y.backward()
print("released", int(x.grad), flush=True)
"""


@pytest.mark.timeout(600)
async def test_a_long_chain_is_on_the_screen_soon(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LIMIT", 600)
    costs = []
    for count in SIZES:
        arrived: list[tuple[float, float]] = []

        def react(live: Live, told: Told, arrived: list[tuple[float, float]] = arrived) -> None:
            message = told.events[-1]
            if isinstance(message, Stopped):
                came = time.time()
                shown = view([message.snapshot], diagnose)
                assert len(shown.rows)
                arrived.append((came, time.time()))
                live.send(Command(Act.CONTINUE))

        told = await children.run(program(tmp_path, CHAIN.format(count=count)), react)
        reached = float(told.output.split(b"reached ")[1].split()[0])
        came, shown = arrived[0]
        costs.append(shown - reached)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        table.add(HEADINGS, f"{count:,}", f"{came - reached:.2f}", f"{shown - came:.2f}", f"{costs[-1]:.2f}",
                  f"{peak:.0f}", told.outcome.status)  # fmt: skip
        assert b"released 1" in told.output
    table.add(("growth", "exponent"), "capture to rows", exponent(SIZES, costs))
