"""Gradients that arrive and are worth nothing: exactly zero, or not a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from gradtui.diagnosis import causes
from gradtui.diagnosis.cancelling import cancelling
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.adjoint import cut_again
from gradtui.diagnosis.explanations.deaths import module_of, operation_of, site_of, text_of
from gradtui.diagnosis.explanations.draws import is_scored
from gradtui.diagnosis.explanations.forward_nan import explained, masked
from gradtui.diagnosis.explanations.one_step import one_step
from gradtui.diagnosis.explanations.zero_inputs import by_origin
from gradtui.diagnosis.explanations.zero_or_nan_ops import (
    PRODUCTS,
    RECTIFIERS,
    SUMMED,
    made_finite,
    was_given_nothing,
    why_zero,
)
from gradtui.diagnosis.explanations.zeroing_hook import (
    MODULE_HOOK,
    MODULE_HOOKS,
    by_hook,
    freezes,
    hooked,
    put_on,
)
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.library_parts import is_idle_in_a_library
from gradtui.diagnosis.list_members import turn_to_come
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, first_after
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.unoptimized import trained_by_hand
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.gradients import Death, GradHealth
from gradtui.model.owners import GradState
from gradtui.model.torch_functions import (
    DIFFERENCES,
    DISTANCES,
    MULTIPLICATIONS,
    POWERS,
    SCALINGS,
    SUBTRACTIONS,
)
from gradtui.model.trace import Kind

FIRST_STEPS = 2
"""Steps at which a factor may be zero still that began so: the rate that moves it often begins at 0 too."""
FEW_CALLS = 8
"""Calls in which a reward is looked at for being centred."""
COMPARES = DISTANCES | {"dist"}
"""Functions of a difference of two."""


def dead_values(run: Run) -> Iterator[Finding]:
    """Where a live gradient became zeros or NaN, for parameters that get nothing better."""
    yield from _not_numbers(run)
    yield from _zeros(run)


def _not_numbers(run: Run) -> Iterator[Finding]:
    broken = run.history.broken
    if not broken:
        return
    first = min(broken.values())
    for scene in run.scenes:
        for death in scene.snapshot.deaths:
            if not death.leaves and death.backward < first - 1:
                continue  # of an `autograd.grad` that nothing has come of
            tensors = [tensor for tensor in (death.leaves or broken) if tensor in broken]
            told = 0 < explained(run) <= death.backward
            if death.state is GradHealth.NAN and tensors and not told and not run.blameless(death.backward):
                stop = min(broken[tensor] for tensor in tensors)
                yield masked(run, scene, death, tensors) or _nan(run, scene, death, tensors, stop)
                return


def _nan(run: Run, scene: Scene, death: Death, tensors: list[int], stop: int) -> Finding:
    names = [scene.owners.called(tensor) for tensor in tensors]
    cause, message = _break(scene, death)
    message += f" {run.then(names)}"
    evidence = module_of(scene, death)
    return run.finding(
        cause, Severity.ERROR, message, affected=names, tensors=tensors, evidence=evidence, stop=stop
    )


def _break(scene: Scene, death: Death) -> tuple[causes.Cause, str]:
    """Where a gradient ceased to be a number, and a sentence about it."""
    text = text_of(scene, death)
    cause = at(Rule.NAN_GRADIENT, site_of(scene, death), made_finite(death), call=death.call)
    return cause, (
        f"The backward of `{text}` was handed a finite gradient and sent on one that is NaN or infinite."
    )


def _zeros(run: Run) -> Iterator[Finding]:
    zero = {one.tensor: one for one in run.history.lost if one.state is GradState.ZERO}
    if not zero:
        return
    explained: set[int] = set()
    meant = _shrunk(run, zero) | _faded(run, zero)
    zero = {tensor: one for tensor, one in zero.items() if tensor not in meant}
    for scene in run.scenes:
        for death, given in by_origin(scene, _commonest_first(scene)):
            tensors = [t for t in (*death.leaves, *given) if t in zero and t not in explained]
            tensors = [t for t in tensors if t not in run.once(cancelling)]
            if not death.hook and _is_bias(run, scene, death, tensors):
                meant.update(tensors)
                continue
            members = [zero[tensor] for tensor in tensors]
            if death.hook:
                site = put_on(scene, death) if members else None
                if site is not None and (freezes(scene, site) or all(one.late for one in members)):
                    meant.update(tensors)
                elif site is not None:
                    explained.update(tensors)
                    yield by_hook(run, site, members, sure=True)
                continue
            others = (one for tensor, one in zero.items() if tensor not in explained)
            cut = _other_way(run, scene, death, members, others) if members else None
            if cut is not None:
                explained.update(cut.tensors)
                yield cut
            elif members and not given and _meant(run, scene, death, members):
                meant.update(tensors)
                yield from _as_written(run, scene, death, members)
            elif members:
                explained.update(tensors)
                hooks = run.calls_of(*MODULE_HOOKS) if MODULE_HOOK in death.name else []
                yield (
                    by_hook(run, hooks[0], members, len(hooks) == 1)
                    if hooks
                    else one_step(run, scene, death, members) or _zero(run, scene, death, members)
                )
    for finding in _taken_out(run, [one for tensor, one in zero.items() if tensor not in explained | meant]):
        explained.update(finding.tensors)
        yield finding
    rest = [one for tensor, one in zero.items() if tensor not in explained]
    yield from hooked(run, [one for one in rest if one.tensor not in meant and not _cancels(run, one.tensor)])
    yield from _put_in_by_hand(run, rest)


def _shrunk(run: Run, zero: Mapping[int, Lost]) -> set[int]:
    """Those that learned until a penalty had shrunk them to zero, where it pulls no more and what is
    multiplied by them sends nothing on: that is what it is for."""
    return {
        tensor
        for scene in run.scenes
        for death in scene.snapshot.deaths
        if death.call != NONE and death.state is GradHealth.ZERO and scene.name(death.call) in POWERS
        for tensor in death.leaves
        if tensor in zero and zero[tensor].late
        if {scene.tensor[value] for value in scene.inputs[death.call]} <= {*death.leaves}
    }


def _faded(run: Run, zero: Mapping[int, Lost]) -> set[int]:
    """Those that learned until the number that they were weighed by had fallen to zero, as that of a layer is
    which another one takes the place of."""
    return {
        tensor
        for scene in run.scenes
        for death in scene.snapshot.deaths
        if death.call != NONE and death.state is GradHealth.ZERO and scene.name(death.call) in SCALINGS
        if len(scene.trace.inputs[death.call]) == 1
        for tensor in death.leaves
        if tensor in zero and zero[tensor].late
    }


def _taken_out(run: Run, lost: list[Lost]) -> Iterator[Finding]:
    """Zeros that the program puts in the place of NaN before it steps."""
    left = {one.tensor: one for one in lost}
    for scene in run.scenes:
        for death in scene.snapshot.deaths if left else ():
            nan = death.state is GradHealth.NAN
            members = [left.pop(tensor) for tensor in death.leaves if tensor in left and nan]
            if members:
                names = [scene.owners.called(one.tensor) for one in members]
                cause, message = _break(scene, death)
                message += f" That is replaced before the step: {listed(names)} {get(names)} only zeros."
                yield run.finding_of(members, cause, message, names)


def _is_bias(run: Run, scene: Scene, death: Death, tensors: list[int]) -> bool:
    """Whether only the bias of a layer got zeros, which are the sum of a live gradient: so it is where scores
    of one batch are subtracted from each other."""
    if death.call == NONE or scene.name(death.call) not in SUMMED:
        return False
    given = {scene.tensor[value] for value in scene.inputs[death.call]}
    return all(tensor in given and _is_row(run, tensor) for tensor in tensors)


def _cancels(run: Run, tensor: int) -> bool:
    """Whether parts of its gradient cancel, as those of the last bias of a critic do."""
    return tensor in run.once(cancelling) and _is_row(run, tensor)


def _is_row(run: Run, tensor: int) -> bool:
    parameter = run.owners.parameters.get(tensor)
    return parameter is not None and len(parameter.shape) == 1


def _commonest_first(scene: Scene) -> list[Death]:
    """Where gradients became zeros: a line at which that happened often before one at which it did once.

    A leaf that is used many times gets only zeros because they all die; that a sum gives one of its terms
    a zero is no more than chance.
    """
    zero = [death for death in scene.snapshot.deaths if death.state is GradHealth.ZERO]
    places = [(site_of(scene, death), death.name) for death in zero]
    often = Counter(places)
    return [zero[number] for number in sorted(range(len(zero)), key=lambda number: -often[places[number]])]


def _put_in_by_hand(run: Run, lost: list[Lost]) -> Iterator[Finding]:
    """Zeros of a program that calls no backward: it computes gradients itself, as by `torch.func`, where
    nothing is seen of them."""
    mine = [one for one in lost if not one.late and one.optimizer != NONE]
    if not mine or any(window.backwards for _, window in run.history.windows):
        return
    cuts = list(_asked_in_vain(run, mine))
    told = {tensor for finding in cuts for tensor in finding.tensors}
    yield from cuts
    mine = [one for one in mine if one.tensor not in told]
    if not mine:
        return
    scene, window = next(((s, w) for s, w in reversed(run.history.windows) if w.step != NONE), (None, None))
    if scene is None or window is None:
        return
    names = [scene.owners.called(one.tensor) for one in mine]
    cause = at(
        Rule.ZERO_GRADIENT,
        scene.user_site(window.step),
        "Look for a comparison, a rounding or an index between them and the loss: their gradient is zero "
        "everywhere.",
        call=window.step,
        confidence=Confidence.LIKELY,
    )
    message = (
        f"{listed(names)} {get(names)} only zeros, and no backward brought these: the program puts gradients "
        "in by itself, and how it computed them can't be seen."
    )
    yield run.finding_of(mine, cause, message, names)


def _asked_in_vain(run: Run, lost: list[Lost]) -> Iterator[Finding]:
    """What cuts these off from all losses that `autograd.grad` derived: zeros stand for what it has no
    gradient for."""
    found: dict[tuple[Rule, str, int], tuple[causes.Cause, dict[int, Lost]]] = {}
    for scene in run.scenes:
        flow = run.flow(scene, run.roots(scene, [call.index for call in scene.trace.calls(Kind.GRAD)]))
        for one in lost:
            mask = flow.masks.get(one.tensor, 0)
            if mask and one.tensor not in flow.reached:
                cut = flow.chosen(mask, one.tensor)[0]
                cause = causes.of_cut(scene, flow, cut)
                key = cause.rule, cause.site.file, cause.site.line
                found.setdefault(key, (cause, {}))[1].setdefault(one.tensor, one)
    for cause, members in found.values():
        names = [run.owners.called(tensor) for tensor in members]
        message = (
            f"{cause.what}, so `autograd.grad` has no gradient for {listed(names)}, and zeros are put in "
            "their place."
        )
        yield run.finding_of(members.values(), cause, message, names)


def _other_way(
    run: Run, scene: Scene, death: Death, lost: list[Lost], all_lost: Iterable[Lost]
) -> Finding | None:
    """The cut of one way to the loss, where the other is closed for now: by a factor that is zero, as a
    weight that grows is at first and a mask may be; or as a term holds parameters where they still are."""
    call = death.call
    if call == NONE:
        return None
    near = _holds_near(scene, call, lost)
    if not near and _is_times_zero(scene, call) and any(map(scene.shape, scene.inputs[call])):
        return None  # a whole tensor on its way: nobody makes only so sure of a graph
    if not near and (scene.name(call) not in SCALINGS or not _by_what_learns_nothing(scene, call)):
        return None
    backward = first_after(scene.backwards, call)
    flow = run.flow(scene, run.roots(scene, [backward] if backward != NONE else []))
    mask = flow.masks.get(lost[0].tensor, 0)
    if not mask:
        return None
    cut = flow.chosen(mask, lost[0].tensor)[0]
    if not flow.alone(cut):
        return None
    cause = causes.of_cut(scene, flow, cut)
    if near:
        lost = [one for one in all_lost if flow.masks.get(one.tensor, 0) == mask]
    names = [scene.owners.called(one.tensor) for one in lost]
    it, they = ("it", "it") if len(names) == 1 else ("them", "they")
    closed, does = "is multiplied by zero", "multiplies it by zero"
    if near:
        closed, does = (
            f"only holds {it} near where {they} began",
            f"is at its least as long as nothing moves {it}",
        )
    message = (
        f"{cause.what}, and the other way to the loss {closed}: {listed(names)} "
        f"{get(names)} only zeros and {'does' if len(names) == 1 else 'do'} not learn."
    )
    evidence = [scene.evidence(call, f"`{code(scene, call)}` {does}")]
    return run.finding_of(lost, cause, message, names, evidence=evidence)


def _holds_near(scene: Scene, call: int, lost: list[Lost]) -> bool:
    """Whether a call takes the difference of one of these and of what doesn't learn, or makes it."""
    tensors = {one.tensor for one in lost}
    differences = [
        one
        for one in (call, *(scene.producer[value] for value in scene.inputs[call]))
        if scene.name(one) in SUBTRACTIONS
    ]
    if scene.name(call) in COMPARES:
        differences.append(call)
    for given in (scene.inputs[one] for one in differences):
        beside = [value for value in given if scene.tensor[value] not in tensors]
        if 0 < len(beside) < len(given) and not any(scene.grad[value] for value in beside):
            return True
    return False


def _by_what_learns_nothing(scene: Scene, call: int) -> bool:
    """Whether one factor is a number, or a tensor that doesn't require grad."""
    factors = scene.trace.inputs[call]
    return len(factors) == 1 or not all(scene.grad[value] for value in factors)


def _meant(run: Run, scene: Scene, death: Death, lost: list[Lost]) -> bool:
    """Whether zeros are what the program asks for: a factor that is written as zero, a loss that is not
    switched on yet, a margin that is kept by all, a part that is given nothing any more."""
    if death.call == NONE:
        return False
    name = scene.name(death.call)
    late = all(one.late for one in lost)
    if late and was_given_nothing(scene, death):
        return True  # an expert that nothing is sent to any more
    if _is_times_zero(scene, death.call):
        return bool(run.history.learning)  # nobody means nothing to learn at all
    if name in SCALINGS and _weighs_by_a_reward(scene, death.call):
        return bool(run.history.learning)
    if name in SCALINGS and len(scene.trace.inputs[death.call]) == 1:
        tensors = {one.tensor for one in lost}
        # A weight that falls to zero has done its part; one that waits keeps back what an optimizer is for,
        # while another does its work.
        waits = any(tensors >= set(optimizer.tensors) for optimizer in run.owners.optimizers)
        return late or (waits and bool(run.history.learning or run.once(trained_by_hand)))
    return name in RECTIFIERS and late and _behind_all(run, scene, death.call)


def _is_times_zero(scene: Scene, call: int) -> bool:
    """Whether 0 is written as a factor."""
    return scene.name(call) in SCALINGS and 0 in scene.words.constants(scene.site(call))


def _as_written(run: Run, scene: Scene, death: Death, lost: list[Lost]) -> Iterator[Finding]:
    """A note on what is multiplied by 0 for everybody to see."""
    if death.call != NONE and _is_times_zero(scene, death.call):
        names = [scene.owners.called(one.tensor) for one in lost]
        fix = f"Leave out the factor, if {'that is' if len(names) == 1 else 'these are'} to learn."
        cause = at(Rule.ZERO_GRADIENT, site_of(scene, death), fix, call=death.call)
        text = text_of(scene, death)
        message = (
            f"`{text}` multiplies by 0, as it is written: {listed(names)} {get(names)} only zeros by it."
        )
        yield run.finding_of(lost, cause, message, names, severity=Severity.NOTE)


def _weighs_by_a_reward(scene: Scene, call: int) -> bool:
    """Whether a density is weighed by what is given, or asked for, sample by sample, and centred nowhere: a
    reward that hasn't been met yet."""
    live = [value for value in scene.inputs[call] if scene.grad[value]]
    weights = [value for value in scene.inputs[call] if not scene.grad[value]]
    if len(live) != 1 or len(weights) != 1 or not scene.shape(weights[0]):
        return False
    if not is_scored(scene, scene.producer[live[0]]):
        return False
    names = (scene.name(scene.producer[value]) for value in scene.going_back(weights, scene.made_from))
    return DIFFERENCES.isdisjoint(islice(names, FEW_CALLS))


def _behind_all(run: Run, scene: Scene, call: int) -> bool:
    """Whether nothing that learns comes in between a call and the loss: the call is part of the loss."""
    backward = first_after(scene.backwards, call)
    if backward == NONE:
        return False
    flow = run.flow(scene, run.roots(scene, [backward]))
    behind = flow.going_on(flow.made_by(call), lambda _, user: flow.made_by(user))
    users = (user for value in behind for user in flow.consumers.of(value))
    return not any(scene.leaf[value] for user in users for value in scene.inputs[user])


def _zero(run: Run, scene: Scene, death: Death, lost: list[Lost]) -> Finding:
    names = [scene.owners.called(one.tensor) for one in lost]
    name, text = operation_of(scene, death), text_of(scene, death)
    rule = Rule.ZERO_GRADIENT
    if death.call != NONE and scene.kind[death.call] == Kind.FUNCTION:
        rule = Rule.CUSTOM_FUNCTION
    custom = rule is Rule.CUSTOM_FUNCTION
    again = cut_again(run, scene, death.call, [one.tensor for one in lost]) if custom else None
    if again is not None:
        message = (
            f"{again.what}. The custom Function in `{text}` computes it again in its backward, and has no "
            f"gradient to send to {listed(names)}."
        )
        return run.finding_of(lost, again, message, names)
    why, fix = why_zero(scene, death, name, lost)
    if custom:
        fix = "Let its `backward` return the gradient that its input should get."
    cause = at(rule, site_of(scene, death), fix, call=death.call)
    subject = f"What the custom Function in `{text}` sends back" if custom else f"The gradient of `{text}`"
    if waking := _waking(run, scene, death, lost):
        still, them = ("is", "it moves") if len(waking) == 1 else ("are", "they move")
        message = (
            f"{listed(names)} {get(names)} only zeros so far, as {listed(waking)} {still} zero still in "
            f"`{text}`: that changes as soon as {them}."
        )
        return run.finding_of(lost, cause, message, names, severity=Severity.NOTE)
    if was_given_nothing(scene, death) and (excuse := _excuse(run, lost)):
        message = f"`{text}` is given nothing so far: {listed(names)} {get(names)} only zeros. {excuse}"
        return run.finding_of(lost, cause, message, names, severity=Severity.NOTE)
    message = (
        f"{subject} is exactly zero {why}: {listed(names)} {get(names)} only zeros and "
        f"{'does' if len(names) == 1 else 'do'} not learn."
    )
    return run.finding_of(lost, cause, message, names, evidence=module_of(scene, death))


def _excuse(run: Run, lost: list[Lost]) -> str:
    """Why it may be no fault that these are given nothing; empty where nothing says so."""
    parameters = [run.owners.parameters[one.tensor] for one in lost if one.tensor in run.owners.parameters]
    if len(parameters) < len(lost):
        return ""
    if turn := turn_to_come(run, parameters, max(one.steps for one in lost)):
        return turn
    if all(is_idle_in_a_library(run, one) for one in parameters):
        return "A library's module has made them, and sends them nothing as it is called here."
    return ""


def _waking(run: Run, scene: Scene, death: Death, lost: list[Lost]) -> list[str]:
    """Factors that are zero at the first steps alone, as those of an adapter are: they learn, and what is
    multiplied by them does from then on."""
    if death.call == NONE or scene.name(death.call) not in PRODUCTS | MULTIPLICATIONS:
        return []
    if any(len(run.history.states.get(one.tensor, ())) > FIRST_STEPS for one in lost):
        return []
    factors = [scene.tensor[value] for value in scene.inputs[death.call] if scene.leaf[value]]
    return [scene.owners.called(tensor) for tensor in factors if tensor in run.history.learning]
