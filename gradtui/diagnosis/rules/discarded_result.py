"""A result that nobody takes, on its way into a tensor that is read afterwards: `x.add(y)` in the place of
`x.add_(y)` makes a new tensor, and `x[mask][:3] = y` writes into the copy that `x[mask]` is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.quoting import code, quoted, short, spoken
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.diagnosis.unused import Unused, unused
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.torch_functions import TWINNED
from gradtui.model.trace import Kind

COPYING = frozenset({
    "__getitem__", "index_select", "masked_select", "gather", "take_along_dim", "clone", "to", "float", "cpu",
    "contiguous", "reshape", "flatten", "flip",
})  # fmt: skip
"""They may give a copy: of an index that is no range, of another type or place, of what isn't contiguous."""


@dataclass(frozen=True, slots=True)
class Discarded:
    """Calls at one place whose results nobody takes, and what they were meant for."""

    calls: list[int]
    target: int
    """The value of it that the first of them could have written into."""
    copy: int = NONE
    """The call that made the copy which the first of them writes into; NONE where it makes a new tensor."""


def discarded_result(run: Run) -> Iterator[Finding]:
    """Parameters that no loss was computed from, as what was made of them was dropped on its way into a
    tensor that is read afterwards."""
    found = run.once(unused)
    left = {one.tensor for one in found.parameters}
    for scene in reversed(run.scenes):
        for one in [*_thrown_away(scene), *_written_into_copies(scene)] if left else ():
            values = [value for call in one.calls for value in scene.outputs[call]]
            within = Flow(scene, values, through_leaves=False).within
            tensors = sorted(left.intersection(compress(scene.tensor, within)))
            reader = _reader(scene, one)
            if tensors and reader != NONE:
                left.difference_update(tensors)
                yield _finding(run, scene, one, reader, tensors, found)


def _thrown_away(scene: Scene) -> list[Discarded]:
    """By place, the calls whose result nobody takes: each is a statement of its own."""
    functions = {number for number, name in enumerate(scene.names) if name in TWINNED}
    found: dict[int, list[int]] = {}
    for call, function in enumerate(scene.trace.function):
        if function in functions and scene.kind[call] == Kind.OP and scene.trace.inputs[call]:
            found.setdefault(scene.trace.site[call], []).append(call)
    words = scene.words
    places = {place: scene.trace.sites[place] for place in found}
    return [
        Discarded(calls, _begun_with(scene, calls[0]))
        for place, calls in found.items()
        if words.call_name(places[place]) == scene.name(calls[0]) and words.dropped(places[place])
    ]


def _begun_with(scene: Scene, call: int) -> int:
    """What a chain of methods was begun with whose last one is this call: `x` in `x.mul(y).add(z)`."""
    value, site = scene.trace.inputs[call][0], scene.site(call)
    while (before := scene.producer[value]) != NONE and scene.trace.inputs[before]:
        method = scene.call(before).function.startswith("Tensor.")
        if not method or not scene.words.same_statement(scene.site(before), site):
            break
        value = scene.trace.inputs[before][0]
    return value


def _written_into_copies(scene: Scene) -> list[Discarded]:
    """By place, the writes into what was copied for them in the same statement, and that nobody has then."""
    trace, found = scene.trace, dict[int, Discarded]()
    for call in scene.writes:
        made = scene.outputs[call]
        if len(made) != 1 or not scene.is_dropped(made[0]):
            continue
        copy = scene.producer[trace.inputs[call][0]] if trace.inputs[call] else NONE
        came = trace.inputs[copy] if copy != NONE and scene.name(copy) in COPYING else ()
        if not came or trace.storage[came[0]] == trace.storage[made[0]]:
            continue
        if (place := trace.site[call]) in found:
            found[place].calls.append(call)
        elif scene.words.same_statement(scene.site(copy), scene.site(call)):
            found[place] = Discarded([call], came[0], copy)
    return [*found.values()]


def _reader(scene: Scene, one: Discarded) -> int:
    """The next call that is given what a call could have written into; NONE where there is none."""
    later = range(one.calls[0] + 1, len(scene.kind))
    return next((call for call in later if one.target in scene.inputs[call]), NONE)


def _finding(
    run: Run, scene: Scene, one: Discarded, reader: int, tensors: list[int], found: Unused
) -> Finding:
    names = [scene.owners.called(tensor) for tensor in tensors]
    call = one.calls[0]
    name, text = scene.name(call), scene.words.whole(scene.site(call))
    if one.copy == NONE:
        target, makes = _target(scene, call), f"`{code(scene, call)}` makes a new tensor"
        fix = f"Write `{name}_`, which writes into {target}, or take what it gives."
        if one.target != scene.trace.inputs[call][0]:
            target = quoted(spoken(scene, one.target), "what it begins with")
            fix = f"Bind what it gives to {target}: each part of it makes a new tensor."
    else:
        target = quoted(spoken(scene, one.target), "its original")
        makes = f"`{short(text)}` writes into a copy, `{code(scene, one.copy)}`"
        fix = f"Write into {target} by one index, `[mask, ...]`, or put the copy back when it is written."
    cause = at(Rule.OTHER, scene.user_site(call), fix, call=call)
    message = (
        f"{makes}, which nobody takes, and leaves {target} as it was, so {listed(names)} "
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
