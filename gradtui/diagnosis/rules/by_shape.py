"""What is no number whatever it is computed from, by its shape alone: the spread of a single value."""

from __future__ import annotations

from math import isnan, prod

from gradtui.diagnosis import causes
from gradtui.diagnosis.run import Run, at
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Rule
from gradtui.model.gradients import Death
from gradtui.model.stops import StopKind

SPREADS = frozenset(["std", "var", "std_mean", "var_mean"])
CORRECTED = frozenset(["unbiased", "correction"])


def spread_of_one(run: Run, scene: Scene, death: Death) -> tuple[causes.Cause, str] | None:
    """The call that made NaN of the loss before any gradient could, and a sentence about it.

    A gradient is the first to be NaN in backward where a value has been so since long before.
    """
    stops = [stop for stop in run.last.snapshot.stops if stop.kind is StopKind.BACKWARD]
    loss = next((stop.loss for stop in stops if stop.index == death.backward), None)
    backward = next((call for call in scene.backwards if call > death.call), None)
    if loss is None or not isnan(loss) or backward is None:
        return None
    calls = run.flow(scene, run.roots(scene, [backward])).calls
    call = next((call for call in calls if _is_of_one(scene, call)), None)
    if call is None:
        return None
    text = causes.code(scene, call)
    cause = at(
        Rule.NAN_GRADIENT,
        causes.user_site(scene, call),
        "Leave out a batch of one, as by `drop_last=True`, or divide by the number of values: "
        "`correction=0`.",
        call=call,
    )
    return (
        cause,
        f"{text} is taken over a single value here, of which the spread is NaN, and so is the loss. ",
    )


def _is_of_one(scene: Scene, call: int) -> bool:
    if scene.name(call) not in SPREADS or not scene.inputs[call] or not scene.outputs[call]:
        return False
    trace, site = scene.trace, scene.site(call)
    came, made = (
        prod(trace.shapes[trace.shape[value]]) for value in (scene.inputs[call][0], scene.outputs[call][0])
    )
    told = CORRECTED.intersection(scene.words.keywords(site)) or "False" in scene.words.arguments(site)
    return came == made > 0 and not told
