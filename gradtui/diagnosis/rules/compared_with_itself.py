"""The distance of something from itself: of a value that was kept without being copied, which changes along,
or of what the same parameters make of the same input. It is zero, and so is its gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress
from operator import itemgetter

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.definitions import may_give_back
from gradtui.diagnosis.explanations.zero_or_nan_ops import DRAWS, DROPOUTS
from gradtui.diagnosis.losses import judged_losses, lately
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.written_numbers import varies_by_run, written_alike
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.source import Site
from gradtui.model.torch_functions import (
    ADDITIONS,
    DISTANCES,
    DIVERGENCES,
    LETS_GO,
    MULTIPLICATIONS,
    POWERS,
    SCALINGS,
    SELECTIONS,
    SIMILARITY,
    SOFTMAXES,
    SUBTRACTIONS,
)
from gradtui.model.trace import Kind

SQUARES = POWERS | MULTIPLICATIONS | {"norm", "vector_norm", "abs"}
"""Of nothing they are nothing, and their gradient is too."""
RANDOM = DRAWS | DROPOUTS | {
    "scaled_dot_product_attention", "multi_head_attention_forward", "lstm", "gru", "rnn_tanh", "rnn_relu",
    "rrelu", "gumbel_softmax", "fractional_max_pool2d", "fractional_max_pool3d",
}  # fmt: skip
"""What draws numbers, or may."""
DEEP = 2_000
"""Calls of one model that are compared with those of another one: more of them are taken to differ."""

PICKS = SELECTIONS | {"narrow", "select", "chunk", "split", "unbind"}
BY_A_NUMBER = SCALINGS | POWERS | ADDITIONS | PICKS
"""What the same line may do by another number: `logits / temperature` in a function that is given both."""

Place = tuple[str, int, int]
"""A file, and the line and column where an expression begins: two distances may stand in one line."""
Compared = tuple[int, int, int]
"""A call that measures a distance, what may learn by it, and what that is compared with."""


@dataclass
class Distance:
    """What a line of the program compares in judged losses."""

    scene: Scene
    call: int
    learns: int
    kept: int
    stop: int
    """The first backward of such a loss."""
    tensors: list[int] = field(default_factory=list)
    """What learns by it."""
    seen: int = 0
    """In how many losses."""


def compared_with_itself(run: Run) -> Iterator[Finding]:
    """Distances in judged losses that are zero wherever they are taken: what is kept may be another tensor
    from the second step on, and an old policy is the new one as long as that hasn't made a step."""
    told: dict[Place, Distance] = {}
    apart: set[Place] = set()
    for scene, backward, held in run.once(judged_losses):
        distances = run.once(_distances)[scene.index]
        within = run.flow(scene, scene.trace.inputs[backward]).alive if distances else b""
        here: set[Place] = set()
        for call, learns, kept in lately(scene, backward, distances, itemgetter(0)):
            if not within[scene.outputs[call][0]]:
                continue
            site = scene.user_site(call)
            place = site.file, site.line, site.column
            if place in apart:
                continue
            if not _is_itself(scene, learns, kept):
                if not _may_be_name_of(scene, kept, learns):
                    apart.add(place)
                continue
            if tensors := _held(run, scene, learns) & held:
                found = told.setdefault(
                    place, Distance(scene, call, learns, kept, scene.backward_number(backward))
                )
                found.tensors += sorted(tensors.difference(found.tensors))
                here.add(place)
        for place in here:
            told[place].seen += 1
    for place, found in told.items():
        # By what is computed once it may only be so as long as nothing has been trained.
        if place not in apart and (found.seen > 1 or found.scene.leaf[found.learns]):
            yield _finding(run, found)


def _distances(run: Run) -> list[list[Compared]]:
    """By scene the calls that measure how far what may learn is from what has no graph, or is the same."""
    return [[*_found(scene)] for scene in run.scenes]


def _found(scene: Scene) -> Iterator[Compared]:
    wanted = [name in SQUARES or name in DISTANCES or name in DIVERGENCES for name in scene.names]
    for call in compress(range(len(scene.kind)), map(wanted.__getitem__, scene.trace.function)):
        pair = _pair(scene, call)
        if len(pair) == 2 and scene.outputs[call] and scene.shape(pair[0]) == scene.shape(pair[1]):
            learns, kept = sorted(pair, key=lambda value: not scene.grad[value])
            if scene.grad[learns] and (not scene.grad[kept] or learns == kept):
                yield call, learns, kept


def _pair(scene: Scene, call: int) -> list[int]:
    """What a call measures the distance of: two values, or what their difference was taken of."""
    came = [*scene.inputs[call]]
    if scene.name(call) in DISTANCES:
        return came
    if scene.name(call) in DIVERGENCES:
        return [_scores(scene, value) for value in came]
    if not came or came[1:] not in ([], came[:1]):
        return []
    difference = scene.producer[came[0]]
    return [*scene.inputs[difference]] if scene.name(difference) in SUBTRACTIONS else []


def _scores(scene: Scene, value: int) -> int:
    """What probabilities were made of, or their logarithms; else the value itself."""
    call = scene.producer[value]
    if scene.name(call) == "log" and scene.inputs[call]:
        call = scene.producer[scene.inputs[call][0]]
    return scene.inputs[call][0] if scene.name(call) in SOFTMAXES and scene.inputs[call] else value


def _held(run: Run, scene: Scene, learns: int) -> set[int]:
    """The tensors that learn by a value: itself, or what it was computed from."""
    if scene.leaf[learns]:
        return {scene.tensor[learns]}
    return {*run.flow(scene, [learns]).reached}


def _is_itself(scene: Scene, learns: int, kept: int) -> bool:
    if scene.leaf[learns]:
        return scene.tensor[learns] == scene.tensor[kept] or _is_name_of(scene, kept, learns)
    return _are_alike(scene, learns, kept)


def _is_name_of(scene: Scene, kept: int, learns: int) -> bool:
    """Whether a value without a graph lies in the memory of another, as it was detached from that whole."""
    call = scene.producer[scene.first_values[scene.tensor[kept]]]
    came = scene.inputs[call]
    detached = scene.name(call) in LETS_GO and bool(came) and scene.tensor[came[0]] == scene.tensor[learns]
    return detached and _may_be_name_of(scene, kept, learns)


def _may_be_name_of(scene: Scene, kept: int, learns: int) -> bool:
    """Whether both lie in the same memory: how they came there may be long ago."""
    return bool(scene.leaf[learns]) and scene.trace.storage[kept] == scene.trace.storage[learns]


def _are_alike(scene: Scene, one: int, other: int) -> bool:
    """Whether two values were computed by the same calls from the very same values, none of them a draw."""
    pending, seen = [(one, other)], {(one, other)}
    while pending:
        pair = pending.pop()
        if pair[0] == pair[1]:
            continue
        calls = scene.producer[pair[0]], scene.producer[pair[1]]
        came = [scene.inputs[call] for call in calls]
        name = scene.name(calls[0])
        if scene.kind[calls[0]] != Kind.OP or name != scene.name(calls[1]) or name in RANDOM:
            return False
        if not came[0] or len(came[0]) != len(came[1]) or (scene.leaf[pair[0]] and scene.grad[pair[0]]):
            return False
        if not _by_the_same(scene, *calls) or _place_among(scene, pair[0]) != _place_among(scene, pair[1]):
            return False
        fresh = [two for two in zip(*came, strict=True) if two not in seen]
        seen.update(fresh)
        pending += fresh
        if len(seen) > DEEP:
            return False
    return True


def _place_among(scene: Scene, value: int) -> int:
    """Which of the outputs of its call a value is."""
    return [*scene.outputs[scene.producer[value]]].index(value)


def _by_the_same(scene: Scene, one: int, other: int) -> bool:
    """Whether two calls of one function are written with the same numbers, as far as the text tells."""
    numbered = scene.name(one) in BY_A_NUMBER and len(scene.inputs[one]) == 1
    if scene.trace.site[one] == scene.trace.site[other]:
        return not (numbered and one != other and varies_by_run(scene.words, scene.site(one)))
    sites = scene.site(one), scene.site(other)
    if [*scene.inputs[one]] == [*scene.inputs[other]] and _two_views(scene, scene.inputs[one][0], *sites):
        return False
    return written_alike(scene.words, *sites, operands=numbered)


def _two_views(scene: Scene, value: int, one: Site, other: Site) -> bool:
    """Whether the program makes something for each of two calls, which has been the same value so far."""
    texts = [scene.words.arguments(site) for site in (one, other)]
    if texts[0] == texts[1] and all(text.isidentifier() for text in texts[0]):
        return False
    made_in = scene.site(scene.producer[value]).function.rpartition(".")[2]
    return any(may_give_back(scene.words, site, made_in) for site in (one, other))


def _finding(run: Run, found: Distance) -> Finding:
    scene, call = found.scene, found.call
    names = [scene.owners.called(tensor) for tensor in found.tensors]
    evidence = []
    if not scene.leaf[found.learns]:
        with_what = "what a model gives with what the same parameters give for the same input"
        fix = "Compare with what another model gives, such as a copy made by `copy.deepcopy`."
        place = scene.user_site(scene.producer[found.kept])
        evidence = [Evidence(place.file, place.line, "computed here, by the same parameters")]
    else:
        with_what = f"{listed(names)} with another name of the same memory, which every step changes along"
        fix = "Copy the values where they are kept: `.detach().clone()`."
        if scene.tensor[found.kept] != scene.tensor[found.learns]:
            place = scene.user_site(scene.producer[scene.first_values[scene.tensor[found.kept]]])
            evidence = [Evidence(place.file, place.line, "they are kept here, and not copied")]
    similar = scene.name(call) == SIMILARITY
    ever = (
        "is one for ever, and its gradient is zero" if similar else "is zero for ever, and so is its gradient"
    )
    told = f"`{code(scene, call)}` {ever}: it compares {with_what}."
    cause = at(Rule.ZERO_GRADIENT, scene.user_site(call), fix, call=call)
    zero = {one.tensor: one for one in run.history.lost if one.state is GradState.ZERO and not one.late}
    if zero.keys() >= {*found.tensors}:
        members = [zero[tensor] for tensor in found.tensors]
        message = f"{told} {listed(names)} {get(names)} only zeros."
        return run.finding_of(members, cause, message, names, evidence=evidence)
    message = f"{told} This term trains nothing."
    return run.finding(cause, Severity.WARNING, message, affected=names, evidence=evidence, stop=found.stop)
