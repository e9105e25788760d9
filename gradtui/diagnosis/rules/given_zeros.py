"""Zeros that a weight gets because its layer was given nothing but zeros: what made these is to blame."""

from __future__ import annotations

from collections.abc import Sequence

from gradtui.diagnosis.nonfinite import MOVING
from gradtui.diagnosis.rules.reasons import DROPOUTS, FACTORS, FLAT, PRODUCTS, RECTIFIERS
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.gradients import Death

NORMS = frozenset(["batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm"])
CELLS = frozenset(
    ["lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"]
)
TAKING = PRODUCTS | NORMS | FACTORS | CELLS
"""What multiplies two things, so that one gets zeros where the other is zero."""
MAKING = RECTIFIERS | FACTORS | FLAT | DROPOUTS | {"where", "masked_fill", "masked_fill_"}
"""What sends back zeros where it gives zeros."""
KEEPING = MOVING | MAKING | {"abs", "neg", "__neg__", "tanh", "square", "sin", "gelu", "silu"}
"""What makes zeros of zeros."""


def given_zeros(scene: Scene, deaths: Sequence[Death]) -> dict[Death, Death]:
    """Places at which gradients became zeros as something there was zero, each with the place that made it
    zero, and sent on zeros itself."""
    making = {
        death.call: death for death in deaths if death.call != NONE and scene.name(death.call) in MAKING
    }
    found: dict[Death, Death] = {}
    for death in deaths if making else ():
        if death.call != NONE and not death.hook and scene.name(death.call) in TAKING:
            source = _above(scene, death.call, making)
            if source is not None:
                found[death] = source
    return found


def _above(scene: Scene, call: int, making: dict[int, Death]) -> Death | None:
    """The nearest of these calls that a call was given something of which is still zero where that was."""
    pending, seen = list(scene.inputs[call]), set[int]()
    for value in pending:
        above = scene.producer[value]
        if above in making and above != call:
            return making[above]
        if above not in seen and scene.name(above) in KEEPING:
            seen.add(above)
            pending.extend(scene.sources[above])
    return None
