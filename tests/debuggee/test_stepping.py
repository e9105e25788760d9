"""Where a backward is held, what is told of its nodes there, and how it goes on."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from gradtui.debuggee import figures, norms, readings, stepping
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.gradients import GradSummary
from gradtui.model.messages import Act, Command, Reason, Stepped, Stopped
from gradtui.model.stops import StopKind
from tests.debuggee.viewer import CONTINUE, FINISH, OVER, STEP, Viewer, going, shown, to, watched

HERE = Path(__file__).resolve()


def line_of(text: str) -> int:
    lines = HERE.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def chain() -> Tensor:
    """Sum, Sin, Exp, Mul, and the leaf."""
    x = torch.full((3,), 0.5, requires_grad=True)
    y = x * 2
    y = y.exp()  # exp is here
    y.sin().sum().backward()
    return x


CHAIN = ["SumBackward0", "SinBackward0", "ExpBackward0", "MulBackward0", "AccumulateGrad"]


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Block(), Block()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(self.first(x)).sum()
        return out


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.linear(x) * 2)


def modules() -> None:
    net = Net()
    net(torch.ones(2, 3)).backward()


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


# what is told of a node


def exact(gradient: Tensor) -> list[float]:
    """Norm, minimum, maximum, mean, zeros, NaNs and Infs by the plainest means."""
    numbers = [float(number) for number in gradient.flatten()]
    finite = [number for number in numbers if math.isfinite(number)] or [math.nan]
    return [
        math.hypot(*finite),
        min(finite),
        max(finite),
        math.fsum(finite) / len(finite),
        float(numbers.count(0.0)),
        float(sum(math.isnan(number) for number in numbers)),
        float(sum(math.isinf(number) for number in numbers)),
    ]


VALUES = {
    "plain": torch.tensor([[1.0, -2.0], [0.0, 4.0]]),
    "nan": torch.tensor([math.nan, 2.0, 0.0, -3.0]),
    "inf": torch.tensor([math.inf, -math.inf, 1.0]),
    "nothing finite": torch.tensor([math.nan, math.inf]),
    "zeros": torch.zeros(4),
    "half that overflows": torch.tensor([60000.0, 60000.0], dtype=torch.float16),
    "squares that vanish": torch.tensor([1e-30, 1e-30]),
    "squares that overflow": torch.tensor([1e200, -1e300], dtype=torch.float64),
    "bfloat16": torch.tensor([1.5, -0.25], dtype=torch.bfloat16),
    "one value": torch.tensor(3.0),
    "expanded": torch.tensor(2.0).expand(3, 5),
    "turned": torch.arange(6.0).reshape(2, 3).t(),
}


@pytest.mark.parametrize("name", VALUES)
def test_the_figures_of_a_gradient_are_those_of_its_finite_elements(name: str) -> None:
    gradient = VALUES[name]

    def program() -> None:
        leaf = torch.ones_like(gradient, requires_grad=True)
        (leaf * 1.0).backward(gradient=gradient)

    (summary,) = shown(program, STEP).stepped[0].receives
    assert summary is not None
    found = [
        summary.norm,
        summary.minimum,
        summary.maximum,
        summary.mean,
        summary.zeros,
        summary.nans,
        summary.infs,
    ]
    assert found == pytest.approx(exact(gradient), rel=1e-3, nan_ok=True)
    assert (summary.shape, summary.elements) == (tuple(gradient.shape), gradient.numel())
    finite = summary.elements - summary.nans - summary.infs
    assert sum(summary.histogram) in (finite, 0)
    assert summary.counted


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("name", VALUES)
def test_figures_that_stay_on_a_device_until_a_pause_are_the_same(
    name: str, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device is played by the CPU, whose numbers nobody may ask for before the pause."""

    def program() -> None:
        leaf = torch.ones_like(VALUES[name], requires_grad=True)
        y = leaf * 1.0
        (y.exp() + y.expm1()).backward(gradient=VALUES[name])

    monkeypatch.setattr(stepping, "LARGE", 1 if large else 20_000)
    monkeypatch.setattr(figures, "PIECE", 2)
    here = shown(program, STEP, FINISH).stepped
    monkeypatch.setattr(readings, "at_hand", lambda _: False)
    monkeypatch.setattr(norms, "PLAIN", frozenset())
    there = shown(program, STEP, FINISH).stepped
    for a, b in zip(here, there, strict=True):
        assert [one.node for one in a.passed] == [one.node for one in b.passed]
        for one, other in zip(told(a), told(b), strict=True):
            assert numbers(one) == pytest.approx(numbers(other), rel=1e-2, nan_ok=True)
            assert one.health == other.health


def told(message: Stepped) -> list[GradSummary]:
    every = (grads for one in message.passed for grads in (one.received, one.sent))
    return [item for grads in (message.receives, *every) for item in grads if item is not None]


def numbers(item: GradSummary) -> list[float]:
    return [
        item.norm,
        item.minimum,
        item.maximum,
        item.mean,
        item.zeros,
        item.nans,
        item.infs,
        *item.histogram,
    ]


def test_a_gradient_that_torch_never_makes_is_told_as_none() -> None:
    def program() -> None:
        x = torch.ones(2, 3, requires_grad=True)
        first, _ = x.unbind(0)
        first.sum().backward()

    viewer = shown(program, STEP, STEP)
    assert viewer.nexts[1] == "UnbindBackward0"
    received = viewer.stepped[1].receives
    assert [item is None for item in received] == [False, True]


def test_what_a_node_was_handed_is_what_is_told_again_once_it_is_passed() -> None:
    viewer = shown(chain, then=Act.STEP)
    for before, after in zip(viewer.stepped, viewer.stepped[1:], strict=False):
        assert after.passed[-1].node == before.next_node
        assert after.passed[-1].received == before.receives


def test_of_a_large_graph_that_runs_only_norms_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [m.passed for m in shown(chain, FINISH).stepped]
    monkeypatch.setattr(stepping, "LARGE", 3)
    viewer = shown(chain, FINISH)
    (norms,) = [m.passed for m in viewer.stepped]
    assert [one.node for one in norms] == [one.node for one in whole[0]]
    for some, full in zip(norms, whole[0], strict=True):
        for a, b in zip((*some.received, *some.sent), (*full.received, *full.sent), strict=True):
            assert (a is None) == (b is None)
            if a is not None and b is not None:
                assert not a.counted
                assert (a.norm, a.shape, a.health) == (b.norm, b.shape, b.health)


# breaks


def held_at(program: Callable[[], object], *breaks: Break) -> tuple[list[str], Viewer]:
    """Names of the nodes at which these breaks hold, one after the other."""
    viewer = Viewer()
    viewer.receive = lambda: going(*breaks)  # type: ignore[method-assign]
    with watched(viewer):
        program()
    assert all(message.reason is Reason.BREAK for message in viewer.stepped)
    return viewer.nexts, viewer


def test_a_break_holds_before_its_node() -> None:
    assert held_at(chain, Break(BreakKind.NODE, "SinBackward0"))[0] == ["SinBackward0"]
    here = Break(BreakKind.NODE, "ExpBackward0", str(HERE), line_of("# exp is here"))
    assert held_at(chain, here)[0] == ["ExpBackward0"]
    elsewhere = Break(BreakKind.NODE, "ExpBackward0", str(HERE), 1)
    assert held_at(chain, elsewhere)[0] == []


def test_one_of_several_nodes_of_a_name_and_place_can_be_meant() -> None:
    def program() -> None:
        x = torch.ones(2, requires_grad=True)
        for _ in range(3):
            x = x.exp()
        x.sum().backward()

    every, _ = held_at(program, Break(BreakKind.NODE, "ExpBackward0"))
    assert len(every) == 3
    one, viewer = held_at(program, Break(BreakKind.NODE, "ExpBackward0", occurrence=1))
    assert len(one) == 1
    assert viewer.stepped[0].steps == 2


def test_a_line_a_module_and_a_parameter_hold_where_backward_comes_to_them() -> None:
    assert held_at(chain, Break(BreakKind.LINE, "", str(HERE), line_of("# exp is here")))[0] == [
        "ExpBackward0"
    ]
    names, viewer = held_at(modules, Break(BreakKind.MODULE, "first"))
    assert names == ["TanhBackward0"]
    assert "AddmmBackward0" in viewer.passed  # of the other block, which comes first
    names, viewer = held_at(modules, Break(BreakKind.PARAMETER, "first.linear.bias"))
    assert names == ["AccumulateGrad"]
    graph, parameters = viewer.stopped[0].graph, viewer.stopped[0].parameters
    assert graph is not None
    leaf = graph.leaf[viewer.stepped[0].next_node]
    assert next(p.name for p in parameters if p.tensor == leaf) == "first.linear.bias"


def broken() -> None:
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    (x * 2).sqrt().mul(0.5).sum().mul(0.0).backward()


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(("kind", "culprit"), [("nonfinite", "SqrtBackward0"), ("zero", "MulBackward0")])
def test_the_first_bad_gradient_holds_right_after_the_node_that_made_it(
    kind: str, culprit: str, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(stepping, "LARGE", 1)
    wanted = Break(BreakKind(kind))
    _, viewer = held_at(broken, wanted)
    (message,) = viewer.stepped
    assert viewer.name(message.passed[-1].node) == culprit
    assert message.broke == wanted


def test_a_bad_gradient_of_the_last_node_holds_at_the_end_of_backward() -> None:
    def program() -> None:
        chain()
        x = torch.zeros(2, requires_grad=True)
        torch.autograd.grad(x.sqrt().sum(), x)

    viewer = shown(program, CONTINUE, going(Break(BreakKind.NONFINITE)))
    (message,) = viewer.stepped
    assert (message.reason, message.next_node) == (Reason.BREAK, -1)
    assert viewer.passed[-1] == "SqrtBackward0"


def test_a_half_whose_norm_overflows_is_finite_and_squares_that_vanish_are_no_zeros() -> None:
    def program() -> None:
        x = torch.ones(4, dtype=torch.float16, requires_grad=True)
        (x * 1.0).backward(gradient=torch.full((4,), 60000.0, dtype=torch.float16))
        y = torch.ones(4, requires_grad=True)
        (y * 1.0).backward(gradient=torch.full((4,), 1e-30))

    assert held_at(program, Break(BreakKind.NONFINITE), Break(BreakKind.ZERO))[0] == []


def test_a_norm_holds_where_it_crosses_its_bound() -> None:
    def program() -> None:
        x = torch.ones(1, requires_grad=True)
        ((((x * 1.0) * 0.01) * 100.0) * 10.0).backward()

    assert len(held_at(program, Break(BreakKind.ABOVE, bound=50.0))[0]) == 1
    assert len(held_at(program, Break(BreakKind.BELOW, bound=50.0))[0]) == 1


def test_a_break_can_be_switched_off_while_it_is_held() -> None:
    wanted = Break(BreakKind.NODE, "ExpBackward0")
    viewer = shown(lambda: (chain(), chain(), chain()), going(wanted), CONTINUE, CONTINUE, going(wanted))
    assert viewer.nexts == ["ExpBackward0", "ExpBackward0"]
    assert len(viewer.stopped) == 3


def test_past_backwards_it_is_held_only_where_a_break_comes_true_and_the_backward_is_shown_first() -> None:
    def program() -> None:
        for scale in (1.0, 1.0, math.nan, 1.0):
            x = torch.ones(2, requires_grad=True)
            (x * scale).exp().sum().backward()

    nonfinite = going(Break(BreakKind.NONFINITE), act=Act.RUN)
    viewer = shown(program, nonfinite, nonfinite)
    assert [snapshot.stop.index for snapshot in viewer.stopped] == [1, 3]
    last = [m for m in viewer.said if isinstance(m, (Stopped, Stepped))][-2:]
    assert [type(message) for message in last] == [Stopped, Stepped]
    assert viewer.passed[-1] == "ExpBackward0"


# a key, an error, an end


def test_pause_holds_at_the_next_node_of_a_backward_with_hooks_and_else_at_the_next_backward() -> None:
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

    viewer = Viewer(Command(Act.RUN), Command(Act.RUN))
    with watched(viewer):
        chain()
        chain()
        viewer.interrupts.append(Command(Act.PAUSE))
        chain()
        chain()
    assert [snapshot.stop.index for snapshot in viewer.stopped] == [1, 3]


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
    assert snapshot.trace.sites[snapshot.stop.site].line == line_of("# held about here")
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
    assert trace.sites[trace.site[message.writer]].line == line_of("# written here")


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
        assert site.line == line_of("# the line")
