"""Parameters that optimizer and loss do not share: never used, not registered, not held, or held after they were replaced."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run, at, get, listed
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Optimizer, Parameter, Role
from gradtui.model.source import Site
from gradtui.model.trace import Kind

RANDOM = frozenset(
    [
        "torch.randn",
        "torch.rand",
        "torch.normal",
        "torch.empty",
        "torch.randn_like",
        "torch.rand_like",
        "Tensor.normal_",
        "Tensor.uniform_",
    ]
)


def not_held(run: Run) -> Iterator[Finding]:
    """What gets a gradient, or plainly was meant to, and belongs to no optimizer."""
    scene = run.last
    if not run.history.judgements:
        return
    held = {
        tensor for one in run.scenes for optimizer in one.snapshot.optimizers for tensor in optimizer.tensors
    }
    reached = _reached(run)
    loose = [
        parameter
        for parameter in scene.snapshot.parameters
        if parameter.tensor not in held
        and parameter.requires_grad
        and parameter.is_leaf
        and (parameter.tensor in reached or parameter.grad is not GradState.NONE)
        and not _trained_by_hand(run, parameter.tensor)
    ]
    yield from _unregistered(run, scene, [one for one in loose if one.role is Role.ATTRIBUTE])
    yield from _mismatched(
        run, scene, [one for one in loose if one.role is Role.PARAMETER and not one.loaded]
    )
    yield from _never_parameters(run, scene)


def _reached(run: Run) -> set[int]:
    """Leaves that a backward before some step has reached."""
    found: set[int] = set()
    for scene, window in run.history.windows:
        found |= run.flow(scene, run.roots(scene, window.backwards)).reached
    return found


def _trained_by_hand(run: Run, tensor: int) -> bool:
    """Whether the program writes to it after a backward."""
    for scene in run.scenes:
        first = next((i for i in scene.events if scene.kind[i] == Kind.BACKWARD), NONE)
        if first == NONE:
            continue
        for call in range(first, len(scene.kind)):
            if scene.kind[call] == Kind.WRITE and any(scene.tensor[v] == tensor for v in scene.outputs[call]):
                return True
    return False


def _by_place(scene: Scene, parameters: list[Parameter]) -> dict[tuple[str, int], list[Parameter]]:
    found: dict[tuple[str, int], list[Parameter]] = {}
    for parameter in parameters:
        site = _made(scene, parameter)
        if site is not None:
            found.setdefault((site.file, site.line), []).append(parameter)
    return found


def _made(scene: Scene, parameter: Parameter) -> Site | None:
    return scene.trace.sites[parameter.made] if parameter.made != NONE else None


def _unregistered(run: Run, scene: Scene, parameters: list[Parameter]) -> Iterator[Finding]:
    for members in _by_place(scene, parameters).values():
        site = _made(scene, members[0])
        assert site is not None
        names = [one.name for one in members]
        cause = at(
            Rule.UNREGISTERED_PARAMETER,
            site,
            "Keep them in `nn.ParameterList`, `nn.ParameterDict`, `nn.ModuleList` or `nn.ModuleDict`, so that "
            "`parameters()` lists them.",
        )
        message = (
            f"{listed(names)} {get(names)} a gradient, but the module keeps them in a plain list, dict or attribute: "
            "`parameters()` does not list them, so no optimizer moves them."
        )
        yield run.finding(
            scene,
            cause,
            Severity.WARNING,
            message,
            affected=names,
            tensors=[one.tensor for one in members],
            evidence=_optimizers(scene),
        )


def _optimizers(scene: Scene) -> Iterator[Evidence]:
    for optimizer in scene.snapshot.optimizers:
        if optimizer.made != NONE:
            site = scene.trace.sites[optimizer.made]
            yield Evidence(
                site.file, site.line, f"`{optimizer.name}` holds {len(optimizer.tensors)} tensors, not these"
            )


def _mismatched(run: Run, scene: Scene, parameters: list[Parameter]) -> Iterator[Finding]:
    parameters = [one for one in parameters if _in_training(scene, one)]
    optimizer = _meant(scene, parameters) if parameters else None
    if optimizer is None or optimizer.made == NONE:
        return
    site = scene.trace.sites[optimizer.made]
    names = [one.name for one in parameters]
    later = [one for one in parameters if one.made_order > optimizer.made_order]
    if later:
        what = (
            f"{listed([one.name for one in later])} came into being after `{optimizer.name}` was built here"
        )
        fix = f"Build `{optimizer.name}` after the model has its final layers, or call `add_param_group` with them."
    else:
        what = f"`{optimizer.name}` is built here without {listed(names)}"
        fix = f"Give `{optimizer.name}` all parameters that should learn, or freeze those that should not."
    cause = at(Rule.OPTIMIZER_MISMATCH, site, fix)
    message = f"{what}: they get gradients that no optimizer uses, and stay as they are."
    evidence = []
    for one in parameters[:4]:
        made = _made(scene, one)
        if made is not None:
            evidence.append(Evidence(made.file, made.line, f"`{one.name}` is made here"))
    yield run.finding(
        scene,
        cause,
        Severity.WARNING,
        message,
        affected=names,
        tensors=[one.tensor for one in parameters],
        evidence=evidence,
    )


def _in_training(scene: Scene, parameter: Parameter) -> bool:
    """Whether its module is in training mode: a model in eval mode is used, and not trained."""
    owner = parameter.name.rpartition(".")[0]
    exact = [m for m in scene.snapshot.modules if m.name == owner]
    return all(module.training for module in exact) if exact else True


def _meant(scene: Scene, parameters: list[Parameter]) -> Optimizer | None:
    """The optimizer that should hold these: one that stepped, with the most tensors of the same model."""
    best, most = None, -1
    for optimizer in scene.snapshot.optimizers:
        if not optimizer.steps:
            continue
        siblings = sum(_root(scene, t) == _root_of(parameters[0]) for t in optimizer.tensors)
        if siblings > most:
            best, most = optimizer, siblings
    return best


def _root(scene: Scene, tensor: int) -> str:
    parameter = scene.parameters.get(tensor)
    return _root_of(parameter) if parameter else ""


def _root_of(parameter: Parameter) -> str:
    return parameter.name.split(".", 1)[0]


def _never_parameters(run: Run, scene: Scene) -> Iterator[Finding]:
    """Plain random tensors that a module keeps and mixes with what it learns: they were meant to learn as well."""
    loose = [
        one
        for one in scene.snapshot.parameters
        if one.role is Role.ATTRIBUTE
        and not one.requires_grad
        and one.made_by in RANDOM
        and not one.loaded
        and not one.written
        and len(one.shape) > 1
        and _mixed(run, one.tensor)
    ]
    for members in _by_place(scene, loose).values():
        site = _made(scene, members[0])
        assert site is not None
        names = [one.name for one in members]
        cause = at(
            Rule.UNREGISTERED_PARAMETER,
            site,
            "Wrap it in `nn.Parameter`, or call `register_buffer` if it should stay as it is.",
            confidence=Confidence.LIKELY,
        )
        message = (
            f"{listed(names)} is a plain random tensor that the module computes with: it is neither a Parameter nor "
            "requires grad, so it stays at its random values."
        )
        yield run.finding(
            scene, cause, Severity.WARNING, message, affected=names, tensors=[one.tensor for one in members]
        )


def _mixed(run: Run, tensor: int) -> bool:
    """Whether what is computed from it meets, on the way to a loss, values that descend from what learns."""
    for scene, window in run.history.windows:
        flow = run.flow(scene, run.roots(scene, window.backwards))
        pending = [v for v, one in enumerate(scene.tensor) if one == tensor and flow.within[v]]
        seen = set(pending)
        while pending:
            for call in flow.consumers.get(pending.pop(), ()):
                if any(scene.grad[value] and not scene.leaf[value] for value in scene.inputs[call]):
                    return True
                for made in flow.made_by(call):
                    if made not in seen and not scene.grad[made]:
                        seen.add(made)
                        pending.append(made)
    return False


def never_used(run: Run) -> Iterator[Finding]:
    """Parameters that an optimizer holds and that no loss it was judged by was computed from."""
    used: set[int] = set()
    seen: dict[int, Lost] = {}
    for scene, window, lost in run.judged:
        flow = run.flow(scene, run.roots(scene, window.backwards))
        used |= set(flow.masks) | flow.reached
        for one in lost:
            if one.state is GradState.NONE and not one.late and window.optimizer != NONE:
                seen.setdefault(one.tensor, one)
    scene = run.last
    missing = [
        scene.parameters[tensor]
        for tensor in seen
        if tensor not in used and tensor in scene.parameters and scene.parameters[tensor].requires_grad
    ]
    yield from _unused(run, scene, missing, seen)


def _unused(run: Run, scene: Scene, missing: list[Parameter], seen: dict[int, Lost]) -> Iterator[Finding]:
    for members in _by_place(scene, missing).values():
        site = _made(scene, members[0])
        assert site is not None
        names = [one.name for one in members]
        sure = run.history.ended or not any(_has_busy_sibling(run, scene, one) for one in members)
        cause = at(
            Rule.UNUSED_PARAMETER,
            site,
            "Use it in `forward` on the way to the loss, or take it out of the model.",
        )
        last = _last_use(scene, members[0].tensor)
        told = "what is computed from it never enters the loss" if last else "no loss is computed from it"
        message = (
            f"{listed(names)} {'is' if len(names) == 1 else 'are'} held by an optimizer, but {told}: "
            f"{'it gets' if len(names) == 1 else 'they get'} no gradient at any of "
            f"{max(seen[one.tensor].steps for one in members)} steps."
        )
        yield run.finding(
            scene,
            cause,
            Severity.ERROR if sure else Severity.WARNING,
            message,
            affected=names,
            tensors=[one.tensor for one in members],
            evidence=last,
            stop=min(seen[one.tensor].stop for one in members),
        )


def _last_use(scene: Scene, tensor: int) -> list[Evidence]:
    for call in range(len(scene.kind) - 1, -1, -1):
        if scene.kind[call] == Kind.OP and any(scene.tensor[v] == tensor for v in scene.inputs[call]):
            return [
                causes.evidence(
                    scene, call, f"{causes.code(scene, call)} uses it, and no loss uses the result"
                )
            ]
    return []


def _has_busy_sibling(run: Run, scene: Scene, parameter: Parameter) -> bool:
    """Whether another member of the same list of modules does learn: this one's turn may still come."""
    parts = parameter.name.split(".")
    learning = [scene.owner_name(tensor).split(".") for tensor in run.history.learning]
    for depth in range(1, len(parts) - 1):
        for other in learning:
            if other[:depth] == parts[:depth] and other[depth + 1 :] == parts[depth + 1 :] != []:
                return True
    return False
