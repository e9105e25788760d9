"""Where gradients die in a backward that is held: known before any optimizer has stepped."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.deaths import (
    lost_names,
    module_of,
    of_nan,
    operation_of,
    site_of,
    text_of,
)
from gradtui.diagnosis.explanations.forward_nan import explained
from gradtui.diagnosis.explanations.zero_or_nan_ops import FLAT, RECTIFIERS, why_zero
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.gradients import Death, GradHealth
from gradtui.model.graph import Graph
from gradtui.model.source import Site
from gradtui.model.stops import BACKWARDS, StopKind
from gradtui.model.trace import Kind

STAIRCASES = ("RoundBackward", "FloorBackward", "CeilBackward", "TruncBackward", "SignBackward",
              "BernoulliBackward", "PoissonBackward")  # fmt: skip
"""How names of nodes begin that send back zeros, whatever they are handed."""


def proved_by_held_backward(run: Run) -> Iterator[Finding]:
    """What a held backward has proved of itself."""
    for scene in run.scenes:
        stop = scene.snapshot.stop
        if stop.kind not in BACKWARDS:
            continue
        told = 0 < explained(run) <= stop.index
        broken = stop.kind is StopKind.BACKWARD and (told or run.blameless(stop.index))
        for death in scene.snapshot.deaths:
            if death.state is GradHealth.ZERO:
                yield _zero(run, scene, death)
            elif not broken:  # whatever is broken after it is broken because of it
                broken = True
                yield of_nan(run, scene, death)


def sure_zeros_ahead(run: Run) -> Iterator[Finding]:
    """What a held backward will send zeros to, as each way to it leads through a staircase."""
    scene = run.last
    stop, graph = scene.snapshot.stop, scene.snapshot.graph
    if stop.kind not in BACKWARDS or graph is None or graph.truncated:
        return
    flat = {number for number, name in enumerate(graph.names) if name.startswith(STAIRCASES)}
    if not flat:
        return
    held = run.stepping(scene, run.flow(scene, stop.roots)).values()
    wanted = frozenset[int]().union(*held) - run.history.learning
    dead: dict[Site, tuple[int, list[int]]] = {}
    for node, leaves in _below(graph, flat):
        call, found = graph.call[node], [leaf for leaf in leaves if leaf in wanted]
        if found and call != NONE:
            dead.setdefault(scene.user_site(call), (call, []))[1].extend(found)
    for site, (call, tensors) in dead.items():
        why, fix = why_zero(scene, Death(NONE, call, "", GradHealth.ZERO), scene.name(call), ())
        names = [scene.owners.called(tensor) for tensor in tensors]
        message = (
            f"The gradient of `{code(scene, call)}` is exactly zero {why}: {listed(names)} {get(names)} "
            "only zeros."
        )
        cause = at(Rule.ZERO_GRADIENT, site, fix, call=call)
        yield run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors, stop=stop.index)


def _below(graph: Graph, flat: set[int]) -> Iterator[tuple[int, list[int]]]:
    """Nodes of these names to which a live gradient may come, each with the leaves that get one by none."""
    seen = {*graph.roots}
    order = _spread(graph, list(graph.roots), seen, flat)
    live = {graph.leaf[node] for node in seen} | graph.missed | graph.rebuilt_leaves()
    for first in [node for node in order if graph.name[node] in flat]:
        below = _spread(graph, [first], seen, ())
        yield first, [leaf for node in below if (leaf := graph.leaf[node]) != NONE and leaf not in live]


def _spread(graph: Graph, nodes: list[int], seen: set[int], past: Collection[int]) -> list[int]:
    """These nodes, and what lies below them and wasn't seen; not what lies below those of some names."""
    for node in nodes:  # which grow
        if graph.name[node] not in past:
            fresh = [child for child in graph.children(node) if child not in seen]
            seen.update(fresh)
            nodes += fresh
    return nodes


def _zero(run: Run, scene: Scene, death: Death) -> Finding:
    names, text = lost_names(scene, death), text_of(scene, death)
    name = operation_of(scene, death)
    custom = death.call != NONE and scene.kind[death.call] == Kind.FUNCTION
    loud = custom or name in FLAT or name in RECTIFIERS
    if custom:
        subject, why = f"What the custom Function in `{text}` sends back", ""
        fix = "Let its `backward` return the gradient that its input should get."
    else:
        subject = f"The gradient of `{text}`"
        why, fix = why_zero(scene, death, name, ())
    cause = at(
        Rule.CUSTOM_FUNCTION if custom else Rule.ZERO_GRADIENT,
        site_of(scene, death),
        fix if loud else f"If it stays so in later steps: {fix[0].lower()}{fix[1:]}",
        call=death.call,
    )
    reason = f" {why}" if why else ""
    message = f"{subject} is exactly zero{reason}: {listed(names)} {get(names)} only zeros in this backward."
    severity = Severity.WARNING if loud else Severity.NOTE
    return run.finding(
        cause,
        severity,
        message,
        affected=names,
        tensors=death.leaves,
        evidence=module_of(scene, death),
        stop=scene.snapshot.stop.index,
    )
