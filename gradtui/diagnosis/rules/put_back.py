"""Steps whose changes are gone when the next one begins, by what is written in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.unoptimized import CLIPPING
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.trace import Kind

LEAST = 8
"""Elements of what is told: fewer may all stand at a limit that they are held to."""


def put_back(run: Run) -> Iterator[Finding]:
    """What is written between a step and the next and sets values back. Where something takes the outcome of
    the step before that, it is what the step is for."""
    tensors = {one for optimizer in run.owners.optimizers for one in optimizer.put_back}
    tensors &= run.history.learning
    found: dict[Site, tuple[Scene, int, dict[int, None]]] = {}
    used: set[int] = set()
    for scene in run.scenes if any(_is_many(run, one) for one in tensors) else ():
        for call, tensor in _last_writes(scene, tensors, used):
            found.setdefault(scene.user_site(call), (scene, call, {}))[2][tensor] = None
    for site, (scene, call, written) in found.items():
        told = [tensor for tensor in written if tensor not in used]
        if any(_is_many(run, one) for one in told):
            yield _finding(run, site, scene, call, told)


def _is_many(run: Run, tensor: int) -> bool:
    parameter = run.owners.parameters.get(tensor)
    return parameter is not None and prod(parameter.shape) >= LEAST


@dataclass(slots=True)
class Outcome:
    """What a step has made of a tensor."""

    tensor: int
    made: set[int] = field(default_factory=set)
    """Values that were computed from it, of its shape and without a graph: new ones for it, perhaps."""
    write: int = NONE
    """The last call that has written it since."""


def _last_writes(scene: Scene, tensors: set[int], used: set[int]) -> Iterator[tuple[int, int]]:
    """The last call that writes such a tensor between a step and the next, with the tensor. Those of which
    anything is made before that which doesn't go into the write are added to `used`."""
    storage, inputs = scene.trace.storage, scene.trace.inputs
    outcomes, whose = dict[int, Outcome](), dict[int, Outcome]()
    """By memory, and by what was made of it."""
    for call in range(scene.steps[0] if scene.steps else len(scene.kind), len(scene.kind)):
        if scene.kind[call] == Kind.STEP:
            for value in scene.outputs[call]:
                if scene.tensor[value] in tensors:
                    before = outcomes.get(storage[value])
                    if before is not None and before.write != NONE:
                        yield before.write, before.tensor
                    outcomes[storage[value]] = Outcome(scene.tensor[value])
            continue
        given = inputs[call]
        written = outcomes.get(storage[given[0]]) if scene.kind[call] == Kind.WRITE and given else None
        for value in given:
            outcome = outcomes.get(storage[value]) or whose.get(value)
            if outcome is None or outcome.write != NONE or outcome is written:
                continue
            if scene.kind[call] == Kind.WRITE or _is_used(scene, call, value):
                used.add(outcome.tensor)
            fresh = {made for made in scene.outputs[call] if storage[made] != storage[value]}
            outcome.made |= fresh
            whose.update(dict.fromkeys(fresh, outcome))
        if written is not None and scene.name(call) not in CLIPPING:
            if written.write == NONE and written.made and written.made.isdisjoint(given):
                used.add(written.tensor)
            written.write = call


def _is_used(scene: Scene, call: int, value: int) -> bool:
    """Whether a call gives something with a graph, or of another shape, and so no new value of the same."""
    return any(scene.grad[made] or scene.shape(made) != scene.shape(value) for made in scene.outputs[call])


def _finding(run: Run, site: Site, scene: Scene, call: int, tensors: Sequence[int]) -> Finding:
    names = [run.owners.called(tensor) for tensor in tensors]
    they, were = ("it", "it was") if len(names) == 1 else ("they", "they were")
    cause = at(
        Rule.VALUES_COPIED,
        site,
        "Write something here that keeps what the step has made, or write it once, before the training.",
        call=call,
    )
    message = (
        f"`{code(scene, call)}` sets {listed(names)} back to what {were} before each step: {they} "
        f"{get(names)} gradients, and no step comes to anything."
    )
    return run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors)
