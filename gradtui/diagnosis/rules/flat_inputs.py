"""Layers whose input has a gradient of zero alone: rounded values, signs, draws by probabilities.

Where nothing else trains what that was computed from, it gets only zeros and is told of as such. Here it
learns by another term, such as a rate or a divergence, and nobody sees that nothing comes from the layer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field
from itertools import compress

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.draws import is_fitted, is_scored
from gradtui.diagnosis.explanations.zero_or_nan_ops import DRAWS, JUMPS, PRODUCTS, why_flat
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.losses import judged_losses, lately
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.diagnosis.zero_derivative import reached_past
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.torch_functions import RESHAPES, SCALINGS, STACKS, SUMS, TURNS

FLAT = JUMPS | DRAWS
BETWEEN = RESHAPES | TURNS | STACKS | SCALINGS | SUMS
"""What may stand between such a value and the layer that it goes into."""
NEAR = 8
"""Calls between the two, at most."""
OF_ONE_PLACE = 4
"""Calls of one line in a loss that are looked at: those of a loop are alike."""
LEAST = 2
"""Losses in which it must have been so."""

Place = tuple[str, int]
"""A file, and a line."""


@dataclass
class Flat:
    """A line by which nothing comes back from a layer, in judged losses."""

    scene: Scene
    call: int
    stop: int
    """The first backward of such a loss."""
    tensors: set[int] = field(default_factory=set)
    """What would learn by it, and does by another way."""
    seen: int = 0
    """In how many losses."""


def flat_inputs(run: Run) -> Iterator[Finding]:
    """Lines that round, or draw, what a layer is given in every judged loss, and pass no gradient to what it
    was computed from."""
    told: dict[Place, Flat] = {}
    meant: set[Place] = set()
    for scene, backward, held in run.once(judged_losses):
        looked_at: dict[Place, int] = {}
        for call in lately(scene, backward, run.once(_flat_calls)[scene.index], int):
            flow = run.flow(scene, scene.trace.inputs[backward])
            site = scene.user_site(call)
            place = site.file, site.line
            looked_at[place] = looked_at.get(place, 0) + 1
            if place in meant or looked_at[place] > OF_ONE_PLACE or not flow.alive[scene.outputs[call][0]]:
                continue
            tensors = _cut_off(run, scene, flow, call, held)
            if tensors is None:
                meant.add(place)
            elif tensors:
                found = told.setdefault(place, Flat(scene, call, scene.backward_number(backward)))
                found.tensors |= tensors
                found.seen += looked_at[place] == 1
    for place, found in told.items():
        if place not in meant and found.seen >= LEAST:
            yield _finding(run, found)


def _flat_calls(run: Run) -> list[list[int]]:
    """By scene the calls whose result has a graph, and a gradient of zero for what they are given."""
    found = []
    for scene in run.scenes:
        wanted = [name in FLAT for name in scene.names]
        calls = compress(range(len(scene.kind)), map(wanted.__getitem__, scene.trace.function))
        found.append([call for call in calls if _is_live(scene, call)])
    return found


def _is_live(scene: Scene, call: int) -> bool:
    made = scene.outputs[call]
    return bool(made) and bool(scene.grad[made[0]]) and any(scene.grad[one] for one in scene.inputs[call])


def _cut_off(run: Run, scene: Scene, flow: Flow, call: int, held: Set[int]) -> set[int] | None:
    """What a layer doesn't train because of a call that stands before it, and another term does; None where
    that is meant: the gradient comes by another way, or it is none that anybody waits for."""
    given = [one for one in scene.inputs[call] if scene.grad[one]]
    before = run.flow(scene, given).reached
    near = {one for value in given for one in flow.measured(value)}
    taken = _taken_by_a_layer(scene, flow, call, near, before)
    if taken is None or is_fitted(scene, flow, near, {*scene.outputs[call]}):
        return None
    flat = run.once(_flat_calls)[scene.index]
    otherwise = reached_past(flow, flat)
    round_it = reached_past(run.flow(scene, taken), flat) if taken else set()
    return {*before} & otherwise & held - round_it if taken else set()


def _taken_by_a_layer(
    scene: Scene, flow: Flow, call: int, near: Set[int], before: Collection[int]
) -> list[int] | None:
    """What layers are given of a call's result; None where it meets what it was made of, or is given to what
    that was computed by."""
    pending, taken = [*flow.made_by(call)], []
    for _ in range(NEAR):
        after = {(user, value) for value in pending for user in flow.consumers.of(value)}
        pending = []
        for user, value in after:
            others = [one for one in scene.inputs[user] if one != value and scene.grad[one]]
            chains = [flow.measured(one) for one in others]
            if is_scored(scene, user) or any(not near.isdisjoint(chain) for chain in chains):
                return None
            if any(scene.leaf[chain[-1]] and scene.tensor[chain[-1]] in before for chain in chains):
                return None
            if scene.name(user) in PRODUCTS:
                taken.append(value)
            elif scene.name(user) in BETWEEN:
                pending += flow.made_by(user)
    return taken


def _finding(run: Run, found: Flat) -> Finding:
    scene, call = found.scene, found.call
    names = [scene.owners.called(tensor) for tensor in sorted(found.tensors)]
    does, fix = why_flat(scene.name(call))
    message = (
        f"`{code(scene, call)}` {does}: by way of the layer that is given it no gradient comes to "
        f"{listed(names)}, which {'learns' if len(names) == 1 else 'learn'} by another term alone."
    )
    cause = at(Rule.ZERO_GRADIENT, scene.user_site(call), fix, call=call, confidence=Confidence.LIKELY)
    return run.finding(cause, Severity.WARNING, message, affected=names, stop=found.stop)
