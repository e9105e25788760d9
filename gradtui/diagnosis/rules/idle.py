"""What an optimizer holds and never moves: its learning rate is 0 at every step, or it makes none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.rates import rounded, scheduled
from gradtui.diagnosis.run import Run, at, get, listed, stay
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Group, Optimizer
from gradtui.model.source import Site
from gradtui.model.trace import Kind

FEW, LONG = 4, 16
"""Steps from which on a group is idle beside others that aren't, or one that nothing sets; and a whole
optimizer: the first steps of a warmup, and in some programs its first epoch, are made at a rate of 0."""
CLEARING = "Optimizer.zero_grad"


def idle(run: Run) -> Iterator[Finding]:
    """A group that a schedule never reaches, or an optimizer that nothing ever gives a rate.

    A rate of 0 that is given to one group alone when the optimizer is built is a way to freeze it, unless it
    was rounded to 0.
    """
    for number, optimizer in enumerate(run.owners.optimizers if run.history.ended else ()):
        site = run.owners.optimizer_made(number)
        still = [group for group in optimizer.groups if group.tensors and group.idle]
        names = [run.owners.name(tensor) or "a leaf" for tensor in _learning(run, still)]
        if site is None or not names or optimizer.steps < FEW:
            continue
        ways = (_rounded, _unreached, _never_given)
        cause = next((found for way in ways if (found := way(run, optimizer, still, site))), None)
        if cause is not None:
            message = (
                f"{cause.what} at each of {optimizer.steps} steps: {listed(names)} {get(names)} gradients "
                f"and {stay(names)}."
            )
            tensors = _learning(run, still)
            yield run.finding(cause, Severity.WARNING, message, affected=names, tensors=tensors)


def never_steps(run: Run) -> Iterator[Finding]:
    """An optimizer that clears gradients, for backward to fill them, and to whose step nothing ever comes.

    One whose parameters the program writes itself, or that only goes with a model that is looked at, is left
    in peace.
    """
    optimizers, scene = run.owners.optimizers, run.last
    if not run.history.ended or run.backwards < FEW or not scene.backwards:
        return
    trace, parameters = scene.trace, run.owners.parameters
    moved = {tensor for one in optimizers if one.steps for tensor in one.tensors}
    written = {
        trace.storage[value]
        for call in trace.calls(Kind.WRITE)
        for value in trace.inputs[call.index][:1]
        if call.index > scene.backwards[0]
    }
    moved.update(compress(scene.tensor, map(written.__contains__, trace.storage)))
    cleared = {
        scene.tensor[value]
        for call in trace.calls(Kind.CLEAR)
        if call.function == CLEARING
        for value in trace.inputs[call.index]
    }
    for number, optimizer in enumerate(optimizers):
        still = [tensor for tensor in optimizer.tensors if tensor in parameters]
        filled = [tensor for tensor in still if parameters[tensor].grad is not GradState.NONE]
        if optimizer.steps or not filled or not cleared.issuperset(filled) or not moved.isdisjoint(still):
            continue
        backward = scene.backwards[-1]
        names = [run.owners.name(tensor) or "a leaf" for tensor in sorted(filled)]
        cause = at(
            Rule.OTHER,
            causes.user_site(scene, backward),
            f"Call `{optimizer.name}.step()` after this backward.",
            call=backward,
            confidence=Confidence.LIKELY,
        )
        message = (
            f"This backward fills gradients, and `{optimizer.name}` never makes a step: {listed(names)} "
            f"{stay(names)}."
        )
        made = run.owners.optimizer_made(number)
        evidence = [Evidence(made.file, made.line, f"`{optimizer.name}` is built here")] if made else []
        yield run.finding(cause, Severity.WARNING, message, affected=names, tensors=filled, evidence=evidence)


def _rounded(run: Run, optimizer: Optimizer, still: list[Group], site: Site) -> Cause | None:
    found = rounded(run.words, site) if all(group.began_idle for group in still) else None
    if found is None:
        return None
    place, sure = found
    which = f"{_which(optimizer, still)} of " if len(still) < len(_filled(optimizer)) else ""
    text = causes.short(run.words.expression(place))
    what = f"`{text}` is a whole number, and the learning rate of {which}`{optimizer.name}` is 0"
    fix = "Divide with `/`: `//`, like `int` and `round`, leaves nothing of a fraction."
    confidence = Confidence.EXACT if sure else Confidence.LIKELY
    return Cause(Rule.OTHER, place, what, fix, confidence=confidence)


def _unreached(_run: Run, optimizer: Optimizer, still: list[Group], site: Site) -> Cause | None:
    """Some groups of an optimizer that was to be given its rates by a schedule."""
    groups = _filled(optimizer)
    if len(still) == len(groups) or not all(group.began_idle for group in groups):
        return None
    which = _which(optimizer, still)
    what = f"All groups of `{optimizer.name}` begin at a learning rate of 0, and {which} stays there"
    setting = f"for group in {optimizer.name}.param_groups: group['lr'] = ..."
    return Cause(Rule.OTHER, site, what, f"Set the rate of every group where it is set: `{setting}`.")


def _never_given(run: Run, optimizer: Optimizer, still: list[Group], site: Site) -> Cause | None:
    """A whole optimizer: at once where no schedule is to set its rate."""
    groups = _filled(optimizer)
    constant = all(map(_never_set, groups))
    if len(still) < len(groups) or (optimizer.steps < LONG and (not constant or scheduled(run.words))):
        return None
    fix = "Look at what the schedule gives at these steps, and how often it is stepped."
    if constant:
        fix = "Give it a rate where it is built: nothing sets one after that."
    return Cause(Rule.OTHER, site, f"The learning rate of `{optimizer.name}` is 0", fix)


def _filled(optimizer: Optimizer) -> list[Group]:
    return [group for group in optimizer.groups if group.tensors]


def _never_set(group: Group) -> bool:
    """Whether the rate is what it was built with, and no schedule of torch's is to set it."""
    return group.rate_as_built and "initial_lr" not in dict(group.options)


def _which(optimizer: Optimizer, still: list[Group]) -> str:
    places = [str(place) for place, group in enumerate(optimizer.groups) if group in still]
    return f"group {places[0]}" if len(places) == 1 else f"groups {' and '.join(places)}"


def _learning(run: Run, groups: list[Group]) -> list[int]:
    """Those of their tensors that get gradients: what else they hold is told of elsewhere."""
    held = [tensor for group in groups for tensor in group.tensors]
    return [tensor for tensor in held if tensor in run.history.learning]
