"""Which records are kept: looked at in blocks, the same as call by call."""

from __future__ import annotations

import random
from collections.abc import Callable
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn

from gradtui.debuggee import compaction
from gradtui.debuggee.compaction import keep
from gradtui.debuggee.dense import BLOCK, Dense
from gradtui.model.columns import NONE
from tests.debuggee.recording import recording

CALLS = 12 * BLOCK


def chain(weight: Tensor) -> Tensor:
    y = weight * 2
    for _ in range(CALLS):
        y = y + 1
    return y


def skips(weight: Tensor) -> Tensor:
    """Each value is used at once, and some of them once more later."""
    y = kept = weight * 2
    for step in range(CALLS):
        y = y.lerp(kept, 0.5) if step % 7 == 0 else y * weight
        kept = y if step % 11 == 0 else kept
    return y


def cut_branches(weight: Tensor) -> Tensor:
    y = weight * 2
    for step in range(CALLS // 2):
        y = y + weight.detach() if step % 50 == 0 else y * 1.5
    return y


def dead_ends(weight: Tensor) -> Tensor:
    """Much is computed that nobody needs."""
    y = weight * 2
    for step in range(CALLS // 2):
        _ = y * 3 if step % 40 == 0 else None
        y = y + 1
    return y


def without_a_graph(weight: Tensor) -> Tensor:
    """What nothing that requires grad went into: of it only the newest is kept whole."""
    y = torch.ones(1)
    for _ in range(CALLS):
        y = y + 1
    return y * weight


def at_random(weight: Tensor) -> Tensor:
    chosen = random.Random(0)
    values = [weight * 2, torch.ones(1)]
    for _ in range(CALLS):
        one, other = chosen.choices(values[-6:], k=2)
        made = (one.detach() if chosen.random() < 0.02 else one) + other
        values.append(made)
        del values[:-8]
    total: Tensor = values[-1] + weight
    return total


def with_writes(weight: Tensor) -> Tensor:
    y, buffer = weight * 2, torch.zeros(1)
    for step in range(CALLS // 2):
        if step % 90 == 0:
            buffer.add_(y.detach())
        y = y + 1
    return y + buffer


def modules(weight: Tensor) -> Tensor:
    net = nn.Sequential(*(nn.Linear(2, 2) for _ in range(CALLS // 2)))
    out: Tensor = net(torch.ones(1, 2) * weight)
    return out.sum()


PROGRAMS = (chain, skips, cut_branches, dead_ends, without_a_graph, at_random, with_writes, modules)


@pytest.mark.parametrize("budget", [20_000, 300, 0])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_blocks_keep_what_a_look_at_each_call_keeps(
    program: Callable[[Tensor], Tensor], budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "OLD_CALLS", budget)
    with recording() as made:
        loss = program(torch.ones(1, requires_grad=True))
        tape = made.stops.recorder.tape
        window = len(tape) - 100
        in_blocks = keep(tape, window)
        with patch.object(compaction, "BLOCK", len(tape) + 1):
            one_by_one = keep(tape, window)
        del loss

    assert in_blocks == one_by_one
    assert 100 <= len(in_blocks) <= len(tape)


@pytest.mark.parametrize("program", [chain, skips, cut_branches])
def test_a_forward_pass_is_looked_at_in_blocks(
    program: Callable[[Tensor], Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    block = Dense.block

    def noted(dense: Dense, start: int, end: int, needed: bytearray, budget: int) -> int:
        found.append(block(dense, start, end, needed, budget))
        return found[-1]

    monkeypatch.setattr(Dense, "block", noted)
    with recording() as made:
        loss = program(torch.ones(1, requires_grad=True))
        keep(made.stops.recorder.tape, len(made.stops.recorder.tape) - 100)
        del loss

    assert len(found) > 4
    assert found.count(NONE) <= 2
