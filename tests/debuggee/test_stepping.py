"""Where a backward is held, and how it goes on from there."""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from gradtui.model.messages import Act, Command, Reason, Stepped
from gradtui.model.stops import StopKind
from tests.debuggee.stepped import CHAIN, chain, line_of, modules
from tests.debuggee.viewer import FINISH, OVER, STEP, Viewer, shown, to, watched

OWN = Path(__file__).resolve()


def test_a_step_goes_to_the_next_node_and_after_the_last_it_is_held_once_more() -> None:
    viewer = shown(chain, then=Act.STEP)
    assert viewer.nexts == [*CHAIN, ""]
    assert viewer.passed == CHAIN
    assert viewer.reasons == [Reason.STEP] * 5 + [Reason.END]
    assert [message.steps for message in viewer.stepped] == [0, 1, 2, 3, 4, 5]


def test_nothing_is_told_of_nodes_where_nobody_steps() -> None:
    assert shown(chain).stepped == []


def test_running_to_a_node_tells_all_that_were_passed_on_the_way() -> None:
    viewer = shown(chain, to("ExpBackward0"))
    assert viewer.nexts == ["ExpBackward0"]
    assert viewer.passed == CHAIN[:2]
    assert viewer.reasons == [Reason.TARGET]


def test_a_node_that_never_comes_ends_with_the_backward() -> None:
    viewer = shown(chain, STEP, STEP, to("SumBackward0"))
    assert viewer.reasons[-1] is Reason.END
    assert viewer.passed == CHAIN


def test_over_runs_through_the_rest_of_a_module_with_its_leaves() -> None:
    viewer = shown(modules, STEP, OVER, OVER, OVER)
    assert viewer.nexts == ["SumBackward0", "TanhBackward0", "TanhBackward0", ""]
    assert viewer.passed[:2] == ["SumBackward0", "TanhBackward0"]
    assert viewer.passed.count("AccumulateGrad") == 4


def test_finish_holds_at_the_end_with_gradients_in_place() -> None:
    grads: list[object] = []

    class Curious(Viewer):
        def send(self, message: Any) -> bool:
            if isinstance(message, Stepped):
                grads.append(x.grad)
            return super().send(message)

    x = torch.ones(2, requires_grad=True)
    viewer = Curious(FINISH)
    with watched(viewer):
        (x * 3).sum().backward()
    assert viewer.reasons == [Reason.END]
    assert viewer.nexts == [""]
    assert [None if g is None else g.tolist() for g in grads] == [[3.0, 3.0]]  # type: ignore[attr-defined]


def test_pause_holds_at_the_next_node_of_a_backward_with_hooks_and_else_at_the_next_backward(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    viewer = Viewer()
    with watched(viewer) as watching:

        def finish(_: Viewer) -> Command:
            assert watching._stops is not None
            watching._stops.holding.due = 0.0
            viewer.interrupts.append(Command(Act.PAUSE))
            return FINISH

        viewer.says = [STEP, finish]
        chain()
    assert viewer.reasons == [Reason.STEP, Reason.PAUSED]
    assert viewer.nexts == ["SumBackward0", "SinBackward0"]

    monkeypatch.setattr("gradtui.debuggee.holding.HEARD", 0.0)
    viewer = Viewer(Command(Act.RUN), Command(Act.RUN))
    with watched(viewer):
        chain()
        chain()
        viewer.interrupts.append(Command(Act.PAUSE))
        chain()
        chain()
    assert [snapshot.stop.index for snapshot in viewer.stopped] == [1, 3]


def test_the_viewer_is_not_asked_at_each_backward_of_short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    class Asked(Viewer):
        polls = 0

        def poll(self) -> bool:
            self.polls += 1
            return super().poll()

    monkeypatch.setattr("gradtui.debuggee.holding.HEARD", 3600.0)
    viewer = Asked(Command(Act.RUN))
    with watched(viewer) as watching:
        assert watching._stops is not None
        watching._stops.holding.due = math.inf
        for _ in range(5):
            chain()
    assert viewer.polls == 1


def test_pause_holds_between_backwards_with_the_graph_so_far() -> None:
    viewer = Viewer(Command(Act.RUN))
    with watched(viewer) as watching:
        chain()
        viewer.interrupts.append(Command(Act.PAUSE))
        assert watching._stops is not None
        watching._stops.holding.due = 0.0
        y = torch.ones(2, requires_grad=True)
        for _ in range(70):
            y = y * 1.0  # held about here
    snapshot = viewer.stopped[-1]
    assert snapshot.stop.kind is StopKind.PAUSE
    assert snapshot.trace.sites[snapshot.stop.site].line == line_of("# held about here", OWN)
    assert snapshot.graph is not None
    assert len(snapshot.graph) > 1


def test_a_version_error_holds_at_its_node_with_the_writer_and_is_the_programs_afterwards() -> None:
    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        y = torch.exp(x)
        y.add_(1)  # written here
        y.sum().backward()

    viewer = Viewer(then=Act.STEP)
    with watched(viewer), pytest.raises(RuntimeError, match="modified by an inplace") as caught:
        program()
    message = viewer.stepped[-1]
    assert (message.reason, viewer.name(message.next_node)) == (Reason.RAISED, "ExpBackward0")
    assert message.error == f"RuntimeError: {caught.value}"
    trace = viewer.stopped[-1].trace
    assert trace.sites[trace.site[message.writer]].line == line_of("# written here", OWN)


def test_an_exception_of_a_hook_is_the_same_object_for_the_program() -> None:
    ours = ValueError("mine")

    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        y = x * 2

        def hook(_: Tensor) -> None:
            raise ours

        y.register_hook(hook)
        y.sum().backward()

    viewer = Viewer(then=Act.STEP)
    with watched(viewer), pytest.raises(ValueError, match="mine") as caught:
        program()
    assert caught.value is ours
    assert viewer.reasons[-1] is Reason.RAISED


@pytest.mark.filterwarnings("ignore:Anomaly Detection", "ignore:Error detected in")
def test_a_nan_under_anomaly_mode_holds_at_the_node_that_made_it() -> None:
    def program() -> None:
        x = torch.zeros(2, requires_grad=True)
        with torch.autograd.set_detect_anomaly(True):
            (x.sqrt() * 0).sum().backward()

    viewer = Viewer(FINISH)
    with watched(viewer), pytest.raises(RuntimeError, match="returned nan"):
        program()
    message = viewer.stepped[-1]
    assert (message.reason, viewer.name(message.next_node)) == (Reason.RAISED, "SqrtBackward0")


def test_detaching_in_the_middle_lets_everything_run() -> None:
    viewer = shown(lambda: (chain(), chain()), STEP, STEP, Command(Act.DETACH))
    assert len(viewer.stepped) == 2
    assert len(viewer.stopped) == 1


def test_a_node_that_runs_in_another_thread_holds_there() -> None:
    """As on a GPU, where the engine has threads of its own; here a hook runs a backward in one."""
    threads: list[int] = []

    class Noting(Viewer):
        def receive(self) -> Any:
            threads.append(threading.get_ident())
            return super().receive()

    x = torch.ones(2, requires_grad=True)
    y = (x * 2).exp()

    def hook(_: Tensor) -> None:
        handle.remove()
        thread = threading.Thread(target=lambda: y.backward(torch.ones(2), retain_graph=True))
        thread.start()
        thread.join()

    viewer = Noting(then=Act.STEP)
    with watched(viewer) as watching:
        loss = y.sum()
        handle = y.register_hook(hook)
        loss.backward()
        assert watching._stops is not None
        assert not watching._stops.recorder.fault
    assert len(set(threads)) == 2
    assert viewer.passed.count("ExpBackward0") == 2
    assert x.grad is not None
    assert torch.allclose(x.grad, 4 * torch.full((2,), 2.0).exp())


def test_a_viewer_that_goes_away_in_the_middle_is_no_matter() -> None:
    viewer = Viewer(STEP, STEP, lambda _: None)
    with watched(viewer):
        x = chain()
    assert x.grad is not None


def test_a_checkpoints_recomputation_is_recorded_as_made_in_backward() -> None:
    def program() -> None:
        layer = nn.Linear(2, 2)
        checkpoint(
            lambda x: layer(x).tanh(), torch.ones(1, 2, requires_grad=True), use_reentrant=False
        ).sum().backward()
        chain()

    viewer = shown(program, FINISH)
    assert viewer.reasons == [Reason.END]
    trace = viewer.stopped[-1].trace
    tanhs = [call for call in range(len(trace)) if trace.functions[trace.function[call]] == "Tensor.tanh"]
    assert [trace.flags[call] & 8 for call in tanhs] == [0, 8]


def test_a_compaction_while_backward_is_held_up_leaves_the_calls_of_its_nodes_right() -> None:
    viewer = Viewer(STEP)
    with watched(viewer) as watching:
        stops = watching._stops
        assert stops is not None
        for _ in range(3000):
            torch.ones(1) * 2
        x = torch.ones(3, requires_grad=True)
        y = (x * 2).exp()  # the line
        y.register_hook(lambda _: stops.full())
        before = len(stops.recorder.tape)
        y.sum().backward(retain_graph=True)
        assert len(stops.recorder.tape) < before
        graph, tape = stops.graph, stops.recorder.tape
        assert graph is not None
        node = next(node for node in range(len(graph)) if graph.node_name(node) == "ExpBackward0")
        site = stops.recorder.sites.table[tape.keys[tape.key[graph.call[node]]][1]]
        assert site.line == line_of("# the line", OWN)
