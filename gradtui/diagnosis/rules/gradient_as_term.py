"""Penalties that are made of `.grad`: they have no graph, and are constants in the loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradtui.diagnosis import terms
from gradtui.diagnosis.derivatives import Derivative, before, cause_of, derivatives
from gradtui.diagnosis.losses import added_at, losses, name_of, subject_of
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.diagnosis.terms import Term
from gradtui.model.findings import Finding, Severity
from gradtui.model.torch_functions import LETS_GO, SCALINGS
from gradtui.model.trace import Kind

COMPUTED = (Kind.OP, Kind.WRITE, Kind.SEEN, Kind.REENTRY)
"""Kinds of calls that a penalty is computed by, from gradients and from data."""
MOST = 200
"""Values that a penalty is computed from, for all gradients of a model: more are no penalty's."""


def gradient_as_term(run: Run) -> Iterator[Finding]:
    """Each term of a judged loss that is computed from what the program read of `.grad`, and from nothing
    that has a graph: it is added to train what the gradient came through, and trains nothing.

    Gradients are read for what they tell, too: then they are no term, or let go of, or a weight.
    """
    found = [[one for one in scene if one.read] for scene in run.once(derivatives)]
    for scene, backward, held in run.once(losses):
        mine = before(scene, found[scene.index], backward)
        if mine:
            yield from _constant(run, scene, backward, held, mine)


def _constant(
    run: Run, scene: Scene, backward: int, held: frozenset[int], mine: Sequence[Derivative]
) -> Iterator[Finding]:
    read = {value: one for one in mine for value in one.made}
    flow = run.flow(scene, [scene.trace.inputs[backward][0]], through_leaves=False)
    used = [value for value in read if flow.within[value]]
    if not used:
        return
    root = flow.roots[0]
    _, learns = run.learning_from(scene, held)
    known = {value for one in used for value in flow.constant(one)[0]}
    found = terms.of(scene, root, lambda value: bool(learns[value]) or value in known, wide=True)
    if not learns[root] or len(found) < 2:
        return
    for term in found[: terms.FEW]:
        if learns[term.value] or term.value not in known:
            continue
        below = _computed_from(scene, term.value, read)
        if below is None or any(_weighs(scene, flow.constant(value)[1], learns) for value in below):
            continue
        derivative = read[below[0]]
        came = {*scene.going_back(derivative.roots, scene.live_before)}
        tensors = sorted({scene.tensor[value] for value in came if scene.leaf[value]} & held)
        if tensors and not came.isdisjoint(derivative.by):
            yield _finding(run, scene, backward, term, derivative, tensors)


def _computed_from(scene: Scene, value: int, read: dict[int, Derivative]) -> list[int] | None:
    """The gradients that a term is computed from; None where anything lets go of what it is made of, so that
    a constant is what was wanted, or where it is more than a penalty."""

    def made_from(value: int) -> Sequence[int]:
        return () if value in read else scene.made_from(value)

    below = []
    for number, one in enumerate(scene.going_back([value], made_from)):
        call = scene.producer[one]
        if one in read:
            below.append(one)
        elif number > MOST or _lets_go(scene, call):
            return None
    return sorted(below) or None


def _lets_go(scene: Scene, call: int) -> bool:
    if scene.kind[call] not in COMPUTED or scene.name(call) in LETS_GO or call in scene.escaped:
        return True
    return scene.kind[call] == Kind.OP and not scene.grad_mode(call)


def _weighs(scene: Scene, ends: Sequence[int], learns: bytearray) -> bool:
    """Whether a gradient is also a factor of something that learns."""
    return any(
        scene.name(scene.producer[end]) in SCALINGS
        and any(learns[value] for value in scene.inputs[scene.producer[end]])
        and len(scene.shape(end)) > 0
        for end in ends
    )


def _finding(
    run: Run, scene: Scene, backward: int, term: Term, derivative: Derivative, tensors: list[int]
) -> Finding:
    name, cause = name_of(scene, term), cause_of(scene, derivative)
    names = [scene.owner_name(tensor) for tensor in tensors if scene.owner_name(tensor)]
    message = (
        f"{subject_of(name)} is a constant for {listed(names)}: `{code(scene, cause.call)}` has values "
        "alone, as a backward leaves no graph of the gradients that it makes. It changes the number that is "
        "printed, and trains nothing."
    )
    number = scene.backward_number(backward)
    evidence = added_at(scene, term, name)
    return run.finding(
        cause, Severity.WARNING, message, affected=[name or "a term"], evidence=evidence, stop=number
    )
