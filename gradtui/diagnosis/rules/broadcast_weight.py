"""A column and a row that were to be multiplied item by item, and are multiplied each with all: the mean of
that is the product of two means."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.broadcasting import ONE_SHAPE, is_shaped
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.losses import losses
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.torch_functions import (
    ADDITIONS,
    MULTIPLICATIONS,
    NEGATIONS,
    REDUCTIONS,
    SCALINGS,
    last_part,
)

CHOICES = frozenset(["min", "max", "minimum", "maximum"])
CLAMPS = frozenset(["clamp", "clip", "clamp_min", "clamp_max"])
BETWEEN = NEGATIONS | REDUCTIONS | SCALINGS | ADDITIONS | CHOICES | CLAMPS
"""What stands between a product and its mean. A square, an exponential or a sigmoid makes something of each
pair that is no product of the two any more."""
STATISTICS = REDUCTIONS | {
    "std",
    "var",
    "amax",
    "amin",
    "max",
    "min",
    "norm",
    "vector_norm",
    "median",
    "prod",
}
"""What makes one number of each row of a table, or of each column."""
FAR = 8
"""Calls between a product and its mean."""


def broadcast_weight(run: Run) -> Iterator[Finding]:
    """What learns, of shape (n,), times a constant of shape (n, 1) from the same samples, or the other way
    round, where the product of shape (n, n) is only averaged: an advantage weighs all actions alike."""
    for scene, backward, _ in run.once(losses):
        trace = scene.trace
        flow = run.flow(scene, run.roots(scene, [backward]))
        wanted = {number for number, name in enumerate(trace.functions) if last_part(name) in MULTIPLICATIONS}
        products = [
            call for call in flow.calls if trace.function[call] in wanted and _each_with_all(scene, call)
        ]
        if any(all(scene.grad[one] for one in trace.inputs[call]) for call in products):
            continue  # it is a kernel, by which outputs are also compared with outputs
        for call in products[:1]:
            if _is_averaged(scene, flow, call) and _of_the_same_samples(scene, call):
                yield _finding(run, scene, call)


def _each_with_all(scene: Scene, call: int) -> bool:
    """Whether a call multiplies a column by a row, neither of which was shaped for that, and one learns."""
    sides = scene.trace.inputs[call]
    if len(sides) != 2 or not any(scene.grad[one] for one in sides):
        return False
    shapes = [scene.shape(one) for one in sides]
    n = max(shapes[0], default=0)
    if n < 2 or sorted(shapes) != [(n,), (n, 1)] or any(scene.leaf[one] for one in sides):
        return False
    return not any(is_shaped(scene, one) for one in sides)


def _is_averaged(scene: Scene, flow: Flow, call: int) -> bool:
    """Whether a whole product goes into one number, and meets nothing on its way that is of pairs too, but
    for other such products."""
    square = scene.shape(scene.outputs[call][0])
    for _ in range(FAR):
        made = flow.made_by(call)
        if len(made) != 1:
            return False
        if not scene.shape(made[0]):
            return True
        uses = [*dict.fromkeys(flow.consumers.of(made[0]))]
        if len(uses) != 1 or scene.shape(made[0]) != square:
            return False
        call = uses[0]
        others = [one for one in scene.trace.inputs[call] if one != made[0] and scene.shape(one) == square]
        if scene.name(call) not in BETWEEN or not all(_is_product(scene, one) for one in others):
            return False
        if scene.name(call) in SCALINGS and (others or [*scene.trace.inputs[call]].count(made[0]) > 1):
            return False
    return False


def _is_product(scene: Scene, value: int) -> bool:
    """Whether a value is such a product, but for a sign or a clamp."""
    for _ in range(FAR):
        call = scene.producer[value]
        if scene.name(call) in MULTIPLICATIONS and _each_with_all(scene, call):
            return True
        came = scene.trace.inputs[call]
        if scene.name(call) not in NEGATIONS | CLAMPS | SCALINGS or len(came) != 1:
            return False
        value = came[0]
    return False


def _of_the_same_samples(scene: Scene, call: int) -> bool:
    """Whether both sides were computed from the same data, so that they are of the same samples, or the
    constant is a new one for each step. That of a number of features may merely agree with a batch's."""
    live, weight = sorted(scene.trace.inputs[call], key=lambda one: not scene.grad[one])
    if not (_is_by_sample(scene, live) and _is_by_sample(scene, weight)):
        return False
    if NONE < last_before(scene.steps, call) < scene.producer[weight]:
        return True
    data = {one for one in scene.going_back([weight], scene.made_from) if not scene.leaf[one]}
    return any(one in data and not _is_kept(scene, one) for one in scene.going_back([live], scene.made_from))


def _is_by_sample(scene: Scene, value: int) -> bool:
    """Whether a value isn't one of each column of a table, as a mean over samples is."""
    n = max(scene.shape(value))
    for _ in range(FAR):
        call = scene.producer[value]
        came = scene.trace.inputs[call][:1]
        shape = scene.shape(came[0]) if came else ()
        if shape not in ((n,), (n, 1)):
            return scene.name(call) not in STATISTICS or (shape[:1] == (n,) and n not in shape[1:])
        value = came[0]
    return True


def _is_kept(scene: Scene, value: int) -> bool:
    """Whether a value is a parameter or a buffer, which all that a model computes has in common."""
    return scene.tensor[value] in scene.parameters


def _finding(run: Run, scene: Scene, call: int) -> Finding:
    sides = scene.trace.inputs[call]
    one, other = (scene.shape(value) for value in sides)
    n = max(one)
    cause = at(
        Rule.OTHER,
        scene.user_site(call),
        ONE_SHAPE,
        call=call,
    )
    message = (
        f"`{code(scene, call)}` multiplies each by all: of {one} and {other} torch makes ({n}, {n}). "
        "The mean over all of it is one of products of means: which weight belongs to which sample is lost."
    )
    return run.finding(cause, Severity.WARNING, message)
