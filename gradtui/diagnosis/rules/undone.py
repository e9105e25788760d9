"""Steps whose outcome is overwritten before any loss takes it: weights that are loaded, set or drawn anew
each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import code, short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.torch_functions import DATA_SET, INITIAL, OVERWRITES
from gradtui.model.trace import Kind
from gradtui.model.unseen import IN_ANOTHER_THREAD

LEAST = 2
"""Steps in vain from which on it is told: once, a program may begin anew."""
MOST = 256
"""Values that are gone through for what something was computed from."""


@dataclass(slots=True)
class Undone:
    """What one line overwrites, by tensor with the orders of the steps that had written it, and by whom."""

    scene: Scene
    call: int
    steps: dict[int, dict[int, int]] = field(default_factory=dict)

    def is_lasting(self, tensor: int) -> bool:
        """Whether one optimizer has made several of these steps: with one for each they are runs apart."""
        return max(Counter(self.steps[tensor].values()).values()) >= LEAST


@dataclass(slots=True)
class Outcome:
    """A value that a step has made, and that nothing was computed from yet."""

    value: int
    step: int
    reached: set[int]
    """This value, and what was given of it that shares its memory."""


def undone(run: Run) -> Iterator[Finding]:
    found: dict[Site, Undone] = {}
    used: dict[int, int] = {}
    """By tensor the order of the last step whose outcome something took."""
    seen = IN_ANOTHER_THREAD not in run.last.snapshot.unseen and any(map(_writes_weights, run.scenes))
    for scene in run.scenes if seen else ():
        for tensor, step, write in _outcomes(scene):
            if write == NONE:
                used[tensor] = scene.trace.order[step]
                continue
            one = found.setdefault(scene.user_site(write), Undone(scene, write))
            one.steps.setdefault(tensor, {})[scene.trace.order[step]] = scene.trace.detail[step]
    for site, one in found.items():
        tensors = [
            tensor
            for tensor, steps in one.steps.items()
            if tensor in run.history.learning
            and one.is_lasting(tensor)
            and used.get(tensor, NONE) < min(steps)
        ]
        if tensors:
            yield _finding(run, site, one, tensors)


def _writes_weights(scene: Scene) -> bool:
    """Whether the program writes into the memory of what steps write, behind the first of them."""
    stepped = {scene.trace.storage[value] for step in scene.steps for value in scene.outputs[step]}
    return bool(stepped) and not stepped.isdisjoint(scene.written_since(scene.steps[0]))


def _outcomes(scene: Scene) -> Iterator[tuple[int, int, int]]:
    """Tensors that a step has written, each with the step and with the call that overwrites its memory next;
    NONE for that where something was computed from it before, or may have been."""
    storage, stepped = scene.trace.storage, dict[int, Outcome]()
    first = scene.steps[0] if scene.steps else len(scene.kind)
    for call in range(first, len(scene.kind)):
        if scene.kind[call] == Kind.STEP:
            written = Counter(storage[value] for value in scene.outputs[call])
            stepped.update(
                (storage[value], Outcome(value, call, {value}))
                for value in scene.outputs[call]
                if written[storage[value]] == 1  # else all lie in one piece of memory
            )
            continue
        for value in scene.inputs[call] if scene.kind[call] != Kind.WRITE else scene.trace.inputs[call]:
            outcome = stepped.get(storage[value])
            if outcome is None:
                continue
            if value in outcome.reached and _is_view(scene, call, value):
                outcome.reached |= {*scene.outputs[call]}
                continue
            del stepped[storage[value]]
            write = call if _overwrites(scene, call, outcome) else NONE
            yield scene.tensor[outcome.value], outcome.step, write


def _is_view(scene: Scene, call: int, value: int) -> bool:
    """Whether a call gives a tensor in the same memory, and writes nothing there."""
    storage = scene.trace.storage
    views = [storage[made] == storage[value] for made in scene.outputs[call]]
    return scene.kind[call] == Kind.OP and bool(views) and all(views)


def _overwrites(scene: Scene, call: int, outcome: Outcome) -> bool:
    """Whether a write replaces all that a step has made, by what no step has to do with, and nobody was given
    anything that shares its memory but for this write."""
    trace, storage = scene.trace, scene.trace.storage
    function, inputs = trace.functions[trace.function[call]], trace.inputs[call]
    whole = function == DATA_SET or scene.name(call) in OVERWRITES or function.startswith(INITIAL)
    if scene.kind[call] != Kind.WRITE or not whole or trace.detail[call] == 1:
        return False
    target, *others = inputs
    size = prod(scene.shape(target))
    if storage[target] != storage[outcome.value] or size != prod(scene.shape(outcome.value)):
        return False
    if not outcome.reached <= _views_below(scene, target, outcome.value):
        return False  # a state dict that was taken, and saved perhaps
    if function == DATA_SET:  # unless that is new, the steps before may have been made in this very memory
        return all(_is_new(scene, one, outcome.step) and not _knows_of_steps(scene, one) for one in others)
    # A view is written along with what it is a view of, which is told behind what was given.
    given = [one for one in others if one != outcome.value]
    return not any(storage[one] == storage[target] or _knows_of_steps(scene, one) for one in given)


def _views_below(scene: Scene, view: int, value: int) -> set[int]:
    """A view, what it is a view of, and so on down to a value."""
    found = {view, value}
    while view != value and (maker := scene.producer[view]) != NONE and scene.trace.inputs[maker]:
        view = scene.trace.inputs[maker][0]
        found.add(view)
    return found


def _is_new(scene: Scene, value: int, step: int) -> bool:
    """Whether a value was made since a step, in memory that is as new."""
    storage, maker = scene.trace.storage, scene.producer[value]
    while maker > step:
        shared = [one for one in scene.trace.inputs[maker] if storage[one] == storage[value]]
        if not shared:
            return True
        maker = scene.producer[shared[0]]
    return False


def _knows_of_steps(scene: Scene, value: int) -> bool:
    """Whether a value was computed from what some step has written, or may have been, outside of torch."""
    pending, seen = [value], {value}
    while pending:
        call = scene.producer[pending.pop()]
        if call < scene.steps[0]:
            continue
        if scene.kind[call] in (Kind.STEP, Kind.REENTRY, Kind.SEEN) or len(seen) > MOST:
            return True
        fresh = {*scene.inputs[call]} - seen
        seen |= fresh
        pending += fresh
    return False


def _finding(run: Run, site: Site, one: Undone, tensors: list[int]) -> Finding:
    names = [run.owners.called(tensor) for tensor in tensors]
    holders = [optimizer for optimizer in run.owners.optimizers if not optimizer.tensors.isdisjoint(tensors)]
    whole = all((optimizer.tensors & run.history.learning) <= set(tensors) for optimizer in holders)
    call = one.scene.call(one.call)
    text = short(run.words.whole(site)) if call.function == DATA_SET else code(one.scene, one.call)
    cause = at(
        Rule.VALUES_COPIED,
        site,
        "Do this once, before the training, or not between a step and the next loss.",
        call=one.call,
    )
    message = (
        f"`{text}` overwrites what each step has made of {listed(names)}, before any loss takes it: "
        f"{'it' if len(names) == 1 else 'they'} {get(names)} gradients, and no step comes to anything."
    )
    severity = Severity.ERROR if whole else Severity.WARNING
    return run.finding(cause, severity, message, affected=names, tensors=tensors)
