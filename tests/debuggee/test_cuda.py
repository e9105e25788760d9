"""What is different on a GPU: there the engine has a thread of its own, and asking for a number waits."""

from __future__ import annotations

import copy
import math
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from gradtui.debuggee.readings import Depth, summaries, take
from gradtui.diagnosis.engine import diagnose
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.messages import Act, Command, Evaluate, Reason, Show
from gradtui.model.owners import GradState
from gradtui.model.trace import CallFlag
from tests.debuggee.recording import recording
from tests.debuggee.test_stepping_figures import VALUES
from tests.debuggee.viewer import CONTINUE, FINISH, STEP, Viewer, going, shown, to, watched

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")

CUDA = torch.device("cuda")

Program = Callable[[], Any]


def model(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)  # made where it is used: to move it would wait
    return nn.Sequential(
        nn.Linear(16, 32, device=CUDA),
        nn.GELU(),
        nn.Dropout(0.2),
        nn.LayerNorm(32, device=CUDA),
        nn.Linear(32, 4, device=CUDA),
    )


def training(steps: int = 4) -> list[Tensor]:
    """Parameters after some steps, and what the generator gives next."""
    net = model()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    for _ in range(steps):
        x = torch.randn(8, 16, device=CUDA)
        optimizer.zero_grad()
        net(x).square().mean().backward()
        optimizer.step()
    return [*(p.detach().clone() for p in net.parameters()), torch.randn(4, device=CUDA)]


def same(one: list[Tensor], other: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture
def deterministic() -> Iterator[None]:
    torch.use_deterministic_algorithms(True, warn_only=True)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def forbidden() -> Iterator[None]:
    """Whoever waits for the GPU gets an error."""
    training(1)  # what is set up at the first call may wait
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it doesn't find everything
        torch.cuda.set_sync_debug_mode("error")
    yield
    torch.cuda.set_sync_debug_mode("default")


RUN = Command(Act.RUN)


@pytest.mark.parametrize("say", [CONTINUE, FINISH, STEP, RUN], ids=lambda say: say.act.name)
@pytest.mark.usefixtures("deterministic")
def test_numbers_are_the_same_whatever_the_viewer_says(say: Command) -> None:
    alone = training()
    found: list[list[Tensor]] = []
    shown(lambda: found.append(training()), then=say.act)
    assert same(alone, found[0])


@pytest.mark.usefixtures("forbidden")
def test_nothing_waits_for_the_gpu_while_nobody_steps() -> None:
    shown(lambda: training(9))
    shown(lambda: training(9), then=Act.RUN)


@pytest.mark.usefixtures("forbidden")
def test_a_check_asks_though_the_program_forbids_waiting_and_leaves_that_as_it_was() -> None:
    with recording(check=True) as made:
        training(3)
        assert torch.cuda.get_sync_debug_mode() == 2
        made.watching.ended(0)
        assert not made.stops.recorder.fault
    judged = [one for snapshot in made.snapshots for one in snapshot.judgements]
    assert {state for one in judged for state in one.states.values()} == {GradState.PRESENT}


@pytest.mark.usefixtures("forbidden")
def test_stepping_asks_though_the_program_forbids_waiting_and_leaves_that_as_it_was() -> None:
    viewer = shown(lambda: training(1), then=Act.STEP)
    assert torch.cuda.get_sync_debug_mode() == 2
    norms = [grads.norm for one in viewer.stepped for grads in one.receives if grads is not None]
    assert norms
    assert all(math.isfinite(norm) for norm in norms)
    assert viewer.reasons[-1] is Reason.END


@pytest.mark.usefixtures("forbidden")
def test_running_to_a_node_reads_nothing_before_it_is_held_there() -> None:
    """What is computed on the way stays on the GPU."""
    modes: list[int] = []

    class Counting(Viewer):
        def send(self, message: Any) -> bool:
            modes.append(torch.cuda.get_sync_debug_mode())
            return super().send(message)

    viewer = Counting(to("GeluBackward0"), then=Act.CONTINUE)
    with watched(viewer):
        training(1)
    assert viewer.nexts[0] == "GeluBackward0"
    assert set(modes) == {2}


@pytest.mark.parametrize("name", VALUES)
def test_figures_are_those_of_the_cpu(name: str) -> None:
    values = VALUES[name]
    ((here,), (there,)) = summaries(
        [(take(values, Depth.HISTOGRAM),), (take(values.to(CUDA), Depth.HISTOGRAM),)]
    )
    assert here is not None
    assert there is not None
    for what in ("norm", "minimum", "maximum", "mean"):
        a, b = getattr(here, what), getattr(there, what)
        assert (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-5), what
    assert (here.zeros, here.nans, here.infs) == (there.zeros, there.nans, there.infs)
    assert here.histogram == there.histogram


def chain() -> Tensor:
    x = torch.full((3,), 0.5, requires_grad=True, device=CUDA)
    (x * 2).exp().sin().sum().backward()
    return x


NAMES = ["SumBackward0", "SinBackward0", "ExpBackward0", "MulBackward0", "AccumulateGrad"]


def test_backward_is_held_in_the_thread_of_the_program() -> None:
    threads: list[str] = []

    class Curious(Viewer):
        def receive(self) -> Any:
            threads.append(threading.current_thread().name)
            return super().receive()

    viewer = Curious(then=Act.STEP)
    with watched(viewer):
        chain()
    assert viewer.nexts == [*NAMES, ""]
    assert viewer.passed == NAMES
    assert set(threads) == {threading.current_thread().name}
    assert torch.autograd.is_multithreading_enabled()


def test_a_value_break_holds_where_the_gradient_is_nan() -> None:
    def program() -> None:
        x = torch.zeros(3, requires_grad=True, device=CUDA)
        (x.sqrt() * 0 + x).sum().backward()

    viewer = shown(program, going(Break(BreakKind.NONFINITE)))
    assert Reason.BREAK in viewer.reasons


def test_what_raises_in_a_backward_is_held_and_raised() -> None:
    def raising(_: Tensor) -> None:
        raise ValueError("of the program")

    def program() -> None:
        x = torch.ones(3, requires_grad=True, device=CUDA)
        y = x * 2
        y.register_hook(raising)
        with pytest.raises(ValueError, match="of the program"):
            y.sum().backward()

    viewer = shown(program, FINISH)
    assert viewer.reasons[-1] is Reason.RAISED


def test_values_and_expressions_are_answered_in_the_middle_of_a_backward() -> None:
    def value(viewer: Viewer) -> Any:
        return Show(7, tensor=-1, node=viewer.stepped[-1].next_node, slot=0)

    viewer = shown(chain, STEP, STEP, value, Evaluate(8, "x * 2"))
    texts = {answer.request: (answer.text, answer.error) for answer in viewer.answers}
    assert texts[7] == ("tensor([1., 1., 1.], device='cuda:0')", False)
    assert "device='cuda:0'" in texts[8][0]


def recomputed(*, reentrant: bool) -> list[Tensor]:
    net = model()
    x = torch.randn(8, 16, device=CUDA, requires_grad=True)
    out = checkpoint(net, x, use_reentrant=reentrant)
    out.square().mean().backward()
    return [p.grad for p in net.parameters() if p.grad is not None]


@pytest.mark.parametrize("reentrant", [True, False])
@pytest.mark.usefixtures("deterministic")
def test_a_recomputation_is_recorded(reentrant: bool) -> None:
    alone = recomputed(reentrant=reentrant)
    with recording(check=True) as made:
        found = recomputed(reentrant=reentrant)
        made.watching.ended(0)
        assert not made.stops.recorder.unseen
    trace = made.snapshots[-1].trace
    again = [call.name for call in trace.calls() if call.flags & CallFlag.BACKWARD]
    assert same(alone, found)
    assert {"linear", "gelu", "layer_norm"} <= set(again)


def penalised(device: torch.device) -> None:
    """A loss that holds a gradient: its graph has nodes that the first backward made."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).to(device)
    for _ in range(2):
        x = torch.ones(3, 4, device=device, requires_grad=True)
        out = net(x).sum()
        (slope,) = torch.autograd.grad(out, x, create_graph=True)
        ((slope.norm() - 1) ** 2 + out).backward()


def told(device: torch.device) -> list[tuple[str, str, int]]:
    """Of each node of the last graph its name, the function that made it and the line."""
    snapshot = shown(lambda: penalised(device)).stopped[-1]
    graph, trace = snapshot.graph, snapshot.trace
    assert graph is not None
    calls = [trace.call(call) if call >= 0 else None for call in graph.call]
    return [
        (graph.node_name(node), call.function if call else "", call.site.line if call else 0)
        for node, call in enumerate(calls)
    ]


def test_nodes_that_a_backward_made_are_told_as_on_the_cpu() -> None:
    assert told(CUDA) == told(torch.device("cpu"))


def graphed(steps: int = 3) -> list[Tensor]:
    """A whole training step in a CUDA graph, as torch's manual has it."""
    net = model()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2, capturable=True)
    x = torch.randn(8, 16, device=CUDA)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            optimizer.zero_grad(set_to_none=True)
            net(x).square().mean().backward()
            optimizer.step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    optimizer.zero_grad(set_to_none=True)
    with torch.cuda.graph(graph):
        net(x).square().mean().backward()
        optimizer.step()
    for _ in range(steps):
        graph.replay()
    return [p.detach().clone() for p in net.parameters()]


@pytest.mark.parametrize("say", [CONTINUE, FINISH, STEP, RUN], ids=lambda say: say.act.name)
@pytest.mark.usefixtures("deterministic")
def test_a_cuda_graph_is_captured_as_it_is_alone(say: Command) -> None:
    alone = graphed()
    found: list[list[Tensor]] = []
    shown(lambda: found.append(graphed()), then=say.act)
    assert same(alone, found[0])


@pytest.mark.usefixtures("deterministic")
def test_a_cuda_graph_is_captured_under_a_check() -> None:
    alone = graphed()
    with recording(check=True) as made:
        found = graphed()
        made.watching.ended(0)
        assert not made.stops.recorder.fault
    assert same(alone, found)


def test_memory_of_the_gpu_is_as_it_is_alone() -> None:
    def peak() -> tuple[int, int]:
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        training(3)
        return torch.cuda.max_memory_allocated() - before, torch.cuda.memory_allocated() - before

    peak()
    alone = peak()
    found: list[tuple[int, int]] = []
    shown(lambda: found.append(peak()))
    assert found[0] == alone
    shown(lambda: found.append(peak()), then=Act.STEP)
    assert found[1][1] == alone[1]


def test_a_backward_on_two_streams_is_read_when_it_has_come_to_that() -> None:
    def program() -> None:
        x = torch.ones(1 << 20, requires_grad=True, device=CUDA)
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            y = x * 3
        torch.cuda.current_stream().wait_stream(side)
        (y.sum() * 2).backward()

    viewer = shown(program, FINISH)
    (passed,) = [one for one in viewer.stepped[-1].passed if viewer.name(one.node) == "AccumulateGrad"]
    (grad,) = passed.received
    assert grad is not None
    assert math.isclose(grad.norm, 6 * 1024, rel_tol=1e-5)


def test_half_precision_with_a_scaler_is_quiet_and_unchanged() -> None:
    def program() -> list[Tensor]:
        net = copy.deepcopy(model())
        optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)
        scaler = torch.amp.GradScaler("cuda")
        for _ in range(6):
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.float16):
                loss = net(torch.randn(8, 16, device=CUDA)).square().mean()
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
        return [p.detach().clone() for p in net.parameters()]

    alone = program()
    with recording(check=True) as made:
        found = program()
        made.watching.ended(0)
    assert same(alone, found)
    assert [finding for finding in diagnose(made.snapshots) if finding.loud] == []
