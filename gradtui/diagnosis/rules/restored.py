"""Weights that were to be brought back, and of which no copy was ever made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import code, short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.torch_functions import LETS_GO
from gradtui.model.trace import Kind

Writes = dict[int, list[tuple[int, int]]]
"""By memory the writes to it, in order, each with the tensor by which it was written."""


@dataclass(slots=True)
class Restored:
    """What is copied onto itself at one place."""

    scene: Scene
    call: int
    taken: int
    """The call that was to keep what stood there, and gave the very memory."""
    lost: int
    """The call that overwrote it."""
    tensors: list[int] = field(default_factory=list)


def copied_onto_itself(run: Run) -> Iterator[Finding]:
    """Weights in training that are copied onto themselves, from what was taken of them before they were
    overwritten: it shares their memory, so it was overwritten with them.

    What is written by the copy as well, as master weights are, isn't kept for later. Nor is anything to be
    brought back before the first step: a state dict may be filled in part and loaded as a whole.
    """
    found: dict[tuple[str, int, int], Restored] = {}
    for scene in run.scenes:
        calls = [call.index for call in scene.trace.calls(Kind.WRITE) if call.detail == 1]
        for restored in _restored(run, scene, calls) if calls else ():
            site = scene.user_site(restored.call)
            known = found.setdefault((site.file, site.line, site.column), restored)
            known.tensors += [tensor for tensor in restored.tensors if tensor not in known.tensors]
    for restored in found.values():
        yield _finding(run, restored)


def _restored(run: Run, scene: Scene, calls: list[int]) -> Iterator[Restored]:
    writes, held = _writes(scene), _held(scene)
    for call in calls:
        inputs = scene.trace.inputs[call]
        if len(inputs) < 2:  # of what a trace begins with it isn't known what that was made of
            continue
        target, source = inputs[:2]
        memory = scene.trace.storage[target]
        taken, same = _taken(scene, source)
        tensors = [one for one in held.get(memory, ()) if _trained(run, scene, one, call)]
        since = [pair for pair in writes.get(memory, ()) if taken < pair[0] < call]
        if taken != NONE and tensors and since and same.isdisjoint(tensor for _, tensor in since):
            yield Restored(scene, call, taken, since[-1][0], tensors)


def _taken(scene: Scene, value: int) -> tuple[int, set[int]]:
    """The call that first gave this memory another tensor, by `.data` or `.detach()`, and all such tensors;
    NONE where a value has come about in another way."""
    taken, same = NONE, set[int]()
    while True:
        call = scene.producer[value]
        inputs = scene.trace.inputs[call]
        if scene.kind[call] == Kind.OP and scene.name(call) in LETS_GO and inputs:
            same.add(scene.tensor[value])
            taken = call
        elif not _shared(scene, call):
            return taken, same
        value = inputs[0]


def _shared(scene: Scene, call: int) -> bool:
    """Whether a write is only how a tensor was found to have been written by another one in its memory."""
    inputs, trace = scene.trace.inputs[call], scene.trace
    if scene.kind[call] != Kind.WRITE or len(inputs) != 2:
        return False
    writer = scene.producer[inputs[1]]
    alike = trace.function[writer] == trace.function[call] and trace.site[writer] == trace.site[call]
    return alike and scene.tensor[inputs[0]] != scene.tensor[inputs[1]]


def _writes(scene: Scene) -> Writes:
    found: Writes = {}
    for call in scene.trace.calls(Kind.WRITE, Kind.STEP):
        if call.kind is Kind.STEP or (call.detail != 1 and not _shared(scene, call.index)):
            for value in call.outputs:
                pair = call.index, scene.tensor[value]
                found.setdefault(scene.trace.storage[value], []).append(pair)
    return found


def _held(scene: Scene) -> dict[int, list[int]]:
    """By memory the tensors of optimizers that lie in it."""
    found: dict[int, list[int]] = {}
    for value, tensor in enumerate(scene.tensor):
        if tensor in scene.held:
            known = found.setdefault(scene.trace.storage[value], [])
            if tensor not in known:
                known.append(tensor)
    return found


def _trained(run: Run, scene: Scene, tensor: int, call: int) -> bool:
    """Whether an optimizer that holds a tensor has stepped before a call."""
    first = next((judged for _, judged in run.history.states.get(tensor, ())), None)
    return first is not None and first.order < scene.trace.order[call]


def _finding(run: Run, restored: Restored) -> Finding:
    scene, call = restored.scene, restored.call
    names = [scene.owners.called(tensor) for tensor in restored.tensors]
    kept = scene.user_site(restored.taken)
    text = short(scene.words.expression(kept))
    ends = text.endswith((".data", ".detach()"))
    copy = f"{text}.clone()" if ends else f"copy.deepcopy({text})"
    cause = at(
        Rule.VALUES_COPIED,
        scene.user_site(call),
        f"Keep a copy at {kept.place}: `{copy}`.",
        call=call,
    )
    message = (
        f"`{code(scene, call)}` copies the memory of {listed(names)} onto itself: `{text}` at "
        f"{kept.place} shares it and is no copy, and it was overwritten since, so what stood there before "
        "doesn't come back."
    )
    evidence = [
        scene.evidence(restored.taken, f"`{text}` is the very memory, and no copy of it"),
        scene.evidence(restored.lost, f"`{code(scene, restored.lost)}` overwrites it"),
    ]
    stop = max((one.stop for one in run.history.judgements if one.order < scene.trace.order[call]), default=1)
    return run.finding(
        cause,
        Severity.WARNING,
        message,
        affected=names,
        tensors=restored.tensors,
        evidence=evidence,
        stop=stop,
    )
