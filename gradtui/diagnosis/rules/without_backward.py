"""Steps before which no backward ran: nothing has filled the gradients that they look for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradtui.diagnosis.causes import Cause, at
from gradtui.diagnosis.derivatives import derivatives, moved_by_hand
from gradtui.diagnosis.history import Lost, Window
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run, unclaimed
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.diagnosis.unoptimized import in_training
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.owners import GradState, Optimizer
from gradtui.model.source import Site

FEW = 8
"""Losses of one line from which on it counts as a training that they are computed."""


def never_backward(run: Run) -> Iterator[Finding]:
    """Steps before which no backward ran, though a loss was computed that would have reached what they
    hold."""
    told: set[int] = set()
    for scene, window, lost in run.judged:
        if window.backwards or window.earlier or window.step >= len(scene.kind) or window.optimizer in told:
            continue
        losses = run.judging(scene, window)
        reached = run.flow(scene, losses).reached
        tensors = [one.tensor for one in lost if one.state is GradState.NONE and one.tensor in reached]
        if tensors:
            told.add(window.optimizer)
            names = [scene.owners.called(tensor) for tensor in tensors]
            cause = _named_alone(run, scene, window) or _kept_back(scene, window, losses)
            cause = cause or _plainly(scene, window)
            message = f"{cause.what}: {listed(names)} {get(names)} no gradient and {stay(names)}."
            yield run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors)


def _plainly(scene: Scene, window: Window) -> Cause:
    site, fix = scene.user_site(window.step), "Call `backward` on the loss before this step."
    return Cause(Rule.OTHER, site, "No backward ran before this step", fix, window.step)


def _named_alone(run: Run, scene: Scene, window: Window) -> Cause | None:
    """The one statement that names `backward` without calling it."""
    named = run.uncalled("backward")
    if len(named) != 1:
        return None
    (site,), step = named, scene.user_site(window.step)
    text = scene.words.expression(site)
    what = f"`{text}` only names the method, so no backward runs before the step at {step.place}"
    return Cause(Rule.OTHER, site, what, f"Call it: `{text}()`.")


def _kept_back(scene: Scene, window: Window, losses: list[int]) -> Cause | None:
    """A loss that a function computes for whoever steps to call backward on, and doesn't return."""
    step, call = scene.user_site(window.step), scene.producer[max(losses)]
    site = scene.user_site(call)
    function = scene.words.file(site.file).function_at(site.line)
    if function is None or step.function == site.function or function.name in scene.words.arguments(step):
        return None
    gives = (ast.Return, ast.Yield, ast.YieldFrom)
    if any(isinstance(node, gives) and node.value is not None for node in ast.walk(function)):
        return None
    what = f"`{function.name}` computes `{code(scene, call)}` and returns nothing, so no backward runs on it"
    return Cause(Rule.OTHER, site, what, f"Return the loss from `{function.name}`.", call)


def never_at_all(run: Run) -> Iterator[Finding]:
    """A program that has ended without any backward or step, though it has built an optimizer and computed a
    loss of what that holds over and over. One that only evaluates a model does so in eval mode, or keeps no
    graph, and one that trains it in another way writes it."""
    scene = run.last
    if not run.history.ended or scene.snapshot.stops or scene.snapshot.unseen or not run.owners.optimizers:
        return
    losses, storage = dict[Site, list[int]](), scene.trace.storage
    for value in unclaimed(scene, len(scene.kind), most=len(scene.kind)):
        losses.setdefault(scene.user_site(scene.producer[value]), []).append(value)
    for site, values in losses.items():
        reached = run.flow(scene, values[-1:]).reached if len(values) >= FEW else ()
        for optimizer in run.owners.optimizers:
            tensors = sorted(optimizer.tensors & {*reached} & run.owners.parameters.keys())
            trained = any(in_training(run, run.owners.parameters[tensor]) for tensor in tensors)
            first = scene.producer[values[0]]
            if optimizer.steps or not trained or not _is_to_step(run, optimizer):
                continue
            if not scene.written_since(first).isdisjoint(map(storage.__getitem__, scene.values_of(tensors))):
                continue
            names = [run.owners.called(tensor) for tensor in tensors]
            call = scene.producer[values[-1]]
            cause = at(Rule.OTHER, site, "Call `backward` on it, and then the optimizer's `step`.", call=call)
            message = (
                f"`{code(scene, call)}` is computed over and over, and the program calls `backward` nowhere: "
                f"`{optimizer.name}` makes no step, and {listed(names)} {stay(names)}."
            )
            yield run.finding(cause, Severity.WARNING, message, affected=names, tensors=tensors)
            return


def _is_to_step(run: Run, optimizer: Optimizer) -> bool:
    """Whether the text tells that a training was meant: by what belongs to one, or by building an optimizer
    where a library asks for it."""
    sites = run.last.trace.sites
    asked_for = any(not sites[index].user for index in optimizer.made_stack)
    return asked_for or bool(run.calls_of("backward", "step", "zero_grad"))


def derived_in_vain(run: Run) -> Iterator[Finding]:
    """Steps before which no backward ran, as the program derives its loss by `autograd.grad` and leaves it at
    that. One that writes its parameters itself, or whose own optimizer does, is left in peace."""
    left = {one.tensor: one for one in run.history.lost if one.state is GradState.NONE and not one.late}
    found: dict[Site, tuple[Scene, Window, int, dict[int, Lost]]] = {}
    for scene, window in run.history.windows if left else ():
        for call, tensors in _derived(run, scene, window):
            members = {tensor: left.pop(tensor) for tensor in tensors if tensor in left}
            if members:
                site = scene.user_site(call)
                found.setdefault(site, (scene, window, call, {}))[3].update(members)
    for site, (scene, window, call, members) in found.items():
        names = [scene.owners.called(tensor) for tensor in members]
        text, step = code(scene, call), code(scene, window.step)
        fix = "Call `backward` on the loss in its place, or put what it gives into `.grad` before the step."
        message = (
            f"`{text}` gives gradients and leaves `.grad` as it is, where `{step}` looks for them: "
            f"{listed(names)} {stay(names)}."
        )
        evidence = [scene.evidence(window.step, "this step finds none")]
        cause = at(Rule.OTHER, site, fix, call=call)
        yield run.finding_of(members.values(), cause, message, names, evidence=evidence)


def _derived(run: Run, scene: Scene, window: Window) -> Iterator[tuple[int, set[int]]]:
    """Calls of `autograd.grad` before a step without any backward, each with what they derived by and nothing
    has moved."""
    if window.backwards or window.earlier or window.step >= len(scene.kind):
        return
    before, moved = last_before(scene.steps, window.step), run.once(moved_by_hand)
    for one in run.once(derivatives)[scene.index]:
        if before < one.call < window.step and not one.read:
            yield one.call, {scene.tensor[value] for value in one.by} - moved
