"""Without an optimizer: an update that is computed and written nowhere. `p = p - lr * p.grad` gives its name
to a new tensor, and the parameter stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.owners import Role
from gradtui.model.source import Site
from gradtui.model.torch_functions import SCALINGS
from gradtui.model.trace import Kind

UPDATES = frozenset({"add", "sub", "subtract", "__add__", "__sub__", "addcmul", "addcdiv", "lerp"})
DEEP = 16
"""Calls between a gradient and the update that is made of it: a rate, a moment, a square root."""


def lost_update(run: Run) -> Iterator[Finding]:
    """Updates that a program makes itself, of what no optimizer holds."""
    told: dict[Site, tuple[Scene, int, list[int]]] = {}
    known = set(run.owners.held)
    for scene in run.scenes:
        for call, tensor in _updates(scene):
            if tensor in known or tensor in run.once(_shared) or not _trains(run, scene, call, tensor):
                continue
            if _is_used_again(run, scene, call, tensor):
                known.add(tensor)
                told.setdefault(scene.user_site(call), (scene, call, []))[2].append(tensor)
    for site, (scene, call, tensors) in told.items():
        names = [run.owners.called(tensor) for tensor in tensors]
        dropped = run.words.dropped(site)
        in_place = f"`{scene.name(call)}_`" if dropped else "`-=` or `copy_`"
        onwards = "Compute the next loss with the new ones, or write" if scene.transforms else "Write"
        cause = at(
            Rule.OTHER if dropped else Rule.REBUILT_LEAF,
            site,
            f"{onwards} into the parameter itself, by {in_place} under `torch.no_grad()`.",
            call=call,
        )
        message = (
            f"`{code(scene, call)}` makes a new tensor, which nobody takes: {listed(names)} {get(names)} "
            f"gradients and {stay(names)}."
        )
        yield run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors)


def _updates(scene: Scene) -> Iterator[tuple[int, int]]:
    """Calls that combine a leaf with something made of its own gradient, to what nothing takes; each with the
    tensor that the leaf is."""
    trace, tensor = scene.trace, scene.tensor
    whose = _gradients(scene)
    if not whose:
        return
    last = dict(zip(tensor, range(len(tensor)), strict=True))
    for call in scene.of_functions(UPDATES):
        made, came = scene.outputs[call], trace.inputs[call]
        # What the program keeps may be meant for something else, as an attack on its inputs is.
        if len(made) != 1 or not scene.is_dropped(made[0]):
            continue
        if scene.kind[call] != Kind.OP:
            continue
        for value in came:
            leaf = _leaf(scene, value)
            if leaf == NONE or last[tensor[leaf]] != leaf or scene.shape(leaf) != scene.shape(made[0]):
                continue
            gradients = _made_of(scene, [one for one in came if one != value], whose)
            if any(tensor[leaf] in map(tensor.__getitem__, whose[one]) for one in gradients):
                yield call, tensor[leaf]


def _trains(run: Run, scene: Scene, call: int, tensor: int) -> bool:
    """Whether a combination of a leaf with its gradient is meant to train it: one with a graph may be made
    for something else, unless the leaf is of a model and nothing takes any that the line makes."""
    (made,) = scene.outputs[call]
    if not scene.grad[made]:
        return True
    parameter = run.owners.parameters.get(tensor)
    if parameter is None or parameter.role is not Role.PARAMETER:
        return False
    return scene.trace.site[call] not in run.once(_goes_on)[scene.index]


def _goes_on(run: Run) -> list[set[int]]:
    """By scene the places of such combinations of which something takes what they made, once at least."""
    return [
        {
            scene.trace.site[call]
            for call in scene.of_functions(UPDATES)
            if not scene.taken.isdisjoint(scene.outputs[call])
        }
        for scene in run.scenes
    ]


def _gradients(scene: Scene) -> dict[int, Sequence[int]]:
    """Gradients that the program has read, or that `autograd.grad` or `func.grad` gave it, each with what it
    is of, or may be."""
    trace = scene.trace
    whose = dict[int, Sequence[int]]()
    for call in trace.calls(Kind.SEEN):
        whose.update(dict.fromkeys(call.outputs, call.inputs))
    for call in trace.calls(Kind.GRAD):
        asked = call.index + 1  # what it was asked to derive by is told right behind
        if call.outputs and asked < len(scene.kind) and scene.kind[asked] == Kind.LOOKED:
            whose.update(zip(call.outputs, zip(trace.inputs[asked]), strict=False))
    for index in scene.transforms:
        whose.update(dict.fromkeys(scene.outputs[index], trace.inputs[index]))
    return whose


def _leaf(scene: Scene, value: int) -> int:
    """A value where it is a leaf's, or the leaf whose memory it is or that it is a multiple of; NONE where it
    is none of these."""
    if scene.leaf[value]:
        return value
    maker = scene.producer[value]
    came = scene.trace.inputs[maker] if maker != NONE else ()
    storage = scene.trace.storage
    multiple = maker != NONE and scene.name(maker) in SCALINGS and len(came) == 1
    leaves = [one for one in came if scene.leaf[one]]
    return next((one for one in leaves if multiple or storage[one] == storage[value]), NONE)


def _shared(run: Run) -> set[int]:
    """Tensors in whose memory others than torch may write: an array of numpy shares it."""
    found: set[int] = set()
    for scene in run.scenes:
        storage = scene.trace.storage
        left = {storage[value] for call in scene.trace.calls(Kind.ESCAPE) for value in call.inputs}
        found.update(compress(scene.tensor, map(left.__contains__, storage)) if left else ())
    return found


def _made_of(scene: Scene, values: list[int], wanted: Mapping[int, object]) -> Iterator[int]:
    """Of what these were made of lately, themselves included, those that are wanted."""
    pending = values
    for _ in range(DEEP):
        yield from (one for one in pending if one in wanted)
        makers = {scene.producer[one] for one in pending} - {NONE}
        pending = [one for maker in makers for one in scene.trace.inputs[maker]]


def _is_used_again(run: Run, scene: Scene, call: int, tensor: int) -> bool:
    """Whether a backward or a transform after an update derives what was to be updated."""
    later = [one.index for one in scene.trace.calls(Kind.BACKWARD, Kind.GRAD) if one.index > call][:1]
    if later and tensor in run.flow(scene, run.roots(scene, later)).reached:
        return True
    after = next((one for one in scene.transforms if one > call), NONE)
    return after != NONE and tensor in map(scene.tensor.__getitem__, scene.trace.inputs[after])
