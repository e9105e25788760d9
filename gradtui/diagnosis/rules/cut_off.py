"""Parameters that the loss was computed from, and that it sends no gradient to: the call that cut them
off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from gradtui.diagnosis import causes, modes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.definitions import put_out_by_hook
from gradtui.diagnosis.explanations.cached_value import kept
from gradtui.diagnosis.explanations.replaced_parameters import retired
from gradtui.diagnosis.explanations.wrong_value import Mistaken, mistaken_for
from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.history import Lost, Window
from gradtui.diagnosis.quoting import THE_VALUE, code, quoted, short, spoken
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, first_after
from gradtui.diagnosis.schedules import by_progress
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Role
from gradtui.model.source import Site
from gradtui.model.trace import Kind

DETACHED = (Rule.DETACH, Rule.DATA_ATTR)


@dataclass(slots=True)
class Severed:
    """One cause, and what it cuts off in all scenes."""

    cause: Cause
    scene: Scene
    flow: Flow
    cut: Cut
    members: dict[int, Lost] = field(default_factory=dict)
    kept: bool = False
    """A step came between this and the loss: what was computed is kept from one to the next."""


def cut_off(run: Run) -> Iterator[Finding]:
    """For each parameter without a gradient, the first cut on its way to the losses it was judged by."""
    found: dict[tuple[Rule, str, int], Severed] = {}
    for scene, window, lost in run.judged:
        wanted = [one for one in lost if one.state is GradState.NONE]
        wanted = [one for one in wanted if not (one.late and one.tensor in run.once(retired))]
        if not wanted:
            continue
        wanted = _by_backward(run, scene, window, wanted, found)
        _gather(scene, run.flow(scene, run.judging(scene, window)), wanted, found)
        unexplained = [one for one in wanted if one.tensor not in run.used]
        if unexplained and scene.guessed:
            roots = run.judging(scene, window)
            _gather(scene, run.flow(scene, roots, guessing=True), unexplained, found)
    for severed in found.values():
        if severed.members:
            yield _finding(run, severed)
    yield from _in_vain(run)


def _in_vain(run: Run) -> Iterator[Finding]:
    """For each optimizer that never finds a gradient of what another one trains, the same."""
    found: dict[tuple[Rule, str, int], Severed] = {}
    models = {tensor for tensor, one in run.owners.parameters.items() if one.role is Role.PARAMETER}
    for scene, window, lost in run.barren:
        reached = run.flow(scene, run.roots(scene, window.backwards)).reached
        if reached & models <= run.owners.held.keys():  # else it holds the wrong ones
            _by_backward(run, scene, window, lost, found)
    for severed in found.values():
        members = list(severed.members.values())
        cause, names = severed.cause, [severed.scene.owners.called(one.tensor) for one in members]
        if members:
            steps = run.owners.optimizers[members[0].optimizer].name
            them = "it" if len(names) == 1 else "them"
            vain = f": `{steps}` never finds one at its steps, and another optimizer alone moves {them}."
            message = _said(cause, names, " by this loss", vain)
            proof = _proof(severed.scene, severed.flow, severed.cut)
            yield run.finding_of(members, _mended(run, severed), message, names, evidence=proof)


def _by_backward(
    run: Run, scene: Scene, window: Window, lost: list[Lost], found: dict[tuple[Rule, str, int], Severed]
) -> list[Lost]:
    """Look at the backwards before a step one by one, from the last; gives what none of them was to reach."""
    for backward in reversed(window.backwards):
        flow = run.flow(scene, run.roots(scene, [backward]))
        mine = [one for one in lost if one.tensor in flow.masks or one.tensor in flow.reached]
        _gather(scene, flow, mine, found)
        lost = [one for one in lost if one not in mine]
    return lost


def _gather(scene: Scene, flow: Flow, lost: list[Lost], found: dict[tuple[Rule, str, int], Severed]) -> None:
    by_mask: dict[int, list[Lost]] = {}
    for one in lost:
        mask = flow.masks.get(one.tensor, 0) & ~flow.filling
        if mask and one.tensor not in flow.reached and not _frozen(scene, flow, one.tensor):
            by_mask.setdefault(mask, []).append(one)
    for one in lost:
        if one.tensor in flow.reached and not one.late:
            _swallowed(scene, flow, one, found)
    for mask, members in by_mask.items():
        group = flow.chosen(mask, members[0].tensor)
        # What is written in part, again and again, has been cut off at that place in every round so far.
        if group[0].call < flow.stepped < group[-1].call:
            group = [cut for cut in group if cut.call > flow.stepped]
        cut = _own(scene, group, members)
        if all(one.late for one in members) and _truncates(scene, cut):
            continue
        cause = causes.of_cut(scene, flow, cut)
        key = cause.region or (cause.rule, cause.site.file, cause.site.line)
        severed = found.setdefault(key, Severed(cause, scene, flow, cut))
        if cause.rule in modes.RULES and not severed.kept and cut.call < flow.stepped:
            severed.kept, severed.scene, severed.flow, severed.cut = True, scene, flow, cut
        for one in members:
            _claim(found.values(), severed, one, scene.site(cut.call))


def _claim(found: Iterable[Severed], severed: Severed, one: Lost, site: Site) -> None:
    """Give a parameter to what cuts it off at this step: what did so at steps before, and does so no more, is
    not why it never learns. What is computed at the same place was told better when it was new, and so was
    what is computed without gradients, where what switched them off isn't in the trace any more."""
    unseen = severed.cause.rule in modes.RULES and severed.cause.region is None
    for other in found:
        if one.tensor in other.members and other is not severed:
            if unseen or other.scene.site(other.cut.call) == site:
                return
            del other.members[one.tensor]
    severed.members[one.tensor] = one


def _own(scene: Scene, group: list[Cut], lost: list[Lost]) -> Cut:
    """The first of the cuts at one place, but for those of another network that is computed there as well."""
    tensors = {one.tensor for one in lost}
    first = group[0]
    if not scene.leaf[first.value] or scene.tensor[first.value] in tensors:
        return first
    return next((cut for cut in group if scene.tensor[cut.value] in tensors), first)


def _frozen(scene: Scene, flow: Flow, tensor: int) -> bool:
    """Whether a parameter enters the loss as it is, and only doesn't require grad: what stands between it and
    the loss may be no more than what wrote its first values."""
    parameter = scene.parameters.get(tensor)
    if parameter is None or parameter.requires_grad or parameter.role is not Role.PARAMETER:
        return False
    frozen = (value for value in scene.values_of((tensor,)) if flow.within[value] and not scene.grad[value])
    return any(_enters(scene, flow, value) for value in frozen)


def _enters(scene: Scene, flow: Flow, value: int) -> bool:
    """Whether the loss was computed with a value, and not only with what it became when its flag was set."""
    calls = (call for call in flow.consumers.of(value) if scene.kind[call] != Kind.FLAG)
    return any(flow.within[made] for call in calls for made in flow.made_by(call))


def _swallowed(scene: Scene, flow: Flow, one: Lost, found: dict[tuple[Rule, str, int], Severed]) -> None:
    """Nothing cuts it off, and no gradient came: the backward of a custom Function on its way gave none."""
    live = flow.live_from([value for value in scene.values_of((one.tensor,)) if scene.leaf[value]])
    calls = {call for value in live for call in flow.consumers.of(value)}
    functions = sorted(call for call in calls if scene.kind[call] == Kind.FUNCTION)
    if not functions:
        return
    call = functions[0]
    value = next(value for value in scene.inputs[call] if value in live)
    cause = causes.of_backward(scene, call, value)
    key = (cause.rule, cause.site.file, cause.site.line)
    cut = Cut(call, value, scene.outputs[call][0], call)
    severed = found.setdefault(key, Severed(cause, scene, flow, cut))
    severed.members[one.tensor] = one


def _truncates(scene: Scene, cut: Cut) -> bool:
    """Whether an earlier backward has been through what is cut off: a state carried over without its
    history."""
    return NONE < first_after(scene.backwards, scene.producer[cut.value]) < cut.returned


def _finding(run: Run, severed: Severed) -> Finding:
    cause, scene, members = severed.cause, severed.scene, list(severed.members.values())
    names = [scene.owners.called(one.tensor) for one in members]
    if cause.rule in modes.RULES:
        mistaken = mistaken_for(run, scene, severed.flow, severed.cut, severed.members)
        if mistaken is not None:
            return _mistaken(run, severed, mistaken, names)
        keeps = kept(scene, severed.flow, severed.cut, cause) if severed.kept else None
        if keeps is not None:
            message = f"{keeps.what}, so {listed(names)} {get(names)} no gradient and {stay(names)}."
            here = replace(cause, site=keeps.site, fix=keeps.fix, evidence=keeps.evidence)
            return run.finding_of(members, here, message, names)
        if _within_a_library(severed):
            message = (
                f"A part of `{code(scene, severed.cut.call)}` is computed without gradients, by a "
                f"library that keeps the graph of the rest, so {listed(names)} {get(names)} none. That is "
                "meant, by the look of it: the optimizer that holds them leaves them alone."
            )
            return run.finding_of(members, cause, message, names, severity=Severity.NOTE)
    late = all(one.late for one in members)
    detached = cause.rule in DETACHED
    meant = late and detached and by_progress(run.words, scene.call(severed.cut.call).stack)
    then = ": that is meant, by the look of it, as it depends on how far the training is." if meant else "."
    if all(one.ahead for one in members):
        message = _said(cause, names, " by this backward", ".")
    else:
        message = _said(cause, names, " from some step on" if late else "", f" and {stay(names)}{then}")
    return run.finding_of(
        members,
        _mended(run, severed),
        message,
        names,
        severity=Severity.NOTE if meant else Severity.ERROR,
        evidence=_proof(scene, severed.flow, severed.cut),
    )


def _within_a_library(severed: Severed) -> bool:
    """Whether it is below a line of the user's that a library switches gradients off for a while, as for a
    teacher, and not for all that it computes there."""
    scene, flow, cut = severed.scene, severed.flow, severed.cut
    site = scene.site(cut.call)
    if severed.cause.region is not None or modes.last_switch(scene, cut.call) is None:
        return False
    beside = (call for call in flow.calls if call > cut.call and scene.site(call) == site)
    return any(
        scene.grad_mode(call) and any(flow.alive[value] for value in flow.made_by(call)) for call in beside
    )


def _said(cause: Cause, names: list[str], when: str, then: str) -> str:
    """What cuts some parameters off, and what comes of that; a cause is told by its code, or by itself."""
    if cause.what.startswith("`"):
        return f"{cause.what}, so {listed(names)} {get(names)} no gradient{when}{then}"
    return f"{listed(names)} {get(names)} no gradient{when}: {cause.what}."


def _mended(run: Run, severed: Severed) -> Cause:
    """The cause, with a fix that spares another loss which takes the detached value as well, and rightly so.

    A discriminator's does, which trains nothing of the generator's optimizer: undetached, its backward would
    free the generator's graph before the generator's own.
    """
    cause, scene, made = severed.cause, severed.scene, severed.cut.made
    if severed.kept:
        fix = "It was computed once and is kept since: compute it anew, with its graph, for every backward."
        return replace(cause, fix=fix)
    if cause.rule not in DETACHED:
        return cause
    if _is_of_an_earlier_step(severed):  # undetached, backward would come to what is freed
        fix = "It is of an earlier step, whose graph is gone: compute it anew, with its graph, at each step."
        return replace(cause, fix=fix)
    if put_out_by_hook(scene.words, cause.site):
        fix = "Let the hook return None: what a forward hook returns takes the place of the module's output."
        return replace(cause, fix=fix)
    lost = severed.members.keys()
    learners = [one.tensors for one in scene.snapshot.optimizers if not lost.isdisjoint(one.tensors)]
    mine, spared = cause.site, None
    for backward in scene.backwards:
        other = run.flow(scene, run.roots(scene, [backward]))
        here = scene.user_site(backward)
        if other.roots == severed.flow.roots:
            mine = here
            continue
        used = other.consumers.of(made) if all(map(other.reached.isdisjoint, learners)) else []
        if not used:
            continue
        place = scene.user_site(used[0])
        if place.line != cause.site.line:
            way = ".data" if cause.rule is Rule.DATA_ATTR else ".detach()"
            where = f"another loss uses it: {place.place}"
            if place in [scene.user_site(use) for use in severed.flow.consumers.of(made)]:
                where = f"it is handed over for the loss of {here.place}"  # both go into one function
            return replace(cause, fix=f"Leave out `{way}` here and write `.detach()` where {where}.")
        spared = here
    if spared is None or mine == cause.site:
        return cause
    receiver = scene.words.receiver(cause.site)
    value = quoted(receiver or spoken(scene, severed.cut.value))
    fix = (
        f"Keep it for the loss of {spared.place}, which trains none of these, and compute the loss of "
        f"{mine.place} from {value} itself."
    )
    return replace(cause, fix=fix)


def _is_of_an_earlier_step(severed: Severed) -> bool:
    """Whether an optimizer of what is cut off has stepped between the cut and the loss."""
    scene, whose = severed.scene, {one.optimizer for one in severed.members.values()}
    between = (step for step in scene.steps if severed.cut.call < step <= severed.flow.stepped)
    return any(scene.trace.detail[step] in whose for step in between)


def _mistaken(run: Run, severed: Severed, mistaken: Mistaken, names: list[str]) -> Finding:
    cause, scene, words = severed.cause, severed.scene, severed.scene.words
    site = scene.user_site(mistaken.call)
    side = list(scene.inputs[mistaken.call]).index(mistaken.taken)
    taken = words.operand(scene.site(mistaken.call), side) or spoken(scene, mistaken.taken) or THE_VALUE
    frames = [one for one in scene.call(scene.producer[mistaken.spare]).stack if one.user]
    made = next((one for one in frames if (one.file, one.function) == (site.file, site.function)), frames[0])
    spare = f"`{short(words.expression(made))}`"
    message = (
        f"`{taken}` was computed under `no_grad`, so {listed(names)} {get(names)} no gradient by what is "
        f"made of it here, and {stay(names)}. {spare} at {made.place} gives one with a graph, and nothing "
        "uses that."
    )
    fix = f"Use what {spare} gives in place of `{taken}`."
    here = replace(cause, site=site, call=mistaken.call, fix=fix)
    proof = [
        Evidence(cause.site.file, cause.site.line, f"`{taken}` was computed here", cause.call),
        Evidence(made.file, made.line, f"{spare} gives one with a graph", scene.producer[mistaken.spare]),
    ]
    return run.finding_of(list(severed.members.values()), here, message, names, evidence=proof)


def _proof(scene: Scene, flow: Flow, cut: Cut) -> Iterator[Evidence]:
    """Where the loss still uses what was cut off, later cuts on the same way, and the loss."""
    said = scene.site(cut.call)
    for call in (one for one in flow.later(cut) if scene.site(one) != said):
        yield causes.as_well(scene, call)
    used = flow.consumers.of(cut.made)
    if used and not scene.words.same_statement(scene.site(used[0]), scene.site(cut.call)):
        yield scene.evidence(used[0], f"`{code(scene, used[0])}` uses it on the way to the loss")
