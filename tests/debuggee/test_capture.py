"""The backward graph as it is captured, with torch itself as the oracle, and one too deep to recurse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gradtui.debuggee import stops
from gradtui.debuggee.capture import capture
from gradtui.diagnosis.engine import diagnose
from gradtui.model.columns import NONE
from gradtui.model.findings import Rule
from gradtui.model.graph import Graph
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import StopKind
from tests.debuggee.recording import seen

BOOTSTRAP = Path(__file__).parent.parent.parent / "gradtui" / "debuggee" / "bootstrap.py"


def stopped(program: Callable[[], object]) -> Snapshot:
    """The snapshot at the first backward."""
    return next(s for s in seen(program) if s.stop.kind is StopKind.BACKWARD)


def graph_of(snapshot: Snapshot) -> Graph:
    assert snapshot.graph is not None
    return snapshot.graph


def names(graph: Graph) -> list[str]:
    return [graph.node_name(node) for node in range(len(graph))]


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(_ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(_ctx: Any, gradient: Tensor) -> Tensor:
        return gradient * 2


def doubled(x: Tensor) -> Tensor:
    made: Tensor = Doubled.apply(x)  # type: ignore[no-untyped-call]
    return made


def many_calls(count: int) -> None:
    """As stand before a small graph in a long run."""
    total = torch.zeros((), requires_grad=True)
    for _ in range(count):
        total = total + 1


def walked(root: Tensor) -> int:
    """How many nodes there are below a root, counted without us."""
    assert root.grad_fn is not None
    pending, found = [root.grad_fn], {root.grad_fn}
    while pending:
        for target, _ in pending.pop().next_functions:
            if target is not None and target not in found:
                found.add(target)
                pending.append(target)
    return len(found)


def test_every_node_of_torchs_own_graph_is_there_once() -> None:
    sizes = []

    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        y = x * 2
        loss = (y * y + y).sum()
        sizes.append(walked(loss))
        loss.backward()

    graph = graph_of(stopped(program))
    assert [len(graph)] == sizes
    assert names(graph).count("AccumulateGrad") == 1


@pytest.mark.parametrize(
    "step",
    [
        lambda x, n: torch.cat([x, x]) if n % 2 else x[1:] + 1,
        lambda x, n: x.repeat(n + 1).reshape(-1, n + 1).max(1)[0],
        lambda x, n: F.layer_norm(x.expand(2, 3, 4), (3, 4) if n % 2 else (4,))[0, 0, :1],
        lambda x, n: x.unsqueeze(0).mul_(2).squeeze() if n % 3 else x.clone().unsqueeze_(0)[0],
        lambda x, n: doubled(x) if n % 2 else doubled(x.expand(2, -1))[0],
    ],
    ids=["of growing size", "inner shapes", "several outputs", "in place", "custom"],
)
def test_each_node_receives_the_shapes_that_torch_says_it_does(
    step: Callable[[Tensor, int], Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    truth: list[list[tuple[int, ...]]] = []

    def noted(*arguments: Any) -> tuple[Graph, list[Any]]:
        graph, nodes = capture(*arguments)
        truth.extend([tuple(one.shape) for one in node._input_metadata] for node in nodes)
        return graph, nodes

    def program() -> None:
        x = torch.ones(1, requires_grad=True) * 1
        for number in range(6):
            x = step(x, number)
        x.sum().backward()

    monkeypatch.setattr(stops, "capture", noted)
    graph = graph_of(stopped(program))

    assert [[graph.shapes[shape] for shape in row] for row in graph.received] == truth


def test_the_reached_parameters_are_those_that_get_a_gradient() -> None:
    nets: list[nn.Module] = []

    def program() -> None:
        net = nn.ModuleList([nn.Linear(2, 2) for _ in range(4)])
        nets.append(net)
        net[3].requires_grad_(False)
        h = net[0](torch.ones(2)).detach()
        net[3](torch.relu(net[1](h)) + net[2](h).argmax()).sum().backward()

    snapshot = stopped(program)
    reached = {p.name for p in snapshot.parameters if p.tensor in graph_of(snapshot).leaves()}
    assert reached == {name for name, p in nets[0].named_parameters() if p.grad is not None}
    assert (snapshot.stop.reached, snapshot.stop.total) == (2, 6)


def test_an_edge_that_nobody_asked_for_is_kept_as_none() -> None:
    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        (x * 2 + x.detach()).sum().backward()

    graph = graph_of(stopped(program))
    (addition,) = [node for node in range(len(graph)) if graph.node_name(node) == "AddBackward0"]
    assert [target == NONE for target in graph.edges[addition]] == [False, True]


@pytest.mark.parametrize("before", [0, 5000])
def test_every_node_but_the_leaves_knows_its_call_and_its_line(before: int) -> None:
    def program() -> None:
        many_calls(before)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        torch.nn.functional.mse_loss(layer(torch.ones(2, 3, 8)), torch.zeros(2, 3, 8)).backward()

    snapshot = stopped(program)
    graph = graph_of(snapshot)
    strangers = [
        graph.node_name(node)
        for node in range(len(graph))
        if graph.call[node] == NONE and graph.node_name(node) != "AccumulateGrad"
    ]
    assert strangers == []
    assert {snapshot.trace.call(call).site.file for call in graph.call if call != NONE} == {__file__}


class Halved(torch.autograd.Function):
    """A custom function around others: its forward calls torch, and a custom function of its own."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, depth: int) -> Tensor:  # noqa: ARG004
        return Halved.apply(x, depth - 1).round() if depth else (x * 0.5).abs()  # type: ignore[no-untyped-call]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # noqa: ARG004
        return grad * 0.5, None


@pytest.mark.parametrize("before", [0, 5000])
def test_the_node_of_a_custom_function_knows_its_call_whatever_was_called_inside(before: int) -> None:
    def program() -> None:
        many_calls(before)
        x = torch.ones(3, requires_grad=True)
        flat = Halved.apply(x * 2, 0)  # type: ignore[no-untyped-call]
        (Halved.apply(flat + 1, 2) * 3).sum().backward()  # type: ignore[no-untyped-call]

    snapshot = stopped(program)
    graph = graph_of(snapshot)
    calls = {names(graph)[node]: graph.call[node] for node in range(len(graph))}

    assert names(graph).count("HalvedBackward") == 2
    assert NONE not in [graph.call[node] for node in range(len(graph)) if graph.leaf[node] == NONE]
    assert {
        snapshot.trace.call(graph.call[node]).function
        for node in range(len(graph))
        if names(graph)[node] == "HalvedBackward"
    } == {"Halved.apply"}
    assert snapshot.trace.call(calls["AddBackward0"]).function == "Tensor.add"


def test_a_leaf_may_be_a_root_and_there_may_be_several() -> None:
    def program() -> None:
        a, b = torch.ones((), requires_grad=True), torch.ones((), requires_grad=True)
        torch.autograd.backward([a, b * 2])

    graph = graph_of(stopped(program))
    assert [graph.node_name(root) for root in graph.roots] == ["AccumulateGrad", "MulBackward0"]


def relu_and_add(x: Tensor) -> Tensor:
    h = torch.relu(x)
    h += 1
    return h


def exp_and_slice(x: Tensor) -> Tensor:
    h = torch.exp(x)
    h[0] = 0.0
    return h


def sigmoid_and_copy(x: Tensor) -> Tensor:
    h = torch.sigmoid(x)
    with torch.no_grad():
        h.copy_(torch.zeros(3))
    return h


def tanh_and_out(x: Tensor) -> Tensor:
    h = torch.tanh(x)
    with torch.no_grad():
        torch.add(torch.ones(3), 1, out=h.detach())
    return h


def through_a_view(x: Tensor) -> Tensor:
    h = torch.exp(x)
    h.view(3, 1).mul_(2)
    return h


@pytest.mark.parametrize(
    ("write", "writer", "versions"),
    [
        (relu_and_add, "Tensor.add_", (0, 1)),
        (exp_and_slice, "Tensor.__setitem__", (0, 1)),
        (sigmoid_and_copy, "Tensor.copy_", (0, 1)),
        (tanh_and_out, "torch.add", (0, 1)),
        (through_a_view, "Tensor.mul_", (0, 1)),
    ],
)
def test_a_write_that_backward_will_trip_over_is_known_before_it_does(
    write: Callable[[Tensor], Tensor], writer: str, versions: tuple[int, int]
) -> None:
    snapshot = stopped(lambda: write(torch.ones(3, requires_grad=True)).sum().backward())
    (stale,) = graph_of(snapshot).stale
    assert (stale.expected, stale.actual) == versions
    assert snapshot.trace.call(stale.call).function == writer


def test_an_optimizers_step_is_a_writer_too() -> None:
    def program() -> None:
        net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        out = net(torch.ones(1, 2))
        first, second = F.mse_loss(out, torch.zeros(1, 1)), out.exp().sum()
        first.backward(retain_graph=True)
        optimizer.step()
        second.backward()

    snapshot = [s for s in seen(program) if s.stop.kind is StopKind.BACKWARD][-1]
    writers = {snapshot.trace.call(stale.call).function for stale in graph_of(snapshot).stale}
    assert writers == {"SGD.step"}


class Squared(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        return 2 * x * gradient


def same_loss_twice(x: Tensor) -> None:
    loss = x.exp().sum()
    loss.backward()
    loss.backward()


def shared_trunk(x: Tensor) -> None:
    trunk = x.exp()
    trunk.sum().backward()
    (trunk + 1).mean().backward()


def shared_trunk_that_is_kept(x: Tensor) -> None:
    trunk = x.exp()
    trunk.sum().backward(retain_graph=True)
    (trunk + 1).mean().backward()


def shared_nodes_that_save_nothing(x: Tensor) -> None:
    shared = (x + 1).view(3, 1)
    shared.exp().sum().backward()
    (shared - 2).sum().backward()


def graphs_apart_both_built_before(x: Tensor) -> None:
    one, other = x.exp().sum(), x.sin().sum()
    one.backward()
    other.backward()


def second_by_grad(x: Tensor) -> None:
    trunk = x.exp()
    torch.autograd.grad(trunk.sum(), x)
    trunk.mean().backward()


def of_a_custom_function(x: Tensor) -> None:
    trunk: Tensor = Squared.apply(x)  # type: ignore[no-untyped-call]
    trunk.sum().backward()
    (trunk + 1).mean().backward()


def after_a_step(x: Tensor) -> None:
    optimizer, state = torch.optim.SGD([x], lr=0.1), x * 1
    for _ in range(2):
        state = state.sigmoid()
        state.sum().backward()
        optimizer.step()


def detached_after_a_step(x: Tensor) -> None:
    optimizer, state = torch.optim.SGD([x], lr=0.1), x * 1
    for _ in range(2):
        state = (state.detach() * x).sigmoid()
        state.sum().backward()
        optimizer.step()


@pytest.mark.parametrize(
    "program",
    [
        same_loss_twice,
        shared_trunk,
        shared_trunk_that_is_kept,
        shared_nodes_that_save_nothing,
        graphs_apart_both_built_before,
        second_by_grad,
        of_a_custom_function,
        after_a_step,
        detached_after_a_step,
    ],
    ids=lambda one: one.__name__,
)
def test_whether_backward_will_miss_what_was_freed_is_known_before_it_does(
    program: Callable[[Tensor], None],
) -> None:
    raises = False
    try:
        program(torch.ones(3, requires_grad=True))
    except RuntimeError as error:
        raises = "a second time" in str(error)

    def watched() -> None:
        with suppress(RuntimeError):
            program(torch.ones(3, requires_grad=True))

    before = [s for s in seen(watched) if s.stop.kind is StopKind.BACKWARD and s.raised is None]
    assert [graph_of(s).freed != NONE for s in before] == [False] * (len(before) - 1) + [raises]
    assert any(found.rule is Rule.DOUBLE_BACKWARD for found in diagnose(before)) == raises


def test_looking_at_a_graph_changes_nothing_of_it() -> None:
    def gradient() -> Tensor:
        torch.manual_seed(0)
        x = torch.randn(3, requires_grad=True)
        torch.exp(x).cumsum(0).prod().backward()
        assert x.grad is not None
        return x.grad

    plain, watched = gradient(), []
    stopped(lambda: watched.append(gradient()))
    assert torch.equal(plain, watched[0])


DEEP = """
import sys, torch
from tests.debuggee.recording import recording
x = torch.ones(1, requires_grad=True)
with recording() as made:
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()
graph = made.snapshots[0].graph
assert len(graph) == 100_001, len(graph)
made.listener.said.clear()
assert x.grad.item() == 1
del y
print("released")
"""


def test_a_chain_of_a_hundred_thousand_nodes_is_captured_and_released() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DEEP],
        capture_output=True,
        text=True,
        check=False,
        cwd=BOOTSTRAP.parent.parent.parent,
    )
    assert (done.returncode, done.stdout) == (0, "released\n"), done.stderr


def test_that_a_backward_has_freed_its_graph_is_nothing_to_tell_of_an_error_that_comes_after_it() -> None:
    def program() -> None:
        x = torch.ones(2, requires_grad=True)
        loss = (x * x).sum()
        loss.backward()
        raise ValueError(loss)

    (raised,) = [one for one in seen(program) if one.stop.kind is StopKind.EXCEPTION]
    assert len(graph_of(raised)) > 1
    assert graph_of(raised).freed == NONE


def test_what_a_backward_has_passed_before_it_raised_is_not_told_as_freed_too_early() -> None:
    def program() -> None:
        x = torch.ones(2, requires_grad=True)
        hidden = x.sigmoid()
        loss = (hidden * hidden.exp()).log().sum()
        hidden.mul_(2)
        loss.backward()

    (raised,) = [one for one in seen(program) if one.stop.kind is StopKind.EXCEPTION]
    assert raised.raised is not None
    assert raised.raised.in_backward
    assert graph_of(raised).freed == NONE
    assert graph_of(raised).stale
