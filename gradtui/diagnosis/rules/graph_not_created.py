"""Derivatives of derivatives that lost their graph on the way into a loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.losses import losses
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.torch_functions import INNER, LETS_GO, REDUCTIONS, SCALINGS


def second_derivative_without_graph(run: Run) -> Iterator[Finding]:
    """An `autograd.grad` without `create_graph` of what itself came of one with it, and a loss made of that.

    Of a first derivative it would prove nothing: as values only, it makes an adversarial example. Nobody
    asks for a graph of the first and then wants the second as values in a loss.
    """
    found = run.once(_second_ones)
    for scene, backward, held in run.once(losses):
        root, (second, reached) = scene.trace.inputs[backward][0], found[scene.index]
        if not reached[root]:
            continue
        before = set(scene.going_back([root], scene.made_from))
        for call, given in second.items():
            made = scene.outputs[call]
            if before.isdisjoint(made) or _let_go(run.flow(scene, [root]), made):
                continue
            tensors = sorted(run.flow(scene, given).reached & held)
            names = [scene.owner_name(tensor) for tensor in tensors if scene.owner_name(tensor)]
            if not tensors:
                continue  # it is of another model, whose values are all that is wanted
            cause = at(
                Rule.GRAPH_NOT_CREATED,
                scene.user_site(call),
                f"Add `create_graph=True` to `{code(scene, call)}`.",
                call=call,
                confidence=Confidence.LIKELY,
            )
            message = (
                f"`{code(scene, call)}` differentiates a derivative and makes no graph of the result: "
                f"in the loss it is a constant, through which {listed(names)} {get(names)} no gradient."
            )
            place = scene.user_site(backward)
            evidence = [Evidence(place.file, place.line, "the loss that is made of it", backward)]
            number = scene.backward_number(backward)
            yield run.finding(
                cause, Severity.WARNING, message, affected=names, evidence=evidence, stop=number
            )


def _second_ones(run: Run) -> list[tuple[dict[int, list[int]], bytearray]]:
    """By scene, the calls that give second derivatives as values, with the first ones that each is of; and by
    value whether it was computed from such a second one."""
    return [_seconds(scene) for scene in run.scenes]


def _seconds(scene: Scene) -> tuple[dict[int, list[int]], bytearray]:
    first = [made for call in scene.grads for made in scene.outputs[call] if scene.grad[made]]
    descends = scene.descendants(first, attached=True) if first else bytearray(len(scene.producer))
    found = {
        call: given
        for call in (scene.grads if first else ())
        if not any(scene.grad[value] for value in scene.outputs[call])
        and (given := [value for value in scene.trace.inputs[call] if descends[value]])
    }
    made = [value for call in found for value in scene.outputs[call]]
    return found, scene.descendants(made, attached=False)


def _let_go(flow: Flow, values: Iterable[int]) -> bool:
    """Whether the program detaches values wherever it goes on from them, or weighs what it sums with them:
    constants are what it wants."""
    scene = flow.scene

    def made(call: int) -> Iterable[int]:
        return () if scene.name(call) in LETS_GO else flow.made_by(call)

    constants = flow.going_on(values, lambda _, call: [one for one in made(call) if not scene.grad[one]])
    users = (call for value in constants for call in flow.consumers.of(value))
    return all(_is_weight(flow, call) for call in users if any(scene.grad[one] for one in made(call)))


def _is_weight(flow: Flow, call: int) -> bool:
    """Whether a call multiplies, by a constant, what is only summed up then, or right there."""
    scene = flow.scene
    if scene.name(call) in INNER:
        return all(not scene.shape(made) for made in flow.made_by(call))
    users = (user for value in flow.made_by(call) for user in flow.consumers.of(value))
    return scene.name(call) in SCALINGS and all(scene.name(user) in REDUCTIONS for user in users)
