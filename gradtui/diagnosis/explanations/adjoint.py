"""What a custom Function computes again in its backward, as an adjoint method does, and what is cut off
there: no graph that a loss has shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, first_after
from gradtui.model.columns import NONE
from gradtui.model.trace import CallFlag, Kind, ValueFlag


def cut_again(run: Run, scene: Scene, function: int, tensors: Collection[int]) -> Cause | None:
    """What cuts all of these off from each result that the backward after a Function's call computes anew."""
    backward = first_after(scene.backwards, function)
    roots = _results(scene, backward) if backward != NONE else []
    flow = run.flow(scene, roots)
    if not flow.reached.isdisjoint(tensors):
        return None
    groups = flow.first_cuts(tensors)
    cut = flow.choose(groups)[0] if groups else None
    return causes.of_cut(scene, flow, cut) if cut is not None and flow.alone(cut) else None


def _results(scene: Scene, backward: int) -> list[int]:
    """The values with a graph that were computed while a backward ran, and that no other was computed from;
    without mere views of leaves."""
    made: dict[int, None] = {}
    for call in range(backward + 1, len(scene.kind)):
        if scene.kind[call] in (Kind.BACKWARD, Kind.STEP):
            break
        came, fresh = scene.inputs[call], [one for one in scene.outputs[call] if scene.grad[one]]
        if fresh and scene.trace.flags[call] & CallFlag.BACKWARD:
            for value in came:
                made.pop(value, None)
            made.update((one, None) for one in fresh if not scene.leaf[one] and not _views(scene, one, came))
    return list(made)


def _views(scene: Scene, value: int, came: Sequence[int]) -> bool:
    """Whether a value is a view of a leaf that it was made from."""
    return bool(scene.trace.value_flags[value] & ValueFlag.VIEW) and all(scene.leaf[one] for one in came)
