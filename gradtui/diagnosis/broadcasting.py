"""Two sides of an operation that have different shapes: one is repeated for each item of the other."""

from __future__ import annotations

from gradtui.diagnosis.scene import Scene
from gradtui.model.torch_functions import TURNS

ONE_SHAPE = (
    "Give both sides one shape: `.squeeze(-1)` the one of two dimensions, or `.unsqueeze(-1)` the other."
)
TURNED = TURNS | {"expand", "expand_as"}


def is_shaped(scene: Scene, value: int) -> bool:
    """Whether the program has given a value its shape by itself: an `unsqueeze`, an index with None."""
    call = scene.producer[value]
    came = scene.trace.inputs[call][:1]
    return scene.name(call) in TURNED or any(len(scene.shape(one)) < len(scene.shape(value)) for one in came)
