"""How often a finding was seen: steps of an optimizer, whichever rules found it and however often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from gradtui.diagnosis.engine import diagnose, merged
from gradtui.model.findings import Finding, Rule
from gradtui.report.names import seen
from tests.builders import Program
from tests.debuggee.recording import seen as watched


def first_of(program: Callable[[], object]) -> Finding:
    return diagnose(watched(program, check=True))[0]


def test_the_same_found_by_two_rules_was_not_seen_twice_as_often() -> None:
    run = Program("values.append(value.item())\n")
    finding = run.finding(Rule.PYTHON_SCALAR, "value.item()")

    both = merged([replace(finding, count=5), replace(finding, count=3)])

    assert [one.count for one in both] == [5]


def test_steps_without_any_backward_are_counted_and_no_backward_is_named() -> None:
    def program() -> None:
        net = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(4):
            net(torch.ones(3)).sum()
            optimizer.step()

    finding = first_of(program)

    assert (finding.count, finding.stop) == (4, 0)
    assert seen(finding, stepped=True) == "at 4 steps, before any backward"


def test_what_raised_at_last_was_seen_at_the_last_backward() -> None:
    def program() -> None:
        weight = torch.ones(3, requires_grad=True)
        for step in range(3):
            gate = torch.sigmoid(weight)
            if step == 2:
                gate += 1
            gate.sum().backward()

    finding = first_of(program)

    assert (finding.rule, finding.count, finding.stop) == (Rule.INPLACE_VERSION, 1, 3)
    assert seen(finding, stepped=False) == "at backward 3"


@pytest.mark.parametrize(
    ("count", "stop", "stepped", "said"),
    [
        (1, 1, True, "at backward 1"),
        (1, 0, False, "before any backward"),
        (8, 2, True, "at 8 steps, first at backward 2"),
        (64, 2, True, "at 64 or more steps, first at backward 2"),
        (1200, 1, False, "at 1,200 backwards, first at backward 1"),
    ],
)
def test_steps_are_counted_where_there_are_any_and_backwards_where_there_are_none(
    count: int, stop: int, stepped: bool, said: str
) -> None:
    finding = Program("out.detach()\n").finding(Rule.DETACH, "out.detach()")

    assert seen(replace(finding, count=count, stop=stop), stepped=stepped) == said


def test_what_is_raised_in_colours_is_told_without_them() -> None:
    def program() -> None:
        torch.ones(3, requires_grad=True).sum().backward()
        raise ValueError("Weights only load failed. \x1b[1mTrust the file first\x1b[0m. ")

    finding = first_of(program)

    assert "ValueError: Weights only load failed. Trust the file first. This is" in finding.message
