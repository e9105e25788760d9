"""Cuts that were seen and are meant, or may be: a detached generator, a target network, a draw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from gradtui.diagnosis import causes, modes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.explanations.draws import is_sample, passes_no_gradient
from gradtui.diagnosis.flow import Cut
from gradtui.diagnosis.history import Window
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.stops import StopKind

TOLD = modes.RULES | {Rule.DETACH, Rule.DATA_ATTR, Rule.CHECKPOINT, Rule.VALUES_COPIED}
BY_VALUE = frozenset({Rule.NUMPY_ROUNDTRIP, Rule.PYTHON_SCALAR, Rule.TENSOR_CTOR})
"""Told where a whole tensor of numbers comes back: a number by itself is a weight or a statistic."""
CALLED = ("/torch/", "/numpy/")
"""Parts of the paths of what a program itself calls to cut something off."""
MOST = 20
"""Places that are told of: with few, a detach that matters may not be among them; a list of more notes is
read by nobody."""


@dataclass(slots=True)
class Seen:
    """One place that cuts something off."""

    cause: Cause
    scene: Scene
    tensors: list[int] = field(default_factory=list)
    drawn: bool = False
    """Whether it is a draw of what the same loss trains by another term: in a model's own forward."""


def intended_cuts(run: Run) -> Iterator[Finding]:
    """Each place that cuts off parameters which learn by another way, or which nobody trains by this loss."""
    for seen in _seen(run):
        cause, scene, tensors = seen.cause, seen.scene, seen.tensors
        names = list(dict.fromkeys(filter(None, (scene.owner_name(tensor) for tensor in sorted(tensors)))))
        if not names:
            continue  # values that belong to nobody, such as those that a layer was first filled with
        what = cause.what[:1].upper() + cause.what[1:]
        message = f"{what}, and so no gradient goes this way to {listed(names)}. {_verdict(run, seen)}"
        if seen.drawn and not _unjudged(run, scene, tensors):
            cause = replace(cause, confidence=Confidence.LIKELY)
            yield run.finding(cause, Severity.WARNING, message, affected=names)
        else:
            cause = replace(cause, fix=f"Nothing to do, if it is meant. If not: {cause.fix}")
            yield run.finding(cause, Severity.NOTE, message, affected=names)


def _seen(run: Run) -> Iterable[Seen]:
    lost = run.lost
    found: dict[tuple[Rule, str, int], Seen] = {}
    for scene, window in [*_held(run), *run.history.windows]:  # what is being looked at comes first
        flow = run.flow(scene, run.roots(scene, window.backwards), through_leaves=False)
        stepped = window.step < len(scene.kind)
        by_group: dict[int, list[int]] = {}
        for tensor, mask in flow.masks.items():
            if tensor not in lost and (stepped or tensor not in flow.reached):
                for group in flow.below(mask):
                    by_group.setdefault(group[0].call, []).append(tensor)
        for group in flow.groups:
            tensors = by_group.get(group[0].call)
            if tensors and len(found) < MOST:
                cause = causes.of_cut(scene, flow, group[0])
                key = cause.region or (cause.rule, cause.site.file, cause.site.line)
                told = cause.rule in TOLD or (cause.rule in BY_VALUE and _is_tensor(scene, group[0].made))
                library = _by_library(cause) or _in_library(scene, cause)
                in_mode = cause.rule is Rule.NO_GRAD
                drawn = in_mode and passes_no_gradient(scene, flow, group[0], tensors)
                if told and (drawn or not library):
                    seen = found.setdefault(key, Seen(cause, scene))
                    seen.tensors += tensors
                    owned = [tensor for tensor in tensors if scene.owner_name(tensor)]
                    alone = drawn and (_by_library(cause) or not is_sample(scene, group[0].call))
                    seen.drawn |= alone and _in_one_loss(run, scene, window, group[0], owned)
    return found.values()


def _in_one_loss(run: Run, scene: Scene, window: Window, cut: Cut, tensors: Collection[int]) -> bool:
    """Whether one of the backwards before a step reaches these tensors, and they were to learn through this
    cut in its loss: what another loss makes of a draw says nothing of it."""
    flows = (run.flow(scene, run.roots(scene, [one]), through_leaves=False) for one in window.backwards)
    return any(
        passes_no_gradient(scene, flow, group[0], tensors)
        for flow in flows
        if flow.reached.issuperset(tensors)
        for group in flow.groups
        if group[0].call == cut.call
    )


def _held(run: Run) -> list[tuple[Scene, Window]]:
    """The backward that the program is held before, by each optimizer that it seems to be for."""
    if run.last.snapshot.stop.kind is not StopKind.BACKWARD:
        return []
    return [(scene, window) for scene, window, _ in run.judged[len(run.history.windows) :]]


def _verdict(run: Run, seen: Seen) -> str:
    if _unjudged(run, seen.scene, seen.tensors):
        return "Not judged yet: that shows when the optimizer that holds them steps."
    if seen.drawn:
        return "They learn by another term, and not by this one."
    if run.history.learning.isdisjoint(seen.tensors):
        return "That is meant, by the look of it: nobody trains them by this loss."
    if seen.cause.rule in BY_VALUE or _by_library(seen.cause):
        return "They learn by another way, and not by this one."
    return "That is meant, by the look of it: they learn by another way."


def _by_library(cause: Cause) -> bool:
    """Whether it is a library that switched gradients off around a call, and no line of the user's."""
    return cause.rule is Rule.NO_GRAD and cause.region is None


def _in_library(scene: Scene, cause: Cause) -> bool:
    """Whether it happens inside of what an installed library does, whose authors meant it."""
    stack = scene.call(cause.call).stack if cause.call != NONE and cause.region is None else ()
    called = next((site for site in stack if site.user or not any(one in site.file for one in CALLED)), None)
    return called is not None and not called.user


def _is_tensor(scene: Scene, value: int) -> bool:
    """Whether a value is made of several numbers that could carry a gradient."""
    return bool(scene.floating[value]) and bool(scene.shape(value))


def _unjudged(run: Run, scene: Scene, tensors: list[int]) -> bool:
    """Whether the program is held before an optimizer that holds some of these has ever stepped."""
    if run.last.snapshot.stop.kind is not StopKind.BACKWARD:
        return False
    stepped = {judgement.optimizer for judgement in run.history.judgements}
    return any(number not in stepped for tensor in tensors for number in scene.held.get(tensor, ()))
