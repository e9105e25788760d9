"""An optimizer of its own for a body that is thawed later on: what may still come, and what never came."""

from __future__ import annotations

import torch
from torch import nn

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Rule, Severity
from tests.debuggee.recording import seen


def program() -> None:
    body, head = nn.Linear(3, 4).requires_grad_(False), nn.Linear(4, 1)
    optimizers = [torch.optim.SGD(part.parameters(), lr=0.1) for part in (body, head)]
    for epoch in range(3):
        if epoch == 20:
            body.requires_grad_(True)
        head(body(torch.ones(2, 3))).sum().backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()


def test_a_frozen_body_is_a_note_while_a_line_that_thaws_it_may_still_run() -> None:
    findings = diagnose(seen(program, check=True)[:-1])

    assert [(one.rule, one.severity) for one in findings] == [(Rule.FROZEN_LEAF, Severity.NOTE)]


def test_a_frozen_body_is_an_error_once_the_program_has_ended_without_thawing_it() -> None:
    findings = diagnose(seen(program, check=True))

    assert [(one.rule, one.severity) for one in findings] == [(Rule.FROZEN_LEAF, Severity.ERROR)]
