"""A loss that is computed by a copy of a network which is there to be looked at: the old policy, a target."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from gradtui.diagnosis import causes, modes
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.rules.terms import judged_losses
from gradtui.diagnosis.run import Run, at, get, listed, stay
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Role
from gradtui.model.source import Site
from gradtui.model.trace import Kind


@dataclass(slots=True)
class Mixed:
    """A network that learns nothing, and the copy of it that a loss is computed by."""

    lost: list[int] = field(default_factory=list)
    """Tensors that an optimizer holds, which no loss that it steps on is computed from."""
    copies: list[int] = field(default_factory=list)


def computed_by_the_copy(run: Run) -> Iterator[Finding]:
    """Parameters without a gradient, where a loss is computed by a copy of them that no optimizer holds and
    that otherwise runs without gradients: the wrong one of the two is called."""
    never = {one.tensor for one in run.history.lost if one.state is GradState.NONE and not one.late}
    told: set[tuple[str, str]] = set()
    for scene, backward, held in judged_losses(run) if never else ():
        flow = run.flow(scene, scene.trace.inputs[backward])
        lost = {tensor for tensor in never & held if tensor in flow.masks}
        for names, mixed in _mixed(run, flow, lost).items():
            site = _called(run, scene, flow, names[1], mixed) if names not in told else None
            if site is not None:
                told.add(names)
                yield _finding(run, names, mixed, site)


def _mixed(run: Run, flow: Flow, lost: Collection[int]) -> dict[tuple[str, str], Mixed]:
    """By the names of two networks that differ in one part: those of the one that are lost, and of the other
    that get their gradients."""
    known = run.owners.parameters
    copies = [
        tensor
        for tensor in flow.reached
        if tensor not in run.owners.held and tensor in known and known[tensor].role is Role.PARAMETER
    ]
    found: dict[tuple[str, str], Mixed] = {}
    for copy in copies if lost else ():
        for tensor in lost:
            names = _network(run.owners.name(tensor), run.owners.name(copy))
            later = known[copy].made_order > known[tensor].made_order
            if names is not None and later and known[tensor].shape == known[copy].shape:
                mixed = found.setdefault(names, Mixed())
                mixed.lost.append(tensor)
                mixed.copies.append(copy)
    return found


def _network(one: str, other: str) -> tuple[str, str] | None:
    """The names of two networks whose parameters are called so, and differ in nothing but the network's."""
    mine, theirs = one.split("."), other.split(".")
    different = [place for place, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b]
    if len(mine) != len(theirs) or len(different) != 1 or different[0] == len(mine) - 1:
        return None
    end = different[0] + 1
    return ".".join(mine[:end]), ".".join(theirs[:end])


def _called(run: Run, scene: Scene, flow: Flow, copy: str, mixed: Mixed) -> Site | None:
    """Where a loss calls the copy; None where it doesn't run without gradients elsewhere."""
    copies, name = set(mixed.copies), copy.rpartition(".")[2]
    uses = [
        call
        for call in range(len(scene.kind))
        if scene.kind[call] == Kind.OP and any(scene.tensor[one] in copies for one in scene.inputs[call])
    ]
    within = (call for call in uses if scene.grad_mode(call) and any(flow.made_by(call)))
    first = next(within, None)
    if first is None or all(scene.grad_mode(call) for call in uses):
        return None
    site = causes.user_site(scene, first)
    if name in run.words.expression(site):
        return site
    method = site.function.rpartition(".")[2]
    names = {name} if method == "forward" else {method}
    callers = (
        one
        for one in run.calls_of(*names)
        if (method == "forward" or run.words.receiver(one).rpartition(".")[2] == name)
        and run.words.with_item(one, modes.NO_GRAD) is None
    )
    return next(callers, None)


def _finding(run: Run, names: tuple[str, str], mixed: Mixed, site: Site) -> Finding:
    network, copy = names
    lost = [run.owners.called(tensor) for tensor in mixed.lost]
    mine, theirs = (name.rpartition(".")[2] for name in names)
    cause = at(
        Rule.OTHER,
        site,
        f"Call `{mine}` here and not `{theirs}`, or let the optimizer hold what is computed with.",
    )
    message = (
        f"The loss is computed by `{copy}` here, a copy of `{network}` that otherwise runs without gradients "
        f"and that no optimizer holds: {listed(lost)} {get(lost)} no gradient and {stay(lost)}."
    )
    made = run.owners.made(mixed.copies[0])
    evidence = [Evidence(made.file, made.line, f"`{theirs}` was made here")] if made else []
    tensors = [*mixed.lost, *mixed.copies]
    return run.finding(cause, Severity.ERROR, message, affected=lost, tensors=tensors, evidence=evidence)
