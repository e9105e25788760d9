"""Derivatives that a program has as values alone: what `autograd.grad` gave without a graph, and what was
read of `.grad`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradtui.diagnosis.causes import Cause, at
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Rule
from gradtui.model.trace import Kind

LOOKS = 32
"""Looks at gradients before the first use of one among which that is looked for which gave it."""

BACKWARDS = 3
"""Backwards between a derivative and that of the loss which it is in: one makes it, and others are of other
losses."""


@dataclass(frozen=True, slots=True)
class Derivative:
    """One call that gave derivatives without a graph."""

    call: int
    made: Sequence[int]
    by: Sequence[int]
    """What was derived by."""
    roots: Sequence[int]
    """What was derived."""
    read: bool
    """Whether a backward made it, and it was read of `.grad`."""


def derivatives(run: Run) -> list[list[Derivative]]:
    """By scene its derivatives without a graph, in order."""
    return [sorted([*_given(scene), *_read(scene)], key=lambda one: one.call) for scene in run.scenes]


def moved_by_hand(run: Run) -> frozenset[int]:
    """Tensors that the program derives by itself, by `autograd.grad`, and writes after that."""
    found: set[int] = set()
    for scene, given in zip(run.scenes, run.once(derivatives), strict=True):
        storage = scene.trace.storage
        by = {storage[value]: scene.tensor[value] for one in given if not one.read for value in one.by}
        if by:
            found.update(by[one] for one in scene.written_since(given[0].call) if one in by)
    return frozenset(found)


def before(scene: Scene, found: Sequence[Derivative], backward: int) -> Sequence[Derivative]:
    """Those of a scene that a backward's loss may be made of: no step and few other backwards came after
    them. For each backward there are few, however many it has before it."""
    far = bisect_left(scene.backwards, backward) - BACKWARDS - 1
    last = max(last_before(scene.steps, backward), scene.backwards[far] if far >= 0 else NONE)
    first = bisect_left(found, last, key=lambda one: one.call)
    return found[first : bisect_left(found, backward, key=lambda one: one.call)]


def _given(scene: Scene) -> Iterator[Derivative]:
    for call in scene.grads:
        made, after = scene.outputs[call], call + 1
        if not made or any(scene.grad[value] for value in made):
            continue
        if after < len(scene.kind) and scene.kind[after] == Kind.LOOKED and scene.trace.detail[after]:
            yield Derivative(call, made, scene.trace.inputs[after], scene.trace.inputs[call], read=False)


def _read(scene: Scene) -> Iterator[Derivative]:
    backwards = scene.backwards
    for seen in scene.trace.calls(Kind.SEEN) if scene.looks else ():
        backward = last_before(backwards, seen.index)
        if seen.inputs and backward != NONE and not any(scene.grad[value] for value in seen.outputs):
            roots = scene.trace.inputs[backward]
            yield Derivative(seen.index, seen.outputs, seen.inputs, roots, read=True)


def cause_of(scene: Scene, derivative: Derivative) -> Cause:
    """The place of a derivative, and what gives it a graph."""
    call = _look(scene, derivative) if derivative.read else derivative.call
    fix = f"Add `create_graph=True` to `{code(scene, call)}`."
    if derivative.read:
        fix = "Take it by `torch.autograd.grad(..., create_graph=True)` in place of a backward before it."
    return at(Rule.GRAPH_NOT_CREATED, scene.user_site(call), fix, call=call, confidence=Confidence.LIKELY)


def _look(scene: Scene, derivative: Derivative) -> int:
    """The call that read a gradient before it was first used, or that use."""
    looks, tensors = scene.looks, {scene.tensor[value] for value in derivative.by}
    place = bisect_left(looks, derivative.call)
    for call in reversed(looks[max(place - LOOKS, 0) : place]):
        if any(scene.tensor[value] in tensors for value in scene.trace.inputs[call]):
            return call
    return derivative.call
