"""Derivatives of derivatives that lost their graph on the way into a loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.rules.dead_terms import judged_losses
from gradtui.diagnosis.run import Run, at, get, listed
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.torch_functions import LETS_GO


def without_graph(run: Run) -> Iterator[Finding]:
    """An `autograd.grad` without `create_graph` of what itself came of one with it, and a loss made of that.

    Of a first derivative it would prove nothing: as values only, it makes an adversarial example. Nobody
    asks for a graph of the first and then wants the second as values in a loss.
    """
    for scene, backward, held in run.once(judged_losses):
        root = scene.trace.inputs[backward][0]
        grads = [call for call in scene.grads if call < backward]
        first = [made for call in grads for made in scene.outputs[call] if scene.grad[made]]
        if not first:
            continue
        second = scene.descendants(first, attached=True)
        for call in grads:
            made = scene.outputs[call]
            given = [value for value in scene.trace.inputs[call] if second[value]]
            if not made or not given or any(scene.grad[value] for value in made):
                continue
            if not scene.descendants(made, attached=False)[root] or _let_go(run.flow(scene, [root]), made):
                continue
            tensors = sorted(run.flow(scene, given).reached & held)
            names = [scene.owner_name(tensor) for tensor in tensors if scene.owner_name(tensor)]
            cause = at(
                Rule.GRAPH_NOT_CREATED,
                causes.user_site(scene, call),
                f"Add `create_graph=True` to {causes.code(scene, call)}.",
                call=call,
                confidence=Confidence.LIKELY,
            )
            message = (
                f"{causes.code(scene, call)} differentiates a derivative and makes no graph of the result: "
                f"in the loss it is a constant, through which {listed(names)} {get(names)} no gradient."
            )
            place = causes.user_site(scene, backward)
            evidence = [Evidence(place.file, place.line, "the loss that is made of it", backward)]
            yield run.finding(cause, Severity.WARNING, message, affected=names, evidence=evidence)


def _let_go(flow: Flow, values: Iterable[int]) -> bool:
    """Whether the program detaches values wherever it goes on from them: constants are what it wants."""
    scene, pending, seen = flow.scene, list(values), set(values)
    while pending:
        for call in flow.consumers.of(pending.pop()):
            made = (
                [] if scene.name(call) in LETS_GO else [one for one in flow.made_by(call) if one not in seen]
            )
            if any(scene.grad[one] for one in made):
                return False
            seen.update(made)
            pending.extend(made)
    return True
