"""A loss that is computed by a copy of a network which is there to be looked at: the old policy, a target."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from gradtui.diagnosis import modes, terms
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.losses import judged_losses
from gradtui.diagnosis.naming import Place, places
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Role
from gradtui.model.source import Site
from gradtui.model.trace import Kind


@dataclass(slots=True)
class Mixed:
    """A network that learns nothing by a loss, and the copy of it that this is computed by."""

    lost: list[int] = field(default_factory=list)
    """Tensors that an optimizer holds."""
    copies: list[int] = field(default_factory=list)


def wrong_network(run: Run) -> Iterator[Finding]:
    """A loss, or a term of one, that is computed by a copy of what an optimizer holds, which nobody holds and
    that otherwise runs without gradients: the wrong one of the two is called."""
    never = {one.tensor for one in run.history.lost if one.state is GradState.NONE and not one.late}
    told: set[tuple[str, str]] = set()
    for scene, backward, held in run.once(judged_losses):
        flow = run.flow(scene, scene.trace.inputs[backward])
        if not any(_is_copy(run, tensor) for tensor in flow.reached):
            continue
        lost = {tensor for tensor in never & held if tensor in flow.masks}
        for part, tensors in ((flow, lost), *((term, held) for term in _terms(run, scene, flow))):
            for names, mixed in _mixed(run, part, tensors).items():
                site = _called(run, scene, part, names[1], mixed) if names not in told else None
                if site is not None:
                    told.add(names)
                    yield _finding(run, names, mixed, site, whole=part is flow)


def _terms(run: Run, scene: Scene, flow: Flow) -> Iterator[Flow]:
    """What terms of a loss were computed from, by which a gradient comes to nothing that optimizers hold."""
    found = terms.of(scene, flow.roots[0], lambda value: bool(scene.grad[value]), wide=True)
    for term in found if 1 < len(found) <= terms.FEW else ():
        part = run.flow(scene, [term.value])
        if part.reached and part.reached.isdisjoint(run.owners.held):
            yield part


def _is_copy(run: Run, tensor: int) -> bool:
    """Whether a parameter of a module is held by no optimizer."""
    known = run.owners.parameters.get(tensor)
    return tensor not in run.owners.held and known is not None and known.role is Role.PARAMETER


def _mixed(run: Run, flow: Flow, tensors: Collection[int]) -> dict[tuple[str, str], Mixed]:
    """By the names of two networks that differ in one part: those of the one among these tensors, and of the
    other those that get their gradients and were made later."""
    known = run.owners.parameters
    beside: dict[Place, int] = {}
    for tensor in tensors:
        beside.update((place, tensor) for place in places(run.owners.name(tensor)))
    found: dict[tuple[str, str], Mixed] = {}
    for copy in flow.reached if beside else ():
        for place in places(run.owners.name(copy)) if _is_copy(run, copy) else ():
            if place not in beside:
                continue
            tensor = beside[place]
            later = known[tensor].made_order < known[copy].made_order
            if later and known[tensor].shape == known[copy].shape:
                mixed = found.setdefault((_network(run, tensor, place), _network(run, copy, place)), Mixed())
                mixed.lost.append(tensor)
                mixed.copies.append(copy)
    return found


def _network(run: Run, tensor: int, place: Place) -> str:
    """The name of the network that a parameter stands in at a place."""
    return ".".join(run.owners.name(tensor).split(".")[: len(place[0]) + 1])


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
    site = scene.user_site(first)
    if name in run.words.expression(site):
        return site
    method = site.function.rpartition(".")[2]
    names = {name} if method == "forward" else {method}
    callers = (
        one
        for one in run.calls_of(*names)
        if (method == "forward" or re.search(rf"\b{re.escape(name)}\b", run.words.expression(one)))
        and run.words.with_item(one, modes.NO_GRAD) is None
    )
    return next(callers, None)


def _finding(run: Run, names: tuple[str, str], mixed: Mixed, site: Site, *, whole: bool) -> Finding:
    network, copy = names
    lost = [run.owners.called(tensor) for tensor in mixed.lost]
    mine, theirs = (name.rpartition(".")[2] for name in names)
    cause = at(
        Rule.OTHER,
        site,
        f"Call `{mine}` here and not `{theirs}`, or let the optimizer hold what is computed with.",
    )
    what = "The loss" if whole else "A term of the loss"
    then = (
        f"{listed(lost)} {get(lost)} no gradient and {stay(lost)}"
        if whole
        else f"that term trains nothing of {listed(lost)}"
    )
    message = (
        f"{what} is computed by `{copy}` here, a copy of `{network}` that otherwise runs without gradients "
        f"and that no optimizer holds: {then}."
    )
    made = run.owners.made(mixed.copies[0])
    evidence = [Evidence(made.file, made.line, f"`{theirs}` was made here")] if made else []
    tensors = [*mixed.lost, *mixed.copies] if whole else []
    severity = Severity.ERROR if whole else Severity.WARNING
    return run.finding(cause, severity, message, affected=lost, tensors=tensors, evidence=evidence)
