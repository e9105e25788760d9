"""What is said of a loss without a graph before backward is let run into it, and raises."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.stops import StopKind
from tests.debuggee.recording import recording


def before_backward(loss: Callable[[], Tensor]) -> list[Finding]:
    """What is found where a program is held before its first backward, of this loss."""
    with recording() as made, contextlib.suppress(RuntimeError):
        loss().backward()
    (held,) = (one for one in made.snapshots if one.stop.kind is StopKind.BACKWARD)
    return [finding for finding in diagnose([held]) if finding.loud]


def frozen() -> Tensor:
    net = nn.Linear(2, 1).requires_grad_(False)
    loss: Tensor = net(torch.ones(3, 2)).sum()
    return loss


def detached() -> Tensor:
    net = nn.Linear(2, 1)
    loss: Tensor = net(torch.ones(3, 2)).detach().sum()
    return loss


@pytest.mark.parametrize(("loss", "rule"), [(frozen, Rule.FROZEN_LEAF), (detached, Rule.DETACH)])
def test_a_loss_without_a_graph_is_told_before_its_backward_raises(
    loss: Callable[[], Tensor], rule: Rule
) -> None:
    first, *_ = before_backward(loss)

    assert (first.rule, first.severity) == (rule, Severity.ERROR)
    assert "so `backward` raises" in first.message


def test_a_loss_with_a_graph_is_told_nothing_of() -> None:
    assert before_backward(lambda: nn.Linear(2, 1)(torch.ones(3, 2)).sum()) == []
