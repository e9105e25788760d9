"""What a program computes while its backward is stepped through is what it computes alone, to the bit."""

from __future__ import annotations

import copy
import gc
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from gradtui.debuggee.stepping import Stepping
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.messages import Act, Command, Reason
from tests.debuggee.viewer import Viewer, watched

Log = list[Any]
"""What a program can see of its own backward: values and the order of its hooks."""


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        (x,) = ctx.saved_tensors
        return grads[0] * 2 + 0 * x


def net() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)
    )


def grads(module: nn.Module) -> Log:
    return [(name, p.grad) for name, p in module.named_parameters()]


def noting(log: Log, what: object) -> Callable[..., None]:
    """A hook that notes when it was called."""
    return lambda *_: log.append(what)


def hooked(log: Log) -> None:
    """Hooks on tensors, leaves and nodes, those that change what they get among them; and retain_grad."""
    model, x = net(), torch.randn(3, 4, requires_grad=True)
    hidden = model[0](x)
    hidden.retain_grad()
    hidden.register_hook(noting(log, "tensor"))
    hidden.register_hook(lambda g: g * 2)
    out = model[1:](hidden)
    out.grad_fn.register_prehook(noting(log, "node before"))
    out.grad_fn.register_hook(noting(log, "node after"))
    for name, p in model.named_parameters():
        p.register_hook(noting(log, name))
        p.register_post_accumulate_grad_hook(lambda p, name=name: log.append((name, p.grad.clone())))
    out.sum().backward()
    log += [*grads(model), hidden.grad, x.grad]


def double_backward(log: Log) -> None:
    model, x = net(), torch.randn(3, 4, requires_grad=True)
    (slope,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    ((slope.norm() - 1) ** 2).backward()
    log += grads(model)


def created_graph(log: Log) -> None:
    x = torch.randn(5, requires_grad=True)
    (x**3).sum().backward(create_graph=True)
    assert x.grad is not None
    slope = x.grad
    log.append(slope.grad_fn is not None)
    x.grad = None
    slope.sum().backward()
    log.append(x.grad)


def only_some_inputs(log: Log) -> None:
    model, x = net(), torch.randn(3, 4, requires_grad=True)
    hidden = model[0](x)
    model[1:](hidden).sum().backward(inputs=[model[3].weight, hidden])
    log += [*grads(model), hidden.grad, x.grad]


def given_gradients(log: Log) -> None:
    model = net()
    out = model(torch.randn(3, 4))
    out.backward(gradient=torch.randn(3, 1))
    log += grads(model)


def several_roots(log: Log) -> None:
    model, x = net(), torch.randn(3, 4)
    torch.autograd.backward([model(x).sum(), model(x).mean(), model[0](x)[0, 0]])
    log += grads(model)


def asked_for_gradients(log: Log) -> None:
    model, x = net(), torch.randn(3, 4, requires_grad=True)
    hidden = model[0](x)
    unused = torch.ones(1, requires_grad=True)
    unused.sum().backward()  # the first that is held is a backward
    log += torch.autograd.grad(model[1:](hidden).sum(), [hidden, x, unused], allow_unused=True)


def checkpointed(log: Log, *, reentrant: bool) -> None:
    model, x = net(), torch.randn(3, 4, requires_grad=True)
    h = checkpoint(model[:3], x, use_reentrant=reentrant)
    h = checkpoint(model[3:5], h, use_reentrant=reentrant)
    model[5](h).sum().backward()
    log += [*grads(model), x.grad]


def custom_function(log: Log) -> None:
    x = torch.randn(5, requires_grad=True)
    double: Callable[[Tensor], Tensor] = Double.apply
    double(double(x).sin()).sum().backward()
    log.append(x.grad)


def scaled(log: Log) -> None:
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    for _ in range(2):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model(torch.randn(3, 4)).sum()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    log += [*grads(model), *(p.detach() for p in model.parameters()), scaler.get_scale()]


def backward_in_a_hook(log: Log) -> None:
    x, y = torch.randn(3, requires_grad=True), torch.randn(3, requires_grad=True)
    shared = x * y
    loss = shared.exp()

    inner: list[int] = []

    def hook(_: Tensor) -> None:
        if not inner:
            inner.append(1)  # the hook comes to itself again
            with torch.enable_grad():
                (x * 3).sum().backward()
                loss.sum().backward(retain_graph=True, inputs=[y])

    shared.register_hook(hook)
    loss.sum().backward(retain_graph=True)
    log += [x.grad, y.grad]


def tied_and_viewed(log: Log) -> None:
    w = torch.randn(4, 4, requires_grad=True)
    x = torch.randn(2, 4) @ w @ w.t()
    x[:, 1] *= 2
    a, b = x.chunk(2, dim=1)
    (a * b + x.expand(3, 2, 4)[0, :, :2]).sum().backward()
    log.append(w.grad)


def sparse_and_half(log: Log) -> None:
    table = nn.Embedding(10, 3, sparse=True)
    w = torch.randn(3, 3, dtype=torch.bfloat16, requires_grad=True)
    (table(torch.tensor([1, 1, 3])).bfloat16() @ w).sum().backward()
    c = torch.randn(3, dtype=torch.complex64, requires_grad=True)
    (c * c.conj()).real.sum().backward()
    log += [table.weight.grad.to_dense(), w.grad, c.grad]  # type: ignore[union-attr]


class Functions(TorchFunctionMode):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self.log = log

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.log.append(getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))


class Operators(TorchDispatchMode):
    def __init__(self, log: Log) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.log = log

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.log.append(str(func))
        return func(*args, **(kwargs or {}))


def watched_by_its_own_modes(log: Log) -> None:
    loss = net()(torch.randn(3, 4)).sum()
    inside: Log = []
    with Functions(inside), Operators(inside), torch.autocast("cpu", dtype=torch.bfloat16):
        loss.backward()
    log += sorted(set(inside) - {"backward"}), inside.count("aten.detach.default")
    with FlopCounterMode(display=False) as counter:
        net()(torch.randn(3, 4)).sum().backward()
    log.append(counter.get_total_flops())


PROGRAMS: dict[str, Callable[[Log], None]] = {
    "hooks": hooked,
    "double backward": double_backward,
    "create_graph": created_graph,
    "inputs": only_some_inputs,
    "gradient": given_gradients,
    "several roots": several_roots,
    "autograd.grad": asked_for_gradients,
    "checkpoint": lambda log: checkpointed(log, reentrant=False),
    "reentrant checkpoint": lambda log: checkpointed(log, reentrant=True),
    "custom function": custom_function,
    "GradScaler": scaled,
    "backward in a hook": backward_in_a_hook,
    "tied, viewed and written": tied_and_viewed,
    "sparse, half and complex": sparse_and_half,
    "modes": watched_by_its_own_modes,
}
"""A line for each promise."""

ABOVE = Break(BreakKind.ABOVE, bound=1e-3)
WAYS = {
    "step by step": Command(Act.STEP),
    "over modules": Command(Act.OVER),
    "to the end": Command(Act.FINISH),
    "to each break": Command(
        Act.CONTINUE, breaks=(ABOVE, Break(BreakKind.ZERO), Break(BreakKind.NODE, "MulBackward0"))
    ),
    "past backwards": Command(Act.RUN, breaks=(ABOVE,)),
}


def outcome(program: Callable[[Log], None]) -> Log:
    """What a program computes and where it leaves the random numbers, always from the same beginning."""
    torch.manual_seed(7)
    random.seed(7)
    log: Log = []
    program(log)
    return [*copy.deepcopy(log), torch.get_rng_state(), random.getstate(), torch.is_grad_enabled()]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return isinstance(b, Tensor) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def stepped_all_through(program: Callable[[Log], None], command: Command) -> tuple[Log, Viewer]:
    viewer = Viewer()
    viewer.receive = lambda: command  # type: ignore[method-assign]
    with watched(viewer) as watching:
        log = outcome(program)
        assert watching._stops is not None
        assert not watching._stops.recorder.fault
    return log, viewer


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")  # the program's own
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_backward_that_is_stepped_through_computes_what_it_computes_alone(name: str, way: str) -> None:
    plain = outcome(PROGRAMS[name])
    log, viewer = stepped_all_through(PROGRAMS[name], WAYS[way])
    assert same(log, plain)
    assert viewer.stepped or way.startswith(("to each", "past"))


OPERATIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "relu": lambda a, _: a.relu(),
    "tanh": lambda a, _: a.tanh(),
    "mul": lambda a, b: a * b,
    "add": lambda a, b: a + b,
    "matmul": lambda a, b: a @ b / 3,
    "sum": lambda a, _: a.sum(0, keepdim=True).expand(3, 3),
    "detach": lambda a, _: a.detach(),
    "index": lambda a, _: a[torch.tensor([2, 0, 0])],
    "cat": lambda a, b: torch.cat([a[:1], b[1:]]),
    "exp": lambda a, _: a.clamp(-1, 1).exp(),
}


def random_graph(steps: list[tuple[str, int, int]], log: Log) -> None:
    """A program made by chance: each step takes two of the tensors so far, so that they branch and meet."""
    pool = [torch.randn(3, 3, requires_grad=True) for _ in range(3)]
    leaves = list(pool)
    for operation, left, right in steps:
        a, b = pool[left % len(pool)], pool[right % len(pool)]
        if a.requires_grad:
            a.register_hook(noting(log, len(pool)))
        made = OPERATIONS[operation](a, b)
        pool.append(made)
    loss = torch.stack([tensor.mean() for tensor in pool]).sum()
    loss.backward()
    log += [leaf.grad for leaf in leaves]


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 30), st.integers(0, 30)),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(sorted(WAYS)),
)
def test_a_graph_made_by_chance_computes_what_it_computes_alone(
    steps: list[tuple[str, int, int]], way: str
) -> None:
    def program(log: Log) -> None:
        random_graph(steps, log)

    assert same(stepped_all_through(program, WAYS[way])[0], outcome(program))


@pytest.fixture
def group(tmp_path: Path) -> Iterator[None]:
    torch.distributed.init_process_group("gloo", f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.skipif(not torch.distributed.is_available(), reason="built without torch.distributed")
def test_hooks_of_ddp_do_their_work_while_its_backward_is_stepped_through(group: None) -> None:
    def program(log: Log) -> None:
        model = nn.parallel.DistributedDataParallel(net())
        for _ in range(2):
            model.zero_grad()
            model(torch.randn(3, 4)).sum().backward()
            log.extend(grads(model))

    assert same(stepped_all_through(program, WAYS["step by step"])[0], outcome(program))


def test_the_nodes_are_passed_in_the_order_in_which_the_engine_runs_them() -> None:
    order: list[str] = []

    def program(log: Log) -> None:
        x = torch.randn(3, requires_grad=True)
        y = (x.exp() * x.sin()).sum()
        todo, seen = [y.grad_fn], set()
        while todo:
            node = todo.pop()
            if node is not None and node not in seen:
                seen.add(node)
                node.register_prehook(lambda _, node=node: order.append(node.name().rsplit("::", 1)[-1]))
                todo += [target for target, _ in node.next_functions]
        y.backward()

    _, viewer = stepped_all_through(program, WAYS["step by step"])
    assert viewer.passed == order
    assert viewer.reasons[-1] is Reason.END


def alive() -> list[Stepping]:
    return [item for item in gc.get_objects() if type(item) is Stepping]


@pytest.mark.parametrize("way", WAYS)
def test_no_hook_of_ours_is_left_and_nothing_of_it_is_kept(way: str) -> None:
    kept: list[Tensor] = []
    before = {id(item) for item in alive()}

    def program(log: Log) -> None:
        kept.append((torch.ones(3, requires_grad=True).exp() * 2).sum())
        kept[-1].backward(retain_graph=True)

    _, viewer = stepped_all_through(program, WAYS[way])
    told = len(viewer.said)
    kept[-1].backward()
    assert len(viewer.said) == told
    gc.collect()
    assert not [item for item in alive() if id(item) not in before]
