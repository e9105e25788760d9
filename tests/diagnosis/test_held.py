"""What is said of a program that is held at a backward, of which more is to come."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.stops import StopKind
from tests.debuggee.recording import seen


def at_each_backward(program: Callable[[], object]) -> list[tuple[Finding, ...]]:
    """The findings while the program is held there, and at last those at its end."""
    snapshots = seen(program)
    held = [n for n, one in enumerate(snapshots, 1) if one.stop.kind is StopKind.BACKWARD]
    return [diagnose(snapshots[:n]) for n in (*held, len(snapshots))]


def test_what_one_backward_leaves_out_is_told_of_that_backward_until_the_step_is_made() -> None:
    def program(*, whole: bool) -> None:
        body, head = nn.Linear(4, 4), nn.Linear(4, 1)
        optimizer = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            hidden = body(torch.ones(5, 4))
            head(hidden.detach()).square().mean().backward()
            if whole:
                hidden.square().mean().backward()
            optimizer.step()

    first, *_, last = at_each_backward(lambda: program(whole=True))
    assert [(one.rule, one.severity) for one in first] == [(Rule.DETACH, Severity.ERROR)]
    assert first[0].message.endswith("so `body.weight` and `body.bias` get no gradient by this backward.")
    assert not any(one.loud for one in last)

    first, second, third, last = at_each_backward(lambda: program(whole=False))
    assert first[0].message.endswith("so `body.weight` and `body.bias` get no gradient by this backward.")
    for steps, (found, *_) in enumerate((second, third, last), 1):
        assert found.message.endswith(
            "so `body.weight` and `body.bias` get no gradient and stay as they are."
        )
        assert (found.count, found.stop) == (steps, 1)


def test_what_has_others_of_its_kind_isnt_told_aloud_in_the_first_steps() -> None:
    def program() -> None:
        model = nn.Module()
        model.heads = nn.ModuleList([nn.Linear(4, 1) for _ in range(3)])
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(8):
            optimizer.zero_grad()
            sum(head(torch.ones(5, 4)).square().mean() for head in model.heads[:2]).backward()
            optimizer.step()

    first, *held, last = at_each_backward(program)
    assert not any(one.loud for one in first)
    assert [one.rule for found in (*held, last) for one in found] == [Rule.UNUSED_PARAMETER] * 8
    told = [one.severity for found in held for one in found]
    assert told == [Severity.NOTE] * 3 + [Severity.WARNING] * 4
    assert last[0].severity is Severity.ERROR


def test_what_follows_another_by_its_values_is_no_more_expected_to_get_a_gradient() -> None:
    def program() -> None:
        model = nn.ModuleDict({"online": nn.Linear(4, 4), "target": nn.Linear(4, 4)})
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(3):
            with torch.no_grad():
                aim = model["target"](torch.ones(5, 4))
            optimizer.zero_grad()
            (model["online"](torch.ones(5, 4)) - aim).square().mean().backward()
            optimizer.step()
            with torch.no_grad():
                for name, other in model["online"].named_parameters():
                    model["target"].get_parameter(name).mul_(0.9).add_(other, alpha=0.1)

    first, *later = at_each_backward(program)
    assert [one.rule for one in first] == [Rule.NO_GRAD]
    assert not any(one.loud for found in later for one in found)


def test_without_an_optimizer_what_an_earlier_backward_reached_is_not_missed_by_the_next() -> None:
    def program() -> None:
        torch.manual_seed(0)
        made, judge = torch.ones(2, 2, requires_grad=True), torch.ones(2, 1, requires_grad=True)
        for _ in range(3):
            fake = torch.randn(8, 2) @ made
            for weight, loss in ((made, (fake @ judge).square()), (judge, (fake.detach() @ judge).sigmoid())):
                loss.mean().backward()
                with torch.no_grad():
                    weight.sub_(weight.grad, alpha=0.01)  # type: ignore[arg-type]
                made.grad = judge.grad = None

    assert not any(one.loud for found in at_each_backward(program) for one in found)
