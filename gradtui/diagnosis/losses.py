"""The losses that optimizers have stepped on, or are about to: by which calls they may have been computed,
and what the user calls their terms."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import TypeVar

from gradtui.diagnosis.history import Window, windows
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, first_after, last_before
from gradtui.diagnosis.terms import Term
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence
from gradtui.model.stops import StopKind
from gradtui.model.trace import Kind

LOSSES = 8
"""Losses that are computed before any backward is called for, at most."""
ESCAPES = 500
"""Calls by which values left torch that are looked at for one number."""
T = TypeVar("T")
Judged = tuple[Scene, int, frozenset[int]]
"""A loss that is stepped on: its backward, and what the optimizers hold that step."""


def judged_losses(run: Run) -> list[Judged]:
    """The backwards of one loss each that optimizers have stepped on, each once."""
    return list(_judged(run))


def losses(run: Run) -> list[Judged]:
    """The same, and the one at whose backward the program is held."""
    return [*run.once(judged_losses), *_about_to_be(run)]


def lately(scene: Scene, backward: int, found: Sequence[T], call: Callable[[T], int]) -> Sequence[T]:
    """What of these a judged loss may have been computed by, each at a `call`, in rising order: several may
    be computed before the first of their backwards, and each has a few."""
    before = bisect_left(scene.backwards, backward) - LOSSES
    begin = scene.backwards[before] if before >= 0 else 0
    return found[bisect_left(found, begin, key=call) : bisect_left(found, backward, key=call)]


def _judged(run: Run) -> Iterator[Judged]:
    seen: set[int] = set()
    for scene in run.scenes:
        shown = [window for window in windows(scene) if _over(run, scene, window)]
        for window in shown:
            for backward in window.backwards:
                order = scene.trace.order[backward]
                if order not in seen:
                    seen.add(order)
                    held = [scene.optimizer(one.optimizer) for one in shown if backward in one.backwards]
                    tensors = frozenset(tensor for one in held if one is not None for tensor in one.tensors)
                    if tensors and len(scene.trace.inputs[backward]) == 1:
                        yield scene, backward, tensors


def _about_to_be(run: Run) -> Iterator[Judged]:
    """The loss at whose backward the program is held, if there is one optimizer alone: that is to step on it.
    Of several it isn't known which will, and what another one is for may well be cut off."""
    scene, optimizers = run.last, run.owners.optimizers
    if scene.snapshot.stop.kind is not StopKind.BACKWARD or len(optimizers) != 1 or not scene.backwards:
        return
    backward, tensors = scene.backwards[-1], optimizers[0].tensors
    roots = list(scene.trace.inputs[backward])
    if len(roots) == 1 and not run.flow(scene, roots).reached.isdisjoint(tensors):
        yield scene, backward, tensors


def _over(run: Run, scene: Scene, window: Window) -> bool:
    """Whether all optimizers that use a backward have stepped by the end of the scene: another came after.

    Gradients of one may be cleared before the next one steps.
    """
    return scene is run.last or first_after(scene.backwards, window.step) != NONE


def back_from(scene: Scene, call: int) -> Iterator[int]:
    """The calls before this one, the last first, back to the last backward or step."""
    return takewhile(
        lambda before: scene.kind[before] not in (Kind.BACKWARD, Kind.STEP), range(call - 1, -1, -1)
    )


def escapes_before(scene: Scene, call: int) -> Iterator[int]:
    """The calls by which values left torch before this one, the last first, since the last backward or step:
    a number is added not long after it was taken."""
    since = max(last_before(scene.backwards, call), last_before(scene.steps, call))
    end = bisect_left(scene.escapes, call)
    begin = max(bisect_left(scene.escapes, since), end - ESCAPES)
    return reversed(scene.escapes[begin:end])


def subject_of(name: str) -> str:
    """How a sentence about a term begins."""
    return f"The term `{name}` of the loss" if name else "A term of the loss"


def added_at(scene: Scene, term: Term, name: str) -> list[Evidence]:
    """Where a term is added to the others."""
    if term.added < 0:
        return []
    return [scene.evidence(term.added, f"{f'`{name}`' if name else 'it'} is added to the loss here")]


def name_of(scene: Scene, term: Term) -> str:
    """What the user calls a term: its side of the sum, or the variable it was put into; "" where unknown."""
    words = scene.words
    site = scene.site(scene.producer[term.value])
    side = words.operand(scene.site(term.added), term.side) if term.added >= 0 else ""
    name = side or words.variable(site) or words.target(site) or words.expression(site)
    return " ".join(name.split())[:60]
