"""Calls whose result stays the same whatever they are given: what comes back by them is zero, or rounding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import Enum
from itertools import compress
from math import prod

from gradtui.diagnosis import arrangement
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.written_numbers import LITTLE, adds_little, argument, dimensions
from gradtui.model.torch_functions import ADDITIONS, DISTANCES, QUOTIENTS, RESHAPES, SUBTRACTIONS, SUMS, TURNS

WHOLE = frozenset(["sum", "mean", "norm", "vector_norm", "amax", "max", "logsumexp"])
"""Of one element they give that element, or its size."""
BESIDE = RESHAPES | {"expand", "expand_as", "abs"}
"""What may stand between such a whole and the division by it."""
NUDGES = ADDITIONS | {"clamp", "clamp_min", "clip", "maximum", "max"}
"""What may stand there too, by a little: `x / (1 + x.abs())` and `x / x.abs().clamp(min=1)` vary with `x`."""
CURVES = frozenset(["exp", "abs", "square", "relu", "sigmoid", "tanh", "sqrt", "log", "neg", "__neg__"])
"""Functions of one thing, and of no number beside it."""
COMPARES = SUBTRACTIONS | DISTANCES
NORMALIZE = "normalize"
LAYER_NORMS = frozenset(["layer_norm", "rms_norm"])
"""Divided by its own deviation from its mean, or by its own size, one element is always the same."""
COSINE = "cosine_similarity"
"""Of two vectors of one element it is 1 or -1."""
EINSUM = "einsum"


class ZeroDerivative(Enum):
    ONE = "divides something by itself"
    """By its own sum, norm or mean over one element."""
    NOTHING = "takes something away from itself, but for a constant"
    """From what it is with a constant added: `z + (q - z).detach()` and `z` differ by what has no graph."""


def flat_calls(scene: Scene) -> dict[int, ZeroDerivative]:
    """The calls by which nothing comes back to what they were given."""
    wanted = [
        name in QUOTIENTS or name in COMPARES or name in (NORMALIZE, COSINE) or name in LAYER_NORMS
        for name in scene.names
    ]
    calls = compress(range(len(scene.kind)), map(wanted.__getitem__, scene.trace.function))
    return dict(_kinds(scene, calls))


def _kinds(scene: Scene, calls: Iterator[int]) -> Iterator[tuple[int, ZeroDerivative]]:
    for call in calls:
        came = scene.inputs[call]
        if not came or not scene.outputs[call] or not scene.grad[came[0]]:
            continue
        if scene.name(call) not in COMPARES:
            if _is_one(scene, call, came):
                yield call, ZeroDerivative.ONE
        elif (
            len(came) == 2 and came[0] != came[1] and scene.grad[came[1]] and _without_constants(scene, came)
        ):
            yield call, ZeroDerivative.NOTHING


def _without_constants(scene: Scene, pair: Collection[int]) -> bool:
    """Whether two values are the same, item by item, but for constants that were added."""
    (one, ways), (other, others) = (_before_constants(scene, value) for value in pair)
    if one != other:
        return False
    layout, beside = (_layout(scene, one, way) for way in (ways, others))
    return layout is not None and layout == beside


def _before_constants(scene: Scene, value: int) -> tuple[int, list[int]]:
    """What a value was before constants were added to it and its items were arranged, with the calls that
    arranged them, the first one first."""
    arranged: list[int] = []
    while True:
        call = scene.producer[value]
        live = [one for one in scene.inputs[call] if scene.grad[one]]
        if scene.leaf[value] or len(live) != 1:
            return value, arranged[::-1]
        if scene.name(call) in RESHAPES or scene.name(call) in TURNS:
            arranged.append(call)
        elif scene.name(call) not in SUMS or scene.shape(live[0]) != scene.shape(value):
            return value, arranged[::-1]
        value = live[0]


def _layout(scene: Scene, value: int, calls: Collection[int]) -> arrangement.Layout | None:
    """Where the items of a value are once these calls have arranged them; None where that isn't known."""
    shape = scene.shape(value)
    layout: arrangement.Layout | None = arrangement.of(shape)
    for call in calls:
        before, shape = shape, scene.shape(scene.outputs[call][0])
        if scene.name(call) in TURNS:
            numbers = dimensions(scene.words, scene.site(call))
            order = arrangement.order_of(scene.name(call), numbers, before, shape)
            layout = arrangement.turned(layout, order) if layout and order else None
        elif layout is not None:
            layout = arrangement.reshaped(layout, shape)
    return None if layout is None else arrangement.joined(layout)


def _is_one(scene: Scene, call: int, came: Collection[int]) -> bool:
    value, *others = came
    shape = scene.shape(value)
    if scene.name(call) == NORMALIZE:
        return _normalises_one(scene, call, shape)
    if scene.name(call) in LAYER_NORMS:  # their weight has the shape of what is normalised together
        return bool(others) and prod(scene.shape(others[0])) == 1 < prod(shape)
    if scene.name(call) == COSINE:
        alike = all(scene.shape(one) == shape for one in others)
        return alike and prod(shape) == prod(scene.shape(scene.outputs[call][0]))
    if len(others) != 1 or not scene.grad[others[0]] or scene.shape(scene.outputs[call][0]) != shape:
        return False
    return _is_whole_of(scene, others[0], value)


def _normalises_one(scene: Scene, call: int, shape: Sequence[int]) -> bool:
    """Whether a call of `normalize` divides each element by its own size."""
    site = scene.site(call)
    if scene.words.call_name(site) != NORMALIZE:
        return False
    dim = argument(scene.words, site, "dim", 2, default=1)
    least = argument(scene.words, site, "eps", 3, default=0)
    if dim is None or least is None or not -len(shape) <= dim < len(shape):
        return False
    return shape[int(dim)] == 1 and least < LITTLE


def _is_whole_of(scene: Scene, whole: int, value: int) -> bool:
    """Whether one is a sum of the other over dimensions of size 1, with a little added perhaps."""
    size = prod(scene.shape(value))
    while prod(scene.shape(whole)) == size:
        call = scene.producer[whole]
        came = scene.inputs[call]
        if not came or not scene.grad_mode(call):
            return False
        name = scene.name(call)
        if len(came) == 1 and (name in WHOLE or (name == EINSUM and _keeps_order(scene, call))):
            return prod(scene.shape(came[0])) == size and _alike(scene, came[0], value)
        little = name in NUDGES and adds_little(scene.words, scene.site(call))
        if not (name in BESIDE or little) or sum(bool(scene.grad[one]) for one in came) != 1:
            return False
        whole = next(one for one in came if scene.grad[one])
    return False


def _keeps_order(scene: Scene, call: int) -> bool:
    """Whether an `einsum` of one thing can only have dropped dimensions of size 1, and turned none round."""
    sizes = [
        [size for size in scene.shape(one) if size > 1] for one in (*scene.inputs[call], *scene.outputs[call])
    ]
    return len({*sizes[0]}) == len(sizes[0]) and sizes[0] == sizes[-1]


def _alike(scene: Scene, one: int, other: int) -> bool:
    """Whether two values are the same, or the same curve of the same."""
    if one == other:
        return True
    calls = scene.producer[one], scene.producer[other]
    came = [list(scene.inputs[call]) for call in calls]
    name = scene.name(calls[0])
    return name in CURVES and len(came[0]) == 1 and came[0] == came[1] and name == scene.name(calls[1])


def reached_past(flow: Flow, calls: Collection[int]) -> set[int]:
    """Leaves, as tensors, to which a gradient flows by ways that go through none of these calls."""
    scene = flow.scene

    def before(value: int) -> list[int]:
        return [] if scene.producer[value] in calls else scene.live_before(value)

    roots = [root for root in flow.roots if scene.grad[root]]
    return {scene.tensor[value] for value in scene.going_back(roots, before) if scene.leaf[value]}


def flat_of(run: Run) -> list[dict[int, ZeroDerivative]]:
    """By scene, the calls by which nothing comes back."""
    return [flat_calls(scene) for scene in run.scenes]
