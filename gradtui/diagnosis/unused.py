"""Parameters that optimizers find no gradient of because no loss was computed from them, and by which copies
losses have values of theirs all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from types import MappingProxyType

from gradtui.diagnosis.derivatives import moved_by_hand
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.owners import GradState, Parameter
from gradtui.model.trace import Kind
from gradtui.model.unseen import IN_ANOTHER_THREAD


@dataclass(frozen=True, slots=True)
class Unused:
    """Parameters without any gradient that no loss they were judged by was computed from."""

    lost: dict[int, Lost]
    parameters: list[Parameter]
    copied: dict[int, tuple[Scene, int]]
    """Others, by tensor, with the call that copies values of theirs into the memory of what losses use."""


def unused(run: Run) -> Unused:
    """What of the run's parameters is unused; to be asked by `run.once`."""
    seen = without_gradient(run, late=False)
    if run.broken_off or (not run.used and IN_ANOTHER_THREAD in run.last.snapshot.unseen):
        seen = {}  # of the losses that were computed then, or there, nothing is known
    parameters = run.owners.parameters
    missing = [
        parameters[tensor]
        for tensor in seen
        if tensor not in run.used
        and tensor in parameters
        and parameters[tensor].requires_grad
        and tensor not in run.given_up
        and tensor not in run.once(moved_by_hand)
    ]
    copied = copied_elsewhere(run, {one.tensor for one in missing})
    return Unused(seen, [one for one in missing if one.tensor not in copied], copied)


def without_gradient(run: Run, *, late: bool) -> dict[int, Lost]:
    """By tensor, what an optimizer found no gradient of at its steps: never, or `late`, since some step."""
    found: dict[int, Lost] = {}
    for _, window, lost in run.judged:
        for one in lost:
            if one.state is GradState.NONE and one.late is late and window.optimizer != NONE:
                found.setdefault(one.tensor, one)
    return found


def copied_elsewhere(
    run: Run, tensors: set[int], late: Mapping[int, Lost] = MappingProxyType({})
) -> dict[int, tuple[Scene, int]]:
    """By tensor the call that writes values computed from it into the memory of something that losses use.

    Asked from the writes backwards, once for all tensors: there may be thousands of those. Of what is `late`,
    only since it has no gradient, and what was computed with a graph and written into a parameter.
    """
    since = min((one.first for one in late.values()), default=0)
    found: dict[int, tuple[Scene, int]] = {}
    for scene in reversed(run.scenes) if tensors else ():
        learning, memory = _memory(run, scene)
        depends = scene.descendants(scene.values_of(tensors), attached=False)
        computed = [value for value, grad in enumerate(scene.grad) if grad and not scene.leaf[value]]
        graphic, passed = scene.descendants(computed, attached=False), bytearray(len(scene.producer))
        for call, kind in enumerate(scene.kind):
            now = kind == Kind.WRITE and scene.trace.order[call] >= since
            inputs = scene.trace.inputs[call] if now else ()
            storage = scene.trace.storage[inputs[0]] if inputs else NONE
            if storage not in memory or not any(depends[value] for value in inputs[1:]):
                continue
            # A target network follows another one: nothing that has a graph is computed in between.
            owned, graph = storage in learning, any(graphic[value] for value in inputs[1:])
            if (owned and graph) or (not late and (owned or graph)):
                order = scene.trace.order[call]
                for tensor in tensors.intersection(_above(scene, inputs[1:], passed)):
                    if tensor not in late or late[tensor].first <= order:
                        found.setdefault(tensor, (scene, call))
    return found


def _above(scene: Scene, values: Sequence[int], passed: bytearray) -> Iterator[int]:
    """Tensors that these values were computed from, but for what was passed before: rows of a table may be
    written by the thousand, and all of them come from the same."""
    pending = list(values)
    while pending:
        value = pending.pop()
        if not passed[value]:
            passed[value] = 1
            yield scene.tensor[value]
            if not scene.leaf[value]:
                pending.extend(scene.sources[scene.producer[value]])


def _memory(run: Run, scene: Scene) -> tuple[set[int], set[int]]:
    """The storages of parameters that losses use, and of all that judged losses were computed from."""
    learning = storages_of(scene, run.used & scene.parameters.keys())
    flows = [run.flow(one, run.judging(one, window)) for one, window, _ in run.judged if one is scene]
    return learning, learning.union(*(compress(scene.trace.storage, flow.within) for flow in flows))


def storages_of(scene: Scene, tensors: Collection[int]) -> set[int]:
    """Where the values of tensors lie in memory."""
    return {scene.trace.storage[value] for value in scene.values_of(tensors)}


def used_modules(run: Run) -> frozenset[str]:
    """Paths of modules of which a loss uses something, alone and after their root's name."""
    found = set[str]()
    for parts in (run.owners.name(tensor).split(".")[:-1] for tensor in run.used | run.history.learning):
        for begin in (0, 1):
            found.update(".".join(parts[begin:end]) for end in range(begin + 1, len(parts) + 1))
    return frozenset(found)


def used_roots(run: Run) -> frozenset[str]:
    """The variables that hold the models of which a loss uses something."""
    known = run.used | run.history.learning
    used = (one for tensor, one in run.owners.parameters.items() if tensor in known)
    return frozenset(chain[-1].root for one in used for chain in run.chains(one))
