"""Parameters that the loss was computed from, and that it sends no gradient to: the call that cut them off."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run, get, listed
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Evidence, Finding, Severity
from gradtui.model.owners import GradState
from gradtui.model.trace import Kind

def cut_off(run: Run) -> Iterator[Finding]:
    """For each parameter without a gradient, the first cut on its way to the losses it was judged by."""
    for scene, window, lost in run.judged:
        wanted = [one for one in lost if one.state is GradState.NONE]
        if not wanted:
            continue
        roots = run.roots(scene, window.backwards)
        flow = run.flow(scene, roots)
        yield from _explained(run, scene, flow, wanted)
        unexplained = [one for one in wanted if one.tensor not in run.used]
        if unexplained and scene.guessed:
            yield from _explained(run, scene, run.flow(scene, roots, guessing=True), unexplained)


def _explained(run: Run, scene: Scene, flow: Flow, lost: list[Lost]) -> Iterator[Finding]:
    by_mask: dict[int, list[Lost]] = {}
    for one in lost:
        mask = flow.masks.get(one.tensor, 0)
        if mask and one.tensor not in flow.reached:
            by_mask.setdefault(mask, []).append(one)
    found: dict[Cut, tuple[list[Cut], list[Lost]]] = {}
    for mask, members in by_mask.items():
        group = chosen(scene, flow, mask, members[0].tensor)
        found.setdefault(group[0], (group, []))[1].extend(members)
    for group, members in found.values():
        if not (all(one.late for one in members) and _truncates(scene, group[0])):
            yield _finding(run, scene, flow, group, members)


def chosen(scene: Scene, flow: Flow, mask: int, tensor: int) -> list[Cut]:
    """Of the groups of cuts below a parameter, the one to name."""
    groups = flow.below(mask)
    if len(groups) == 1:
        return groups[0]
    return flow.choose(groups, [value for value in scene.values_of((tensor,)) if scene.leaf[value]])


def _truncates(scene: Scene, cut: Cut) -> bool:
    """Whether an earlier backward has been through what is cut off: a state carried over without its history."""
    for call in scene.events:
        if scene.kind[call] == Kind.BACKWARD and scene.producer[cut.value] < call < cut.returned:
            return True
    return False


def _finding(run: Run, scene: Scene, flow: Flow, group: list[Cut], members: list[Lost]) -> Finding:
    cause = causes.of_cut(scene, flow, group[0])
    tensors = [one.tensor for one in members]
    names = [scene.owner_name(tensor) or "a leaf" for tensor in tensors]
    what = cause.what[0].upper() + cause.what[1:] if not cause.what.startswith("`") else cause.what
    when = " from some step on" if all(one.late for one in members) else ""
    message = f"{listed(names)} {get(names)} no gradient{when}: {cause.what}."
    if cause.what.startswith("`"):
        message = f"{what}, so {listed(names)} {get(names)} no gradient{when} and stay as they are."
    return run.finding(
        scene,
        cause,
        Severity.ERROR,
        message.replace("and stay as they are", _stay(names)),
        affected=names,
        tensors=tensors,
        evidence=_proof(scene, flow, group[0]),
        count=len(group),
        stop=min(one.stop for one in members),
    )


def _stay(names: list[str]) -> str:
    return "and stays as it is" if len(names) == 1 else "and stay as they are"


def _proof(scene: Scene, flow: Flow, cut: Cut) -> Iterator[Evidence]:
    """Where the loss still uses what was cut off, later cuts on the same way, and the loss."""
    for call in flow.later(cut):
        yield causes.evidence(scene, call, f"{causes.code(scene, call)} would cut it off as well")
    used = flow.consumers.get(cut.made, [])
    if used:
        yield causes.evidence(scene, used[0], f"{causes.code(scene, used[0])} uses it on the way to the loss")
