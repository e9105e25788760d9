"""Modules in a list of them: which parameters stand in the same place of another member."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from gradtui.diagnosis.naming import Place, places
from gradtui.diagnosis.run import Run
from gradtui.model.owners import GradState, Parameter

SOON = 4
"""Steps in which most tasks and experts of a list have had a turn: till then, while the program goes on, the
others may have theirs yet."""


def places_in_lists(name: str) -> Iterator[Place]:
    """Where a parameter may stand in a member of a list of modules, which has a name of its own."""
    return islice(places(name), 1, None)


def learning_by_place(run: Run) -> dict[Place, list[int]]:
    """What learns, by the places in which it stands in a member of a list."""
    found: dict[Place, list[int]] = {}
    for tensor in run.history.learning:
        for place in places_in_lists(run.owners.name(tensor)):
            found.setdefault(place, []).append(tensor)
    return found


def siblings(run: Run, parameter: Parameter) -> list[int]:
    """Those that stand in the same place of another member of the same list of modules, and do learn."""
    learning = run.once(learning_by_place)
    return [tensor for place in places_in_lists(parameter.name) for tensor in learning.get(place, ())]


def takes_turns(run: Run, parameter: Parameter) -> bool:
    """Whether such a list is used member by member, as experts are, or the heads of several tasks: some
    steps go by one, some by another."""
    idle = (GradState.NONE, GradState.ZERO)
    return any(
        state in idle for tensor in siblings(run, parameter) for state, _ in run.history.states[tensor]
    )


def turn_to_come(run: Run, members: Collection[Parameter], steps: int) -> str:
    """Why members that got nothing at so many steps may learn yet, as a sentence; empty where nothing says
    so."""
    if all(takes_turns(run, one) for one in members):
        return "Others of their kind have their turn in some steps only, so that of these may still come."
    if steps < SOON and not run.history.ended and all(siblings(run, one) for one in members):
        return "Others of their kind learn: the turn of these may still come."
    return ""
