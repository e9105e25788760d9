"""Nobody has to wait until everything is read: the rest is left, it is said, and the program goes on."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradtui.debuggee import capture as walking
from gradtui.debuggee import saved as reading
from gradtui.model.messages import Act, Command, Progress, Weigh, Weighed
from gradtui.model.stops import StopKind
from tests.debuggee.viewer import CONTINUE, STEP, Viewer, watched


class Impatient(Viewer):
    """Has had enough as soon as it hears how far a reading has come, for the first time."""

    def send(self, message: Any) -> bool:
        if isinstance(message, Progress) and message.phase in ("weighing", "capturing") and not self.had:
            self.had = True
            self.interrupts.append(Command(Act.ENOUGH))
        return super().send(message)

    had = False


def program() -> None:
    for _ in range(2):
        torch.ones(1, requires_grad=True).sin().cos().sin().cos().backward()


def test_a_graph_is_left_unread_and_the_next_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "EVERY", 2)
    viewer = Impatient(CONTINUE, STEP)
    with watched(viewer):
        program()
    first, second = viewer.stopped

    assert first.stop.kind is StopKind.BACKWARD
    assert first.graph is None
    assert (first.stop.nodes, first.stop.total) == (0, 0)
    assert any("left unread after 2 nodes" in sentence for sentence in first.unseen)
    assert second.graph is not None
    assert second.unseen == ()
    assert viewer.reasons  # this one is stepped through


def test_what_nodes_saved_is_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "EVERY", 2)
    viewer = Impatient(Weigh(1), CONTINUE)
    with watched(viewer):
        program()
    answer = next(message for message in viewer.said if isinstance(message, Weighed))

    assert list(answer.saved.node) == [0, 1]
    assert answer.saved.unread == 3


def test_a_wish_to_wait_no_longer_that_comes_too_late_changes_nothing() -> None:
    viewer = Viewer(Command(Act.ENOUGH), Command(Act.ENOUGH), STEP)
    with watched(viewer):
        program()

    assert viewer.stopped[0].graph is not None
    assert viewer.nexts[:1] == ["CosBackward0"]
