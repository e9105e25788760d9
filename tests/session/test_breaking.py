"""Breaks that are set while a program runs: a real child, which is held by nothing else."""

from __future__ import annotations

from pathlib import Path

from gradtui.model.breaks import Break, BreakKind
from gradtui.model.messages import Act, Command, Reason, Stepped, Stopped
from gradtui.session.live import Live
from tests.session.children import Told, program, run

TRAINING = """
import time, torch
w = torch.ones(3, requires_grad=True)
for step in range({steps}):
    (w.exp().sum() * (1.0 if step < {steps} // 2 else 1e12)).backward()
    print("step", step, flush=True)
    time.sleep(0.01)
"""
EXP = Break(BreakKind.NODE, "ExpBackward0")


async def test_a_break_that_is_set_while_it_runs_holds_it_at_a_backward_soon_after(tmp_path: Path) -> None:
    set_at: list[int] = []

    def react(live: Live, told: Told) -> None:
        match told.events[-1]:
            case Stopped() if not set_at:
                live.send(Command(Act.RUN))
            case Stepped():
                live.send(Command(Act.DETACH))
        if not set_at and b"step 5\r\n" in told.output:
            set_at.append(told.output.count(b"\n"))
            live.send(Command(Act.ARM, breaks=(EXP,)))

    told = await run(program(tmp_path, TRAINING.format(steps=400)), react)

    (held,) = [event for event in told.events if isinstance(event, Stepped)]
    assert (held.reason, held.broke) == (Reason.BREAK, EXP)
    stop = [event for event in told.events if isinstance(event, Stopped)][-1].snapshot.stop
    assert set_at[0] < stop.index < 200


async def test_a_break_that_is_taken_away_while_it_runs_holds_nothing_any_more(tmp_path: Path) -> None:
    away: list[bool] = []

    def react(live: Live, told: Told) -> None:
        match told.events[-1]:
            case Stopped():
                live.send(Command(Act.RUN, breaks=(Break(BreakKind.ABOVE, bound=1e9),)))
        if not away and b"step 2\r\n" in told.output:
            away.append(True)
            live.send(Command(Act.ARM))

    told = await run(program(tmp_path, TRAINING.format(steps=40)), react)

    assert not [event for event in told.events if isinstance(event, Stepped)]
    assert told.outcome.status == 0
