"""What is divided by a sum, a norm or a mean of itself alone: it is one whatever it is, and what comes back
of it is rounding."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.losses import judged_losses
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.zero_derivative import COSINE, LAYER_NORMS, ZeroDerivative, flat_of, reached_past
from gradtui.model.findings import Finding, Rule, Severity

FIX = (
    "Give it more than one element in this dimension, or normalise before what is used is picked out of the "
    "others."
)


def divided_by_itself(run: Run) -> Iterator[Finding]:
    """Parameters that at every judged loss are reached only through something that is divided by itself."""
    lost: dict[int, tuple[Scene, int]] = {}
    learning: set[int] = set()
    for scene, backward, held in run.once(judged_losses):
        flow = run.flow(scene, scene.trace.inputs[backward])
        flat = run.once(flat_of)[scene.index]
        ones = [
            call
            for call, kind in flat.items()
            if kind is ZeroDerivative.ONE and flow.within[scene.outputs[call][0]]
        ]
        reached = flow.reached & held
        rest = reached_past(flow, ones) if ones else reached
        learning |= reached & rest
        for call in ones if reached - rest else ():
            before = run.flow(scene, scene.inputs[call][:2]).reached  # what a norm adds at last does learn
            for tensor in before & (reached - rest):
                lost.setdefault(tensor, (scene, call))
    by_place: dict[tuple[str, int], tuple[Scene, int, list[int]]] = {}
    for tensor in sorted(lost.keys() - learning):
        scene, call = lost[tensor]
        site = scene.user_site(call)
        by_place.setdefault((site.file, site.line), (scene, call, []))[2].append(tensor)
    for scene, call, tensors in by_place.values():
        yield _finding(run, scene, call, tensors)


def _finding(run: Run, scene: Scene, call: int, tensors: list[int]) -> Finding:
    names = [scene.owners.called(tensor) for tensor in tensors]
    shape = scene.shape(scene.inputs[call][0])
    site, text = scene.user_site(call), code(scene, call)
    what = (
        f"`{text}` divides something of shape {shape} by itself: each sum is over one element, so each result"
    )
    fix = FIX
    if scene.name(call) in LAYER_NORMS:
        site = run.owners.made(scene.tensor[scene.inputs[call][1]]) or site
        what = f"This norm is given something of shape {shape}, each element by itself: each result"
        fix = (
            "Normalise over more than one element, or leave the norm out: behind a single output it is none."
        )
    if scene.name(call) == COSINE:
        fix = "Compare over a dimension of more than one element, by `dim=`, or take a distance in its place."
        what = f"`{text}` compares vectors of one element, of shape {shape}: but for its sign, each result"
    came = f"What {listed(names)} {get(names)} is rounding, and no gradient."
    message = f"{what} is the same whatever that is. {came}"
    cause = at(Rule.ZERO_GRADIENT, site, fix, call=call)
    return run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors)
