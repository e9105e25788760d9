"""Cuts that were seen and are meant: a detached generator, a target network, a gradient stopped in one
branch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.run import Run, listed
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Finding, Rule, Severity

TOLD = frozenset(
    {Rule.DETACH, Rule.DATA_ATTR, Rule.NO_GRAD, Rule.INFERENCE_MODE, Rule.CHECKPOINT, Rule.VALUES_COPIED}
)
MOST = 20
"""So many are told of; what an index or a mask is computed from is no news."""


def meant(run: Run) -> Iterator[Finding]:
    """Each place that cuts off parameters which learn by another way, or which nobody trains by this loss."""
    lost = {one.tensor for one in run.history.lost}
    seen: dict[tuple[Rule, str, int], tuple[Cause, Scene, list[int]]] = {}
    for scene, window in run.history.windows:
        flow = run.flow(scene, run.roots(scene, window.backwards), through_leaves=False)
        by_group: dict[int, list[int]] = {}
        for tensor, mask in flow.masks.items():
            if tensor not in lost:
                for group in flow.below(mask):
                    by_group.setdefault(group[0].call, []).append(tensor)
        for group in flow.groups:
            tensors = by_group.get(group[0].call)
            if tensors and len(seen) < MOST:
                cause = causes.of_cut(scene, flow, group[0])
                key = cause.region or (cause.rule, cause.site.file, cause.site.line)
                by_library = cause.rule is Rule.NO_GRAD and cause.region is None
                if cause.rule in TOLD and not by_library:
                    seen.setdefault(key, (cause, scene, []))[2].extend(tensors)
    for cause, scene, tensors in seen.values():
        names = list(dict.fromkeys(filter(None, (scene.owner_name(tensor) for tensor in tensors))))
        learn = [tensor for tensor in tensors if tensor in run.history.learning]
        why = "they learn by another way" if learn else "nobody trains them by this loss"
        message = f"{listed(names)}: {cause.what}. That is meant, by the look of it: {why}."
        cause = replace(cause, fix=f"Nothing to do, if it is meant. If not: {cause.fix}")
        yield run.finding(cause, Severity.NOTE, message, affected=names)
