"""The square of what is taken away from itself: a value that was kept without being copied is its own memory,
and changes along with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.rules.dead_terms import judged_losses
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.torch_functions import LETS_GO, SUBTRACTIONS

SQUARES = frozenset(
    ["pow", "__pow__", "square", "norm", "vector_norm", "linalg_vector_norm", "mul", "__mul__"]
)
"""Of nothing they are nothing, and their gradient is too."""
DISTANCES = frozenset(["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])


def own_memory(run: Run) -> Iterator[Finding]:
    """Distances in judged losses of what learns from a detached name of the very same memory, wherever they
    are taken: what is kept may be another tensor from the second step on."""
    told: dict[tuple[str, int], tuple[Scene, int, int, list[int]]] = {}
    apart: set[tuple[str, int]] = set()
    for scene, backward, held in run.once(judged_losses):
        distances = run.once(_distances)[scene.index]
        within = run.flow(scene, scene.trace.inputs[backward]).alive if distances else b""
        for call, (learns, kept) in distances.items():
            if not within[scene.outputs[call][0]] or scene.tensor[learns] not in held:
                continue
            site = causes.user_site(scene, call)
            if scene.trace.storage[kept] != scene.trace.storage[learns]:
                apart.add((site.file, site.line))
            if not _is_name_of(scene, kept, learns):
                continue
            tensors = told.setdefault((site.file, site.line), (scene, call, kept, []))[3]
            if scene.tensor[learns] not in tensors:
                tensors.append(scene.tensor[learns])
    for place, (scene, call, kept, tensors) in told.items():
        if place not in apart:
            yield _finding(run, scene, call, kept, tensors)


def _distances(run: Run) -> list[dict[int, tuple[int, int]]]:
    """By scene the calls that measure how far what may learn is from what has no graph: both of them."""
    return [dict(_found(scene)) for scene in run.scenes]


def _found(scene: Scene) -> Iterator[tuple[int, tuple[int, int]]]:
    wanted = [name in SQUARES or name in DISTANCES for name in scene.names]
    for call in compress(range(len(scene.kind)), map(wanted.__getitem__, scene.trace.function)):
        pair = _pair(scene, call)
        if len(pair) == 2 and scene.outputs[call] and scene.grad[pair[0]] != scene.grad[pair[1]]:
            learns, kept = sorted(pair, key=lambda value: not scene.grad[value])
            if scene.leaf[learns]:
                yield call, (learns, kept)


def _pair(scene: Scene, call: int) -> list[int]:
    """What a call measures the distance of: two values, or what their difference was taken of."""
    came = [*scene.inputs[call]]
    if scene.name(call) in DISTANCES:
        return came
    if not came or came[1:] not in ([], came[:1]):
        return []
    difference = scene.producer[came[0]]
    return [*scene.inputs[difference]] if scene.name(difference) in SUBTRACTIONS else []


def _is_name_of(scene: Scene, kept: int, learns: int) -> bool:
    """Whether a value without a graph lies in the memory of another, as it was detached from that whole."""
    trace = scene.trace
    if trace.storage[kept] != trace.storage[learns] or scene.shape(kept) != scene.shape(learns):
        return False
    first = scene.first_values[scene.tensor[kept]]
    call = scene.producer[first]
    came = scene.inputs[call]
    return scene.name(call) in LETS_GO and bool(came) and scene.tensor[came[0]] == scene.tensor[learns]


def _finding(run: Run, scene: Scene, call: int, kept: int, tensors: list[int]) -> Finding:
    names = [scene.owners.called(tensor) for tensor in tensors]
    made = scene.producer[scene.first_values[scene.tensor[kept]]]
    message = (
        f"{causes.code(scene, call)} is zero for ever, and so is its gradient: it compares {listed(names)} "
        "with another name of the same memory, which every step changes along. This term trains nothing."
    )
    cause = at(
        Rule.ZERO_GRADIENT,
        causes.user_site(scene, call),
        "Copy the values where they are kept: `.detach().clone()`.",
        call=call,
    )
    evidence = []
    if made != NONE:
        place = causes.user_site(scene, made)
        evidence = [Evidence(place.file, place.line, "they are kept here, and not copied", made)]
    return run.finding(cause, Severity.WARNING, message, affected=names, evidence=evidence)
