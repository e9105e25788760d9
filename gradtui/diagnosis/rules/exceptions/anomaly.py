"""What anomaly mode raises: a function of backward that gave NaN, by the name of its node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations import deaths, forward_nan
from gradtui.diagnosis.explanations.zero_or_nan_ops import made_finite
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.gradients import Death, GradHealth
from gradtui.model.source import Site
from gradtui.model.stops import Raised, StopKind

RETURNED_NAN = r"Function '(\w+)' returned nan values"
FEW = 5
"""Places of which one has given NaN: so many are told of."""


def returned_nan(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """Where it was called, if it was watched, or there is a single such node; else where backward was.

    Of a loss that was none itself the first node gives NaN, whatever it is: then forward has made it.
    """
    named, site = re.search(RETURNED_NAN, raised.message), scene.raised_site(raised)
    died = [death for death in scene.snapshot.deaths if death.state is GradHealth.NAN]
    older = [*forward_nan.raised(run, scene, raised)]
    if named is None or site is None or older:
        yield from older
    elif _began_broken(scene):
        message = (
            "The loss was no number before this backward began: anomaly mode raised at the first node that "
            f"it came to, `{named[1]}`."
        )
        cause = at(Rule.NAN_GRADIENT, site, forward_nan.WATCHED, confidence=Confidence.LIKELY)
        yield run.finding(cause, Severity.ERROR, message)
    elif died:
        yield deaths.of_nan(run, scene, died[0])
    else:
        yield _by_name(run, scene, named[1], site)


def _began_broken(scene: Scene) -> bool:
    losses = [stop.loss for stop in scene.snapshot.stops if stop.kind is StopKind.BACKWARD]
    return bool(losses) and losses[-1] is not None and not isfinite(losses[-1])


def _by_name(run: Run, scene: Scene, name: str, site: Site) -> Finding:
    fix, places = made_finite(Death(NONE, NONE, name, GradHealth.NAN)), _places(scene, name)
    if len(places) == 1:
        ((place, call),) = places.items()
        message = f"Anomaly mode found that the backward of `{code(scene, call)}` gave NaN, and raised."
        return run.finding(at(Rule.NAN_GRADIENT, place, fix, call=call), Severity.ERROR, message)
    message = f"Anomaly mode found that a `{name}` gave NaN in this backward, and raised."
    evidence = [Evidence(one.file, one.line, "makes such a node") for one in [*places][:FEW]]
    cause = at(Rule.NAN_GRADIENT, site, fix, confidence=Confidence.LIKELY)
    return run.finding(cause, Severity.ERROR, message, evidence=evidence)


def _places(scene: Scene, name: str) -> dict[Site, int]:
    """By place the first call that made a node of this name in the graph that backward went through."""
    graph = scene.snapshot.graph
    nodes = range(len(graph)) if graph is not None else ()
    calls = [graph.call[node] for node in nodes if graph is not None and graph.node_name(node) == name]
    return {scene.user_site(call): call for call in reversed(calls) if call != NONE}
