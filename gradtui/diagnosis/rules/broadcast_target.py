"""A column and a row that were to be compared item by item, and are compared each with all."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from gradtui.diagnosis.broadcasting import ONE_SHAPE, is_shaped
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.losses import losses
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.torch_functions import (
    ADDITIONS,
    DISTANCES,
    NEGATIONS,
    POWERS,
    REDUCTIONS,
    RESHAPES,
    SCALINGS,
    SUBTRACTIONS,
    last_part,
)

COMPARISONS = SUBTRACTIONS | DISTANCES
BENDS = POWERS | DISTANCES | {"abs"}
"""What makes a distance of a difference. Without one the mean is the same whichever outputs and targets are
compared."""
BETWEEN = BENDS | SCALINGS | REDUCTIONS | NEGATIONS | RESHAPES
"""What stands between a difference and the loss that it is for. Kernels and soft counts, which are taken of
each with all, go through an exponential or a sigmoid."""
PRODUCTS = frozenset(["matmul", "__matmul__", "mm", "mv", "addmm", "addmv"])
GATHERS = frozenset(["gather", "take_along_dim"])
FAR = 6
"""Calls among which the layer before a comparison is looked for, and the loss behind it: an activation, a
cast and a reshape lie between, a square and a mean behind; further away it is another layer's output, or no
loss."""


def broadcast_target(run: Run) -> Iterator[Finding]:
    """The output of a layer with one unit, or one output for each sample that was picked out of many, of
    shape (n, 1), and a target of shape (n,), or the other way round: their difference has shape (n, n), and
    the layer learns the mean of all targets."""
    for scene, backward, _ in run.once(losses):
        trace = scene.trace
        flow = run.flow(scene, run.roots(scene, [backward]))
        wanted = {number for number, name in enumerate(trace.functions) if last_part(name) in COMPARISONS}
        compared = [call for call in flow.calls if trace.function[call] in wanted]
        if any(_with_its_own(scene, call) for call in compared):
            continue
        for call in compared:
            sides = trace.inputs[call][:2]
            if len(sides) == 2 and _each_with_all(scene, flow, call, *sides):
                yield _compared(run, scene, call, [scene.shape(value) for value in sides])


def _compared(run: Run, scene: Scene, call: int, shapes: list[tuple[int, ...]]) -> Finding:
    n = max(shapes[0])
    cause = at(
        Rule.OTHER,
        scene.user_site(call),
        ONE_SHAPE,
        call=call,
    )
    message = (
        f"`{code(scene, call)}` compares each with all: of {shapes[0]} and {shapes[1]} torch makes "
        f"({n}, {n}), so that every output is drawn to all targets alike."
    )
    return run.finding(cause, Severity.WARNING, message)


def _with_its_own(scene: Scene, call: int) -> bool:
    """Whether outputs are compared each with all outputs, as an energy distance has it beside the targets."""
    sides = scene.trace.inputs[call][:2]
    if len(sides) < 2 or not all(scene.grad[one] and not scene.leaf[one] for one in sides):
        return False
    shapes = sorted(scene.shape(one) for one in sides)
    n = max(shapes[0], default=0)
    return n > 1 and shapes == [(n,), (n, 1)]


def _each_with_all(scene: Scene, flow: Flow, call: int, one: int, other: int) -> bool:
    """Whether a call compares so, and nobody can have meant it."""
    out, target = (one, other) if scene.grad[one] else (other, one)
    if scene.grad[target] or not scene.grad[out]:
        return False
    shapes = [scene.shape(value) for value in (out, target)]
    n = max(shapes[0], default=0)
    if n < 2 or sorted(shapes) != [(n,), (n, 1)] or is_shaped(scene, target):
        return False
    return _of_one_unit(scene, out, n) and _becomes_a_loss(scene, flow, call)


def _of_one_unit(scene: Scene, value: int, n: int) -> bool:
    """Whether a value is the output of a layer with one unit, or one that was picked for each sample, but for
    its shape, an activation, and what is one number for all: a bias, a scale."""
    for _ in range(FAR):
        call = scene.producer[value]
        live = [one for one in scene.trace.inputs[call] if scene.grad[one]]
        if scene.name(call) == "linear":
            return scene.shape(value) == (n, 1)
        if scene.name(call) in PRODUCTS:
            return any(scene.leaf[one] and scene.shape(one)[1:] in ((), (1,)) for one in live)
        if _picks_one_each(scene, call, value, n):
            return True
        came = [one for one in live if not scene.leaf[one] or prod(scene.shape(one)) > 1]
        if len(came) != 1 or scene.shape(came[0]) not in ((n,), (n, 1)):
            return False
        value = came[0]
    return False


def _picks_one_each(scene: Scene, call: int, value: int, n: int) -> bool:
    """Whether a call picks one of many outputs for each of n samples: the worth of the action that was
    taken."""
    came = scene.trace.inputs[call]
    if len(came) < 2 or not scene.grad[came[0]] or scene.leaf[came[0]]:
        return False
    shape, indices = scene.shape(came[0]), [scene.shape(one) for one in came[1:]]
    if len(shape) != 2 or shape[0] != n or shape[1] < 2:
        return False
    if scene.name(call) in GATHERS:
        return scene.shape(value) == indices[-1] == (n, 1)
    return scene.name(call) == "__getitem__" and scene.shape(value) == indices[-1] == (n,)


def _becomes_a_loss(scene: Scene, flow: Flow, call: int) -> bool:
    """Whether all that a call makes goes into one number: by a square and a mean, and no other way."""
    bent = scene.name(call) in DISTANCES
    for _ in range(FAR):
        made = flow.made_by(call)
        if len(made) != 1:
            return False
        if not scene.shape(made[0]):
            return bent
        uses = [*dict.fromkeys(flow.consumers.of(made[0]))]
        if len(uses) != 1:
            return False
        call = uses[0]
        name, came = scene.name(call), scene.trace.inputs[call]
        bent = bent or name in BENDS or (name in SCALINGS and [*came] == [made[0], made[0]])
        # The logarithm of a variance is added to what is divided by it; a constant is added for a kernel.
        beside = name in ADDITIONS and len(came) == 2 and all(scene.grad[one] for one in came)
        # Who has a weight for each output with each target has meant each with all.
        paired = any(one != made[0] and scene.shape(one) == scene.shape(made[0]) for one in came)
        if not (name in BETWEEN or beside) or paired:
            return False
    return False
