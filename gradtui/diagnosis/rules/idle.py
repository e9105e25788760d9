"""What an optimizer holds and never moves, because its learning rate is 0 at every step."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.run import Run, at, get, listed
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.owners import Group

FEW, LONG = 4, 16
"""Steps from which on a group is idle beside others that aren't, and a whole optimizer: the first steps of a
warmup, and in some programs its first epoch, are made at a rate of 0."""


def idle(run: Run) -> Iterator[Finding]:
    """A group that a schedule never reaches, or an optimizer that nothing ever gives a rate.

    A rate of 0 that is given to one group alone when the optimizer is built is a way to freeze it.
    """
    for number, optimizer in enumerate(run.owners.optimizers if run.history.ended else ()):
        groups = [group for group in optimizer.groups if group.tensors]
        still = [group for group in groups if group.idle]
        moving = [group for group in groups if not group.idle]
        site = run.owners.optimizer_made(number)
        if site is None or not still or optimizer.steps < (FEW if moving else LONG):
            continue
        if moving and not all(group.began_idle for group in groups):
            continue
        tensors = _learning(run, still)
        names = [run.owners.name(tensor) or "a leaf" for tensor in tensors]
        if not names:
            continue
        steps = f"{optimizer.steps} steps"
        places = [str(place) for place, group in enumerate(optimizer.groups) if group in still]
        if moving:
            which = f"its group {places[0]}" if len(places) == 1 else f"its groups {' and '.join(places)}"
            what = f"All groups of `{optimizer.name}` begin at a learning rate of 0, and {which} stays there"
            fix = (
                "Set the rate of every group where it is set: "
                f"`for group in {optimizer.name}.param_groups: group['lr'] = ...`."
            )
        else:
            what = f"The learning rate of `{optimizer.name}` is 0"
            fix = "Look at what the schedule gives at these steps, and how often it is stepped."
        message = (
            f"{what} at each of {steps}: {listed(names)} {get(names)} gradients and "
            f"{'stays as it is' if len(names) == 1 else 'stay as they are'}."
        )
        cause = at(Rule.OTHER, site, fix)
        yield run.finding(cause, Severity.WARNING, message, affected=names, tensors=tensors)


def _learning(run: Run, groups: list[Group]) -> list[int]:
    """Those of their tensors that get gradients: what else they hold is told of elsewhere."""
    held = [tensor for group in groups for tensor in group.tensors]
    return [tensor for tensor in held if tensor in run.history.learning]
