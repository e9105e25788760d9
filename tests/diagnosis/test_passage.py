"""What a backward proves while it is stepped through."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.passage import by_depth, deaths
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.gradients import GradSummary, Passed
from gradtui.model.snapshot import Snapshot
from tests.builders import Program
from tests.debuggee.stepped import line_of
from tests.debuggee.viewer import Viewer, watched
from tests.tui.feeds import gradient

LINE = "loss = head(act(layer(x)))\nloss.backward()\n"


def two_layers(function: str = "torch.relu", node: str = "ReluBackward0") -> Snapshot:
    """Nodes 0 the head, 1 its weight's turn..., with an activation between two layers."""
    run = Program(LINE)
    first = (run.parameter("layer.weight", (8, 4)), run.parameter("layer.bias", (8,)))
    second = (run.parameter("head.weight", (1, 8)), run.parameter("head.bias", (1,)))
    hidden = run.linear("layer", run.data((2, 4)), 8, "layer(x)", first)
    hidden = run.op(function, [hidden], (2, 8), at="act(layer(x))", node=node)
    return run.backward(run.linear("head", hidden, 1, "head(act(layer(x)))", second), "loss.backward()")


def walk(snapshot: Snapshot, sends: dict[str, GradSummary], until: int | None = None) -> list[Passed]:
    """Nodes passed in the order of the graph, each sending on what it was handed unless told."""
    graph = snapshot.graph
    assert graph is not None
    handed = {root: gradient() for root in graph.roots}
    passed: list[Passed] = []
    waiting = list(graph.roots)
    while waiting and len(passed) != until:
        node = waiting.pop(0)
        sent = sends.get(graph.node_name(node), handed[node])
        passed.append(Passed(node, (handed[node],), (sent,) * len(graph.edges[node]), len(passed) + 1))
        for target in graph.children(node):
            handed[target] = sent
            waiting.append(target)
    return passed


def found(snapshot: Snapshot, passed: list[Passed]) -> tuple[Finding, ...]:
    assert snapshot.graph is not None
    return diagnose([replace(snapshot, deaths=deaths(snapshot.graph, passed))])


def test_a_nan_is_found_at_the_node_that_made_it_before_any_leaf_has_got_it() -> None:
    snapshot = two_layers()
    assert snapshot.graph is not None
    passed = walk(snapshot, {"ReluBackward0": gradient(nans=3)})
    place = next(n for n, item in enumerate(passed) if snapshot.graph.node_name(item.node) == "ReluBackward0")

    assert deaths(snapshot.graph, passed[:place]) == ()
    (death,) = deaths(snapshot.graph, passed[: place + 1])
    assert (death.name, death.state, death.leaves) == ("ReluBackward0", "nan", ())
    (finding,) = found(snapshot, passed[: place + 1])
    assert (finding.rule, finding.severity, finding.line) == (Rule.NAN_GRADIENT, Severity.ERROR, 1)


def test_zeros_that_become_nan_are_found_as_well() -> None:
    snapshot = two_layers()
    assert snapshot.graph is not None
    nothing = gradient(zero=True)
    passed = walk(snapshot, {"AddmmBackward0": nothing, "ReluBackward0": gradient(nans=8)})

    assert [
        (death.name, death.state) for death in deaths(snapshot.graph, passed) if death.state == "nan"
    ] == [("ReluBackward0", "nan")]


def test_what_is_infinite_counts_like_nan() -> None:
    snapshot = two_layers()
    (finding,) = found(snapshot, walk(snapshot, {"ReluBackward0": gradient(math.nan, infs=8)}))

    assert finding.rule is Rule.NAN_GRADIENT
    assert set(finding.affected) == {"layer.weight", "layer.bias"}


def test_zeros_are_found_once_a_leaf_has_got_nothing_else() -> None:
    snapshot = two_layers("torch.round", "RoundBackward0")
    passed = walk(snapshot, {"RoundBackward0": gradient(zero=True)})
    (finding,) = found(snapshot, passed)

    assert (finding.rule, finding.severity) == (Rule.ZERO_GRADIENT, Severity.ERROR)
    assert set(finding.affected) == {"layer.weight", "layer.bias"}
    assert "staircase" in finding.message


def test_zeros_that_a_factor_made_are_only_a_note() -> None:
    """A layer that begins with zeros sends zeros at its first backward, and learns all the same."""
    snapshot = two_layers("torch.mul", "MulBackward0")
    (finding,) = found(snapshot, walk(snapshot, {"MulBackward0": gradient(zero=True)}))

    assert finding.severity is Severity.NOTE


def test_a_backward_that_is_well_proves_nothing() -> None:
    snapshot = two_layers()
    assert found(snapshot, walk(snapshot, {})) == ()


def test_a_gradient_that_was_dead_on_arrival_is_not_blamed_on_the_node() -> None:
    snapshot = two_layers()
    assert snapshot.graph is not None
    passed = walk(snapshot, {"AddmmBackward0": gradient(nans=1)})

    assert {death.name for death in deaths(snapshot.graph, passed)} == {"AddmmBackward0"}


# before it is stepped through


def held(head: Callable[[Tensor, Tensor], Tensor]) -> tuple[tuple[Finding, ...], dict[str, bool]]:
    """What is found before the backward of a layer and a gate, and what gets zeros from torch then."""
    layer, gate = nn.Linear(4, 4), nn.Linear(4, 4)
    optimizer = torch.optim.SGD([*layer.parameters(), *gate.parameters()], lr=0.1)
    viewer = Viewer()
    with watched(viewer):
        x = torch.randn(8, 4)
        head(layer(x), gate(x)).square().sum().backward()
        del optimizer
    named = {f"{name}.{of}": tensor for name, one in (("layer", layer), ("gate", gate))
             for of, tensor in one.named_parameters()}  # fmt: skip
    zeros = {name: tensor.grad is not None and not tensor.grad.any() for name, tensor in named.items()}
    return diagnose(viewer.stopped[:1]), zeros


@pytest.mark.parametrize("name", ["round", "floor", "ceil", "trunc", "sign", "bernoulli", "poisson"])
def test_what_a_staircase_will_send_zeros_to_is_known_before_backward(name: str) -> None:
    findings, zeros = held(lambda h, g: h + getattr(torch, name)(g.sigmoid()))  # the staircase
    (finding,) = findings

    assert (finding.rule, finding.severity) == (Rule.ZERO_GRADIENT, Severity.ERROR)
    assert finding.line == line_of("# the staircase", Path(__file__))
    assert (
        {*finding.affected} == {name for name, zero in zeros.items() if zero} == {"gate.weight", "gate.bias"}
    )


@pytest.mark.parametrize(
    "head",
    [
        lambda h, g: h + g + (g.round() - g).detach(),
        lambda h, g: h + g * g.round(),
        lambda h, g: h + g.frac(),
        lambda h, g: h * g.detach().round() + g,
    ],
)
def test_nothing_is_said_of_a_staircase_that_something_leads_past(
    head: Callable[[Tensor, Tensor], Tensor],
) -> None:
    findings, zeros = held(head)

    assert not any(zeros.values())
    assert [finding for finding in findings if finding.severity is not Severity.NOTE] == []


# by depth


def layers(sizes: list[float]) -> tuple[Snapshot, list[Passed]]:
    """A chain of layers, and by layer from the last to the first how large its weight's gradients are."""
    run = Program("out = net(x)\nout.backward()\n")
    value = run.data((2, 16))
    for number in range(len(sizes)):
        weights = (run.parameter(f"{number}.weight", (16, 16)), run.parameter(f"{number}.bias", (16,)))
        value = run.linear(str(number), value, 16, "net(x)", weights)
    snapshot = run.backward(value, "out.backward()")
    graph = snapshot.graph
    assert graph is not None
    names = {item.tensor: item.name for item in snapshot.parameters}
    passed: list[Passed] = []
    for number, size in zip(reversed(range(len(sizes))), sizes, strict=True):
        for end in ("weight", "bias"):
            node = next(n for n, leaf in enumerate(graph.leaf) if names.get(leaf) == f"{number}.{end}")
            summary = replace(gradient(size * 16), shape=(16, 16), elements=256, zeros=0)
            passed.append(Passed(node, (summary,), (), len(passed) + 1))
    return snapshot, passed


def test_gradients_that_vanish_by_depth_are_told_with_both_ends() -> None:
    (finding,) = by_depth(*layers([10.0**-power for power in range(1, 12)]))

    assert (finding.rule, finding.severity) == (Rule.OTHER, Severity.WARNING)
    assert finding.confidence is Confidence.LIKELY
    assert finding.affected == ("0.weight",)
    assert "Gradients vanish by depth: from `10.weight` down to `0.weight`" in finding.message
    assert "10.0 times smaller at each" in finding.message
    assert finding.line == 1


def test_gradients_that_explode_by_depth_are_told() -> None:
    (finding,) = by_depth(*layers([10.0**power for power in range(-3, 7)]))
    assert "explode" in finding.message


@pytest.mark.parametrize(
    "sizes",
    [
        # too few layers to speak of depth
        [1.0, 1e-4, 1e-9],
        # it gets smaller, but stays worth something
        [1.0, 0.5, 0.1, 0.02, 0.01],
        # tiny, but everywhere alike: the loss is small
        [1e-9, 2e-9, 1e-9, 1e-9],
        # up and down: skips, or layers of different kinds
        [1.0, 1e-4, 1.0, 1e-5, 1e-1, 1e-9],
        # a single drop is one layer's doing, not depth's
        [1.0, 1.0, 1.0, 1.0, 1e-9],
        [1.0, 1e-9, 1e-9, 1e-9, 1e-9],
        # they grow, but to nothing that harms
        [1e-5, 1e-4, 1e-3, 1e-2, 1.0],
    ],
)
def test_what_is_not_plain_is_not_told(sizes: list[float]) -> None:
    assert by_depth(*layers(sizes)) == ()


def test_a_backward_without_a_graph_has_no_depth() -> None:
    snapshot, passed = layers([1.0] * 5)
    assert by_depth(replace(snapshot, graph=None), passed) == ()
    assert by_depth(snapshot, [replace(item, node=NONE) for item in passed]) == ()
