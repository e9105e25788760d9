"""Gradients that were cleared between backward and step."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.history import Lost, Window
from gradtui.diagnosis.run import Run, at, get, listed
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.trace import Kind


def cleared_before_step(run: Run) -> Iterator[Finding]:
    """A step before which gradients were there and were cleared, with no other backward that fills them."""
    for scene, window, lost in run.judged:
        if not window.earlier or not lost:
            continue
        filled = _filled(run, scene, window, {one.tensor for one in lost})
        tensors = [one.tensor for one in lost if one.state is GradState.NONE and one.tensor in filled]
        zeroed = [one.tensor for one in lost if one.state is GradState.ZERO and one.tensor in filled]
        if tensors or zeroed:
            first = min(one.stop for one in lost)
            yield _finding(run, scene, window, tensors + zeroed, max(filled.values()), first)


def _filled(run: Run, scene: Scene, window: Window, lost: set[int]) -> dict[int, int]:
    """Tensors whose gradients were cleared before the step, with the last backward that had filled them.

    Where other backwards ran after that, one that filled gradients for another optimizer (a discriminator's
    loss reaches the generator too) explains nothing: what should have come later is missing.
    """
    found: dict[int, int] = {}
    after = run.flow(scene, run.roots(scene, window.backwards))
    for call in window.earlier:
        reached = run.flow(scene, run.roots(scene, [call])).reached
        here = reached & lost
        if window.backwards:
            others = {tensor for tensor in reached - lost if tensor in scene.held}
            if others:
                here -= after.masks.keys()
            if _used_since(scene, call, window, others):
                here = frozenset()
        found.update(dict.fromkeys(here, call))
    return found


def _used_since(scene: Scene, backward: int, window: Window, tensors: set[int]) -> bool:
    """Whether an optimizer that holds some of these stepped between a backward and a window's clear."""
    for call in scene.events:
        if scene.kind[call] == Kind.STEP and backward < call < window.clear:
            optimizer = scene.optimizer(scene.trace.detail[call])
            if optimizer is not None and not tensors.isdisjoint(optimizer.tensors):
                return True
    return False


def never_backward(run: Run) -> Iterator[Finding]:
    """Steps before which no backward ran, though a loss was computed that would have reached what they
    hold."""
    found: dict[int, list[int]] = {}
    for scene, window, lost in run.judged:
        if window.backwards or window.earlier or window.step >= len(scene.kind):
            continue
        reached = run.flow(scene, run.judging(scene, window)).reached
        tensors = [one.tensor for one in lost if one.state is GradState.NONE and one.tensor in reached]
        if tensors and window.optimizer not in found:
            found[window.optimizer] = tensors
            names = [scene.owner_name(tensor) or "a leaf" for tensor in tensors]
            cause = at(
                Rule.OTHER,
                causes.user_site(scene, window.step),
                "Call `backward` on the loss before this step.",
                call=window.step,
            )
            message = (
                f"No backward ran before this step: {listed(names)} have no gradient and stay as they are."
            )
            yield run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors)


def left_out(run: Run) -> Iterator[Finding]:
    """Parameters that a backward leads to and that its `inputs=` leaves out."""
    found: dict[tuple[str, int], tuple[Scene, int, dict[int, Lost]]] = {}
    for scene, window, lost in run.judged:
        wanted = [one for one in lost if one.state is GradState.NONE and not one.late]
        for call in window.backwards if wanted else ():
            if "inputs" not in run.words.keywords(scene.site(call)):
                continue
            reached = run.flow(scene, run.roots(scene, [call])).reached
            site = causes.user_site(scene, call)
            members = {one.tensor: one for one in wanted if one.tensor in reached}
            if members:
                found.setdefault((site.file, site.line), (scene, call, {}))[2].update(members)
    for scene, call, members in found.values():
        names = [scene.owner_name(tensor) or "a leaf" for tensor in members]
        cause = at(
            Rule.OTHER,
            causes.user_site(scene, call),
            "Add to `inputs=` what should learn, or leave `inputs=` out.",
            call=call,
        )
        message = (
            f"This backward fills only the gradients of its `inputs=`: {listed(names)} {get(names)} none, "
            "though the loss depends on it and an optimizer steps."
        )
        yield run.finding_of(members.values(), cause, message, names)


def _finding(run: Run, scene: Scene, window: Window, tensors: list[int], backward: int, stop: int) -> Finding:
    site = causes.user_site(scene, window.clear)
    names = [scene.owner_name(tensor) or "a leaf" for tensor in tensors]
    optimizer = scene.optimizer(window.optimizer)
    held = optimizer.name if optimizer else "the optimizer"
    cause = at(
        Rule.GRAD_CLEARED,
        site,
        f"Call {causes.code(scene, window.clear)} before `backward`, or after the step.",
        call=window.clear,
    )
    message = (
        f"Gradients are cleared here after backward has filled them and before `{held}` uses them: "
        "every step "
        f"finds none, and {listed(names)} stay as they are."
    )
    back, step = (causes.user_site(scene, call) for call in (backward, window.step))
    evidence = [
        Evidence(back.file, back.line, "this backward fills the gradients", backward),
        Evidence(step.file, step.line, "this step finds none", window.step),
    ]
    return run.finding(
        cause,
        Severity.ERROR,
        message,
        affected=names,
        tensors=tensors,
        evidence=evidence,
        stop=stop,
    )
