"""What a transform of `torch.func` gives is told as made of what went into it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, jacrev, vmap

from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE
from tests.debuggee.recording import recording


def below(tape: Tape, value: int) -> set[int]:
    """All values that one was made of."""
    calls = {made: call for call in range(len(tape)) for made in tape.outputs(call)}
    found, pending = set[int](), [value]
    while pending:
        for source in tape.inputs_of(calls[pending.pop()]):
            if source not in found:
                found.add(source)
                pending.append(source)
    return found


Transformed = Callable[[Tensor, Tensor], Tensor]
TRANSFORMS: dict[str, Transformed] = {
    "vmap": lambda w, x: vmap(lambda one: (one * w).sum())(x),
    "vmap of both": lambda w, x: vmap(lambda p, one: (one * p).sum(), (None, 0))(w, x),
    "grad": lambda w, x: grad(lambda one: (one * w).square().sum())(x),
    "jacrev": lambda w, x: jacrev(lambda one: (one * w).tanh())(x[0]),
    "gradients of each": lambda w, x: vmap(grad(lambda p, one: (p * one).sin().sum()), (None, 0))(w, x),
    "second derivatives": lambda w, x: vmap(jacrev(jacrev(lambda one: (one * w).sin().sum())))(x),
}


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("tracked", [True, False], ids=["with a graph", "detached"])
def test_a_result_is_made_of_what_was_given_and_what_was_used(name: str, tracked: bool) -> None:
    leaf, x = torch.rand(3, requires_grad=True), torch.rand(4, 3)
    alone = TRANSFORMS[name](leaf, x)
    with recording() as made:
        w = leaf * 1 if tracked else leaf.detach()
        out = TRANSFORMS[name](w, x)
        tape = made.stops.recorder.tape
        value = tape.value_of(out)
        assert torch.equal(alone, out)
        assert value != NONE
        assert {tape.value_of(leaf), tape.value_of(w), tape.value_of(x)} <= below(tape, value)
        assert bool(tape.flags[value] & 1) == out.requires_grad == tracked
        assert not made.stops.recorder.fault


def test_what_is_used_inside_and_was_never_met_before_counts_where_it_is_a_parameter() -> None:
    net = nn.Linear(3, 1)
    with recording() as made:
        out = vmap(lambda one: functional_call(net, dict(net.named_parameters()), (one,)))(torch.rand(4, 3))
        tape = made.stops.recorder.tape
        assert {tape.value_of(p) for p in net.parameters()} <= below(tape, tape.value_of(out))


def test_where_the_graph_is_dropped_inside_the_transform_is_not_called_the_one_that_did() -> None:
    w = torch.rand(3, requires_grad=True)
    with recording() as made:
        out = vmap(lambda one: (one * w.detach()).sum())(torch.rand(4, 3))
        tape = made.stops.recorder.tape
        assert not out.requires_grad
        assert tape.value_of(w) not in (tape.inputs_of(len(tape) - 1) if tape.value_of(out) != NONE else ())


def test_a_transform_that_raises_leaves_the_next_one_as_it_would_be() -> None:
    def refuses(one: Tensor) -> Tensor:
        raise ValueError(one.shape)

    w = torch.rand(3, requires_grad=True)
    with recording() as made:
        with pytest.raises(ValueError, match="3"):
            vmap(refuses)(torch.rand(4, 3))
        x = torch.rand(2, 3)
        out = vmap(lambda one: (one * w).sum())(x)
        tape = made.stops.recorder.tape
        assert {tape.value_of(w), tape.value_of(x)} <= below(tape, tape.value_of(out))
        assert not made.stops.recorder.fault
