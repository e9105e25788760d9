"""An optimizer that has nothing to hold: torch refuses an empty list of parameters, but not empty groups."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.explanations.empty_optimizer import nothing_held
from gradtui.diagnosis.run import Run
from gradtui.model.findings import Finding


def steps_without_parameters(run: Run) -> Iterator[Finding]:
    """An optimizer that steps, where no optimizer of the program holds anything: beside others that do, one
    for some sorts of parameters may well be empty."""
    optimizers = run.owners.optimizers
    if any(one.tensors for one in optimizers):
        return
    for number, optimizer in enumerate(optimizers):
        site = run.owners.optimizer_made(number)
        if optimizer.steps_made and site is not None:
            yield from nothing_held(run, run.last, site)
            return
