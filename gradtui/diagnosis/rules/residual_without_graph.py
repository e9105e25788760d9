"""Derivatives of a network that are constants where they meet its own values: the residual of a differential
equation, of which only half is trained."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import prod

from gradtui.diagnosis.derivatives import Derivative, before, cause_of, derivatives
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.losses import judged_losses
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.findings import Finding, Severity
from gradtui.model.torch_functions import (
    ADDITIONS,
    DISTANCES,
    LETS_GO,
    NEGATIONS,
    POWERS,
    REDUCTIONS,
    RESHAPES,
    REVERSED,
    SCALINGS,
    STACKS,
)

LENGTHS = frozenset({"norm", "vector_norm"})
BENDS = POWERS | DISTANCES | LENGTHS | {"abs"}
"""What makes a distance of a residual. Of a sum a constant would be no part that trains anything."""
BETWEEN = BENDS | ADDITIONS | REVERSED | SCALINGS | REDUCTIONS | NEGATIONS | RESHAPES | STACKS
LINEAR = SCALINGS | NEGATIONS | RESHAPES
JUMPS = frozenset({"sign", "sgn", "argmax", "round", "floor", "ceil"})
"""Whoever takes these of a derivative wants no graph of it: steps by them are an attack's."""
FAR = 12
"""Calls between a residual and the loss that is made of it."""
SITES = 4
"""Places of derivatives that are looked at for one loss."""
MEETINGS = 8
"""Sums that are looked at for one derivative."""


def residual_without_graph(run: Run) -> Iterator[Finding]:
    """An `autograd.grad` without `create_graph` of a network by its input, whose result is added to what the
    same network makes of that input, and the sum is squared.

    By itself such a derivative proves nothing: it is a weight, a target for another network, a step that an
    input takes. Beside the very function that it is of, under a square, it is half of an equation.
    """
    found = run.once(derivatives)
    for scene, backward, held in run.once(judged_losses):
        mine = before(scene, found[scene.index], backward)
        by_site = {scene.trace.site[one.call]: one for one in mine}
        residual = _Residual(run, scene, backward, held) if mine else None
        for one in islice(by_site.values(), SITES if residual else 0):
            added = residual.of(one) if residual else None
            if added is not None:
                yield _finding(run, scene, backward, one, *added)


class _Residual:
    """What one loss makes of a derivative."""

    def __init__(self, run: Run, scene: Scene, backward: int, held: frozenset[int]) -> None:
        self.scene, self.held = scene, held
        self.flow: Flow = run.flow(scene, [scene.trace.inputs[backward][0]], through_leaves=False)
        _, self.learns = run.learning_from(scene, held)

    def of(self, derivative: Derivative) -> tuple[int, list[int]] | None:
        """The call that adds a derivative to what the same network makes of the same input, with the
        parameters that both come of."""
        scene, inputs = self.scene, [value for value in derivative.by if not self.learns[value]]
        made = [value for value in self.flow.made_by(derivative.call) if not self.learns[value]]
        if not inputs or not made:
            return None
        derived: set[int] = set()
        for added, live in islice(self._meetings(made), MEETINGS):
            came = {*scene.going_back([live], scene.live_before)}
            if came.isdisjoint(inputs):
                continue
            derived = derived or {*scene.going_back(derivative.roots, scene.live_before)}
            both = {scene.tensor[one] for one in came & derived if scene.leaf[one]} & self.held
            if both and self._is_squared(added):
                return added, sorted(both)
        return None

    def _meetings(self, made: list[int]) -> Iterator[tuple[int, int]]:
        """Where constants that were computed from a derivative are added to what learns, or compared with it,
        and what that is."""
        scene, flow = self.scene, self.flow
        pending, seen, alone = list(made), set(made), set(made)
        while pending:
            value = pending.pop()
            for call in flow.consumers.of(value):
                name, came = scene.name(call), scene.inputs[call]
                if name in LETS_GO or name in JUMPS or not scene.grad_mode(call):
                    continue
                learning = [one for one in came if self.learns[one]]
                if not learning:
                    fresh = [one for one in flow.made_by(call) if scene.floating[one] and one not in seen]
                    pure = value in alone and name in LINEAR and all(one in alone for one in came)
                    seen.update(fresh)
                    alone.update(fresh if pure else ())
                    pending += fresh
                elif len(came) == 2 and len(learning) == 1 and self._is_half(call, value, value in alone):
                    yield call, learning[0]

    def _is_half(self, call: int, value: int, alone: bool) -> bool:
        """Whether a constant is one part of a sum, and no target that was put together before: whoever makes
        one of rewards and derivatives wants it to be held constant."""
        scene = self.scene
        if scene.name(call) in DISTANCES:
            return alone
        if scene.name(call) not in ADDITIONS | REVERSED or prod(scene.shape(scene.outputs[call][0])) < 2:
            return False
        made = scene.site(scene.producer[value])
        return alone or scene.words.same_statement(made, scene.site(call))

    def _is_squared(self, call: int) -> bool:
        """Whether all that a call makes goes into one number by a distance from nothing."""
        scene, flow = self.scene, self.flow
        bent = scene.name(call) in DISTANCES
        for _ in range(FAR):
            made = flow.made_by(call)
            if len(made) != 1:
                return False
            if not scene.shape(made[0]):
                return bent
            uses = {use for use in flow.consumers.of(made[0]) if scene.name(use) not in LETS_GO}
            if len(uses) != 1:
                return False
            call = uses.pop()
            name, came = scene.name(call), [*scene.trace.inputs[call]]
            bent = bent or name in BENDS or (name in SCALINGS and came == [made[0], made[0]])
            if name not in BETWEEN:
                return False
        return False


def _finding(
    run: Run, scene: Scene, backward: int, derivative: Derivative, added: int, tensors: list[int]
) -> Finding:
    names = [scene.owner_name(tensor) for tensor in tensors if scene.owner_name(tensor)]
    cause = cause_of(scene, derivative)
    gives = "has" if derivative.read else "makes"
    message = (
        f"`{code(scene, cause.call)}` {gives} no graph of a derivative of what {listed(names)} "
        f"{'makes' if len(names) == 1 else 'make'}: in `{code(scene, added)}` it is a constant, and "
        "only the rest of that is trained."
    )
    evidence = [scene.evidence(added, "the sum in which it is a constant")]
    number = scene.backward_number(backward)
    return run.finding(cause, Severity.WARNING, message, affected=names, evidence=evidence, stop=number)
