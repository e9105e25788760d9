"""What an optimizer holds and never moves: its learning rate is 0 at every step, or it makes none."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import compress, pairwise

from gradtui.diagnosis.causes import Cause, at
from gradtui.diagnosis.history import LONG as LASTING
from gradtui.diagnosis.learning_rates import rounded, rounded_factor, schedule_of, scheduled, thawed
from gradtui.diagnosis.quoting import short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.schedules import by_progress
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.diagnosis.unoptimized import read_apart
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Group, Optimizer, Rates
from gradtui.model.source import Site
from gradtui.model.trace import Kind

FEW = 4
"""Steps from which on a group is idle beside others that aren't, or one whose rate nothing sets: the first
steps of a warmup are made at a rate of 0, and with many more a short run would show nothing."""
LONG = 16
"""The same for a whole optimizer, or what a schedule sets: in some programs a whole first epoch, of a few
steps, is made at a rate of 0; with many more, a rate that is 0 for good would be told in long runs alone."""
MANY = 8
"""Backwards of a whole program after which a step that is still waited for counts as one that never comes."""
CLEARING, CLEARING_MODULE = "Optimizer.zero_grad", "Module.zero_grad"
DIVIDE = "Divide with `/`: `//`, like `int` and `round`, leaves nothing of a fraction."


def idle(run: Run) -> Iterator[Finding]:
    """A group that a schedule never reaches, or an optimizer that nothing ever gives a rate.

    A rate of 0 that is given to one group alone when the optimizer is built is a way to freeze it, unless it
    was rounded to 0.
    """
    for number, optimizer in enumerate(run.owners.optimizers if run.history.ended else ()):
        site = run.owners.optimizer_made(number)
        steps = optimizer.steps_made
        still = [group for group in _filled(optimizer) if group.idle and _is_idle_yet(optimizer, group)]
        names = [run.owners.called(tensor) for tensor in _learning(run, still)]
        if site is None or not names or steps < FEW:
            continue
        ways = (_rounded, _unreached, _scheduled_away, _never_given)
        cause = next((found for way in ways if (found := way(run, optimizer, still, site))), None)
        if cause is not None:
            message = (
                f"{cause.what} at each of {steps} steps: {listed(names)} {get(names)} gradients "
                f"and {stay(names)}."
            )
            tensors = _learning(run, still)
            yield run.finding(cause, Severity.WARNING, message, affected=names, tensors=tensors)


def set_back(run: Run) -> Iterator[Finding]:
    """A group that was built with a rate of 0, then given one by the program, and that has been back at 0 for
    longer since: a schedule multiplies what a group was built with, whatever it has been given."""
    for number, optimizer in enumerate(run.owners.optimizers if run.history.ended else ()):
        made = run.owners.optimizer_made(number)
        back = list(_back(optimizer))
        groups = [group for group, _ in back]
        tensors = _learning(run, groups)
        places = thawed(run.words, made) if made is not None and tensors else []
        if made is None or not places:
            continue
        names = [run.owners.called(tensor) for tensor in tensors]
        site, which = places[0] if len(places) == 1 else made, _which(optimizer, groups)
        cause = at(
            Rule.OTHER,
            site,
            "Set the rate that the schedule begins with as well, in its `base_lrs`, or build the group with "
            "its rate and freeze its parameters by `requires_grad_(False)` until then.",
            confidence=Confidence.LIKELY,
        )
        steps = min(rates.idle_since for _, rates in back)
        message = (
            f"The learning rate that {which} of `{optimizer.name}` was given is 0 again at the last {steps} "
            f"of {back[0][1].steps} steps, as a schedule sets it by the one that the group was built with, "
            f"which is 0: {listed(names)} {get(names)} gradients and {stay(names)}."
        )
        evidence = [Evidence(made.file, made.line, f"{which} is built with a learning rate of 0")]
        since = min(rates.idle_first + rates.moving for _, rates in back)
        judged = (one for one in run.history.judgements if one.optimizer == number)
        yield run.finding(
            cause,
            Severity.WARNING,
            message,
            affected=names,
            tensors=tensors,
            evidence=evidence if site != made else (),
            count=steps,
            stop=next((one.stop for one in judged if one.step > since), 1),
        )


def _back(optimizer: Optimizer) -> Iterator[tuple[Group, Rates]]:
    """The groups of a schedule that began at a rate of 0, had another once, and are at 0 for longer since."""
    for place, group in enumerate(optimizer.groups):
        rates = optimizer.rates(place)
        began = group.tensors and group.began_idle and group.initial_rate == 0
        if began and rates is not None and rates.is_over(LASTING):
            yield group, rates


def _backward_of(run: Run, scene: Scene, tensors: Collection[int]) -> int:
    """Of the last backwards the one that reaches these and nothing else, as that of a discriminator's own
    loss does; the very last where there is none."""
    for backward in scene.backwards[: -FEW - 1 : -1]:
        reached = run.flow(scene, run.roots(scene, [backward])).reached
        if reached and reached <= {*tensors}:
            return backward
    return scene.backwards[-1]


def _left_without_step(run: Run, scene: Scene, tensors: Collection[int]) -> int:
    """Of the backwards of one place that reach these, the last, where others step and nothing does between
    any of these and the next backward; NONE where there is no such place. By what is read or moved a model is
    attacked."""
    steps = {*scene.steps}
    if not steps or run.once(read_apart):
        return NONE
    follows = dict(pairwise(sorted({*scene.backwards, *steps})))
    found: dict[Site, list[int]] = {}
    for backward in scene.backwards[-LONG:]:
        if not run.flow(scene, run.roots(scene, [backward])).reached.isdisjoint(tensors):
            found.setdefault(scene.user_site(backward), []).append(backward)
    left = [
        calls
        for calls in found.values()
        if len(calls) > 1 and not any(follows.get(call) in steps for call in calls)
    ]
    return left[-1][-1] if left else NONE


def never_steps(run: Run) -> Iterator[Finding]:
    """An optimizer that clears gradients, for backward to fill them, or whose parameters have a backward of
    their own after which nothing steps, and to whose step nothing ever comes.

    One whose parameters the program writes itself, or that only goes with a model that is looked at, is left
    in peace.
    """
    optimizers, scene = run.owners.optimizers, run.last
    if not run.history.ended or run.backwards < FEW or not scene.backwards:
        return
    trace, parameters = scene.trace, run.owners.parameters
    moved = {tensor for one in optimizers if one.steps for tensor in one.tensors}
    written = scene.written_since(scene.backwards[0])
    moved.update(compress(scene.tensor, map(written.__contains__, trace.storage)))
    cleared = _cleared(scene)
    for number, optimizer in enumerate(optimizers):
        still = [tensor for tensor in optimizer.tensors if tensor in parameters]
        filled = [tensor for tensor in still if parameters[tensor].grad is not GradState.NONE]
        if optimizer.steps or not filled or not moved.isdisjoint(still):
            continue
        waits = _steps_later(run, optimizer)
        # Beside others that step, one may wait for longer than a short run takes.
        others = any(one.steps for one in optimizers)
        if waits and (others or run.history.goes_on or run.backwards < MANY):
            continue
        named = waits or _named_alone(run, optimizer)
        find = _backward_of if named or cleared.issuperset(filled) else _left_without_step
        backward = find(run, scene, optimizer.tensors)
        if backward == NONE:
            continue
        names = [run.owners.called(tensor) for tensor in sorted(filled)]
        back, made = scene.user_site(backward), run.owners.optimizer_made(number)
        cause = at(
            Rule.OTHER if waits else Rule.OPTIMIZER_MISMATCH,
            named or made or back,
            f"Call `{optimizer.name}.step()` after the backward at {back.place}"
            f"{', also where the condition never comes true: behind the last batch' if waits else ''}.",
            confidence=Confidence.EXACT if named else Confidence.LIKELY,
        )
        why = ", as this names its method and doesn't call it" if named else ""
        if waits:
            why = f", as the condition for it never came true in {run.backwards} backwards"
        message = (
            f"`{optimizer.name}` never makes a step{why}: {listed(names)} get gradients that nothing uses, "
            f"and {stay(names)}."
        )
        evidence = [Evidence(back.file, back.line, "this backward fills them", backward)]
        yield run.finding(cause, Severity.WARNING, message, affected=names, tensors=filled, evidence=evidence)


def _cleared(scene: Scene) -> set[int]:
    """Tensors whose gradients were cleared for backward to fill them: by an optimizer, or along with what
    one moves by a program that clears that by its module as well."""
    trace, clears = scene.trace, dict[str, set[int]]()
    for call in trace.calls(Kind.CLEAR):
        tensors = (scene.tensor[value] for value in trace.inputs[call.index])
        clears.setdefault(call.function, set()).update(tensors)
    by_optimizer, by_module = clears.get(CLEARING, set()), clears.get(CLEARING_MODULE, set())
    moved = {tensor for one in scene.snapshot.optimizers if one.steps for tensor in one.tensors}
    return by_optimizer | by_module if moved and moved <= by_module - by_optimizer else by_optimizer


def _steps_later(run: Run, optimizer: Optimizer) -> Site | None:
    """The line that makes its step, where that waits until the training has come far enough."""
    steps = [site for site in run.calls_of("step") if _is_of(run, site, optimizer)]
    return next((site for site in steps if by_progress(run.words, [site])), None)


def _is_of(run: Run, method: Site, optimizer: Optimizer) -> bool:
    """Whether an expression names, or calls, a method of what is called as an optimizer is."""
    return run.words.expression(method).partition("(")[0].split(".")[-2:-1] == [optimizer.name]


def _named_alone(run: Run, optimizer: Optimizer) -> Site | None:
    """The one statement that names this optimizer's `step` without calling it."""
    mine = [one for one in run.uncalled("step") if _is_of(run, one, optimizer)]
    return mine[0] if len(mine) == 1 else None


def _rounded(run: Run, optimizer: Optimizer, still: list[Group], site: Site) -> Cause | None:
    found = rounded(run.words, site) if all(group.began_idle for group in still) else None
    if found is None:
        return None
    place, sure = found
    which = f"{_which(optimizer, still)} of " if len(still) < len(_filled(optimizer)) else ""
    text = short(run.words.expression(place))
    what = f"`{text}` is a whole number, and the learning rate of {which}`{optimizer.name}` is 0"
    fix = DIVIDE
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


def _scheduled_away(run: Run, optimizer: Optimizer, still: list[Group], site: Site) -> Cause | None:
    """Groups that were built with a rate, which a schedule has set to 0 before the first step, and ever
    since."""
    if optimizer.steps_made < LONG or not all(group.initial_rate for group in still):
        return None
    made = run.owners.schedule_made(run.owners.optimizers.index(optimizer)) or schedule_of(run.words, site)
    place = rounded_factor(run.words, site, made)
    which = f"{_which(optimizer, still)} of " if len(still) < len(_filled(optimizer)) else ""
    what = f"A schedule sets the learning rate of {which}`{optimizer.name}` to 0"
    fix = "Look at what the schedule gives for it at these steps, and how often it is stepped."
    if place is not None:
        fix = DIVIDE
    return Cause(Rule.OTHER, place or made or site, what, fix, confidence=Confidence.LIKELY)


def _never_given(run: Run, optimizer: Optimizer, still: list[Group], site: Site) -> Cause | None:
    """A whole optimizer: at once where no schedule is to set its rate."""
    groups = _filled(optimizer)
    constant = all(map(_never_set, groups))
    if len(still) < len(groups) or (optimizer.steps_made < LONG and (not constant or scheduled(run.words))):
        return None
    fix = "Look at what the schedule gives at these steps, and how often it is stepped."
    if constant:
        fix = "Give it a rate where it is built: nothing sets one after that."
    return Cause(Rule.OTHER, site, f"The learning rate of `{optimizer.name}` is 0", fix)


def _is_idle_yet(optimizer: Optimizer, group: Group) -> bool:
    """Whether the rate of a group was 0 to the last, where that is known."""
    return not optimizer.has_moved(optimizer.groups.index(group))


def _filled(optimizer: Optimizer) -> list[Group]:
    return [group for group in optimizer.groups if group.tensors]


def _never_set(group: Group) -> bool:
    """Whether the rate is what it was built with, and no schedule of torch's is to set it."""
    return group.rate_as_built and group.initial_rate is None


def _which(optimizer: Optimizer, still: list[Group]) -> str:
    places = [str(place) for place, group in enumerate(optimizer.groups) if group in still]
    return f"group {places[0]}" if len(places) == 1 else f"groups {' and '.join(places)}"


def _learning(run: Run, groups: list[Group]) -> list[int]:
    """Those of their tensors that get gradients: what else they hold is told of elsewhere."""
    held = [tensor for group in groups for tensor in group.tensors]
    return [tensor for tensor in held if tensor in run.history.learning]
