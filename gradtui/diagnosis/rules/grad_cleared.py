"""Gradients that were cleared between backward and step."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.history import Lost, Window
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.source import Site
from gradtui.model.trace import Kind

MEASURES = frozenset({"clip_grad_norm_", "get_total_norm"})
"""What gives the norm of gradients, without the program's reading any itself."""


def cleared_before_step(run: Run) -> Iterator[Finding]:
    """A step before which gradients were there and were cleared, with no other backward that fills them."""
    for scene, window, lost in run.judged:
        if not window.earlier or not lost:
            continue
        zeros = {one.tensor for one in lost if one.state is GradState.ZERO}
        filled = _filled(run, scene, window, {one.tensor for one in lost}, zeros)
        tensors = [one.tensor for one in lost if one.state is GradState.NONE and one.tensor in filled]
        zeroed = [one.tensor for one in lost if one.state is GradState.ZERO and one.tensor in filled]
        if tensors or zeroed:
            first = min(one.stop for one in lost)
            late = all(one.late for one in lost if one.tensor in filled)
            yield _finding(run, scene, window, tensors + zeroed, max(filled.values()), first, late=late)


def _filled(run: Run, scene: Scene, window: Window, lost: set[int], zeros: set[int]) -> dict[int, int]:
    """Tensors whose gradients were cleared before the step, with the last backward that had filled them.

    Where other backwards ran after that, one that filled gradients for another optimizer (a discriminator's
    loss reaches the generator too) explains nothing: what should have come later is missing. But not where
    those of the other are cleared as well: then it can't have been run for them.
    """
    found: dict[int, int] = {}
    after = run.flow(scene, run.roots(scene, window.backwards))
    for call in window.earlier:
        reached = run.flow(scene, run.roots(scene, [call])).reached
        here = reached & lost
        cleared = _cleared_since(scene, call, window)
        here -= _looked_at(scene, call, window) & zeros  # it may have put them aside, and given them back
        if cleared:  # of calls that were long ago it isn't known which ones they were
            here &= cleared
        if window.backwards:
            here -= after.reached  # what it brought came after the clearing, be it zeros
            others = {tensor for tensor in reached - lost if tensor in scene.held}
            if others and not others <= cleared:
                here -= after.masks.keys()
            if _used_since(scene, call, window, others):
                here = frozenset()
        found.update(dict.fromkeys(here, call))
    return found


def _looked_at(scene: Scene, backward: int, window: Window) -> set[int]:
    """Those whose gradients the program has read between a backward and the clearing."""
    looks = scene.looks
    calls = looks[bisect_right(looks, backward) : bisect_left(looks, window.clear)]
    return {scene.tensor[value] for call in calls for value in scene.trace.inputs[call]}


def _cleared_since(scene: Scene, backward: int, window: Window) -> set[int]:
    """Those whose gradients were cleared between a backward and a step."""
    clears = [one for one in scene.clears if backward < one < window.step]
    return {scene.tensor[value] for call in clears for value in scene.trace.inputs[call]}


def _used_since(scene: Scene, backward: int, window: Window, tensors: set[int]) -> bool:
    """Whether an optimizer that holds some of these stepped between a backward and a window's clear."""
    for call in scene.steps:
        if backward < call < window.clear:
            optimizer = scene.optimizer(scene.trace.detail[call])
            if optimizer is not None and not tensors.isdisjoint(optimizer.tensors):
                return True
    return False


def grad_never_used(run: Run) -> Iterator[Finding]:
    """A loss whose gradients are cleared at every step before anybody uses them, where another backward fills
    them anew: its parameters learn, but not by it."""
    windows: dict[int, list[tuple[Scene, Window]]] = {}
    for scene, window in run.history.windows:
        if window.backwards or window.earlier:
            windows.setdefault(window.optimizer, []).append((scene, window))
    told: set[Site] = set()
    for here in windows.values():
        spent = [_spent(run, scene, window) for scene, window in here]
        first = spent[0]
        if len(here) < 2 or first is None or None in spent:
            continue
        scene, window = here[0]
        back = scene.user_site(first)
        if back not in told:  # an optimizer beside another one is cleared beside it
            told.add(back)
            yield _lost_backward(run, scene, window, first, len(here))


def _lost_backward(run: Run, scene: Scene, window: Window, first: int, count: int) -> Finding:
    """A backward whose gradients are cleared before another fills them anew: of another loss, or of the next
    batch."""
    back, used = scene.user_site(first), scene.user_site(window.backwards[-1])
    tensors = run.flow(scene, run.roots(scene, [first])).reached
    names = [name for tensor in sorted(tensors) if (name := scene.owner_name(tensor))]
    if back == used:
        fix = "Clear the gradients once for each step, behind it, so that those of all its backwards add up."
        message = (
            f"Gradients are cleared here before each backward, and a step comes only after several: of "
            f"{listed(names)} it finds the gradients of the last one alone, and what the others brought is "
            "lost."
        )
        evidence = [
            Evidence(back.file, back.line, "this backward fills the gradients, several times", first),
            scene.evidence(window.step, "this step uses what the last one brought"),
        ]
    else:
        fix = "Clear them once, before the first of these backwards, or step before they are cleared."
        message = (
            f"The gradients that the backward at {back.place} fills are cleared here, and another backward "
            f"fills them anew before the step: by that first loss {listed(names)} learn nothing."
        )
        evidence = [
            Evidence(back.file, back.line, "this backward fills the gradients", first),
            scene.evidence(window.backwards[-1], "this one fills those that the step uses"),
        ]
    cause = at(
        Rule.GRAD_CLEARED,
        scene.user_site(window.clear),
        fix,
        call=window.clear,
        confidence=Confidence.LIKELY,
    )
    return run.finding(cause, Severity.WARNING, message, affected=names, evidence=evidence, count=count)


def _spent(run: Run, scene: Scene, window: Window) -> int | None:
    """The last backward before a step whose gradients were cleared, as far as can be seen unused."""
    optimizer = scene.optimizer(window.optimizer)
    if not window.backwards or optimizer is None:
        return None
    step = scene.user_site(window.step)
    for call in reversed(window.earlier):
        cleared = _cleared_since(scene, call, window)
        reached = run.flow(scene, run.roots(scene, [call])).reached
        kept = scene.trace.detail[call] == 1 and _for_another_use(run, scene, call, window)
        inside = any(site.place == step.place for site in scene.call(call).stack)  # of an optimizer's closure
        meant = kept or inside or _for_activations(run, scene, call, window)
        if meant or not reached or not reached <= cleared or reached.isdisjoint(optimizer.tensors):
            continue
        passed = _passed_the_step(scene, call, window)
        if not passed and not _used_between(scene, reached, call, window):
            return call
    return None


def _for_another_use(run: Run, scene: Scene, backward: int, window: Window) -> bool:
    """Whether the graph of a backward, which keeps it, is gone through once more for the same, or was gone
    through for the sake of hooks."""
    after = run.flow(scene, run.roots(scene, window.backwards)).within
    hooks = Kind.HOOK in scene.kind or any("BackwardHook" in name for name in scene.trace.functions)
    return hooks or any(after[root] for root in run.roots(scene, [backward]))


def _for_activations(run: Run, scene: Scene, backward: int, window: Window) -> bool:
    """Whether a backward was run for gradients of what lies between its leaves and its loss, as for a
    saliency map: a hook was there for them, or they were read."""
    within = run.flow(scene, run.roots(scene, [backward])).within
    return any(
        within[value] and not scene.leaf[value]
        for call in (*scene.trace.calls(Kind.HOOK), *scene.trace.calls(Kind.LOOKED))
        if (call.kind == Kind.HOOK and call.index < backward) or backward < call.index < window.clear
        for value in call.inputs
    )


def _passed_the_step(scene: Scene, backward: int, window: Window) -> bool:
    """Whether what makes the step ran between a backward and the clearing, and made none: it may have put
    the gradients aside, as an optimizer does that steps on several small batches."""
    frames = {(site.file, site.line) for site in scene.call(window.step).stack if site.user}
    frames -= {(site.file, site.line) for site in scene.call(window.backwards[-1]).stack}
    stacks = {scene.trace.stack[call]: call for call in range(backward + 1, window.clear)}
    between = {(site.file, site.line) for call in stacks.values() for site in scene.call(call).stack}
    return not frames.isdisjoint(between)


def _used_between(scene: Scene, tensors: frozenset[int], backward: int, window: Window) -> bool:
    """Whether the program stepped, looked at these gradients or wrote to their tensors before the step."""
    for call in range(backward + 1, min(window.step, len(scene.kind))):
        kind = scene.kind[call]
        if kind == Kind.STEP:
            return True
        if call < window.clear and _measures(scene, call):
            return True
        looks = kind == Kind.LOOKED and call < window.clear
        values = scene.trace.inputs[call] if looks else scene.outputs[call]
        if any(scene.tensor[value] in tensors for value in values):
            return True
    return False


def _measures(scene: Scene, call: int) -> bool:
    """Whether a call belongs to a function of torch's that gives the norm of gradients, and its result is
    kept."""
    site = scene.user_site(call)
    return scene.words.call_name(site) in MEASURES and bool(scene.words.target(site))


def left_out_of_inputs(run: Run) -> Iterator[Finding]:
    """Parameters that a backward leads to and that its `inputs=` leaves out."""
    found: dict[tuple[str, int], tuple[Scene, int, dict[int, Lost]]] = {}
    for scene, window, lost in run.judged:
        wanted = [one for one in lost if one.state is GradState.NONE and not one.late]
        for call in reversed(window.backwards) if wanted else ():  # the last one is what the step was for
            if "inputs" not in run.words.keywords(scene.site(call)):
                continue
            reached = run.flow(scene, run.roots(scene, [call])).reached
            site = scene.user_site(call)
            members = {one.tensor: one for one in wanted if one.tensor in reached}
            if members:
                found.setdefault((site.file, site.line), (scene, call, {}))[2].update(members)
                wanted = [one for one in wanted if one.tensor not in members]
    for scene, call, members in found.values():
        names = [scene.owners.called(tensor) for tensor in members]
        cause = at(
            Rule.OTHER,
            scene.user_site(call),
            "Add to `inputs=` what should learn, or leave `inputs=` out.",
            call=call,
        )
        message = (
            f"This backward fills only the gradients of its `inputs=`: {listed(names)} {get(names)} none, "
            "though the loss depends on it and an optimizer steps."
        )
        yield run.finding_of(members.values(), cause, message, names)


def _finding(
    run: Run, scene: Scene, window: Window, tensors: list[int], backward: int, stop: int, *, late: bool
) -> Finding:
    site = scene.user_site(window.clear)
    names = [scene.owners.called(tensor) for tensor in tensors]
    optimizer = scene.optimizer(window.optimizer)
    held = optimizer.name if optimizer else "the optimizer"
    back, step = (scene.user_site(call) for call in (backward, window.step))
    text, times = code(scene, window.clear), run.once(_repeats).get(site, 0)
    if times > 1:
        fix = (
            f"Call `{text}` once for each step, before the first of its backwards, and not for every one of "
            "them."
        )
        message = (
            f"Gradients are cleared here {times} times before one step of `{held}`, which finds only those "
            f"that were filled after the last time: {listed(names)} {stay(names)}"
            f"{' from some step on' if late else ''}."
        )
    else:
        fix = f"Call `{text}` before the backward at {back.place}, or after the step."
        message = (
            f"Gradients are cleared here after backward has filled them and before `{held}` uses them: "
            f"{'from some step on each' if late else 'every step'} finds none, and {listed(names)} "
            f"{stay(names)}."
        )
    evidence = [
        Evidence(back.file, back.line, "this backward fills the gradients", backward),
        *(_repeated(scene, window, times) if times > 1 else ()),
        Evidence(step.file, step.line, "this step finds none", window.step),
    ]
    return run.finding(
        at(Rule.GRAD_CLEARED, site, fix, call=window.clear),
        Severity.ERROR,
        message,
        affected=names,
        tensors=tensors,
        evidence=evidence,
        stop=stop,
    )


def _repeats(run: Run) -> dict[Site, int]:
    """By place how often gradients are cleared there before one step, at most.

    Not where a backward comes before the first time: there it is called too late, however often.
    """
    found: dict[Site, int] = {}
    for scene in run.scenes:
        times, late, ran = dict[Site, int](), set[Site](), False
        for call in scene.events:
            kind = scene.kind[call]
            if kind == Kind.CLEAR:
                site = scene.user_site(call)
                if ran and site not in times:
                    late.add(site)
                times[site] = times.get(site, 0) + 1
                found[site] = max(found.get(site, 0), 0 if site in late else times[site])
            elif kind == Kind.BACKWARD:
                ran = True
            else:
                times, late, ran = {}, set(), False
    return found


def _repeated(scene: Scene, window: Window, times: int) -> Iterator[Evidence]:
    """The line that calls what clears, in the function that makes the step."""
    step = scene.user_site(window.step)
    for site in scene.call(window.clear).stack[1:]:
        if (site.file, site.function) == (step.file, step.function):
            yield Evidence(site.file, site.line, f"this runs {times} times before one step")
            return
