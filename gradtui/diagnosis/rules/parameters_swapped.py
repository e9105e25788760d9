"""Parameters that are put in the place of others between a backward and the step: it finds no gradient."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.history import Window
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.owners import LIVE, GradState, Judgement
from gradtui.model.source import Site

Swap = tuple[Scene, Window, int, list[int]]
"""A step that comes too late, the number of the backward before it, and what it finds without a gradient."""


def parameters_swapped(run: Run) -> Iterator[Finding]:
    """For each place that makes such parameters, as one that prunes or grows a model does."""
    judged = {(one.optimizer, one.order): one for one in run.history.judgements}
    before: dict[int, Judgement] = {}
    found: dict[Site, list[Swap]] = {}
    for scene, window in run.history.windows:
        judgement = judged.get((window.optimizer, window.order))
        if judgement is None:
            continue
        known = before.get(window.optimizer)
        before[window.optimizer] = judgement
        tensors = _late(run, scene, window, known, judgement) if known is not None else []
        place = run.owners.made(tensors[0]) if tensors else None
        if place is not None:
            found.setdefault(place, []).append((scene, window, judgement.stop, tensors))
    for place, seen in found.items():
        yield _finding(run, place, seen)


def _late(run: Run, scene: Scene, window: Window, known: Judgement, now: Judgement) -> list[int]:
    """What an optimizer holds at a step in the place of others, and was made after the last backward."""
    learnt = {tensor for tensor, state in known.states.items() if state in LIVE}
    if not window.backwards or learnt <= now.states.keys():
        return []
    begun, parameters = scene.trace.order[window.backwards[-1]], run.owners.parameters
    return [
        tensor
        for tensor, state in now.states.items()
        if state is GradState.NONE
        and tensor not in known.states
        and tensor in parameters
        and parameters[tensor].made_order > begun
    ]


def _finding(run: Run, place: Site, seen: list[Swap]) -> Finding:
    scene, window, stop, tensors = seen[0]
    optimizer = run.owners.optimizers[window.optimizer].name
    names = [run.owners.called(tensor) for tensor in tensors]
    are, they, them = ("are", "they replace", "them") if len(names) > 1 else ("is", "it replaces", "it")
    message = (
        f"{listed(names)} {are} made here and given to `{optimizer}` between backward and its step: the "
        f"gradients have gone with what {they}, and the step doesn't move {them}."
    )
    evidence = [
        scene.evidence(window.backwards[-1], "this backward comes before it"),
        scene.evidence(window.step, f"`{optimizer}` finds no gradient here"),
    ]
    cause = at(Rule.REBUILT_LEAF, place, f"Let `{optimizer}` step first, and replace what it holds then.")
    return run.finding(
        cause,
        Severity.ERROR,
        message,
        affected=names,
        tensors=dict.fromkeys(tensor for *_, late in seen for tensor in late),
        evidence=evidence,
        count=len(seen),
        stop=stop,
    )
