"""Records are dropped while a real program runs on: what was shown of it before mustn't get into the way."""

from __future__ import annotations

from pathlib import Path

from gradtui.debuggee.recorder import FIRST_COMPACTION
from gradtui.model.messages import Act, Command, Stopped
from gradtui.session.live import Live
from tests.session.children import Told, program, run

SCRIPT = f"""
import torch
weight, y = torch.ones(1, requires_grad=True), torch.ones(1)
(weight * 2).backward()
for _ in range({2 * FIRST_COMPACTION}):
    y = y * 2
(weight * 3 + y).backward()
"""


def go_on(live: Live, told: Told) -> None:
    if isinstance(told.events[-1], Stopped):
        live.send(Command(Act.CONTINUE))


async def test_a_program_is_stopped_again_after_records_from_before_its_last_stop_were_dropped(
    tmp_path: Path,
) -> None:
    told = await run(program(tmp_path, SCRIPT), go_on)
    first, second = [event.snapshot for event in told.events if isinstance(event, Stopped)]

    assert first.graph is not None
    assert second.graph is not None
    assert (len(first.graph), len(second.graph)) == (2, 3)
    assert told.outcome.status == 0
