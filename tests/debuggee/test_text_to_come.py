"""What a program's text says of optimizers that it will build. What comes of it: end_to_end/test_check.py."""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gradtui.debuggee import steps
from gradtui.debuggee.steps import Steps
from gradtui.debuggee.text_to_come import optimizer_to_come, parsed
from tests.debuggee.recording import Recording, recording


def to_come(made: Recording) -> bool:
    recorder = made.stops.recorder
    return optimizer_to_come(sys._getframe(1), recorder.sites, made.stops.owners)


def build(weight: torch.Tensor) -> torch.optim.Optimizer:
    return torch.optim.SGD([weight], lr=0.1)


def test_an_optimizer_is_to_come_before_the_line_that_builds_it_and_not_after() -> None:
    weight = torch.zeros(1, requires_grad=True)
    with recording(stop_at="1000") as made:
        weight.sum().backward()
        before = to_come(made)
        build(weight)
        after = to_come(made)
    assert (before, after) == (True, False)


def test_another_branch_is_not_to_come_and_what_a_loop_has_built_is_no_news() -> None:
    weight = torch.zeros(1, requires_grad=True)
    found = []
    with recording(stop_at="1000") as made:
        weight.sum().backward()
        for number in range(2):
            if number >= 0:
                optimizer = build(weight)
                found.append(to_come(made))
            else:
                optimizer = torch.optim.Adam([weight])
            optimizer.zero_grad()
    assert found == [True, True]  # the loop may take the other branch yet

    with recording(stop_at="1000") as made:
        weight.sum().backward()
        if number >= 0:
            optimizer = build(weight)
            found.append(to_come(made))
        else:
            optimizer = torch.optim.Adam([weight])
        optimizer.zero_grad()
    assert found[-1] is False


def test_a_check_waits_for_an_optimizer_that_is_to_come_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weight = torch.zeros(1, requires_grad=True)
    with recording(stop_at="1000") as made:
        weight.sum().backward()
        build(weight)
        waits = Steps(made.stops)._goes_on(sys._getframe())
        monkeypatch.setattr(steps, "PATIENCE", 0.0)
        waits_on = Steps(made.stops)._goes_on(sys._getframe())
        build(weight)
    assert (waits, waits_on) == (True, False)


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_a_check_waits_for_a_gradient_that_may_come_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, scale: float
) -> None:
    weight = torch.zeros(1, requires_grad=True)
    with recording(check=True) as made:
        optimizer = build(weight)
        (weight.sum() * scale).backward()
        optimizer.step()
        made.stops.plan = replace(made.stops.plan, steps=1, patient=True)
        waits = Steps(made.stops)._goes_on(sys._getframe())
        monkeypatch.setattr(steps, "WARM_UP_SECONDS", 0.0)
        waits_on = Steps(made.stops)._goes_on(sys._getframe())
    assert (waits, waits_on) == (scale == 0.0, False)


def test_what_python_warns_of_in_a_text_is_not_told_again(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text("x = '\\d'\n", encoding="utf-8")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert isinstance(parsed(str(file)).body[0], ast.Assign)
        ast.parse("x = '\\d'")  # which would have told it
    assert len(told) == 1


def test_a_text_that_is_no_program_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text("x = (\n", encoding="utf-8")
    assert parsed(str(file)).body == []
    assert parsed(str(tmp_path / "none.py")).body == []
