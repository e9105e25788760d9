"""Zeros that a weight gets because its layer was given nothing but zeros: what made these is to blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradtui.diagnosis.explanations.zero_or_nan_ops import DROPOUTS, FLAT, PRODUCTS, RECTIFIERS
from gradtui.diagnosis.nonfinite import MOVING
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.gradients import Death
from gradtui.model.torch_functions import NORMS, SCALINGS, STACKS

CELLS = frozenset(
    ["lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"]
)
TAKING = PRODUCTS | NORMS | SCALINGS | CELLS
"""What multiplies two things, so that one gets zeros where the other is zero."""
MAKING = RECTIFIERS | SCALINGS | FLAT | DROPOUTS | {"where", "masked_fill", "masked_fill_"}
"""What sends back zeros where it gives zeros."""
KEEPING = MOVING | MAKING | {"abs", "neg", "__neg__", "tanh", "square", "sin", "gelu", "silu"}
"""What makes zeros of zeros."""


def by_origin(scene: Scene, deaths: Sequence[Death]) -> list[tuple[Death, list[int]]]:
    """Places at which gradients became zeros, each with the leaves that got theirs elsewhere, as something
    there was zero that this place made so; without those other places."""
    deaths = [_behind_join(scene, death) for death in deaths]
    ours = [death for death in deaths if death.call != NONE and not death.hook]
    making = {death.call: death for death in ours if scene.name(death.call) in MAKING}
    source: dict[Death, Death] = {}
    given: dict[Death, list[int]] = {}
    flat = _of_the_flat(scene, making, max((one.call for one in ours), default=NONE))
    for death in sorted(ours, key=lambda one: one.call) if making else ():
        takes = scene.name(death.call) in TAKING
        made = (_above(scene, death.call, making) or flat.get(death.call)) if takes else None
        if made is not None:  # which was given zeros itself, if so by an earlier one
            source[death] = source.get(made, made)
            given.setdefault(source[death], []).extend(death.leaves)
    return [(death, given.get(death, [])) for death in deaths if death not in source]


def _behind_join(scene: Scene, death: Death) -> Death:
    """Where what was joined is multiplied by something that doesn't learn, which is zero for some parts: the
    join gives each part its own. The death itself, where it is of no join or nothing like that comes next."""
    if death.hook or death.call == NONE or scene.name(death.call) not in STACKS:
        return death
    joined = {*scene.outputs[death.call]}
    end = next((call for call in scene.backwards if call > death.call), len(scene.kind))
    for call in range(death.call + 1, end):
        came = scene.inputs[call]
        if joined.isdisjoint(came):
            continue
        if scene.name(call) in SCALINGS | PRODUCTS:
            beside = [value for value in came if value not in joined]
            constant = bool(beside) and not any(scene.grad[value] for value in beside)
            return replace(death, call=call) if constant else death
        if scene.name(call) not in KEEPING:
            return death
        joined.update(scene.outputs[call])
    return death


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


def _of_the_flat(scene: Scene, making: dict[int, Death], last: int) -> dict[int, Death]:
    """By call what it was given was computed from: the last that was flat for all of its values, and whose
    result is a constant. `1 - exp(-density)` is zero too where that is."""
    dead = {call: death for call, death in making.items() if scene.name(call) in RECTIFIERS | FLAT}
    found: dict[int, Death] = {}
    for call in range(min(dead), last + 1) if dead else ():
        above = [scene.producer[value] for value in scene.sources[call]]
        flat = [dead.get(one) or found[one] for one in above if one in dead or one in found]
        if flat:
            found[call] = max(flat, key=lambda one: one.call)
    return found
