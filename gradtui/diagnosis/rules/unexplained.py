"""What never got a gradient and no rule can say why: it is told all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.trace import Kind


def unexplained(run: Run, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Parameters without a gradient at any step of a program that has ended, where nothing else was found.

    Beside an error there is a line to begin with, and what it doesn't explain may well come of it.
    """
    findings = list(findings)
    if not run.history.ended or any(one.severity is Severity.ERROR for one in findings):
        return
    told = {tensor for one in findings for tensor in one.tensors}
    names = {name for one in findings for name in one.affected}
    lost = [
        one
        for one in run.history.lost
        if _never_reached(one)
        and _should_learn(run, one.tensor)
        and one.tensor not in told
        and run.owners.name(one.tensor) not in names
    ]
    for number in sorted({one.optimizer for one in lost}):
        mine = [one for one in lost if one.optimizer == number]
        step = next(((s, w) for s, w in reversed(run.history.windows) if w.optimizer == number), None)
        if step is None:
            continue
        scene, window = step
        added = _only_added(run, scene, mine)
        if added:
            yield _without_influence(run, scene, added)
        mine = [one for one in mine if one not in added]
        if not mine:
            continue
        affected = [run.owners.called(one.tensor) for one in mine]
        cause = at(
            Rule.OTHER,
            scene.user_site(window.step),
            "Look in the graph whether the loss depends on them, and at what runs before this step.",
            call=window.step,
            confidence=Confidence.LIKELY,
        )
        message = (
            f"{listed(affected)} {get(affected)} no gradient at any step and {stay(affected)}. No call was "
            "seen that would explain it."
        )
        yield run.finding_of(mine, cause, message, affected)


def _never_reached(lost: Lost) -> bool:
    """Whether no step of an optimizer ever found a gradient of it."""
    return lost.state is GradState.NONE and not lost.late and lost.optimizer != NONE


def _should_learn(run: Run, tensor: int) -> bool:
    """Whether it requires grad, and no copy of it is trained in its place."""
    parameter = run.owners.parameters.get(tensor)
    return parameter is not None and parameter.requires_grad and tensor not in run.given_up


def _only_added(run: Run, scene: Scene, lost: list[Lost]) -> list[Lost]:
    """Those that an `autograd.grad` goes back to, and whose result doesn't depend on them: of an energy that
    is only differentiated the last bias is a constant."""
    reached = run.flow(scene, run.roots(scene, _derivatives(scene))).reached
    return [one for one in lost if one.tensor in reached]


def _derivatives(scene: Scene) -> list[int]:
    """The calls of `autograd.grad` that have given something."""
    return [call for call, kind in enumerate(scene.kind) if kind == Kind.GRAD and scene.outputs[call]]


def _without_influence(run: Run, scene: Scene, lost: list[Lost]) -> Finding:
    names = [run.owners.called(one.tensor) for one in lost]
    call = next(
        call
        for call in _derivatives(scene)
        if lost[0].tensor in run.flow(scene, run.roots(scene, [call])).reached
    )
    cause = at(
        Rule.OTHER,
        scene.user_site(call),
        "Leave it out, as by `bias=False`, or take the function itself into the loss, where it should learn.",
        call=call,
    )
    message = (
        f"{listed(names)} {get(names)} no gradient: the loss takes the derivative alone that "
        f"`{code(scene, call)}` gives, and that doesn't depend on {'it' if len(names) == 1 else 'them'}."
    )
    return run.finding_of(lost, cause, message, names, severity=Severity.NOTE)
