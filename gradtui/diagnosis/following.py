"""Parameters that follow others by their values alone: the program writes into each a copy of one that
learns, or an average with it, as into a target network or a momentum encoder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from gradtui.diagnosis.scene import Scene
from gradtui.model.torch_functions import ADDITIONS, DATA_SET, LETS_GO, SCALINGS

COPY = "copy_"
FOLLOWING = frozenset({COPY, "lerp_", "add_", "_foreach_lerp_", "_foreach_add_"})
"""What a model that follows another one is written by."""
MADE_OF = SCALINGS | ADDITIONS | LETS_GO | {"lerp", "clone", "to"}
"""What an average is made by before it is written."""
MOST = 16
"""Values between a copy and what it is a sum of: two products and a sum, where an average is written out."""


def followers(scenes: Sequence[Scene], learning: Collection[int]) -> frozenset[int]:
    """Those that were written, behind a first step, with what was made of another one of `learning`, of their
    shape. Of a list that is written all but the first stand before what it is written with once more."""
    return frozenset(tensor for scene in scenes for tensor in _written(scene, learning))


def _written(scene: Scene, learning: Collection[int]) -> Iterator[int]:
    first, storage = scene.steps[0] if scene.steps else len(scene.kind), scene.trace.storage
    writes = [call for call in scene.writes if call > first]
    writes = [call for call in writes if scene.name(call) in FOLLOWING or _swaps(scene, call)]
    if not writes:
        return
    whose: dict[int, set[int]] = {}
    for value, tensor in enumerate(scene.tensor):
        if tensor in scene.parameters:
            whose.setdefault(storage[value], set()).add(tensor)
    for call in writes:
        inputs, count = scene.trace.inputs[call], len(scene.outputs[call])
        written, given = inputs[:count], inputs[2 * count - 1 :]
        into = {tensor: scene.shape(value) for value in written for tensor in whose.get(storage[value], ())}
        taken = {
            scene.shape(value)
            for value in _made_of(scene, given)
            for tensor in whose.get(storage[value], set()) - into.keys()
            if tensor in learning
        }
        yield from (tensor for tensor, shape in into.items() if shape in taken)


def _swaps(scene: Scene, call: int) -> bool:
    return scene.trace.functions[scene.trace.function[call]] == DATA_SET


def _made_of(scene: Scene, values: Collection[int]) -> Iterator[int]:
    """These values, and those of which they are sums or copies."""
    pending = list(values)
    for _ in range(MOST * len(pending)):
        if not pending:
            return
        value = pending.pop()
        yield value
        call = scene.producer[value]
        if not scene.grad[value] and scene.name(call) in MADE_OF:
            pending += scene.trace.inputs[call]
