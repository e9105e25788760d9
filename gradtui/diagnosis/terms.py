"""The terms of a loss: what is added up to make it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradtui.diagnosis.scene import Scene
from gradtui.model.torch_functions import (
    ADDITIONS,
    DIVISIONS,
    INNER,
    NEGATIONS,
    REDUCTIONS,
    RESHAPES,
    REVERSED,
    SCALINGS,
    STACKS,
    SUBTRACTIONS,
)
from gradtui.model.trace import Kind

MOST = 2000
"""Terms of one loss that are looked at."""
FEW = 32
"""Terms of one loss of each of which it is asked what it was computed from: more of them are a model's."""


@dataclass(frozen=True, slots=True)
class Term:
    value: int
    added: int
    """The call that adds it to the others."""
    side: int = 0
    """Which operand of that call it is."""


def of(
    scene: Scene,
    root: int,
    depends: Callable[[int], bool],
    *,
    whole: Callable[[int], bool] = lambda _: False,
    wide: bool = False,
) -> list[Term]:
    """The addends of a loss; the loss itself where it is no sum.

    Walks back over what keeps a sum a sum: additions, means, a stack of terms, a factor that depends on
    nothing that learns. Sums of more than a term for each sample belong to the model, not to the loss, unless
    it is to be `wide`: a loss may be summed up for each token. What is `whole` isn't taken apart.
    """
    found: list[Term] = []
    pending = [Term(root, -1)]
    while pending and len(found) < MOST:
        term = pending.pop()
        parts = None if whole(term.value) else _parts(scene, term.value, depends, wide=wide)
        if parts is None:
            found.append(term)
            continue
        call = scene.producer[term.value]
        adds = len(parts) > 1 or scene.name(call) in ADDITIONS | REVERSED
        for side, part in reversed(list(enumerate(parts))):
            pending.append(Term(part, call, side) if adds else Term(part, term.added, term.side))
    return found


def sums(scene: Scene, root: int, depends: Callable[[int], bool], *, wide: bool = False) -> list[int]:
    """The additions that make a loss out of its terms."""
    found: list[int] = []
    pending = [root]
    while pending and len(found) < MOST:
        value = pending.pop()
        parts = _parts(scene, value, depends, wide=wide)
        if parts is not None:
            pending.extend(parts)
            if scene.name(scene.producer[value]) in ADDITIONS | REVERSED:
                found.append(scene.producer[value])
    return found


def _parts(
    scene: Scene, value: int, depends: Callable[[int], bool], *, wide: bool = False
) -> Sequence[int] | None:
    """The values that this one is a sum of, or a multiple of; None where it is a term itself."""
    call = scene.producer[value]
    if scene.leaf[value] or scene.kind[call] not in (Kind.OP, Kind.WRITE):
        return None
    came, name = scene.inputs[call], scene.name(call)
    if call in scene.escaped and name not in ADDITIONS | REVERSED:
        return None
    if not came or not scene.grad_mode(call):
        return None
    # Of what stands for each token, a difference is as a rule a term itself.
    whole = wide and name not in SUBTRACTIONS
    if name in ADDITIONS | REVERSED and (whole or _one_each(scene, value)):
        return came
    if name in REDUCTIONS | NEGATIONS or (name in RESHAPES and scene.trace.value(value).floating):
        return came[:1] if wide or _one_each(scene, came[0]) else None
    if name in STACKS and all(wide or _one_each(scene, one) for one in came):
        return came
    if name in INNER:  # of a vector of terms with their weights
        learnt = [one for one in came if depends(one)]
        return learnt if len(learnt) == 1 and not scene.shape(value) else None
    if name in SCALINGS:
        learnt = [one for one in came if depends(one)]
        if len(came) == 1 or (len(learnt) == 1 and (name not in DIVISIONS or learnt[0] == came[0])):
            part = learnt[0] if learnt else came[0]
            return [part] if wide or _one_each(scene, part) else None
    return None


def _one_each(scene: Scene, value: int) -> bool:
    """Whether a value is one number, or one for each sample: of shape (), (n,), (n, 1)."""
    return sum(size != 1 for size in scene.shape(value)) <= 1
