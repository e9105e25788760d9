"""Where a backward's gradients cancel, so that what is left for some leaves is rounding: told from how large
each was that one node has sent to another, and what that was handed in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gradtui.model.columns import NONE
from gradtui.model.graph import Graph

ROUNDING = 1e-5
"""What is left of gradients that cancel, by the larger of them, is at most so much: some hundred times what
float32 can tell apart."""
CENTRING = ("NativeLayerNormBackward", "NativeGroupNormBackward")
"""How the names of nodes begin that take from a gradient what it has in common over what they normalise."""
FAR = 1000
"""Nodes that are gone through for the one at which two ways have parted."""

Sizes = Sequence[float | None]
"""The size of a usual element of each gradient; None for one that isn't there, or can't be read."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A node behind which gradients cancel, for some leaves."""

    node: int
    call: int
    """Index of the forward call in the trace, or NONE."""
    name: str
    leaves: tuple[int, ...]
    """Tensors below it that got nothing else."""
    left: float
    """The size of what was left, by that of what cancelled."""
    backward: int = 0
    """In which backward, counted from 1."""


def cancelled(
    graph: Graph, received: Mapping[int, Sizes], sent: Mapping[int, Sizes]
) -> tuple[tuple[Cancelled, ...], frozenset[int]]:
    """The nodes at which ways part that meet again in rounding, or that send on rounding themselves; and the
    leaves that got anything else.

    `received` and `sent` are by node, in the order in which the nodes ran.
    """
    arrived: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    """By node what came to it: from which other one, for which of its outputs, and how large."""
    origins: dict[int, tuple[int, float]] = {}
    """By node that was handed nothing but rounding: where its ways part, and what was left."""
    sending: dict[tuple[int, int], tuple[int, float]] = {}
    """By sender and node, the same of single gradients."""
    leaves: dict[int, list[int]] = defaultdict(list)
    for node, sizes in received.items():
        came = [one for one in arrived[node] if one[2]]
        found = _of_all(came, node, sending) or _met(came, sizes, arrived)
        if found is not None:
            origins[node] = found
            if graph.leaf[node] != NONE:
                leaves[found[0]].append(node)
        targets, outputs = graph.edges[node], graph.edge_inputs[node]
        for target, output, size in zip(targets, outputs, sent.get(node, ()), strict=False):
            if target == NONE or size is None:
                continue
            arrived[target].append((node, output, size))
            if found is not None:
                sending[node, target] = found
            elif (left := _centred(graph, node, sizes, size)) is not None:
                sending[node, target] = node, left
    found_at = tuple(
        Cancelled(
            place,
            graph.call[place],
            graph.node_name(place),
            tuple(graph.leaf[node] for node in nodes),
            max(origins[node][1] for node in nodes),
        )
        for place, nodes in leaves.items()
    )
    others = {graph.leaf[node] for node, sizes in received.items() if node not in origins and any(sizes)}
    return found_at, frozenset(others - {NONE})


def _of_all(
    came: Collection[tuple[int, int, float]], node: int, sending: Mapping[tuple[int, int], tuple[int, float]]
) -> tuple[int, float] | None:
    """The origin of what came to a node where all of that is rounding."""
    found = [sending.get((sender, node)) for sender, _, _ in came]
    return found[0] if found and None not in found else None


def _met(
    came: Collection[tuple[int, int, float]],
    sizes: Sizes,
    arrived: Mapping[int, Sequence[tuple[int, int, float]]],
) -> tuple[int, float] | None:
    """Where the ways parted whose gradients cancel at a node, if for each of its outputs they do."""
    by_output: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for sender, output, size in came:
        by_output[output].append((size, sender))
    left, senders = 0.0, list[int]()
    for output, parts in by_output.items():
        total = sizes[output] if output < len(sizes) else None
        largest = max(parts)[0]
        if len(parts) < 2 or total is None or total > ROUNDING * largest:
            return None
        left = max(left, total / largest)
        senders = [sender for _, sender in sorted(parts, reverse=True)[:2]]
    place = _parted(senders, arrived) if senders else NONE
    return None if place == NONE else (place, left)


def _centred(graph: Graph, node: int, received: Sizes, size: float) -> float | None:
    """What a norm has left of the gradient that it was handed, where that is rounding."""
    came = received[0] if received else None
    if not came or not size or not graph.node_name(node).startswith(CENTRING):
        return None
    return size / came if size <= ROUNDING * came else None


def _parted(senders: Sequence[int], arrived: Mapping[int, Sequence[tuple[int, int, float]]]) -> int:
    """The last node that the ways to these have in common, which may be one of them; NONE if none is near."""
    ways = [_above(sender, arrived) for sender in senders]
    return next((node for node in ways[0] if node in ways[1]), NONE)


def _above(node: int, arrived: Mapping[int, Sequence[tuple[int, int, float]]]) -> dict[int, None]:
    """A node and those on the ways to it, the nearest first."""
    found = {node: None}
    for one in (pending := [node]):
        fresh = [sender for sender, _, _ in arrived.get(one, ()) if sender not in found]
        found.update(dict.fromkeys(fresh))
        pending += fresh
        if len(found) > FAR:
            break
    return found
