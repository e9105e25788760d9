"""Gradients that arrive and are worth nothing: exactly zero, or not a number."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.history import Lost, windows
from gradtui.diagnosis.rules.cut_off import chosen
from gradtui.diagnosis.run import Run, at, get, listed
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.gradients import Death
from gradtui.model.owners import GradState
from gradtui.model.source import Site
from gradtui.model.stops import StopKind
from gradtui.model.trace import Kind

FLAT = frozenset(
    [
        "round",
        "floor",
        "ceil",
        "trunc",
        "frac",
        "sign",
        "sgn",
        "heaviside",
        "floor_divide",
        "fix",
        "rint",
        "remainder",
        "fmod",
    ]
)
RECTIFIERS = frozenset(
    [
        "relu",
        "relu_",
        "relu6",
        "hardtanh",
        "threshold",
        "leaky_relu",
        "clamp",
        "clamp_min",
        "clamp_max",
        "clip",
        "clamp_",
    ]
)
MODULE_HOOK = "BackwardHookFunction"
"""The custom Function by which torch calls the backward hooks of modules."""
MODULE_HOOKS = ("register_full_backward_hook", "register_full_backward_pre_hook", "register_backward_hook")
DRAWS = frozenset(["normal", "bernoulli", "bernoulli_", "poisson", "multinomial"])
DROPOUTS = frozenset(["dropout", "dropout_", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"])
SOFTMAXES = frozenset(["cross_entropy", "softmax", "log_softmax"])
FACTORS = frozenset(["mul", "__mul__", "__rmul__", "mul_", "__imul__", "multiply", "div", "__truediv__"])


def dead_values(run: Run) -> Iterator[Finding]:
    """Where a live gradient became zeros or NaN, for parameters that get nothing better."""
    yield from _not_numbers(run)
    yield from _zeros(run)


def _not_numbers(run: Run) -> Iterator[Finding]:
    broken = run.history.broken
    if not broken:
        return
    for scene in run.scenes:
        for death in scene.snapshot.deaths:
            tensors = [tensor for tensor in (death.leaves or broken) if tensor in broken]
            if death.state == "nan" and tensors and not run.blameless(death.backward):
                yield _nan(run, scene, death, tensors, min(broken[tensor] for tensor in tensors))
                return


def _nan(run: Run, scene: Scene, death: Death, tensors: list[int], stop: int) -> Finding:
    site = _site(scene, death)
    names = [scene.owner_name(tensor) or "a leaf" for tensor in tensors]
    text = causes.code(scene, death.call) if death.call != NONE else f"`{death.name}`"
    cause = at(
        Rule.NAN_GRADIENT,
        site,
        "Make its argument safe before this line, with `torch.where` or `.clamp(min=...)`: masking "
        "the result "
        "afterwards is too late for backward.",
        call=death.call,
    )
    message = f"The backward of {text} was handed a finite gradient and sent on one that is NaN or infinite. "
    if run.scaled:
        message += f"The GradScaler then leaves the steps out, and {listed(names)} stay as they are."
    else:
        message += f"The step then writes NaN into {listed(names)}."
    return run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors, stop=stop)


def _zeros(run: Run) -> Iterator[Finding]:
    zero = {one.tensor: one for one in run.history.lost if one.state is GradState.ZERO}
    if not zero:
        return
    explained: set[int] = set()
    for scene in run.scenes:
        for death in scene.snapshot.deaths:
            tensors = [t for t in death.leaves if t in zero and t not in explained]
            tensors = [t for t in tensors if t not in run.once(_cancelling)] if death.state == "zero" else []
            members = [zero[tensor] for tensor in tensors]
            cut = _other_way(run, scene, death, members) if members else None
            if cut is not None:
                explained.update(tensors)
                yield cut
            elif members and not _meant(run, scene, death, members):
                explained.update(tensors)
                hooks = _calls(run, *MODULE_HOOKS) if MODULE_HOOK in death.name else []
                yield (
                    _by_hook(run, hooks[0], members, len(hooks) == 1)
                    if hooks
                    else (_zero(run, scene, death, members))
                )
    rest = [one for tensor, one in zero.items() if tensor not in explained]
    yield from _hooked(run, rest)


def _other_way(run: Run, scene: Scene, death: Death, lost: list[Lost]) -> Finding | None:
    """The cut of one way to the loss, where a number that is zero now multiplies the other: a weight that
    grows is zero at first."""
    call = death.call
    if call == NONE or scene.name(call) not in FACTORS or len(scene.trace.inputs[call]) != 1:
        return None
    backward = next((i for i in scene.backwards if i > call), NONE)
    flow = run.flow(scene, run.roots(scene, [backward] if backward != NONE else []))
    mask = flow.masks.get(lost[0].tensor, 0)
    if not mask:
        return None
    cut = chosen(scene, flow, mask, lost[0].tensor)[0]
    if not flow.alone(cut):
        return None
    cause = causes.of_cut(scene, flow, cut)
    names = [scene.owner_name(one.tensor) or "a leaf" for one in lost]
    message = (
        f"{cause.what}, and the other way to the loss is multiplied by zero: {listed(names)} "
        f"{get(names)} only zeros and {'does' if len(names) == 1 else 'do'} not learn."
    )
    evidence = [causes.evidence(scene, call, f"{causes.code(scene, call)} multiplies it by zero")]
    return run.finding_of(lost, cause, message[0].upper() + message[1:], names, evidence=evidence)


def _cancelling(run: Run) -> set[int]:
    """Tensors of which some step found zeros although a live gradient came all the way: parts that cancel
    each other.

    So it is with the last bias of a critic, which the fakes pull down as far as the real ones pull it up.
    What made zeros of it at other steps, such as a weight that starts at zero, is not why it doesn't learn.
    """
    found: set[int] = set()
    for scene in run.scenes:
        if scene.snapshot.stop.kind is not StopKind.STEP or not scene.snapshot.judgements:
            continue
        last = scene.snapshot.judgements[-1]
        window = next((w for w in reversed(windows(scene)) if w.order == last.order), None)
        if window is None or GradState.ZERO not in last.states.values():
            continue
        before = max((i for i in scene.events if scene.kind[i] == Kind.STEP and i < window.step), default=-1)
        if not window.backwards or window.backwards[0] < before:
            continue  # what died in a backward before another step is told in that step's scene
        reached = run.flow(scene, run.roots(scene, window.backwards)).reached
        zero = {tensor for tensor, state in last.states.items() if state is GradState.ZERO}
        found |= (zero & reached).difference(*(death.leaves for death in scene.snapshot.deaths))
    return found


def _meant(run: Run, scene: Scene, death: Death, lost: list[Lost]) -> bool:
    """Whether zeros are what the program asks for: a factor that is written as zero, a loss that is not
    switched on yet, a margin that is kept by all."""
    if death.call == NONE:
        return False
    name, site = scene.name(death.call), scene.site(death.call)
    if name in FACTORS and 0 in scene.words.constants(site):
        return True
    if name in FACTORS and len(scene.trace.inputs[death.call]) == 1:
        tensors = {one.tensor for one in lost}
        return any(tensors >= set(optimizer.tensors) for optimizer in run.owners.optimizers)
    return name in RECTIFIERS and all(one.late for one in lost) and _behind_all(run, scene, death.call)


def _behind_all(run: Run, scene: Scene, call: int) -> bool:
    """Whether nothing that learns comes in between a call and the loss: the call is part of the loss."""
    backward = next((i for i in scene.backwards if i > call), NONE)
    if backward == NONE:
        return False
    flow = run.flow(scene, run.roots(scene, [backward]))
    pending, seen = flow.made_by(call), set(flow.made_by(call))
    while pending:
        for user in flow.consumers.get(pending.pop(), ()):
            if any(scene.leaf[value] for value in scene.inputs[user]):
                return False
            fresh = [made for made in flow.made_by(user) if made not in seen]
            seen.update(fresh)
            pending.extend(fresh)
    return True


def _zero(run: Run, scene: Scene, death: Death, lost: list[Lost]) -> Finding:
    site = _site(scene, death)
    names = [scene.owner_name(one.tensor) or "a leaf" for one in lost]
    name = scene.name(death.call) if death.call != NONE else death.name
    text = causes.code(scene, death.call) if death.call != NONE else f"`{death.name}`"
    rule = Rule.ZERO_GRADIENT
    if death.call != NONE and scene.kind[death.call] == Kind.FUNCTION:
        rule = Rule.CUSTOM_FUNCTION
    custom = rule is Rule.CUSTOM_FUNCTION
    why, fix = _reason(scene, death, name)
    if custom:
        fix = "Let its `backward` return the gradient that its input should get."
    cause = at(rule, site, fix, call=death.call)
    subject = f"What the custom Function in {text} sends back" if custom else f"The gradient of {text}"
    message = (
        f"{subject} is exactly zero {why}: {listed(names)} {get(names)} only zeros and "
        f"{'does' if len(names) == 1 else 'do'} not learn."
    )
    return run.finding_of(lost, cause, message, names)


def _reason(scene: Scene, death: Death, name: str) -> tuple[str, str]:
    """Why a call's gradient is zero, to go on from "is exactly zero", and what to do about it."""
    if name in FLAT:
        return (
            "everywhere, because it is a staircase",
            f"Use a straight-through estimator in training: `x + (torch.{name}(x) - x).detach()`.",
        )
    if name in RECTIFIERS:
        return (
            "for every value that it was given, all of which lie on its flat side",
            "Use what is flat nowhere, such as sigmoid, softplus or leaky_relu, or start inside its range.",
        )
    if name in FACTORS:
        return (
            "because it is multiplied by zero",
            "Look at the factor that is zero here, and let it differ from zero.",
        )
    if name in DRAWS:
        return (
            "because it draws numbers, and sends nothing back to what it draws them by",
            "Draw first and compute then: `mean + std * torch.randn_like(std)`, or `.rsample()`.",
        )
    if name in DROPOUTS:
        return (
            "because it drops everything",
            "Lower its `p`: it is the chance that a value is dropped, and not that it is kept.",
        )
    if _one_class(scene, death, name):
        return (
            "because there is only one class, whose probability is 1 whatever its score is",
            "Use `F.binary_cross_entropy_with_logits` for a single score, or give each class its own.",
        )
    return (
        "for all that it was given",
        "Use a function here whose gradient is not zero everywhere it is used.",
    )


def _one_class(scene: Scene, death: Death, name: str) -> bool:
    """Whether a softmax is taken over a single class."""
    if name not in SOFTMAXES or death.call == NONE:
        return False
    trace = scene.trace
    came = [trace.shapes[trace.shape[value]] for value in trace.inputs[death.call][:1]]
    return any(len(shape) > 1 and shape[1 if name == "cross_entropy" else -1] == 1 for shape in came)


def _hooked(run: Run, lost: list[Lost]) -> Iterator[Finding]:
    """Zeros that no op made, where a hook hangs on the parameter or on something computed from it: the
    hook."""
    found: dict[tuple[str, int], tuple[Site, list[Lost]]] = {}
    hooks = _hooks(run) if lost else []
    for one in lost:
        parameter = run.owners.parameters.get(one.tensor)
        for site, name in hooks:
            own = parameter is not None and parameter.hooks > 0
            if own or _computed_from(run, one.tensor, name):
                found.setdefault((site.file, site.line), (site, []))[1].append(one)
                break
    for site, members in found.values():
        yield _by_hook(run, site, members, sure=False)


def _by_hook(run: Run, site: Site, lost: list[Lost], sure: bool) -> Finding:
    names = [run.owners.name(one.tensor) or "a leaf" for one in lost]
    cause = at(
        Rule.ZERO_GRADIENT,
        site,
        "Let the hook return the gradient it is given, or take the hook out.",
        confidence=Confidence.EXACT if sure else Confidence.LIKELY,
    )
    message = f"{listed(names)} {get(names)} only zeros, and no op made them: the hook put on here did."
    return run.finding_of(lost, cause, message, names)


def _hooks(run: Run) -> list[tuple[Site, str]]:
    """The lines that put hooks on tensors, each with the name of what it is put on."""
    return [(site, run.words.receiver(site)) for site in _calls(run, "register_hook")]


def _calls(run: Run, *names: str) -> list[Site]:
    """Where the user's files call a function of one of these names."""
    files = {site.file: site for scene in run.scenes for site in scene.trace.sites if site.user}
    return [site for like in files.values() for name in names for site in run.words.calls(like, name)]


def _computed_from(run: Run, tensor: int, name: str) -> bool:
    """Whether a value of this name descends, with its graph, from a tensor."""
    for scene in run.scenes:
        below = scene.descendants([v for v in scene.values_of((tensor,)) if scene.leaf[v]], attached=True)
        for value, inside in enumerate(below):
            made = scene.site(scene.producer[value])
            if inside and not scene.leaf[value] and scene.words.target(made) == name:
                return True
    return False


def _site(scene: Scene, death: Death) -> Site:
    if death.call != NONE:
        return causes.user_site(scene, death.call)
    backward = [call for call in scene.events if scene.kind[call] == Kind.BACKWARD]
    return causes.user_site(scene, backward[-1]) if backward else scene.trace.sites[0]
