"""Zeros that the program has made of gradients which backward had brought alive: by a clip to a norm of 0."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.cancelling import cancelling
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.history import Lost, Window
from gradtui.diagnosis.quoting import code, short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule
from gradtui.model.owners import LIVE, GradState
from gradtui.model.trace import Kind

FEWEST = 2
"""Gradients that all come out as zeros: parts of a single one may well cancel each other."""


def clipped_to_zero(run: Run) -> Iterator[Finding]:
    """An optimizer that finds nothing but zeros, where backward had brought gradients that were alive."""
    told: set[int] = set()
    for scene, window, lost in run.judged:
        zeros = [one for one in lost if one.state is GradState.ZERO and one.tensor in run.once(cancelling)]
        if window.optimizer in told or len(zeros) < FEWEST or _any_alive(run, window):
            continue
        call = _written(scene, window)
        if call != NONE:
            told.add(window.optimizer)
            yield _finding(run, scene, window, zeros, call)


def _any_alive(run: Run, window: Window) -> bool:
    """Whether something else that the optimizer holds had a live gradient at this step."""
    states = (one.states for one in run.history.judgements if one.order == window.order)
    return any(not LIVE.isdisjoint(one.values()) for one in states)


def _written(scene: Scene, window: Window) -> int:
    """The last call between a backward and its step that writes to what was met for the first time after the
    backward, as gradients are, or that makes of it what takes its place."""
    backward = window.backwards[-1] if window.backwards else len(scene.kind)
    for call in reversed(range(backward + 1, min(window.step, len(scene.kind)))):
        if any(scene.grad[made] for made in scene.outputs[call]):
            continue
        if scene.kind[call] == Kind.WRITE or scene.words.target(scene.site(call)).endswith(".grad"):
            makers = [scene.producer[value] for value in scene.trace.inputs[call]]
            if any(scene.kind[one] == Kind.SEEN and one > backward for one in makers):
                return call
    return NONE


def _finding(run: Run, scene: Scene, window: Window, lost: list[Lost], call: int) -> Finding:
    names = [scene.owners.called(one.tensor) for one in lost]
    site = scene.user_site(call)
    whole = scene.words.whole(site) if scene.words.target(site) else ""
    text = short(whole) or code(scene, call)
    cause = at(
        Rule.ZERO_GRADIENT,
        site,
        f"Look at what `{text}` makes of them: a clip to a norm of 0 leaves nothing of them, and "
        "doesn't switch clipping off.",
        call=call,
        confidence=Confidence.LIKELY,
    )
    message = (
        f"Backward brings gradients that aren't zero, and behind `{text}` the step finds only zeros: "
        f"{listed(names)} {get(names)} nothing else and "
        f"{'does' if len(names) == 1 else 'do'} not learn."
    )
    evidence = [
        scene.evidence(window.backwards[-1], "this backward fills the gradients"),
        scene.evidence(window.step, "this step finds only zeros"),
    ]
    return run.finding_of(lost, cause, message, names, evidence=evidence)
