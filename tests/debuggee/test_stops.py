"""Where a program is held and looked at, how gradients are judged, and that it goes on without a viewer."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gradtui.debuggee import stops
from gradtui.debuggee.engine import PLACES
from gradtui.debuggee.instrumentation import Instrumentation
from gradtui.model.messages import Act, Command, Plan, Progress, Seen, Stopped, Training
from gradtui.model.owners import GradState, Role
from gradtui.model.stops import StopKind, come_to
from gradtui.model.trace import ValueFlag
from tests.debuggee.recording import Listener, recording, seen

HERE = Path(__file__).resolve()


def line_of(text: str) -> int:
    lines = HERE.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def train(net: nn.Module, steps: int = 3) -> None:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        net(torch.ones(2, 3)).sum().backward()  # trained here
        optimizer.step()


def held(made: Listener) -> list[tuple[StopKind, int]]:
    return [(m.snapshot.stop.kind, m.snapshot.stop.index) for m in made.said if isinstance(m, Stopped)]


def test_the_first_backward_and_then_each_is_where_the_program_is_held() -> None:
    with recording() as made:
        train(nn.Linear(3, 1))
    assert held(made.listener) == [(StopKind.BACKWARD, 1), (StopKind.BACKWARD, 2), (StopKind.BACKWARD, 3)]
    first = made.snapshots[0]
    assert first.trace.sites[first.stop.site].line == line_of("# trained here")
    assert first.stop.loss is not None


@pytest.mark.parametrize("where", ["2", f"{HERE}:{line_of('# trained here')}"])
def test_a_stop_can_be_named_by_its_number_or_by_its_line(where: str) -> None:
    def program() -> None:
        torch.ones(2, requires_grad=True).sum().backward()
        train(nn.Linear(3, 1), steps=1)

    with recording(stop_at=where) as made:
        program()
    assert held(made.listener) == [(StopKind.BACKWARD, 2)]


def test_a_program_that_never_calls_backward_is_held_at_its_end() -> None:
    with recording() as made:
        nn.Linear(3, 1)(torch.ones(2, 3))
        made.watching.ended(0)
    assert held(made.listener) == [(StopKind.END, 1)]


def test_an_exception_before_backward_shows_the_graph_that_was_built_so_far() -> None:
    net = nn.Linear(3, 4)
    snapshot = seen(lambda: nn.Linear(5, 1)(torch.relu(net(torch.ones(2, 3)))))[0]
    assert snapshot.stop.kind is StopKind.EXCEPTION
    assert snapshot.raised is not None
    assert not snapshot.raised.in_backward
    assert "mat1 and mat2" in snapshot.raised.message
    assert snapshot.stop.total == 0  # without a loss nothing is reached, and nothing is cut off
    assert snapshot.graph is not None
    assert [snapshot.graph.node_name(root) for root in snapshot.graph.roots] == ["ReluBackward0"]


def test_an_exception_in_backward_shows_the_graph_that_it_was_in() -> None:
    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        y = torch.exp(x)
        y.add_(1)
        y.sum().backward()

    snapshot = next(s for s in seen(program) if s.stop.kind is StopKind.EXCEPTION)
    assert snapshot.raised is not None
    assert snapshot.raised.in_backward
    assert snapshot.graph is not None
    assert len(snapshot.graph) == 4
    assert snapshot.graph.stale


def test_an_exception_after_a_backward_that_failed_and_was_forgiven_is_not_its() -> None:
    def program() -> None:
        with pytest.raises(RuntimeError, match="does not require grad"):
            torch.ones(1).backward()
        nn.Linear(5, 1)(torch.ones(2, 3))

    snapshot = next(s for s in seen(program) if s.stop.kind is StopKind.EXCEPTION)
    assert snapshot.raised is not None
    assert not snapshot.raised.in_backward


def judged(net: nn.Module, *, check: bool, steps: int = 1) -> list[dict[str, GradState]]:
    """For each step of the optimizer how the gradient of each parameter stood."""
    found = []
    snapshots = seen(lambda: train(net, steps), check=check)
    names = {p.tensor: p.name for p in snapshots[-1].parameters}
    for snapshot in snapshots:
        found += [{names[t]: state for t, state in item.states.items()} for item in snapshot.judgements]
    return found


class Half(nn.Module):
    """One layer that learns, one whose gradient is zero, one that is never used."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.dead, self.idle = (nn.Linear(3, 1, bias=False) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        used: Tensor = self.used(x)
        return used + torch.round(self.dead(x))


def test_gradients_are_judged_by_value_where_that_is_asked_for() -> None:
    assert judged(Half(), check=True) == [
        {"used.weight": GradState.PRESENT, "dead.weight": GradState.ZERO, "idle.weight": GradState.NONE}
    ]


def test_values_of_gradients_are_looked_at_unasked_where_that_waits_for_no_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    states = {"used.weight": GradState.PRESENT, "dead.weight": GradState.ZERO, "idle.weight": GradState.NONE}
    assert judged(Half(), check=False) == [states]

    monkeypatch.setattr("gradtui.debuggee.grad_states.at_hand", lambda _: False)
    assert judged(Half(), check=False) == [{**states, "dead.weight": GradState.PRESENT}]


@pytest.mark.parametrize("number", [1e-30, 1e30])
def test_a_gradient_whose_norm_cannot_be_told_is_no_dead_one(number: float) -> None:
    net = nn.Linear(1, 1, bias=False)

    def program() -> None:
        optimizer = torch.optim.SGD(net.parameters(), lr=0.0)
        net.weight.grad = torch.full((1, 1), number)
        optimizer.step()

    (snapshot, _) = seen(program)
    assert list(snapshot.judgements[0].states.values()) == [GradState.PRESENT]


@pytest.mark.parametrize(("number", "state"), [(0.0, GradState.ZERO), (math.nan, GradState.NONFINITE)])
def test_a_large_gradient_is_judged_by_a_sample_and_then_as_a_whole(number: float, state: GradState) -> None:
    net = nn.Linear(300, 300, bias=False)

    def program() -> None:
        optimizer = torch.optim.SGD(net.parameters(), lr=0.0)
        for last in (1.0, number):  # the last element, which no sample has, is all that lives
            net.weight.grad = torch.full((300, 300), number)
            net.weight.grad[-1, -1] = last
            optimizer.step()

    states = [
        one for snapshot in seen(program) for judged in snapshot.judgements for one in judged.states.values()
    ]
    assert states == [GradState.PRESENT if state is GradState.ZERO else state, state]


def test_after_a_gradient_of_zeros_it_is_looked_for_where_it_died() -> None:
    deaths = [death for snapshot in seen(lambda: train(Half(), 3)) for death in snapshot.deaths]
    assert {(death.name, death.state) for death in deaths} == {("RoundBackward0", "zero")}


def test_a_graph_of_many_calls_is_not_even_walked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradtui.debuggee.engine.LARGEST", 3)
    assert not any(snapshot.deaths for snapshot in seen(lambda: train(Half(), 3)))


def test_where_every_gradient_lives_no_backward_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = []
    monkeypatch.setattr("gradtui.debuggee.engine.ValueHooks", lambda *_: watched.append(1))
    with recording(stop_at="1000"):
        train(nn.Linear(3, 1), 3)
    assert not watched


def test_a_backward_that_was_held_is_watched_as_it_goes_on() -> None:
    deaths = [death for snapshot in seen(lambda: train(Half(), 1)) for death in snapshot.deaths]
    assert {(death.name, death.state) for death in deaths} == {("RoundBackward0", "zero")}


def test_the_node_at_which_a_gradient_died_is_named_with_the_leaves_below_it() -> None:
    snapshots = seen(lambda: train(Half(), 1), check=True)
    deaths = [(snapshot, death) for snapshot in snapshots for death in snapshot.deaths]
    ((snapshot, death),) = deaths
    assert (death.name, death.state) == ("RoundBackward0", "zero")
    assert snapshot.trace.call(death.call).function == "torch.round"
    names = {p.tensor: p.name for p in snapshot.parameters}
    assert [names[leaf] for leaf in death.leaves] == ["dead.weight"]


def test_a_step_that_is_like_the_others_is_not_told_again() -> None:
    snapshots = seen(lambda: train(nn.Linear(3, 1), 50), check=True)
    assert len([s for s in snapshots if s.stop.kind is StopKind.STEP]) <= 3
    assert sum(len(s.judgements) for s in snapshots) == 50


def test_a_late_change_is_told_when_it_comes() -> None:
    def program() -> None:
        net = nn.ModuleList([nn.Linear(3, 1), nn.Linear(3, 1)])
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        for step in range(40):
            optimizer.zero_grad()
            h = net[0](torch.ones(2, 3))
            (h if step < 30 else h.detach() + net[1](torch.ones(2, 3))).sum().backward()
            optimizer.step()

    steps = [s for s in seen(program, check=True) if s.stop.kind is StopKind.STEP]
    assert any(s.optimizers[0].steps == 31 for s in steps)


def test_owners_are_found_without_being_told_the_model() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
            self.layers[1].weight = nn.Parameter(torch.ones(1, 3))
            self.table = {"memory": torch.randn(2, requires_grad=True)}
            self.register_buffer("mean", torch.zeros(3))

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.layers(x - self.get_buffer("mean"))
            return out * self.table["memory"].sum()

    with recording() as made:
        model = Net()
        train(model, 1)
    snapshot = made.snapshots[0]
    roles = {p.name: p.role for p in snapshot.parameters if p.requires_grad or p.role is Role.BUFFER}
    assert roles == {
        "layers.0.weight": Role.PARAMETER,
        "layers.0.bias": Role.PARAMETER,
        "layers.1.weight": Role.PARAMETER,
        "layers.1.bias": Role.PARAMETER,
        "mean": Role.BUFFER,
        "table['memory']": Role.ATTRIBUTE,
    }
    (optimizer,) = snapshot.optimizers
    assert (optimizer.kind, optimizer.name, len(optimizer.tensors)) == ("SGD", "optimizer", 4)


def test_a_tied_parameter_has_all_its_names_and_two_models_are_told_apart() -> None:
    with recording() as made:
        left, right = nn.Linear(2, 2), nn.Linear(2, 2)
        left.extra = left.weight
        (left(torch.ones(2)) + right(torch.ones(2))).sum().backward()
    names = {p.names for p in made.snapshots[0].parameters}
    assert ("left.weight", "left.extra") in names
    assert ("right.weight",) in names


class Deaf(Listener):
    """A viewer that is gone."""

    def send(self, message: Any) -> bool:
        super().send(message)
        return False

    def receive(self) -> Any:
        return None


@pytest.mark.parametrize("listener", [Deaf(), Listener()])
def test_without_a_viewer_the_program_goes_on_by_itself(listener: Listener) -> None:
    if not isinstance(listener, Deaf):
        listener.receive = lambda: Command(Act.DETACH)  # type: ignore[method-assign]
    watching = Instrumentation(Plan(("program.py",), "script"), listener)  # type: ignore[arg-type]
    watching.torch_imported()
    try:
        net = nn.Linear(3, 1)
        train(net)
    finally:
        watching.remove()
    assert net.weight.grad is not None
    assert len(held(listener)) <= 1


def test_a_sign_of_life_says_where_the_program_is() -> None:
    with recording() as made:
        made.stops.holding.due = 0.0
        for _ in range(65):
            torch.ones(1) * 2  # the place
    ticks = [message for message in made.listener.said if isinstance(message, Progress)]
    assert ticks[0].site is not None
    assert ticks[0].site.line == line_of("# the place")


def test_a_sign_of_life_says_how_far_a_training_has_come() -> None:
    with recording() as made:
        net = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(net.parameters())
        for _ in range(3):
            loss = net(torch.ones(2, 3)).mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        made.stops.holding.due = 0.0
        for _ in range(65):
            torch.ones(1) * 2
    ticks = [message for message in made.listener.said if isinstance(message, Progress)]
    assert ticks[-1].training == Training(3, 3, loss.item())


def test_a_recording_has_the_graph_of_each_loss_once() -> None:
    weight = torch.ones(2, requires_grad=True)

    def backward(loss: Tensor) -> None:
        loss.backward()

    with recording(unheld=True) as made:
        for _ in range(3):
            backward(weight.sum())
            backward(weight.exp().sum())

    assert held(made.listener) == []
    told = [(item.stop.index, "ExpBackward0" in item.graph.names) for item in made.snapshots if item.graph]
    assert told == [(1, False), (2, True)]


def test_of_a_recursion_a_recording_has_no_more_than_a_few_graphs() -> None:
    weight = torch.ones(2, requires_grad=True)

    def deeper(levels: int) -> None:
        weight.sum().backward()
        if levels > 1:
            deeper(levels - 1)

    with recording(unheld=True) as made:
        deeper(50)
    assert len(made.snapshots) == PLACES


def test_snapshots_on_the_way_hold_nothing_up() -> None:
    with recording() as made:
        train(nn.Linear(3, 1))
    assert {m.snapshot.stop.kind for m in made.listener.said if isinstance(m, Seen)} == {StopKind.STEP}


def test_hooks_and_retained_gradients_of_tensors_that_are_no_leaves_are_told() -> None:
    def program() -> None:
        weight = torch.ones(3, requires_grad=True)
        plain, kept, hooked = weight * 2, weight * 3, weight * 4
        kept.retain_grad()
        hooked.register_hook(lambda grad: grad)
        (plain + kept + hooked).sum().backward()

    trace = seen(program)[0].trace
    made = [trace.value(call.outputs[0]).flags for call in trace.calls() if call.function == "Tensor.mul"]
    marks = ValueFlag.ALIVE | ValueFlag.RETAINS_GRAD | ValueFlag.HOOKED

    assert [flags & marks for flags in made] == [
        ValueFlag.ALIVE,
        ValueFlag.ALIVE | ValueFlag.RETAINS_GRAD,
        ValueFlag.ALIVE | ValueFlag.HOOKED,
    ]


def test_of_a_long_run_the_beginning_the_end_and_where_the_loss_broke_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stops, "MOST_STOPS", 40)
    with recording(stop_at="1000000") as made:
        weight = torch.ones(1, requires_grad=True)
        for step in range(1, 301):
            (weight * (2.0 if step < 102 else math.inf)).backward()
            torch.autograd.grad((weight * 2).sum(), weight)
        made.watching.ended(0)

    told = made.snapshots[-1].stops
    backwards = [stop.index for stop in told if stop.kind is StopKind.BACKWARD]
    assert len(told) <= 40
    assert backwards == sorted(backwards)
    assert [backwards[0], *backwards[-9:]] == [1, *range(292, 301)]
    assert {101, 102} <= set(backwards)
    assert come_to(told) == 600
