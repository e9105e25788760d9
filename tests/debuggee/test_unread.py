"""Nobody has to wait until everything is read: the rest is left, it is said, and the program goes on."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradtui.debuggee import capture as walking
from gradtui.debuggee import saved as reading
from gradtui.debuggee import stops as looking
from gradtui.debuggee import traces
from gradtui.model.columns import NONE
from gradtui.model.messages import Act, Command, ProgramPhase, Progress, Stopped, Weigh, Weighed
from gradtui.model.owners import Judgement
from gradtui.model.stops import StopKind
from gradtui.model.unseen import left_out, left_unread
from gradtui.wire.codec import decode, encode
from tests.debuggee.viewer import CONTINUE, STEP, Said, Sayer, Viewer, watched


class Impatient(Viewer):
    """Has had enough as soon as it hears how far a reading has come, for the first time."""

    def __init__(self, *says: Said | Sayer, phase: ProgramPhase) -> None:
        super().__init__(*says)
        self.phase = phase

    def send(self, message: Any) -> bool:
        if isinstance(message, Progress) and message.phase == self.phase and not self.had:
            self.had = True
            self.interrupts.append(Command(Act.ENOUGH))
        return super().send(message)

    had = False


def program() -> None:
    for _ in range(2):
        torch.ones(1, requires_grad=True).sin().cos().sin().cos().backward()


def test_a_graph_is_left_unread_and_the_next_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "EVERY", 2)
    viewer = Impatient(CONTINUE, STEP, phase=ProgramPhase.CAPTURING)
    with watched(viewer):
        program()
    first, second = viewer.stopped

    assert first.stop.kind is StopKind.BACKWARD
    assert first.graph is None
    assert (first.stop.nodes, first.stop.total) == (0, 0)
    assert left_unread(2) in first.unseen
    assert second.graph is not None
    assert second.unseen == ()
    assert viewer.reasons  # this one is stepped through


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls are many."""
    monkeypatch.setattr(looking, "EVERY", 2)
    monkeypatch.setattr(traces, "LAST", 2)


@pytest.mark.usefixtures("long")
def test_calls_behind_a_graph_are_left_out_and_told_at_the_next_stop() -> None:
    viewer = Impatient(CONTINUE, STEP, phase=ProgramPhase.TELLING)
    with watched(viewer):
        program()
    first, second = viewer.stopped

    assert first.brief
    assert first.graph is not None
    assert len(first.graph) == 5  # with the leaf
    assert len(first.trace) == 2
    assert [first.trace.call(call).function for call in range(2)] == ["Tensor.cos", "Tensor.backward"]
    assert list(first.graph.call) == [0, NONE, NONE, NONE, NONE]
    assert list(first.trace.inputs.flat) == list(first.stop.roots) == [0]
    assert left_out(6, 2) in first.unseen
    assert first.sources
    assert not second.brief
    assert second.unseen == ()
    assert viewer.reasons
    assert decode(encode(Stopped(first))) == Stopped(first)


@pytest.mark.usefixtures("long")
def test_what_was_judged_is_kept_for_a_stop_that_can_explain_it() -> None:
    judged = Judgement(0, 1, 1, 1)
    viewer = Impatient(phase=ProgramPhase.TELLING)
    with watched(viewer) as watching:
        assert watching._stops is not None
        watching._stops.judge.pending = [judged]
        program()
    brief, whole = viewer.stopped

    assert brief.brief
    assert brief.judgements == ()
    assert whole.judgements == (judged,)


@pytest.mark.usefixtures("long")
def test_it_is_said_how_much_of_the_calls_is_read_and_then_that_the_graph_is_sent() -> None:
    viewer = Viewer(CONTINUE, CONTINUE)
    with watched(viewer):
        program()
    told = [one for one in viewer.said if isinstance(one, Progress) and one.phase == ProgramPhase.TELLING]
    first = told[: next(index for index, one in enumerate(told) if not one.total) + 1]
    shares = [one.done / one.total for one in first[:-1]]

    assert len(shares) > 5
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert first[-1].done == 5


def test_what_nodes_saved_is_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "EVERY", 2)
    viewer = Impatient(Weigh(1), CONTINUE, phase=ProgramPhase.WEIGHING)
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
