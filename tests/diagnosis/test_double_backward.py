"""What is said of a state whose graph an earlier backward has freed."""

from __future__ import annotations

import torch
from torch import nn

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Rule
from tests.debuggee.recording import seen


def given_back(state: torch.Tensor) -> torch.Tensor:
    state.detach()
    return state


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.RNN(2, 3)

    def forward(self, seen: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        out, state = self.cells(seen, state)
        return out.sum(), state


def test_a_line_that_only_hands_a_state_on_is_not_said_to_compute_it() -> None:
    def program() -> None:
        model, state = Model(), torch.zeros(1, 3)
        for _ in range(2):
            state = given_back(state)
            loss, state = model(torch.ones(1, 2), state)
            loss.backward()

    finding = diagnose(seen(program, check=True))[0]

    assert finding.rule is Rule.DOUBLE_BACKWARD
    assert finding.message.startswith("`state` comes in here with the graph that it was computed with")


def test_a_line_that_computes_a_state_of_itself_is_said_to() -> None:
    def program() -> None:
        cell, state = nn.RNNCell(2, 3), torch.zeros(1, 3)
        for _ in range(2):
            state = cell(torch.ones(1, 2), state)
            state.sum().backward()

    finding = diagnose(seen(program, check=True))[0]

    assert finding.message.startswith("`state` was computed here once and still carries its graph")
