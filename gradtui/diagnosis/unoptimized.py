"""Leaves that get gradients and that no optimizer holds, and what is known of each."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter

from gradtui.diagnosis.freezing import thawed_at
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.owners import GradState, Parameter, Role
from gradtui.model.source import Site
from gradtui.model.stops import StopKind
from gradtui.model.trace import Kind

AT_WORK = (StopKind.BACKWARD, StopKind.STEP)
"""Stops at which a model is trained, and not evaluated."""

LONG_AGO = 16
"""Steps, the later half of a run's, for which the program has to write nothing to count as having ceased:
with fewer, what it writes now and then counts so too; with more, only a long run can show it."""

OWN_VALUES = 64
"""Values that are looked at to tell whether a tensor is given its own ones again: a cast takes one or two, an
average over a few copies dozens, and beyond that each write would cost a walk of the trace."""

CLIPPING = frozenset({"clamp_", "clamp_min_", "clamp_max_", "clip_", "renorm_"})
"""Functions that keep the values of a tensor within bounds, and learn nothing."""


def loose(run: Run) -> list[Parameter]:
    """Leaves that backwards reach, and that nobody moves."""
    return [
        one
        for one in run.owners.parameters.values()
        if _gets_gradients(run, one) and not _put_to_use(run, one)
    ]


def _gets_gradients(run: Run, parameter: Parameter) -> bool:
    """Whether it is a leaf that backwards reach, or that has a gradient."""
    reached = parameter.tensor in run.once(_reached) or parameter.grad is not GradState.NONE
    return parameter.requires_grad and parameter.is_leaf and reached


def _put_to_use(run: Run, parameter: Parameter) -> bool:
    """Whether an optimizer, or the program itself, does something with its gradient."""
    return (
        parameter.tensor in run.owners.held
        or parameter.tensor in run.once(trained_by_hand)
        or parameter.tensor in run.once(read_apart)
    )


def lasting(run: Run) -> list[Parameter]:
    """Those of them that aren't made anew for each step, as what is mostly a copy to work with."""
    reached, steps = run.once(_reached), sum(bool(window.backwards) for _, window in run.history.windows)
    first = min((window.order for _, window in run.history.windows), default=0)
    return [
        one
        for one in run.once(loose)
        # A gradient that no call is known to have brought, as under `vmap`: it is as old as the first step.
        if reached[one.tensor] > 1 or steps < 2 or (not reached[one.tensor] and one.made_order < first)
    ]


def left_behind(run: Run, number: int) -> list[Parameter]:
    """Parameters that only other optimizers have held, of which none has stepped since, and that backwards
    before this one's steps still reach: as a rule on purpose, where a head is trained on top of them."""
    stepped = {one.optimizer: one.order for one in run.history.judgements}
    reached: dict[int, int] = {}
    for scene, window in run.history.windows:
        for backward in window.backwards if window.optimizer == number else ():
            flow = run.flow(scene, run.roots(scene, [backward]))
            reached.update(dict.fromkeys(flow.reached, scene.trace.order[backward]))
    return [
        one
        for one in run.owners.parameters.values()
        if one.requires_grad
        and one.role is Role.PARAMETER
        and (holders := run.owners.held.get(one.tensor, []))
        and number not in holders
        and reached.get(one.tensor, -1) > max(stepped.get(other, -1) for other in holders)
    ]


def derived_by(run: Run) -> frozenset[int]:
    """Tensors that the program itself has asked `autograd.grad` to derive by."""
    return frozenset(
        scene.tensor[value]
        for scene in run.scenes
        for call in scene.trace.calls(Kind.LOOKED)
        if call.detail
        for value in call.inputs
    )


def bare(parameter: Parameter) -> bool:
    """Whether it is a Parameter that belongs to no module."""
    return parameter.role is Role.LEAF and parameter.made_by == "nn.Parameter"


def enclosed(run: Run, parameter: Parameter) -> bool:
    """Whether a Parameter that belongs to no module was made for one, while that was built: it may stand in a
    closure, or in an object of the program's own."""
    if not bare(parameter) or hidden_by(run, parameter):
        return False
    inits = {f"{module.kind}.__init__" for scene in run.scenes for module in scene.snapshot.modules}
    return any(site.function in inits for site in run.making(parameter.tensor))


def called(run: Run, parameter: Parameter) -> str:
    """Its name, or that of the variable that it was bound to where it was made."""
    made = run.owners.made(parameter.tensor)
    return parameter.name if parameter.names or made is None else run.words.target(made) or parameter.name


def hidden_by(run: Run, parameter: Parameter) -> tuple[Scene, int] | None:
    """The call whose result the program keeps in the place of a leaf that it doesn't have any more.

    It is the only one that takes the leaf, and yet several backwards came to the leaf, or it is older than
    every optimizer.
    """
    uses = run.once(_uses).get(parameter.tensor, {})
    if len(uses) != 1:
        return None
    again = run.once(_reached)[parameter.tensor] > 1
    built = min((one.made_order for one in run.owners.optimizers), default=0)
    return next((use for order, use in uses.items() if again or order < built), None)


def _uses(run: Run) -> dict[int, dict[int, tuple[Scene, int]]]:
    """By tensor, of those that `bare` is true of, the calls that take it: by their order, each once."""
    found: dict[int, dict[int, tuple[Scene, int]]] = {one.tensor: {} for one in run.once(loose) if bare(one)}
    for scene in run.scenes if found else ():
        for call in range(len(scene.kind)):
            for value in scene.inputs[call]:
                if (uses := found.get(scene.tensor[value])) is not None:
                    uses[scene.trace.order[call]] = scene, call
    return found


def _reached(run: Run) -> Counter[int]:
    """Leaves that backwards before some steps have reached, with how many steps these were.

    A backward counts for the first step after it alone, where several optimizers step one after the other.
    """
    found: Counter[int] = Counter()
    counted = set[int]()
    for scene, window in run.history.windows:
        orders = {scene.trace.order[backward]: backward for backward in window.backwards}
        fresh = [backward for order, backward in orders.items() if order not in counted]
        counted.update(orders)
        if fresh:
            found.update(run.flow(scene, run.roots(scene, fresh)).reached)
    return found


def read_apart(run: Run) -> set[int]:
    """Tensors of which the program itself reads the gradient, at a line that reads none of what an optimizer
    holds, as one that logs them all does: that is what it is for."""
    found: dict[Site, set[int]] = {}
    for scene in run.scenes:
        for call in scene.trace.calls(Kind.LOOKED):
            if not call.detail:
                tensors = {scene.tensor[value] for value in call.inputs}
                found.setdefault(scene.site(call.index), set()).update(tensors)
    return set().union(*(tensors for tensors in found.values() if tensors.isdisjoint(run.owners.held)))


def trained_by_hand(run: Run) -> set[int]:
    """Tensors that the program writes to, also by their `.data`, after a backward that came after their
    making. Not those that it has long ceased to write to: so a step size is fitted to the first batches."""
    found: set[int] = set()
    ceased = _ceased_since(run)
    for scene in run.scenes:
        backwards = scene.backwards
        sharing: dict[int, set[int]] = {}
        for value, tensor in enumerate(scene.tensor):
            if tensor in run.owners.parameters:
                sharing.setdefault(scene.trace.storage[value], set()).add(tensor)
        written = {
            tensor: call.index
            for call in scene.trace.calls(Kind.WRITE)
            for v in call.outputs
            for tensor in {scene.tensor[v], *sharing.get(scene.trace.storage[v], ())}
            if not _keeps_itself(scene, call.index, tensor)
        }
        made: dict[int, int] = {}
        for value, tensor in enumerate(scene.tensor):
            if tensor in written:
                made.setdefault(tensor, scene.producer[value])
        for tensor, last in written.items():
            if scene.trace.order[last] < thawed_at(run, tensor):
                continue  # so were its first values loaded
            after = bisect_right(backwards, made[tensor])
            if after < len(backwards) and backwards[after] < last and scene.trace.order[last] > ceased:
                found.add(tensor)
    return found


def _ceased_since(run: Run) -> int:
    """The call up to which what the program wrote counts as of long ago: half of its steps came since, and
    not few."""
    orders = sorted({one.order for one in run.history.judgements})
    return orders[len(orders) // 2] if len(orders) >= 2 * LONG_AGO else NONE


def _keeps_itself(scene: Scene, write: int, tensor: int) -> bool:
    """Whether a tensor is only given what was made of its own values: `w.data = w.data.to(x.dtype)`, what of
    them lies between bounds, or their average."""
    came = scene.trace.inputs[write]
    if scene.name(write) in CLIPPING or not came:  # of long ago it isn't known any more
        return True
    pending, seen = [*came[1:]], {tensor}
    for count, value in enumerate(pending):
        if scene.tensor[value] in seen:
            continue  # that of an average descends from what it was before
        seen.add(scene.tensor[value])
        sources = scene.inputs[scene.producer[value]]
        if not sources or count > OWN_VALUES:
            return False
        pending += sources
    return bool(pending)


def loaded(run: Run) -> set[int]:
    """Tensors whose values came from a file: weights that were learnt before, and are used here. What is
    loaded once training goes on is an average, or the best so far."""
    first = min((one.order for one in run.history.judgements), default=sys.maxsize)
    return {
        scene.tensor[value]
        for scene in run.scenes
        for call in scene.trace.calls(Kind.WRITE)
        if scene.trace.order[call.index] < first
        and scene.words.call_name(scene.user_site(call.index)) == "load_state_dict"
        for value in call.outputs
    }


def in_training(run: Run, parameter: Parameter) -> bool:
    """Whether its module is in training mode: a model in eval mode is used, and not trained.

    When a run ends a model may have been evaluated last, so that it is looked at where gradients are at work.
    """
    at_work = run.once(_in_training).get(parameter.name.rpartition(".")[0])
    return all(module.training for module in run.modules_of(parameter)) if at_work is None else at_work


def _in_training(run: Run) -> dict[str, bool]:
    """By path of a module, alone and after its root's name: whether one was in training mode at a stop at
    which backward runs or an optimizer steps."""
    found: dict[str, bool] = {}
    for scene in run.scenes:
        for module in scene.snapshot.modules if scene.snapshot.stop.kind in AT_WORK else ():
            for name in {module.name, f"{module.root}.{module.name}"} if module.name else ():
                found[name] = found.get(name, False) or module.training
    return found
