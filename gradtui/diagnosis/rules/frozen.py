"""Parameters that an optimizer holds and that do not require grad."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run, at, listed
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.trace import Kind


def frozen(run: Run) -> Iterator[Finding]:
    """An optimizer all of whose parameters are frozen while it steps; and flags that were misspelt."""
    scene = run.last
    lost = {one.tensor: one for one in run.history.lost if one.state is GradState.NONE}
    for number, optimizer in enumerate(run.owners.optimizers):
        held = [tensor for tensor in optimizer.tensors if tensor in scene.parameters]
        still = [tensor for tensor in held if not scene.parameters[tensor].requires_grad]
        mine = [lost[tensor] for tensor in still if tensor in lost]
        if mine and len(still) == len(optimizer.tensors) and _judged_last(run, number, still):
            yield _finding(run, mine, Severity.ERROR)
        elif mine:
            odd = [one for one in mine if _misspelt(scene, one.tensor)]
            if odd:
                yield _finding(run, odd, Severity.ERROR)
            rest = [one for one in mine if one not in odd]
            if rest:
                yield _finding(run, rest, Severity.NOTE)


def _judged_last(run: Run, optimizer: int, tensors: list[int]) -> bool:
    """Whether the optimizer went on stepping after everything was frozen."""
    last = [one for one in run.history.judgements if one.optimizer == optimizer][-1:]
    return all(one.states.get(tensor) is GradState.NONE for one in last for tensor in tensors)


def _misspelt(scene: Scene, tensor: int) -> bool:
    parameter = scene.parameters[tensor]
    if parameter.odd_names:
        return True
    owners = [m for m in scene.snapshot.modules if m.odd_names]
    return any(not m.name or parameter.name.startswith(f"{m.name}.") for m in owners)


def _finding(run: Run, lost: list[Lost], severity: Severity) -> Finding:
    scene, call = _freezing(run, [one.tensor for one in lost])
    names = [scene.owner_name(one.tensor) or "a leaf" for one in lost]
    if call != NONE:
        site = causes.user_site(scene, call)
    else:
        site = run.owners.made(lost[0].tensor) or scene.trace.sites[0]
    cause = at(
        Rule.FROZEN_LEAF,
        site,
        "Call `.requires_grad_(True)` on what should learn; setting the attribute on a module, or "
        "misspelling "
        "it, changes nothing.",
        call=call,
        confidence=Confidence.EXACT if call != NONE else Confidence.LIKELY,
    )
    message = f"{listed(names)} do not require grad since this line: their optimizer moves none of them."
    if severity is Severity.NOTE:
        message = (
            f"{listed(names)} are frozen here and held by an optimizer all the same, which leaves them alone."
        )
    return run.finding(
        scene,
        cause,
        severity,
        message,
        affected=names,
        tensors=[one.tensor for one in lost],
        stop=min(one.stop for one in lost),
    )


def _freezing(run: Run, tensors: list[int]) -> tuple[Scene, int]:
    """The call that froze one of these, in the last scene that shows it."""
    wanted = set(tensors)
    for scene in reversed(run.scenes):
        for call, kind in enumerate(scene.kind):
            off = kind == Kind.FLAG and scene.trace.detail[call] == 0
            if off and any(scene.tensor[value] in wanted for value in scene.trace.inputs[call]):
                return scene, call
    return run.last, NONE
