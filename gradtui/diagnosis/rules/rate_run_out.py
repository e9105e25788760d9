"""Schedules that come to a rate of 0 long before the training ends: built for epochs and stepped with each
batch, or given the steps of one epoch."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.learning_rates import schedule_of, zeroed_by_hand
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.owners import Optimizer

FACTOR = "gamma"
"""By which a schedule multiplies a rate."""
LONG = 16
"""Steps from which on it is told: a schedule may end a little before the training does."""


def rate_run_out(run: Run) -> Iterator[Finding]:
    """Optimizers whose schedule has brought all rates to 0 for good, for more steps than they had one."""
    for number, optimizer in enumerate(run.owners.optimizers if run.history.ended else ()):
        made = run.owners.optimizer_made(number)
        held = [tensor for tensor in sorted(optimizer.tensors) if tensor in run.history.learning]
        first = optimizer.rates(0)
        if made is None or not held or first is None or not _has_run_out(optimizer):
            continue
        if zeroed_by_hand(run.words):
            continue
        moved, still = first.moving, first.idle_since
        names = [run.owners.called(tensor) for tensor in held]
        site = run.owners.schedule_made(number) or schedule_of(run.words, made) or made
        fix = (
            "Give the schedule as many steps as it is stepped in all, or step it once an epoch if it counts "
            "epochs."
        )
        factor = run.words.keywords(site).get(FACTOR)
        if factor in ("0", "0.0"):
            fix = f"`{FACTOR}={factor}` leaves nothing of the rate: give a factor above 0, or 1 to keep it."
        cause = at(Rule.OTHER, site, fix, confidence=Confidence.LIKELY)
        message = (
            f"The schedule of `{optimizer.name}` comes to a learning rate of 0 after {moved} steps and stays"
            f" there for {still} more: {listed(names)} {get(names)} gradients then and {stay(names)}."
        )
        judged = [one for one in run.history.judgements if one.optimizer == number]
        since = optimizer.steps - still
        yield run.finding(
            cause,
            Severity.WARNING,
            message,
            affected=names,
            tensors=held,
            count=still,
            stop=next((one.stop for one in judged if one.step > since), 1),
        )


def _has_run_out(optimizer: Optimizer) -> bool:
    """Whether all groups are of a schedule of torch's, which says what rate they began with, and have no rate
    any more."""
    return all(
        group.initial_rate and rates is not None and rates.is_over(LONG)
        for group, rates in ((one, optimizer.rates(place)) for place, one in enumerate(optimizer.groups))
    )
