"""What no program can have recorded: a graph whose edges lead in a circle, or a call of what came later.

Of a program at hand neither has to be asked. A file may come from anybody, and whoever follows a circle goes
on for ever.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, count, repeat
from operator import sub

from gradtui.model.columns import NONE, Ragged
from gradtui.model.snapshot import Snapshot


def goes_round(snapshot: Snapshot) -> str:
    """What of a snapshot leads back to itself, as the end of a sentence; empty where nothing does."""
    trace, graph = snapshot.trace, snapshot.graph
    if graph is not None and is_cyclic(graph.edges):
        return "the edges of its graph lead in a circle"
    made = map(trace.producer.__getitem__, trace.inputs.flat)
    if any(producer >= call for call, producer in zip(_rows(trace.inputs), made, strict=True)):
        return "a call takes what was made later"
    return ""


def is_cyclic(edges: Ragged) -> bool:
    """Whether edges, by the number of the node they start from, lead any node to itself."""
    if all(target == NONE or node < target for node, target in zip(_rows(edges), edges.flat, strict=True)):
        return False  # each leads further on, as in a chain
    missing = _edges_to(edges.flat, len(edges))
    free = [node for node, number in enumerate(missing) if not number]
    for node in free:  # grows: a node is free when all that lead to it are
        for target in edges[node]:
            if target != NONE:
                missing[target] -= 1
                if not missing[target]:
                    free.append(target)
    return len(free) < len(edges)


def _edges_to(targets: Sequence[int], nodes: int) -> array[int]:
    found = array("i", bytes(4 * nodes))
    for target in targets:
        if target != NONE:
            found[target] += 1
    return found


def _rows(ragged: Ragged) -> Iterator[int]:
    """For each number in it the row that it stands in."""
    starts = ragged.starts
    return chain.from_iterable(map(repeat, count(), map(sub, starts[1:], starts)))
