"""A new tensor that nobody takes, from a call that was meant to write: `x.add(y)` in the place of
`x.add_(y)`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.quoting import code, short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.diagnosis.unused import Unused, unused
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.torch_functions import TWINNED
from gradtui.model.trace import Kind


def discarded_result(run: Run) -> Iterator[Finding]:
    """Parameters that no loss was computed from, as what was made of them was dropped on its way into a
    tensor that is read afterwards."""
    found = run.once(unused)
    left = {one.tensor for one in found.parameters}
    for scene in reversed(run.scenes):
        for calls in _thrown_away(scene) if left else ():
            values = [value for call in calls for value in scene.outputs[call]]
            within = Flow(scene, values, through_leaves=False).within
            tensors = sorted(left.intersection(compress(scene.tensor, within)))
            reader = _reader(scene, calls[0])
            if tensors and reader != NONE:
                left.difference_update(tensors)
                yield _finding(run, scene, calls[0], reader, tensors, found)


def _thrown_away(scene: Scene) -> list[list[int]]:
    """By place, the calls whose result nobody takes: each is a statement of its own."""
    functions = {number for number, name in enumerate(scene.names) if name in TWINNED}
    found: dict[int, list[int]] = {}
    for call, function in enumerate(scene.trace.function):
        if function in functions and scene.kind[call] == Kind.OP:
            found.setdefault(scene.trace.site[call], []).append(call)
    words = scene.words
    places = {place: scene.trace.sites[place] for place in found}
    return [
        calls
        for place, calls in found.items()
        if words.call_name(places[place]) == scene.name(calls[0]) and words.dropped(places[place])
    ]


def _reader(scene: Scene, call: int) -> int:
    """The next call that is given what a call could have written into; NONE where there is none."""
    target = next(iter(scene.trace.inputs[call]), NONE)
    later = range(call + 1, len(scene.kind)) if target != NONE else ()
    return next((one for one in later if target in scene.inputs[one]), NONE)


def _finding(run: Run, scene: Scene, call: int, reader: int, tensors: list[int], found: Unused) -> Finding:
    names = [scene.owners.called(tensor) for tensor in tensors]
    name, text = scene.name(call), code(scene, call)
    target = _target(scene, call)
    cause = at(
        Rule.OTHER,
        scene.user_site(call),
        f"Write `{name}_`, which writes into {target}, or take what it gives.",
        call=call,
    )
    message = (
        f"`{text}` makes a new tensor, which nobody takes, and leaves {target} as it was, so {listed(names)} "
        f"{get(names)} no gradient and {stay(names)}."
    )
    evidence = [scene.evidence(reader, f"`{code(scene, reader)}` reads {target}, with none of it inside")]
    lost = [found.lost[tensor] for tensor in tensors]
    return run.finding_of(lost, cause, message, names, evidence=evidence)


def _target(scene: Scene, call: int) -> str:
    """The user's words for what the call could have written into."""
    site = scene.site(call)
    if scene.call(call).function.startswith("Tensor."):
        text = scene.words.receiver(site)
    else:
        text = next(iter(scene.words.arguments(site)), "")
    return f"`{short(text)}`" if text else "its first input"
