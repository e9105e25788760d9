"""Without an optimizer: a leaf that backwards reached at first, until an update put another tensor in its
place."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.owners import NAMELESS
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.model.findings import Finding, Rule, Severity

FEW = 64
"""Backwards, the first ones, that are looked at: such an update is made at the first step already, and to
look at every one of a long run would take time for nothing."""


def leaf_replaced(run: Run) -> Iterator[Finding]:
    """The update after which a leaf is no leaf any more, where the program trains by hand."""
    if run.owners.optimizers:
        return
    told: set[int] = set()
    for scene in run.scenes:
        reached: set[int] = set()
        for number, backward in enumerate(scene.backwards[:FEW], 1):
            flow = run.flow(scene, run.roots(scene, [backward]), through_leaves=False)
            gone = sorted((reached - told) & flow.masks.keys() - flow.reached)
            reached |= flow.reached
            if not gone:
                continue
            cause = causes.of_cut(scene, flow, flow.chosen(flow.masks[gone[0]], gone[0])[0])
            if cause.rule is not Rule.REBUILT_LEAF:
                continue  # cut off from this loss, as one model is from the loss of another
            told.update(gone)
            names = [name for tensor in gone if (name := run.owners.name(tensor))]
            who = f"{listed(names)} {get(names)} no gradient from then on and {stay(names)}" if names else ""
            yield run.finding(
                cause,
                Severity.ERROR,
                f"{cause.what}, so {who or 'it gets no gradient from then on'}.",
                affected=names or [NAMELESS],
                tensors=gone,
                stop=number,
            )
