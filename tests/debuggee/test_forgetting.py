"""Records are dropped while a real program runs on: what was shown of it before mustn't get into the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from gradtui.debuggee import stops
from gradtui.debuggee.recorder import FIRST_COMPACTION
from gradtui.model.messages import Act, Command, Stopped
from gradtui.session.live import Live
from tests.debuggee.recording import Recording, recording
from tests.session.children import Told, program, run

NEVER = "1000000"
"""The backward to stop at: none of these."""

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


class Doubled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2


def trained_with_losses_made_anew(steps: int) -> nn.Module:
    model = nn.Sequential(Doubled(), nn.Linear(2, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x = torch.ones(3, 2)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.MSELoss()(Doubled()(model(x)), x) + nn.Sequential(nn.ReLU())(model(x)).mean()
        loss.backward()
        optimizer.step()
    return model


@contextmanager
def often_compacted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """As `recording`, with a tape of which all that nothing needs is dropped every few hundred calls."""
    monkeypatch.setattr(stops, "FIRST_COMPACTION", 500)
    with recording(stop_at=NEVER) as made:
        made.stops.recorder.grow_at = 500
        yield made


def test_a_loss_that_is_made_anew_at_every_step_is_no_news() -> None:
    told = []
    for steps in (3, 12):
        with recording(stop_at=NEVER) as made:
            trained_with_losses_made_anew(steps)
            told.append(len(made.snapshots))
            assert not made.stops.recorder.fault
    assert told[0] == told[1]


def test_modules_that_are_made_anew_at_every_step_leave_nothing_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = []
    for steps in (200, 800):
        with often_compacted(monkeypatch) as made:
            recorder, owners = made.stops.recorder, made.stops.owners
            trained_with_losses_made_anew(steps)
            repeats = sum(len(info.repeats) for info in recorder.functions.by_function.values())
            kept.append((len(owners.modules), len(owners.called), len(recorder.tape.keys), repeats))
            assert not recorder.fault
    assert all(many <= few + 50 for few, many in zip(*kept, strict=True)), kept


def test_calls_are_in_the_modules_that_made_them_whoever_had_their_numbers_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with often_compacted(monkeypatch) as made:
        recorder, owners = made.stops.recorder, made.stops.owners
        kept = []
        for _ in range(6):
            kept.append(trained_with_losses_made_anew(60))
            kept[-1](torch.ones(3, 2))
        late = nn.Sequential(Doubled(), Doubled())
        late(kept[0](torch.ones(1, 2)))
        live = [owners.module_number(one) for model in (*kept, late) for one in (model, *model.children())]
        assert len(set(live)) == len(live)
        names = recorder.functions.names
        last = [recorder.tape.keys[key] for key in recorder.tape.key[-4:]]
        modules = [owners.modules[module]() for _, _, module, _ in last]
        assert [names[function] for function, *_ in last] == ["Tensor.mul", "F.linear", *["Tensor.mul"] * 2]
        assert modules == [kept[0][0], kept[0][1], *late]  # type: ignore[index]
        assert len(owners.modules) < 6 * 60 * 4


def test_a_module_that_is_gone_keeps_its_number_as_long_as_a_call_in_it_is_kept() -> None:
    with recording(stop_at=NEVER) as made:
        recorder, owners = made.stops.recorder, made.stops.owners
        weight = torch.ones(1, requires_grad=True)
        out = Doubled()(weight)
        module = recorder.tape.keys[recorder.tape.key[-1]][2]
        recorder.grow_at = 500
        trained_with_losses_made_anew(200)
        assert len(recorder.tape) < recorder.tape.next_order

        value = recorder.tape.value_of(out)
        call = next(call for call in range(len(recorder.tape)) if value in recorder.tape.outputs(call))
        assert recorder.tape.keys[recorder.tape.key[call]][2] == module
        assert owners.modules[module]() is None


def test_numbers_that_are_given_away_are_given_to_one_each_and_stand_for_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with often_compacted(monkeypatch) as made:
        recorder, owners = made.stops.recorder, made.stops.owners
        tape, weight = recorder.tape, torch.ones(1, requires_grad=True)
        for crowd in ([Doubled() for _ in range(300)], [Doubled() for _ in range(30)]):
            for one in crowd:
                one(weight)
        del crowd, one
        for _ in range(6_000):  # more than once all that is there is dropped
            torch.ones(1)
        torch.zeros(1)  # has the number now that the last key of the crowd had
        keys = len(tape.keys)
        live = [kind() for kind in (Doubled, nn.Softplus) for _ in range(250)]
        for module in live:
            module(weight)
            function, _, number, _ = tape.keys[tape.key[-1]]
            assert recorder.functions.names[function].endswith(("softplus", "mul"))
            assert owners.modules[number]() is module

        assert len({owners.module_number(module) for module in live}) == len(live)
        assert len(owners.modules) <= len(live) + 2
        assert len(tape.keys) <= max(keys, len(live) + 20)
        assert not recorder.fault
