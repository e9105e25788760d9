"""Parameters that were picked for an optimizer out of modules that it holds nothing else of, and frozen with
the rest: adapters inside of frozen layers, whose names the line that freezes was to leave out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.findings import Finding


def picked(run: Run, lost: list[Lost], frozen: Iterable[Collection[int]]) -> list[Lost]:
    """Those of these that never learnt and were told apart, by what was frozen at each place.

    A whole module that is held and frozen may wait for its turn. Of a part of one nobody says so, and of
    parts of the same name in several modules neither.
    """
    never = [one for one in lost if not one.late]
    found = set[int]()
    for tensors in map(frozenset, frozen) if never else ():
        found |= {one.tensor for one in never if _told_apart(run, one.tensor, tensors)}
        mine = [one.tensor for one in never if one.tensor in tensors]
        found |= strewn(run, mine, tensors - run.owners.held.keys())
    return [one for one in never if one.tensor in found]


def _told_apart(run: Run, tensor: int, together: frozenset[int]) -> bool:
    """Whether others of its module were frozen with it, and belong to no optimizer."""
    module = run.owners.name(tensor).rpartition(".")[0]
    others = together - run.owners.held.keys() if module and tensor in together else ()
    return any(run.owners.name(other).startswith(f"{module}.") for other in others)


def strewn(run: Run, tensors: Iterable[int], others: Iterable[int]) -> set[int]:
    """Those in modules of one name that have none of the others, inside of several that have: adapters."""
    around = {path for other in others for path in paths_of(run.owners.name(other).rpartition(".")[0])}
    parts: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for tensor in tensors:
        module = run.owners.name(tensor).rpartition(".")[0]
        whole = [path for path in paths_of(module) if path not in around]
        parent, _, name = whole[-1].rpartition(".") if whole else ("", "", "")
        if parent in around and not name.isdecimal():
            parts[name][parent].add(tensor)
    return {
        one for parents in parts.values() if len(parents) > 1 for found in parents.values() for one in found
    }


def paths_of(module: str) -> list[str]:
    """A module's path and those of the modules around it, inside out; not that of a whole model."""
    names = module.split(".")
    return [".".join(names[:count]) for count in range(len(names), 0, -1)]


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
