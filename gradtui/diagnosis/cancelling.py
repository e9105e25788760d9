"""Gradients that live all the way and come to nothing, as they cancel each other."""

from __future__ import annotations

from collections.abc import Iterable

from gradtui.diagnosis.history import windows
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.model.owners import GradState
from gradtui.model.stops import StopKind


def cancelling(run: Run) -> set[int]:
    """Tensors of which some step found zeros although a live gradient came all the way: parts that cancel
    each other.

    So it is with the last bias of a critic, which the fakes pull down as far as the real ones pull it up.
    What made zeros of it at other steps, such as a weight that starts at zero, is not why it doesn't learn.
    """
    found, guessed, died = set[int](), set[int](), set[int]()
    for scene in run.scenes:
        if scene.snapshot.stop.kind is not StopKind.STEP or not scene.snapshot.judgements:
            continue
        last = scene.snapshot.judgements[-1]
        window = next((w for w in reversed(windows(scene)) if w.order == last.order), None)
        if window is None or GradState.ZERO not in last.states.values():
            continue
        live = {tensor for tensor, state in last.states.items() if state is GradState.PRESENT}
        if live:  # where nothing lives, what died tells of no single tensor
            died.update(tensor for death in scene.snapshot.deaths for tensor in death.leaves)
        before = last_before(scene.steps, window.step)
        if not window.backwards or window.backwards[0] < before:
            continue  # what died in a backward before another step is told in that step's scene
        reached = run.flow(scene, run.roots(scene, window.backwards)).reached
        zero = {tensor for tensor, state in last.states.items() if state is GradState.ZERO} & reached
        if {*range(last.stop - len(window.backwards) + 1, last.stop + 1)} <= {*scene.snapshot.watched}:
            found |= zero.difference(*(death.leaves for death in scene.snapshot.deaths))
        else:  # nobody looked whether any died
            guessed |= zero & _beside(scene, live, range(before + 1, window.step))
    return found | (guessed - died)


def _beside(scene: Scene, live: set[int], calls: Iterable[int]) -> set[int]:
    """What goes into a call together with something that got a live gradient by it: one came to the call."""
    found: set[int] = set()
    for call in calls:
        tensors = {scene.tensor[value] for value in scene.inputs[call]}
        if not live.isdisjoint(tensors):
            found |= tensors
    return found
