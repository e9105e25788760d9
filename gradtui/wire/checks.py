"""What must agree inside values that came from elsewhere, beyond the types of their fields.

After this a viewer may follow every index of a trace, a graph or a snapshot without looking first; that none
leads back to where it came from, `circles` tells.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import singledispatch
from operator import le

from gradtui.model.columns import LONG, NONE, Ragged, counting, indices
from gradtui.model.forward import Health
from gradtui.model.graph import Graph
from gradtui.model.saved import Saved
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Raised, Stop
from gradtui.model.trace import Kind, Trace

BLOCK = 4096
"""Numbers that are looked at together."""
LARGEST = 1 << 24
"""Numbers that columns are compared to at most."""
CALL_COLUMNS = (
    "function",
    "site",
    "stack",
    "module",
    "flags",
    "detail",
    "begin",
    "sequence_begin",
    "sequence_end",
    "order",
    "inputs",
    "outputs",
)
VALUE_COLUMNS = ("tensor", "shape", "dtype", "device", "version", "value_flags", "storage")
SAVED_COLUMNS = ("attribute", "shape", "dtype", "storage", "size", "owner", "expected", "actual")
NODE_COLUMNS = ("sequence", "call", "leaf", "hooks", "edges", "edge_inputs", "received")


class DisagreementError(Exception):
    """The text goes on from the name of the class and a dot: a field, and what is wrong with it."""


@singledispatch
def check(value: object) -> None:
    """Raise DisagreementError where parts of a value contradict each other."""


@check.register
def _ragged(ragged: Ragged) -> None:
    starts = ragged.starts
    if not starts or starts[0] != 0 or starts[-1] != len(ragged.flat):
        raise DisagreementError("starts doesn't begin at 0 and end with the length of `flat`")
    if not _rises(starts):
        raise DisagreementError("starts doesn't rise")


@check.register
def _trace(trace: Trace) -> None:
    calls, values, sites = len(trace), trace.values, len(trace.sites)
    _lengths(trace, CALL_COLUMNS, calls, "kind")
    _lengths(trace, VALUE_COLUMNS, values, "producer")
    for stack in trace.stacks:
        _within("stacks", stack, sites, low=0)
    _within("kind", trace.kind, max(Kind) + 1, low=0)
    _within("function", trace.function, len(trace.functions), low=0)
    _within("site", trace.site, sites, low=0)
    _within("stack", trace.stack, len(trace.stacks))
    _within("inputs", trace.inputs.flat, values, low=0)
    _within("outputs", trace.outputs.flat, values, low=0)
    own = counting(calls)
    if trace.begin != own and not (min(trace.begin) >= 0 and all(map(le, trace.begin, own))):
        raise DisagreementError("begin points behind its own call")
    _within("producer", trace.producer, calls, low=0)
    _within("shape", trace.shape, len(trace.shapes), low=0)
    _within("dtype", trace.dtype, len(trace.dtypes), low=0)
    _within("device", trace.device, len(trace.devices), low=0)
    for tie in trace.ties:
        _within("ties", (tie.source, tie.target), calls, low=0)


@check.register
def _graph(graph: Graph) -> None:
    nodes = len(graph)
    _lengths(graph, NODE_COLUMNS, nodes, "name")
    _within("name", graph.name, len(graph.names), low=0)
    _within("roots", graph.roots, nodes, low=0)
    _within("edges", graph.edges.flat, nodes)
    if graph.edges.starts != graph.edge_inputs.starts:
        raise DisagreementError("edge_inputs hasn't the rows that `edges` has")
    _within("received", graph.received.flat, len(graph.shapes), low=0)
    _within("stale", (stale.node for stale in graph.stale), nodes, low=0)
    _within("freed", (graph.freed,), nodes)
    _within("rebuilt", graph.rebuilt, nodes, low=0)


@check.register
def _saved(saved: Saved) -> None:
    _lengths(saved, SAVED_COLUMNS, len(saved), "node")
    _within("attribute", saved.attribute, len(saved.attributes), low=0)
    _within("shape", saved.shape, len(saved.shapes), low=0)
    _within("dtype", saved.dtype, len(saved.dtypes), low=0)


@check.register
def _snapshot(snapshot: Snapshot) -> None:
    trace, graph = snapshot.trace, snapshot.graph
    calls, sites, modules = len(trace), len(trace.sites), len(snapshot.modules)
    for stop in (snapshot.stop, *snapshot.stops):
        _stop(stop, trace)
    if snapshot.raised is not None:
        _raised(snapshot.raised, trace)
    if graph is not None:
        _within("graph.call", graph.call, calls)
        _within("graph.stale", (stale.call for stale in graph.stale), calls)
    _within("trace.module", trace.module, modules)
    _within("modules.parent", (module.parent for module in snapshot.modules), modules)
    _within("parameters.made", (parameter.made for parameter in snapshot.parameters), sites)
    _within("optimizers.made", (optimizer.made for optimizer in snapshot.optimizers), sites)
    optimizers = (judgement.optimizer for judgement in snapshot.judgements)
    _within("judgements.optimizer", optimizers, len(snapshot.optimizers), low=0)
    _within("deaths.call", (death.call for death in snapshot.deaths), calls)
    _within("cancelled.call", (one.call for one in snapshot.cancelled), calls)
    for forward in snapshot.forwards:
        _lengths(forward, ("value", "health"), len(forward.value), "value")
        _within("forwards.root", (forward.root,), trace.values)
        _within("forwards.value", forward.value, trace.values)
        _within("forwards.health", forward.health, len(Health), low=0)


def _stop(stop: Stop, trace: Trace) -> None:
    _within("stops.site", (stop.site,), len(trace.sites))
    _within("stops.stack", stop.stack, len(trace.sites), low=0)
    _within("stops.call", (stop.call,), len(trace))
    _within("stops.roots", stop.roots, trace.values)


def _raised(raised: Raised, trace: Trace) -> None:
    _within("raised.stack", raised.stack, len(trace.sites), low=0)
    _within("raised.value", (raised.value,), trace.values)
    _within("raised.call", (raised.call,), len(trace))


def _lengths(value: object, columns: Iterable[str], length: int, like: str) -> None:
    for column in columns:
        if len(getattr(value, column)) != length:
            raise DisagreementError(f"{column} isn't as long as `{like}`")


def _within(field: str, numbers: array[int] | Iterable[int], end: int, low: int = NONE) -> None:
    """Every number is at least `low`, NONE where nothing is said, and below `end`."""
    numbers = numbers if isinstance(numbers, array | tuple) else tuple(numbers)
    if isinstance(numbers, array) and numbers.itemsize == 1:
        # What is left of a text of bytes without those allowed: much quicker than to look at each number.
        allowed = bytes(number & 255 for number in range(low, min(end, 128)))
        if numbers.tobytes().translate(None, allowed):
            raise DisagreementError(f"{field} points to what isn't there")
        return
    least, most = _extremes(numbers, end)
    if numbers and not (least >= low and most < end):
        raise DisagreementError(f"{field} points to what isn't there")


def _rises(starts: array[int]) -> bool:
    """Whether no number is smaller than the one before it; rows of one length aren't looked at one by one."""
    ascending = counting(starts[-1] + 1) if len(starts) >= LONG else indices()
    for first in range(0, len(starts) - 1, BLOCK):
        last = min(first + BLOCK, len(starts) - 1)
        width = (starts[last] - starts[first]) // (last - first)
        if width > 0 and starts[first:last] == ascending[starts[first] : starts[last] : width]:
            continue
        if not all(map(le, starts[first:last], starts[first + 1 : last + 1])):
            return False
    return True


def _extremes(numbers: array[int] | tuple[int, ...], end: int) -> tuple[int, int]:
    """The smallest and the largest of these numbers, which had better be less than `end`."""
    if not isinstance(numbers, array) or len(numbers) < LONG:
        return min(numbers, default=0), max(numbers, default=0)
    # Where each is the one before it and one more, as in many long columns, the first and last are enough.
    ascending, found = counting(min(end, LARGEST)), list[int]()
    for first in range(0, len(numbers), BLOCK):
        block = numbers[first : first + BLOCK]
        if block[0] >= 0 and block == ascending[block[0] : block[0] + len(block)]:
            found += (block[0], block[-1])
        else:
            found += (min(block), max(block))
    return min(found), max(found)
