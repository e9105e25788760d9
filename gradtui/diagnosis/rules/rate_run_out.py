"""Schedules that come to a rate of 0 long before the training ends: built for epochs and stepped with each
batch, or given the steps of one epoch."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.learning_rates import schedule_of, zeroed_by_hand
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.owners import Group, Optimizer

LONG = 16
"""Steps from which on it is told: a schedule may end a little before the training does."""


def rate_run_out(run: Run) -> Iterator[Finding]:
    """Optimizers whose schedule has brought all rates to 0 for good, for more steps than they had one."""
    for number, optimizer in enumerate(run.owners.optimizers if run.history.ended else ()):
        made = run.owners.optimizer_made(number)
        held = [tensor for tensor in sorted(optimizer.tensors) if tensor in run.history.learning]
        if made is None or not held or not _has_run_out(optimizer) or zeroed_by_hand(run.words):
            continue
        _, moved, still = optimizer.turns[0]
        names = [run.owners.called(tensor) for tensor in held]
        site = schedule_of(run.words, made) or made
        cause = at(
            Rule.OTHER,
            site,
            "Give the schedule as many steps as it is stepped in all, or step it once an epoch if it counts "
            "epochs.",
            confidence=Confidence.LIKELY,
        )
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
    pairs = list(zip(optimizer.groups, optimizer.turns, strict=False))
    return len(pairs) == len(optimizer.groups) and bool(pairs) and all(_is_over(*pair) for pair in pairs)


def _is_over(group: Group, turns: tuple[int, ...]) -> bool:
    """Whether a group of a schedule of torch's, which says what rate it began with, has no rate any more."""
    base = dict(group.options).get("initial_lr", "0")
    return base not in ("0", "0.0") and len(turns) == 3 and turns[2] >= LONG and turns[2] > turns[1]
