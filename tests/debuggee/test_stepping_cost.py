"""What stepping costs a program: no gradient is held longer, and a deep graph is released without harm."""

from __future__ import annotations

import subprocess
import sys
import weakref
from typing import Any

import pytest
import torch
from torch import Tensor

from gradtui.debuggee import stepping
from gradtui.debuggee.hooks import NodeHooks
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.messages import Act, Command, Reason
from tests.debuggee.viewer import FINISH, STEP, Viewer, going, shown, watched

ELEMENTS = 50_000


class Alive:
    """The gradients that exist at the same time, as hooks of the program's own see them."""

    def __init__(self) -> None:
        self.refs: list[weakref.ref[Tensor]] = []
        self.most = 0

    def hook(self, gradient: Tensor) -> None:
        self.refs.append(weakref.ref(gradient))
        alive = {id(tensor): tensor.numel() for ref in self.refs if (tensor := ref()) is not None}
        self.most = max(self.most, sum(alive.values()))


def most_alive() -> int:
    alive = Alive()
    y = torch.linspace(0, 1, ELEMENTS, requires_grad=True)
    for _ in range(12):
        y = (y * 0.5).tanh()
        y.register_hook(alive.hook)
    y.sum().backward()
    return alive.most


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("command", [FINISH, STEP, going(Break(BreakKind.NONFINITE))])
def test_no_gradient_is_held_longer_than_the_engine_holds_it(
    command: Command, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepping, "LARGE", 1 if large else 20_000)
    plain = most_alive()
    viewer = Viewer()
    viewer.receive = lambda: command  # type: ignore[method-assign]
    with watched(viewer):
        assert most_alive() == plain
    assert plain < 4 * ELEMENTS


def test_hooks_are_put_in_only_when_somebody_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    class Counted(NodeHooks):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            made.append(1)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(stepping, "NodeHooks", Counted)

    def program() -> None:
        for _ in range(3):
            torch.ones(2, requires_grad=True).exp().sum().backward()

    shown(program)
    shown(program, Command(Act.RUN))
    assert made == []
    shown(program, STEP)
    assert made == [1]


DEEP = """
import torch
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.messages import Act, Command
from tests.debuggee.viewer import Viewer, watched

viewer = Viewer(Command(Act.CONTINUE, breaks=(Break(BreakKind.NONFINITE),)), Command(Act.FINISH))
with watched(viewer):
    x = torch.zeros(2, requires_grad=True)
    y = x.sqrt()
    for _ in range(100_000):
        y = y * 1.0
    y.sum().backward()
    del y
print(*viewer.reasons, viewer.stepped[0].steps, viewer.passed[-2])
"""


def test_the_first_nan_of_a_deep_graph_is_found_and_the_graph_released_without_harm() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DEEP], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [Reason.BREAK, Reason.END, "100002", "SqrtBackward0"]
