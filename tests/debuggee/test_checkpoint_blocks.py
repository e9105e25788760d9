"""Under a reentrant checkpoint: what is told before backward is what backward then does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from gradtui.model.trace import Call
from tests.debuggee.recording import recording

Inside = Callable[["Net", Tensor], Any]


class Scaled(torch.autograd.Function):
    """Its backward gives a gradient to both; nothing that runs inside of it has a graph."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return (x.clone() * weight).contiguous()

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        x, weight = ctx.saved_tensors
        return grads[0] * weight, (grads[0] * x).sum(0)


class Net(nn.Module):
    def __init__(self, inside: Inside) -> None:
        super().__init__()
        self.before, self.one, self.two, self.after = (nn.Linear(4, 4) for _ in range(4))
        self.scale = nn.Parameter(torch.ones(4))
        self.inside = inside

    def forward(self, x: Tensor) -> Any:
        x = self.before(x)
        out = checkpoint(self.block, x, use_reentrant=True)
        out = out if isinstance(out, Tensor) else sum(out)
        return self.after(out).square().mean()

    def block(self, x: Tensor) -> Any:
        return self.inside(self, x)


def plain(net: Net, x: Tensor) -> Any:
    return torch.relu(net.two(torch.tanh(net.one(x))) + x) * net.scale


def detached(net: Net, x: Tensor) -> Any:
    return net.two(net.one(x).detach()) * net.scale


def detached_data(net: Net, x: Tensor) -> Any:
    return net.two(net.one(x).data) * net.scale


def without_graph(net: Net, x: Tensor) -> Any:
    with torch.no_grad():
        hidden = net.one(x)
        hidden = hidden * 2
    return net.two(hidden) * net.scale


def twice_without_graph(net: Net, x: Tensor) -> Any:
    hidden = torch.zeros(())
    for _ in range(2):
        with torch.no_grad():
            hidden = hidden + net.one(x)
        hidden = net.two(hidden) * net.scale
    return hidden


@torch.no_grad()
def helper(net: Net, x: Tensor) -> Any:
    return net.one(x).exp()


def helped(net: Net, x: Tensor) -> Any:
    return net.two(helper(net, x)) * net.scale


def by_index(net: Net, x: Tensor) -> Any:
    return net.two(x)[net.one(x).argmax(0)] * net.scale


def by_shape(net: Net, x: Tensor) -> Any:
    return net.two(x) * torch.ones_like(net.one(x)) * net.scale


def through_numpy(net: Net, x: Tensor) -> Any:
    return net.two(torch.from_numpy(net.one(x).detach().numpy())) * net.scale


def several(net: Net, x: Tensor) -> Any:
    return net.one(x), net.two(x.detach()) * net.scale


def in_place(net: Net, x: Tensor) -> Any:
    hidden = net.one(x)
    hidden.mul_(net.scale)
    return net.two(hidden)


def custom(net: Net, x: Tensor) -> Any:
    return Scaled.apply(net.two(net.one(x)), net.scale)  # type: ignore[no-untyped-call]


def nested(net: Net, x: Tensor) -> Any:
    hidden = checkpoint(net.one, x, use_reentrant=True)
    return checkpoint(lambda y: net.two(y.detach()) * net.scale, hidden, use_reentrant=True)


def frozen(net: Net, x: Tensor) -> Any:
    net.one.requires_grad_(False)
    return net.two(net.one(x)) * net.scale


@pytest.mark.parametrize(
    "inside",
    [
        plain,
        detached,
        detached_data,
        without_graph,
        twice_without_graph,
        helped,
        by_index,
        by_shape,
        through_numpy,
        several,
        in_place,
        custom,
        nested,
        frozen,
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_backward_will_reach_is_what_then_gets_a_gradient(inside: Inside) -> None:
    torch.manual_seed(0)
    net = Net(inside)
    with recording(check=True) as made:
        net(torch.ones(5, 4)).backward()
        graph = made.stops.graph
        assert graph is not None
        number = made.stops.snapshot_taker.tensor_number
        told = {name for name, p in net.named_parameters() if number(p) in graph.leaves()}
        made.watching.ended(0)
        assert not made.stops.recorder.fault
    # What a checkpoint inside of another isn't given it takes for zeros, and hands those on.
    assert told == {name for name, p in net.named_parameters() if p.grad is not None and p.grad.any()}


def calls(inside: Inside) -> list[Call]:
    with recording(check=True) as made:
        Net(inside)(torch.randn(3, 4)).backward()
        made.watching.ended(0)
    return list(made.snapshots[-1].trace.calls())


def test_calls_in_the_block_are_told_with_the_graph_that_they_will_have() -> None:
    trace = calls(detached)
    function = next(call for call in trace if call.function == "CheckpointFunction.apply")
    inside = trace[function.index - 5 : function.index]
    made = [(call.name, call.trace.value(call.outputs[0]).requires_grad) for call in inside if call.outputs]
    assert made == [("linear", True), ("detach", False), ("linear", True), ("mul", True)]
    assert list(function.inputs) == list(inside[-2].outputs)


def test_a_checkpoint_that_is_given_nothing_that_requires_grad_is_left_a_function() -> None:
    layer = nn.Linear(4, 4)
    with recording(check=True) as made:
        with pytest.warns(UserWarning, match="None of the inputs"):
            checkpoint(layer, torch.randn(3, 4), use_reentrant=True)
        made.watching.ended(0)
    trace = made.snapshots[-1].trace
    inside = next(call for call in trace.calls() if call.name == "linear")
    assert not trace.value(inside.outputs[0]).requires_grad
