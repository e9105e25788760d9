"""Optimizers whose gradients the program itself hands over, from a copy of what they hold: backward reaches
the copy. So do the workers of A3C with a network that they share, and a model in half precision with its
weights in float32.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradtui.diagnosis.history import History
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.trace import Kind

FILLS = (Kind.WRITE, Kind.PARAMETER)
MOST = 8
"""Calls between a parameter and what fills its copy: a `detach`, a change of dtype."""


def copies(
    history: History, scenes: Sequence[Scene], reached: Collection[int], cut: Collection[int]
) -> dict[int, frozenset[int]]:
    """By tensor without a gradient, the copies of it by which losses are computed, and that get none either;
    none where the program has frozen its copies, and so doesn't want it to learn.

    It is of an optimizer of which something has gradients that no backward brought, while backward reached a
    copy of that. `reached` are the leaves of all that any backward reached, `cut` those of all on whose ways
    to a loss something is cut off.
    """
    lost = {one.tensor: one.optimizer for one in history.lost}
    given = history.learning.difference(reached)
    if not lost or not given:
        return {}
    found, frozen = _copied(scenes, lost.keys() | given)
    handed = {tensor for tensor in given if not found.get(tensor, set()).isdisjoint(reached)}
    by_hand = {one.optimizer for one in history.judgements if not handed.isdisjoint(one.states)}
    mine = {tensor: frozenset(found.get(tensor, ())).intersection(cut) for tensor in lost}
    return {
        tensor: mine[tensor]
        for tensor, number in lost.items()
        if number in by_hand and (mine[tensor] or (tensor in found and found[tensor] <= frozen))
    }


def _copied(scenes: Sequence[Scene], tensors: Collection[int]) -> tuple[dict[int, set[int]], set[int]]:
    """By tensor, of these, the other parameters that are filled with its values; and which of all those don't
    require grad when they are seen last."""
    found: dict[int, set[int]] = {}
    requires: dict[int, int] = {}
    for scene in scenes:
        for call, kind in enumerate(scene.kind):
            came: Sequence[int] = scene.trace.inputs[call] if kind in FILLS else ()
            for made in scene.outputs[call] if came else ():
                copy = scene.tensor[made]
                source = _origin(scene, came[-1]) if scene.leaf[made] or copy in scene.parameters else NONE
                if source in tensors and source != copy:
                    found.setdefault(source, set()).add(copy)
        requires.update(zip(scene.tensor, scene.grad, strict=True))  # of each as its last value does
    return found, {copy for filled in found.values() for copy in filled if not requires[copy]}


def _origin(scene: Scene, value: int) -> int:
    """The leaf that a value is merely the values of, as a tensor; NONE where it is computed from several."""
    for _ in range(MOST):
        if scene.leaf[value]:
            return scene.tensor[value]
        came = scene.sources[scene.producer[value]]
        if len(came) != 1:
            break
        (value,) = came
    return NONE
