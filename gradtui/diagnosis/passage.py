"""What a backward proves while it runs: where gradients die, and whether they vanish or explode by depth.

From a snapshot before backward and the nodes that it has passed since; what is not passed yet proves nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gradtui.model.columns import NONE
from gradtui.model.deaths import BROKEN, worst
from gradtui.model.deaths import deaths as died
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.gradients import Death, GradHealth, Grads, Passed
from gradtui.model.graph import Graph
from gradtui.model.owners import Parameter
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site


def deaths(graph: Graph, passed: Sequence[Passed]) -> tuple[Death, ...]:
    """Where gradients have died so far; see `model.deaths`."""
    first: dict[int, Passed] = {}
    for item in passed:
        if 0 <= item.node < len(graph):
            first.setdefault(item.node, item)
    received = {node: worst(_states(item.received)) for node, item in first.items()}
    sent = {node: _states(item.sent) for node, item in first.items()}
    return died(graph, received, sent, over=False)


def _states(grads: Grads) -> list[GradHealth | None]:
    """How each of these gradients is; None where there is none."""
    states = [None if grad is None else grad.health for grad in grads]
    return [BROKEN if state is GradHealth.INF else state for state in states]


# by depth

LEAST_LAYERS = 4
FACTOR = 1e4
"""Between the last layer and the first, in either direction."""
FAINT, LOUD = 1e-6, 1e2
"""Of the usual size of a layer's weights: below the one nothing is learnt, above the other it is undone."""
SLACK = 1.5
"""By how much a layer may stand out against the direction."""


def by_depth(snapshot: Snapshot, passed: Sequence[Passed]) -> tuple[Finding, ...]:
    """The finding that gradients fade or grow from layer to layer, where that is plain."""
    layers = list(_layers(snapshot, passed))
    if len(layers) < LEAST_LAYERS:
        return ()
    sizes = [size for _, size, _ in layers]
    vanishing = sizes[0] >= FACTOR * sizes[-1] and _falls(sizes)
    exploding = sizes[-1] >= FACTOR * sizes[0] and _falls(sizes[::-1])
    parameter, _, node = layers[-1]
    relative = sizes[-1] * math.sqrt(_inputs(parameter))
    if not ((vanishing and relative < FAINT) or (exploding and relative > LOUD)):
        return ()
    return (_finding(snapshot, layers[0][0], layers[-1][0], sizes, node),)


def _layers(snapshot: Snapshot, passed: Sequence[Passed]) -> Iterator[tuple[Parameter, float, int]]:
    """Weights in the order in which backward came to them, the mean size of their gradients, their nodes."""
    graph = snapshot.graph
    if graph is None:
        return
    parameters = {item.tensor: item for item in snapshot.parameters}
    for item in passed:
        leaf = graph.leaf[item.node] if 0 <= item.node < len(graph) else NONE
        parameter = parameters.get(leaf)
        grad = item.received[0] if item.received else None
        if parameter is None or len(parameter.shape) < 2 or grad is None or not grad.elements:
            continue
        if math.isfinite(grad.norm) and grad.norm > 0:
            yield parameter, grad.norm / math.sqrt(grad.elements), item.node


def _falls(sizes: Sequence[float]) -> bool:
    """Whether they get smaller all the way, give or take a little, and not by a single drop."""
    least = sizes[0]
    for size in sizes[1:]:
        if size > SLACK * least:
            return False
        least = min(least, size)
    middle = sizes[len(sizes) // 2]
    return sizes[0] > 10 * middle > 100 * sizes[-1]


def _inputs(parameter: Parameter) -> int:
    """How many inputs one unit of a layer has: its weights are usually of the size of 1 / sqrt of that."""
    return math.prod(parameter.shape[1:]) or 1


def _finding(
    snapshot: Snapshot, last: Parameter, first: Parameter, sizes: Sequence[float], node: int
) -> Finding:
    vanishing = sizes[0] > sizes[-1]
    ratio = sizes[0] / sizes[-1] if vanishing else sizes[-1] / sizes[0]
    each = ratio ** (1 / (len(sizes) - 1))
    word = "vanish" if vanishing else "explode"
    much = f"{each:.1f} times {'smaller' if vanishing else 'larger'}"
    site = _used_at(snapshot, node)
    return Finding(
        rule=Rule.OTHER,
        severity=Severity.WARNING,
        file=site.file,
        line=site.line,
        column=site.column,
        end_line=site.end_line,
        end_column=site.end_column,
        message=(
            f"Gradients {word} by depth: from `{last.name}` down to `{first.name}` they get {much} at each "
            f"of {len(sizes)} layers, {ratio:.0e} times in all."
        ),
        fix="Use residual connections, normalisation or another activation or initialisation between layers.",
        confidence=Confidence.LIKELY,
        affected=(first.name,),
        evidence=(
            Evidence(site.file, site.line, f"`{first.name}` gets a gradient of {sizes[-1]:.1e} on average"),
        ),
        stop=snapshot.stop.index,
        tensors=(first.tensor,),
    )


def _used_at(snapshot: Snapshot, leaf: int) -> Site:
    """The line that used a leaf: that of the node which sends to it, else that of the backward."""
    graph, trace = snapshot.graph, snapshot.trace
    assert graph is not None
    wanted = {leaf}
    senders: dict[int, list[int]] = defaultdict(list)
    for node in range(len(graph)):
        for target in graph.edges[node]:
            senders[target].append(node)
    while wanted:
        above = {sender for node in wanted for sender in senders[node]}
        for node in sorted(above):
            if graph.call[node] != NONE and trace.sites[trace.site[graph.call[node]]].line:
                return trace.sites[trace.site[graph.call[node]]]
        wanted = above
    return trace.sites[snapshot.stop.site]
