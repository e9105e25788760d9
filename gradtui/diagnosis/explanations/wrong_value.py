"""A value without a graph that a loss takes in place of the one that was computed to be learnt from.

`returns - old_values`, of the time when actions were chosen, where `values` of the same network stand beside
it with a graph, and nothing uses them: it isn't the `no_grad` that is at fault.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.model.columns import NONE
from gradtui.model.torch_functions import ADDITIONS, REVERSED


@dataclass(frozen=True, slots=True)
class Mistaken:
    call: int
    """The first call, outside of `no_grad`, of the term that is made of the wrong value."""
    taken: int
    """The value without a graph that it takes."""
    spare: int
    """The value with a graph that was computed of the same parameters, and that nothing uses."""


def mistaken_for(run: Run, scene: Scene, flow: Flow, cut: Cut, lost: Collection[int]) -> Mistaken | None:
    """What a loss takes for something else, where a whole term of it has no graph and something else has."""
    backward = next((b for b in scene.backwards if list(scene.trace.inputs[b]) == flow.roots), NONE)
    spare = _spare(scene, flow, lost, backward) if backward != NONE else {}
    if not spare:
        return None
    region, ends = flow.constant(cut.made)
    constant = set(region)
    for end in ends:
        call = scene.producer[end]
        if scene.name(call) not in ADDITIONS | REVERSED or len(scene.shape(end)) > 1:
            continue
        term = [value for value in scene.inputs[call] if value in constant]
        for one in run.flow(scene, term).calls if term else ():
            taken = [value for value in scene.inputs[one] if value in constant]
            if one > cut.call and scene.grad_mode(one) and taken and scene.shape(taken[0]) in spare:
                return Mistaken(one, taken[0], spare[scene.shape(taken[0])])
    return None


def _spare(scene: Scene, flow: Flow, lost: Collection[int], backward: int) -> dict[tuple[int, ...], int]:
    """By shape the last value with a graph, computed of what is lost since the last step, that no call and no
    loss took."""
    since = range(last_before(scene.steps, backward) + 1, backward)
    leaves = [value for value in scene.values_of(lost) if scene.leaf[value]]
    used = {value for call in since for value in scene.trace.inputs[call]}
    learnt = scene.descendants(leaves, attached=True)
    return {
        scene.shape(value): value
        for call in since
        for value in scene.outputs[call]
        if learnt[value] and not scene.leaf[value] and not flow.within[value] and value not in used
    }
