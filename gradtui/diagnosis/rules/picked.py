"""Parameters that were picked for an optimizer out of modules that it holds nothing else of, and frozen with
the rest: adapters inside of frozen layers, whose names the line that freezes was to leave out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run, get, listed
from gradtui.model.findings import Finding


def picked(run: Run, lost: list[Lost], frozen: Iterable[Collection[int]]) -> list[Lost]:
    """Those of these that never learnt and were told apart, by what was frozen at each place.

    A whole module that is held and frozen may wait for its turn. Of a part of one nobody says so.
    """
    by_place = [frozenset(tensors) for tensors in frozen]
    return [
        one
        for one in lost
        if not one.late and any(_told_apart(run, one.tensor, tensors) for tensors in by_place)
    ]


def _told_apart(run: Run, tensor: int, together: frozenset[int]) -> bool:
    """Whether others of its module were frozen with it, and belong to no optimizer."""
    module = run.owners.name(tensor).rpartition(".")[0]
    others = together - run.owners.held.keys() if module and tensor in together else ()
    return any(run.owners.name(other).startswith(f"{module}.") for other in others)


def as_picked(finding: Finding, optimizer: str) -> Finding:
    """The finding on the line that froze these, in the words of this rule."""
    names = finding.affected
    they, them = ("It", "it") if len(names) == 1 else ("They", "them")
    message = (
        f"{listed(names)} {'is' if len(names) == 1 else 'are'} frozen here along with the rest of the module "
        f"around {them}, of which `{optimizer}` was given nothing else. {they} {get(names)} no gradient."
    )
    fix = f"Leave {them} out of what is frozen here, or call `.requires_grad_(True)` on {them} afterwards."
    return replace(finding, message=message, fix=fix)
