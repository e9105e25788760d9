"""Gradients that cancel each other on their ways to a parameter: what is left for it is rounding."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.cancelled import CENTRING, Cancelled
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.source import Site

LEAST = 2
"""Backwards in which it must have been so: in one it may be chance."""


def cancelled_to_rounding(run: Run) -> Iterator[Finding]:
    """Places behind which gradients cancel, for matrices that are handed nothing else; of a bias it is by
    design where a norm comes after it."""
    found: dict[Site, list[tuple[Scene, Cancelled]]] = {}
    for scene in run.scenes:
        for one in scene.snapshot.cancelled:
            if one.call != NONE and any(_is_wide(run, tensor) for tensor in one.leaves):
                found.setdefault(scene.user_site(one.call), []).append((scene, one))
    for site, seen in found.items():
        often = [{*one.leaves} for _, one in seen]
        lost = sorted(
            set.intersection(*often).difference(*(scene.snapshot.uncancelled for scene in run.scenes))
        )
        backwards = {one.backward for _, one in seen}
        if len(backwards) >= LEAST and any(_is_wide(run, tensor) for tensor in lost):
            yield _finding(run, site, *seen[0], lost)


def _is_wide(run: Run, tensor: int) -> bool:
    """Whether it is a matrix, and no column: an embedding of biases is one."""
    parameter = run.owners.parameters.get(tensor)
    return parameter is not None and sum(size > 1 for size in parameter.shape) > 1


def _finding(run: Run, site: Site, scene: Scene, one: Cancelled, tensors: list[int]) -> Finding:
    names = [scene.owners.called(tensor) for tensor in tensors]
    do = "does" if len(names) == 1 else "do"
    text, left = f"`{code(scene, one.call)}`", f"{one.left:.0e}" if one.left else "nothing"
    if one.name.startswith(CENTRING):
        why = (
            f"{text} centres what it is given, and what comes back to it is the same for all of that: "
            f"it sends on {left} of it"
        )
        fix = "Take no sum or mean of what has just been centred, or give the norm weights of its own."
    else:
        why = f"What comes back by {text} cancels where its ways meet again: {left} of it is left"
        fix = (
            "Look at what is made of this: it comes out the same whatever goes in, as a softmax of equal "
            "scores does, or the sum of all ranks."
        )
    cause = at(Rule.ZERO_GRADIENT, site, fix, call=one.call, confidence=Confidence.LIKELY)
    message = f"{why}, which is rounding. So {listed(names)} {get(names)} nothing else, and {do} not learn."
    return run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors)
