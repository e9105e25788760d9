"""Straight-through estimators the wrong way round: what was to get the gradient is passed on as it is."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.zero_or_nan_ops import FLAT
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.torch_functions import LETS_GO, SUBTRACTIONS, SUMS


def inverted_straight_through(run: Run) -> Iterator[Finding]:
    """`rounded + (x - rounded).detach()`: it has the value of `x`, and its gradient goes to what was made of
    `x`. The right one, `x + (rounded - x).detach()`, begins with what the other was made of."""
    judged: set[Site] = set()
    for scene in run.scenes:
        if LETS_GO.isdisjoint(scene.names):
            continue
        sums = [name in SUMS for name in scene.names]
        for call in scene.given(
            [value for one in scene.of_functions(LETS_GO) for value in scene.outputs[one]]
        ):
            found = _parts(scene, call) if sums[scene.trace.function[call]] else None
            if found is None or scene.site(call) in judged:
                continue
            judged.add(scene.site(call))  # where it is right once it is right always
            first, second, detached = found
            if not scene.descendants([second], attached=False)[first]:
                continue
            # `scaled + (x - scaled).detach()` has the value of `x` and the gradient of what is scaled.
            flat = scene.name(scene.producer[first]) in FLAT
            learns, lost = (run.flow(scene, [one]).reached & scene.held.keys() for one in (first, second))
            if not flat and learns - lost and _computed_smoothly(scene, first, second):
                continue
            if lost and (flat or not scene.descendants([second], attached=True)[first]):
                yield _finding(run, scene, call, detached, sorted(lost))


def _parts(scene: Scene, call: int) -> tuple[int, int, int] | None:
    """What `a + (b - a).detach()` adds, `a` and `b`, with the call that detaches the difference."""
    came = scene.inputs[call]
    for first, other in (came, came[::-1]) if len(came) == 2 else ():
        detached = scene.producer[other]
        inside = scene.inputs[detached] if scene.name(detached) in LETS_GO else ()
        difference = scene.producer[inside[0]] if inside else detached
        pair = scene.inputs[difference] if scene.name(difference) in SUBTRACTIONS else ()
        if inside and len(pair) == 2 and pair[1] == first and scene.grad[pair[0]] and pair[0] != first:
            return first, pair[0], detached
    return None


def _computed_smoothly(scene: Scene, made: int, source: int) -> bool:
    """Whether one value was computed from another with nothing rounded or counted between.

    It is no rounded form of that then, but has a gradient of its own, such as that of a policy, and the other
    is what is shown for it.
    """

    def before(value: int) -> list[int]:
        if scene.name(scene.producer[value]) in FLAT:
            return []
        return [one for one in scene.made_from(value) if scene.floating[one]]

    return source in scene.going_back([made], before)


def _finding(run: Run, scene: Scene, call: int, detached: int, lost: list[int]) -> Finding:
    names = [scene.owners.called(tensor) for tensor in lost]
    cause = at(
        Rule.DETACH,
        scene.user_site(detached),
        "Turn it round: begin with what the gradient is for, and detach the difference of the other from it.",
        call=detached,
    )
    message = (
        f"`{code(scene, call)}` is a straight-through estimator the wrong way round: its value is what "
        "went in, and its gradient goes to what was made of that. By this way nothing comes to "
        f"{listed(names)}."
    )
    return run.finding(cause, Severity.WARNING, message, affected=names)
