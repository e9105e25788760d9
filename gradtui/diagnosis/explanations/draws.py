"""What a distribution's `sample` has drawn, which never has a gradient: whether one was to go through it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from itertools import islice

from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.scene import Scene
from gradtui.model.torch_functions import DISTANCES, SCALINGS, SUBTRACTIONS, SUMS
from gradtui.model.trace import Kind

DENSITY, DIVERGENCE, DRAW = "log_prob", "kl_divergence", "sample"
MEETINGS = SUBTRACTIONS | SUMS | {"binary_cross_entropy", "binary_cross_entropy_with_logits"}
"""By which a value is compared with the mean, or the probability, that it was drawn by."""
NOISE = frozenset(["randn", "randn_like", "normal_"])
LAYERS = 100
"""Values before a draw among which those are that its network consists of."""
FAR = 12
"""Calls between a density and the advantage that weighs it: a sum over actions, a ratio, a clamp."""


def passes_no_gradient(scene: Scene, flow: Flow, cut: Cut, tensors: Collection[int]) -> bool:
    """Whether these tensors were to learn through a draw: the loss is computed with it, by what has a
    gradient, and nothing tells that they learn of it otherwise.

    What a world outside of torch makes of an action has no gradient anyhow.
    """
    if not scene.floating[cut.made]:
        return False
    region, ends = flow.constant(cut.made)
    if any(scene.kind[scene.producer[value]] == Kind.REENTRY for value in region):
        return False
    by_hand = _called(scene, cut.call) != DRAW
    if by_hand and not _mixes_noise(scene, region):
        return False
    drawn, used = set(region), [value for value in ends if flow.alive[value]]
    given = [value for value in _given(scene, region, by_hand) if flow.alive[value]]
    if not used or not given:
        return False  # it only weighs, or is the next state of a chain
    near = {one for value in given for one in flow.measured(value)}
    calls = dict.fromkeys(scene.producer[value] for value in used)
    densities = [call for call in calls if is_scored(scene, call)]
    if densities and (len(densities) == len(calls) or _is_weighed(scene, flow, densities)):
        return False  # by its density, as a policy does
    own = {scene.trace.storage[value] for value in scene.values_of(frozenset(tensors))}
    if by_hand:  # under `no_grad` each of a network's layers is a cut: what it goes into is the network
        before = islice(scene.going_back([cut.made], scene.made_from), LAYERS)
        own |= {scene.trace.storage[value] for value in before if scene.leaf[value] and scene.grad[value]}
    others = calls.keys() - set(densities)
    if others and all(_is_target(scene, call, drawn) for call in others):
        return False
    return not any(
        _meets(scene, flow, call, near) or _comes_again(scene, call, own, drawn) for call in others
    ) and not is_fitted(scene, flow, near, drawn)


def is_sample(scene: Scene, call: int) -> bool:
    """Whether a call belongs to a `sample` of a distribution."""
    return _called(scene, call) == DRAW


def is_scored(scene: Scene, call: int) -> bool:
    """Whether a call computes a density."""
    return _called(scene, call) == DENSITY


def _called(scene: Scene, call: int) -> str:
    """The function that the user called where a call was made."""
    return scene.words.call_name(scene.user_site(call))


def _mixes_noise(scene: Scene, region: Collection[int]) -> bool:
    """Whether noise was multiplied with what a value was made of, and that added to something: `mean + noise
    * deviation`."""
    scaled = [scene.producer[value] for value in region if scene.name(scene.producer[value]) in SCALINGS]
    return any(
        scene.name(scene.producer[one]) in NOISE for call in scaled for one in scene.inputs[call]
    ) and any(scene.name(scene.producer[value]) in SUMS for value in region)


def _given(scene: Scene, region: Collection[int], by_hand: bool) -> Iterator[int]:
    """What has a graph of all that was drawn by: means, deviations, probabilities."""
    for value in region:
        call = scene.producer[value]
        if by_hand or _called(scene, call) == DRAW:
            yield from (one for one in scene.inputs[call] if scene.grad[one])


def _is_weighed(scene: Scene, flow: Flow, densities: Collection[int]) -> bool:
    """Whether densities are multiplied by what has no graph, one number each: an advantage, or a return."""
    pending = {value for call in densities for value in flow.made_by(call)}
    for _ in range(FAR):
        after = {call for value in pending for call in flow.consumers.of(value)}
        for call in after:
            constant = (one for one in scene.inputs[call] if not scene.grad[one])
            if scene.name(call) in SCALINGS and any(map(scene.shape, constant)):
                return True
        pending = {made for call in after for made in flow.made_by(call)}
    return False


def _meets(scene: Scene, flow: Flow, call: int, near: Set[int]) -> bool:
    """Whether it is compared with what it was drawn by: in a density that is written by hand, or so as to
    pass the gradient straight through."""
    live = [one for one in scene.inputs[call] if scene.grad[one]] if scene.name(call) in MEETINGS else []
    return any(not near.isdisjoint(flow.measured(one)) for one in live)


def _is_target(scene: Scene, call: int, drawn: Set[int]) -> bool:
    """Whether what has a graph is compared with what was drawn: a target, which is held constant."""
    compares = scene.name(call) in MEETINGS - SUMS or scene.name(call) in DISTANCES
    return compares and any(scene.grad[one] for one in scene.inputs[call] if one not in drawn)


def _comes_again(scene: Scene, call: int, own: Collection[int], drawn: Set[int]) -> bool:
    """Whether it goes once more into a layer by which it was computed: the next step of a roll-out is an
    input like any other."""
    return any(scene.trace.storage[one] in own for one in scene.inputs[call] if one not in drawn)


def is_fitted(scene: Scene, flow: Flow, near: Set[int], drawn: Set[int]) -> bool:
    """Whether what was drawn by is compared with data, and learns by that; a prior is none."""
    for call in {call for value in near for call in flow.consumers.of(value)}:
        if scene.name(call) in MEETINGS and _called(scene, call) != DIVERGENCE:
            data = [one for one in scene.inputs[call] if not scene.grad[one] and scene.shape(one)]
            if data and drawn.isdisjoint(data):
                return True
    return False
