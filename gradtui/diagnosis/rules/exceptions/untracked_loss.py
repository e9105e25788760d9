"""A loss without any graph: "element 0 of tensors does not require grad"."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gradtui.diagnosis import causes, modes
from gradtui.diagnosis.causes import Cause, at
from gradtui.diagnosis.flow import SAMPLE, Cut, Flow
from gradtui.diagnosis.rules.exceptions.autograd_grad import asked
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.stops import Raised, StopKind
from gradtui.model.trace import Kind, ValueFlag

MOST_FROZEN = 200


def loss(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """Why the loss has no graph: cut off, frozen, or never computed from anything that could learn."""
    unseen = list(_unseen(run, scene, raised))
    yield from unseen or _loss(run, scene)


def untracked_ahead(run: Run) -> Iterator[Finding]:
    """Told before backward runs: it is called on a loss that has no graph, and will raise."""
    snapshot, grad = run.last.snapshot, run.last.grad
    held = snapshot.stop.kind is StopKind.BACKWARD and snapshot.raised is None and snapshot.graph is not None
    if held and not all(grad[root] for root in snapshot.stop.roots):
        yield from _loss(run, run.last)


def _loss(run: Run, scene: Scene) -> Iterator[Finding]:
    last, wanted = asked(scene)
    if last == NONE:
        last = next(reversed(scene.backwards), NONE)
    roots = list(scene.trace.inputs[last]) if last != NONE else list(scene.snapshot.stop.roots)
    if not roots:
        return
    flow = run.flow(scene, roots)
    of_those = [tensor for value in wanted if (tensor := scene.tensor[value]) in flow.masks]
    if of_those:
        yield from _cut(run, scene, flow, of_those)
        return
    ways = [_cut, _frozen, _guessed]
    if _trained_already(run, scene, flow, last):
        ways = [_frozen, _cut, _guessed]
    yield from next((found for way in ways if (found := list(way(run, scene, flow)))), [])


def _trained_already(run: Run, scene: Scene, flow: Flow, last: int) -> bool:
    """Whether all that is cut off has just had its step, or a backward of its own since the last one, so that
    this loss is for something else: of a discriminator, which is given what the generator has made without
    its graph."""
    step = next(reversed(scene.steps), NONE)
    optimizer = scene.optimizer(scene.trace.detail[step]) if step != NONE else None
    held = {tensor for tensor in flow.masks if tensor in scene.held}
    if not held or (optimizer is not None and held <= optimizer.tensors):
        return bool(held)
    since = [call for call in scene.backwards if step < call < last]
    return held <= run.flow(scene, run.roots(scene, since)).reached


def _cut(run: Run, scene: Scene, flow: Flow, only: Collection[int] = ()) -> Iterator[Finding]:
    """The cuts below a loss; `only` of the ways from these tensors, where it was to be derived by them."""
    masks = {tensor: flow.masks[tensor] for tensor in only} or flow.masks
    held = {tensor: mask for tensor, mask in masks.items() if tensor in scene.held} or masks
    # What learns already does so by another loss, and may well be cut off from this one on purpose.
    held = {tensor: mask for tensor, mask in held.items() if tensor not in run.history.learning} or held
    groups: dict[Cut, list[int]] = {}
    for tensor, mask in held.items():
        group = flow.chosen(mask, tensor)
        # One line may have run for something else before, in a mode of its own.
        cut = next((cut for cut in reversed(group[-SAMPLE:]) if flow.alone(cut)), group[0])
        groups.setdefault(cut, []).append(tensor)
    # What another cut comes after gives no graph by being mended, and may well be meant, as of a generator.
    mends = {cut: tensors for cut, tensors in groups.items() if flow.alone(cut)} or groups
    beyond = [tensor for cut, tensors in groups.items() if cut not in mends for tensor in tensors]
    found: dict[tuple[Rule, str, int], tuple[Cause, list[int], Cut]] = {}
    for cut in sorted(mends, key=lambda cut: cut.call):
        cause = causes.of_cut(scene, flow, cut)
        key = cause.region or (cause.rule, cause.site.file, cause.site.line)
        found.setdefault(key, (cause, [], cut))[1].extend(groups[cut])
    for cause, tensors, cut in found.values():
        names = [scene.owners.called(tensor) for tensor in tensors]
        why = (
            f"The loss has no graph, so `backward` raises: {listed(names)} could have been trained by it, but"
        )
        if only:
            why = f"`autograd.grad` is to derive by {listed(names)}, and raises, as its result has no graph:"
        message = f"{why} {cause.what}."
        later = [causes.as_well(scene, call) for call in flow.later(cut)]
        explained = [*tensors, *beyond]
        yield run.finding(cause, Severity.ERROR, message, affected=names, tensors=explained, evidence=later)


def _frozen(run: Run, scene: Scene, flow: Flow) -> Iterator[Finding]:
    """All leaves under the loss were told not to require grad: the line that did it."""
    tensors = {scene.tensor[value] for value, inside in enumerate(flow.within) if inside}
    flags, apart = dict[int, int](), dict[int, int]()
    for call, kind in enumerate(scene.kind):
        for value in scene.trace.inputs[call] if kind == Kind.FLAG else ():
            tensor = scene.tensor[value]
            if scene.trace.detail[call]:
                flags.pop(tensor, None)
                apart.pop(tensor, None)
            elif tensor in tensors:
                flags[tensor] = call
            elif tensor in scene.held:
                apart[tensor] = call
    # What an optimizer holds was to learn; the rest may well be frozen on purpose.
    meant = {tensor: call for tensor, call in flags.items() if tensor in scene.held}
    elsewhere = bool(apart and not meant and not flow.masks)
    if not meant and not flow.masks:
        meant = apart or flags
    if not meant:
        return
    call = min(meant.values())
    site = scene.user_site(call)
    names = [scene.owner_name(tensor) or "a tensor" for tensor in meant]
    fix = "Leave those parameters that should learn out of what is frozen here."
    if any(not frame.user for frame in scene.call(call).stack[:1]):
        fix = "Tell the library that they are to be trained, or call `.requires_grad_(True)` on them then."
    cause = at(Rule.FROZEN_LEAF, site, fix, call=call)
    whole = "what it was to train" if flow.masks or elsewhere else "everything that it could have trained"
    message = (
        f"The loss has no graph, so `backward` raises: {whole} is frozen, and "
        f"{listed(names)} {'is' if len(names) == 1 else 'are'} frozen here."
    )
    lines = {scene.user_site(one).line: one for one in flags.values()}
    callers = _callers(scene, call)
    evidence = [scene.evidence(one, "froze others") for line, one in lines.items() if line != site.line]
    yield run.finding(
        cause,
        Severity.ERROR,
        message,
        affected=names[:MOST_FROZEN],
        tensors=list(meant),
        evidence=[*callers, *evidence],
    )


def _unseen(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """A closure that an optimizer of the user's calls in its own step, under `no_grad`: what runs there
    without gradients isn't recorded, and nothing that is computed there has a graph."""
    frames = [site for site in (scene.trace.sites[index] for index in raised.stack) if site.user]
    recorded = {
        tuple(site.place for site in scene.call(call).stack if site.user)
        for call, kind in enumerate(scene.kind)
        if kind in (Kind.BACKWARD, Kind.GRAD)
    }
    if not frames or tuple(frame.place for frame in frames) in recorded:
        return
    name = run.words.receiver(frames[0]) or "the loss"
    for frame in frames:
        block = run.words.with_item(frame, modes.NO_GRAD)
        around = block or run.words.decorator(frame, modes.NO_GRAD)
        if around is None:
            continue
        cause = at(
            Rule.NO_GRAD,
            frame if block else around,
            "Call the closure under `with torch.enable_grad():`, as the optimizers of torch do.",
        )
        message = (
            f"The loss has no graph, so `backward` raises: `{name}` is computed under "
            f"`{run.words.expression(around)}`, which keeps no graph."
        )
        evidence = [Evidence(frames[0].file, frames[0].line, "this backward runs where gradients are off")]
        if block:
            evidence.append(Evidence(block.file, block.line, "begins the block"))
        yield run.finding(cause, Severity.ERROR, message, evidence=evidence)
        return


def _callers(scene: Scene, call: int) -> list[Evidence]:
    frames = [site for site in scene.call(call).stack if site.user][1:3]
    return [Evidence(site.file, site.line, "called from here") for site in frames]


def _guessed(run: Run, scene: Scene, flow: Flow) -> Iterator[Finding]:
    """The loss was made of numbers of unknown origin: the last place where values of what learns left
    torch."""
    made = [call for call in flow.calls if scene.kind[call] == Kind.REENTRY and not scene.inputs[call]]
    target = made[-1] if made else NONE
    descends = scene.descendants(
        [value for value, leaf in enumerate(scene.leaf) if leaf], attached=False, through_leaves=True
    )
    last = target if target != NONE else len(scene.kind)
    escapes = [
        call
        for call in range(last)
        if scene.carries(call) and any(descends[value] for value in scene.trace.inputs[call])
    ]
    if escapes:
        call = escapes[-1]
        value = scene.trace.inputs[call][0]
        cause = causes.of_cut(
            scene, flow, Cut(call, value, value, target if target != NONE else call, likely=True)
        )
        names = [scene.owner_name(tensor) for tensor in scene.held][:MOST_FROZEN]
        message = (
            "The loss has no graph, so `backward` raises: it seems to be made of numbers that left "
            "torch here, "
            "where their graph ends."
        )
        yield run.finding(cause, Severity.ERROR, message, affected=filter(None, names))
    elif target != NONE:
        cause = at(
            Rule.TENSOR_CTOR,
            scene.user_site(target),
            "Compute the loss from the model's output with torch functions.",
            call=target,
            confidence=Confidence.LIKELY,
        )
        message = (
            "The loss has no graph, so `backward` raises: it is a new tensor made of numbers here, "
            "computed from "
            "nothing that could learn."
        )
        yield run.finding(cause, Severity.ERROR, message)
    else:
        yield from _nothing_learns(run, scene, flow)


def _nothing_learns(run: Run, scene: Scene, flow: Flow) -> Iterator[Finding]:
    last = next(reversed(scene.backwards), NONE)
    if last == NONE:
        return
    kept = ValueFlag.PARAMETER
    frozen = [
        scene.tensor[value]
        for value, inside in enumerate(flow.within)
        if inside and scene.trace.value_flags[value] & kept and not scene.grad[value]
    ]
    names = [scene.owner_name(tensor) or "a parameter" for tensor in dict.fromkeys(frozen)]
    rule = Rule.FROZEN_LEAF if names else Rule.OTHER
    made = run.owners.made(frozen[0]) if frozen else None
    computed = scene.producer[flow.roots[0]] if flow.roots else last
    if scene.kind[computed] == Kind.SEEN:
        computed = last
    fix = "Create what should be learnt with `requires_grad=True`, or as an `nn.Parameter`."
    if scene.held and not names:
        fix = "Compute the loss from the model's output: what it is computed from here is data alone."
    cause = at(
        rule,
        made or scene.user_site(computed),
        fix,
        call=NONE if made else computed,
        confidence=Confidence.LIKELY,
    )
    what = (
        f"{listed(names)} do not require grad" if names else "nothing that it was computed from requires grad"
    )
    yield run.finding(
        cause, Severity.ERROR, f"The loss has no graph, so `backward` raises: {what}.", affected=names
    )
