"""What is divided by a sum, a norm or a mean of itself alone: it is one whatever it is, and what comes back
of it is rounding."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import compress
from math import prod

from gradtui.diagnosis import causes
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.rules.terms import judged_losses
from gradtui.diagnosis.run import Run, at, listed
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.torch_functions import ADDITIONS, QUOTIENTS, RESHAPES

WHOLE = frozenset(["sum", "mean", "norm", "vector_norm", "amax", "max", "logsumexp"])
"""Of one element they give that element, or its size."""
BESIDE = RESHAPES | ADDITIONS | {"clamp", "clamp_min", "clip", "maximum", "expand", "expand_as", "abs"}
"""What may stand between such a whole and the division by it."""
NORMALIZE = "normalize"
FIX = (
    "Give it more than one element in this dimension, or normalise before what is used is picked out of the "
    "others."
)


def divided_by_itself(run: Run) -> Iterator[Finding]:
    """Parameters that at every judged loss are reached only through something that is divided by itself."""
    lost: dict[int, tuple[Scene, int]] = {}
    learning: set[int] = set()
    for scene, backward, held in judged_losses(run):
        flow = run.flow(scene, scene.trace.inputs[backward])
        ones = [call for call in run.once(_ones)[scene.index] if flow.within[scene.outputs[call][0]]]
        reached = flow.reached & held
        rest = _reached_past(flow, ones) if ones else reached
        learning |= reached & rest
        for call in ones if reached - rest else ():
            before = run.flow(scene, scene.inputs[call]).reached
            for tensor in before & (reached - rest):
                lost.setdefault(tensor, (scene, call))
    by_place: dict[tuple[str, int], tuple[Scene, int, list[int]]] = {}
    for tensor in sorted(lost.keys() - learning):
        scene, call = lost[tensor]
        site = causes.user_site(scene, call)
        by_place.setdefault((site.file, site.line), (scene, call, []))[2].append(tensor)
    for scene, call, tensors in by_place.values():
        yield _finding(run, scene, call, tensors)


def _finding(run: Run, scene: Scene, call: int, tensors: list[int]) -> Finding:
    names = [scene.owners.called(tensor) for tensor in tensors]
    single = len(names) == 1
    shape = scene.shape(scene.inputs[call][0])
    message = (
        f"{causes.code(scene, call)} divides something of shape {shape} by itself: each sum is over one "
        f"element, so each result is one whatever that is. What {listed(names)} "
        f"{'gets' if single else 'get'} is rounding, and no gradient."
    )
    cause = at(Rule.ZERO_GRADIENT, causes.user_site(scene, call), FIX, call=call)
    return run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors)


def _ones(run: Run) -> list[list[int]]:
    """By scene: the calls that divide something by itself."""
    return [list(_in(scene)) for scene in run.scenes]


def _in(scene: Scene) -> Iterator[int]:
    wanted = [name in QUOTIENTS or name == NORMALIZE for name in scene.names]
    for call in compress(range(len(scene.kind)), map(wanted.__getitem__, scene.trace.function)):
        came = scene.inputs[call]
        if came and scene.outputs[call] and scene.grad[came[0]] and _is_one(scene, call, came):
            yield call


def _is_one(scene: Scene, call: int, came: Collection[int]) -> bool:
    value, *others = came
    shape = scene.shape(value)
    if scene.name(call) == NORMALIZE:
        return len(shape) == 2 and shape[1] == 1
    if len(others) != 1 or not scene.grad[others[0]] or scene.shape(scene.outputs[call][0]) != shape:
        return False
    return _is_whole_of(scene, others[0], value)


def _is_whole_of(scene: Scene, whole: int, value: int) -> bool:
    """Whether one is a sum of the other over dimensions of size 1, with a little added perhaps."""
    size = prod(scene.shape(value))
    while prod(scene.shape(whole)) == size:
        call = scene.producer[whole]
        came = scene.inputs[call]
        if not came or not scene.grad_mode(call):
            return False
        if scene.name(call) in WHOLE:
            return prod(scene.shape(came[0])) == size and _alike(scene, came[0], value)
        if scene.name(call) not in BESIDE or sum(bool(scene.grad[one]) for one in came) != 1:
            return False
        whole = next(one for one in came if scene.grad[one])
    return False


def _alike(scene: Scene, one: int, other: int) -> bool:
    """Whether two values are the same, or the same function of the same."""
    if one == other:
        return True
    calls = scene.producer[one], scene.producer[other]
    came = [list(scene.inputs[call]) for call in calls]
    return bool(came[0]) and came[0] == came[1] and scene.name(calls[0]) == scene.name(calls[1])


def _reached_past(flow: Flow, calls: Collection[int]) -> set[int]:
    """Leaves, as tensors, to which the gradient flows by ways that go through none of these calls."""
    scene, found = flow.scene, set[int]()
    seen = {root for root in flow.roots if scene.grad[root]}
    pending = list(seen)
    while pending:
        value = pending.pop()
        if scene.leaf[value]:
            found.add(scene.tensor[value])
        elif scene.producer[value] not in calls:
            fresh = {
                one for one in scene.inputs[scene.producer[value]] if scene.grad[one] and one not in seen
            }
            seen |= fresh
            pending += fresh
    return found
