"""Gradients that reach a parameter on two ways and cancel each other: a thing is compared with itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradtui.diagnosis.cancelling import cancelling
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule
from gradtui.model.owners import GradState
from gradtui.model.torch_functions import DIFFERENCES, SUBTRACTIONS, SUMS

LEAST = 2
"""Steps at which it must have been so."""


def cancelled(run: Run) -> Iterator[Finding]:
    """Matrices that get only zeros though a live gradient came all the way.

    Of a single bias that is by design, as where a critic's real and fake scores are subtracted; of a whole
    matrix it happens only where what is subtracted, or divided by, should have been a constant.
    """
    zero = {one.tensor: one for one in run.history.lost if one.state is GradState.ZERO and not one.late}
    parameters = run.owners.parameters
    mine = [one for tensor, one in zero.items() if tensor in run.once(cancelling) and one.steps >= LEAST]
    wide = [one for one in mine if one.tensor in parameters and _is_wide(parameters[one.tensor].shape)]
    if not wide:
        return
    for scene, window in reversed(run.history.windows):
        if window.optimizer != wide[0].optimizer or not window.backwards:
            continue
        call = _meeting(run, scene, window.backwards, {one.tensor for one in wide})
        if call == NONE:
            continue
        names = [scene.owners.called(one.tensor) for one in mine]
        they, do = ("it", "does") if len(names) == 1 else ("they", "do")
        if scene.name(call) in SUMS:
            yield _straight_through(run, scene, call, mine, names)
            return
        cause = at(
            Rule.ZERO_GRADIENT,
            scene.user_site(call),
            "Detach what is to be a constant here: the old value, the action that was drawn, the target.",
            call=call,
            confidence=Confidence.LIKELY,
        )
        message = (
            f"Both sides of `{code(scene, call)}` are computed from {listed(names)}, and what comes "
            f"back by one cancels what comes back by the other: {they} {get(names)} only zeros and "
            f"{do} not learn."
        )
        other = scene.producer[scene.inputs[call][1]]
        made = scene.evidence(other, f"`{code(scene, other)}` makes the other side, with a graph")
        proof = [made] if made.line != cause.site.line else []
        yield run.finding_of(mine, cause, message, names, evidence=proof)
        return


def _straight_through(run: Run, scene: Scene, call: int, lost: list[Lost], names: list[str]) -> Finding:
    text = code(scene, call)
    cause = at(
        Rule.ZERO_GRADIENT,
        scene.user_site(call),
        "Detach the difference, as a straight-through estimator does: `x + (rounded - x).detach()`.",
        call=call,
    )
    message = (
        f"`{text}` takes something away and adds it again, and both with its graph: what comes back by one "
        f"cancels what comes back by the other, so {listed(names)} {get(names)} only zeros and {stay(names)}."
    )
    return run.finding_of(lost, cause, message, names)


def _is_wide(shape: Sequence[int]) -> bool:
    """Whether a shape is that of a matrix, and no column: an embedding of biases is one."""
    return len(shape) > 1 and shape[-1] > 1


def _meeting(run: Run, scene: Scene, backwards: tuple[int, ...], tensors: set[int]) -> int:
    """The last difference or quotient before the loss of which both sides are computed from these, or what
    adds again what was taken away."""
    flow = run.flow(scene, run.roots(scene, backwards))
    leaves = [value for value in scene.values_of(tensors) if scene.leaf[value] and flow.within[value]]
    learnt = scene.descendants(leaves, attached=True)
    for call in reversed(flow.calls):
        came = scene.inputs[call]
        if len(came) < 2 or not all(learnt[value] for value in came[:2]):
            continue
        if scene.name(call) in DIFFERENCES or (scene.name(call) in SUMS and _adds_again(scene, *came[:2])):
            return call
    return NONE


def _adds_again(scene: Scene, one: int, other: int) -> bool:
    """Whether one of two values was taken away from something to give the other: `(hard - soft) + soft`."""
    pairs = ((one, other), (other, one))
    calls = ((scene.producer[first], second) for first, second in pairs)
    return any(
        scene.name(call) in SUBTRACTIONS and second in scene.inputs[call][1:2] for call, second in calls
    )
