"""Which records are kept: what happened lately, and what the tensors that still exist descend from.

Both the compaction of the tape and the trace of a snapshot ask here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain, compress, count
from operator import or_
from typing import TypeVar

from gradtui.debuggee.dense import BLOCK, Dense
from gradtui.debuggee.marks import LEAF, REQUIRES_GRAD, TRACKED_OR_GRAD
from gradtui.debuggee.tape import Column, Tape, ascending
from gradtui.model.cancelled import Cancelled
from gradtui.model.columns import NONE
from gradtui.model.forward import ForwardValues
from gradtui.model.gradients import Death
from gradtui.model.graph import Graph
from gradtui.model.stops import Stop
from gradtui.model.trace import Kind

EVERY = 64 * BLOCK
"""Calls that are looked at between two signs of progress."""
OLD_CALLS = 20_000
"""Older calls that no autograd graph holds and are kept at most, the newest first."""

WRITES = (Kind.WRITE, Kind.STEP)

OfCall = TypeVar("OfCall", Death, Cancelled)
"""What was seen in the backward of a call."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A choice of calls, in order, as runs of neighbours: most stand beside others that are kept.

    What is kept is then copied run by run, by functions written in C.
    """

    runs: tuple[tuple[int, int], ...]
    """The first call of each run, and one after its last."""
    bare: tuple[int, ...]
    """Calls among them that are kept without their inputs, in order: their ancestry is not."""

    def __len__(self) -> int:
        return sum(end - start for start, end in self.runs)

    def all_of(self, tape: Tape) -> bool:
        """Whether nothing is dropped, so that every number stays what it is."""
        return len(self) == len(tape) and not self.bare

    def pieces(self) -> Iterator[tuple[int, int, bool]]:
        """The runs, cut up so that each piece is kept with its inputs or (False) without."""
        place = 0
        for start, end in self.runs:
            while place < len(self.bare) and self.bare[place] < end:
                call, place = self.bare[place], place + 1
                if start < call:
                    yield start, call, True
                yield call, call + 1, False
                start = call + 1
            if start < end:
                yield start, end, True


def keep(tape: Tape, window: int, progress: Callable[[int], object] = lambda _: None) -> Kept:
    """Everything from call `window` on, and before it what live tensors and the window's inputs descend from.

    `progress` is told how many calls have been looked at; what it raises ends this.

    Ancestors of what requires grad are all kept: autograd's own graph is as large. Of other ancestors the
    newest `OLD_CALLS` are, and what descends from no leaf that requires grad is kept without its inputs.
    """
    needed = bytearray(len(tape.meta))
    for value in tape.alive().values():
        needed[value] = 1
    tied: dict[int, list[int]] = {}
    by_order = {order: call for call, order in enumerate(tape.order)} if tape.ties else {}
    for tie in tape.ties:
        if tie.target in by_order and tie.source in by_order:
            tied.setdefault(by_order[tie.target], []).append(by_order[tie.source])
    flags, inputs = tape.flags, tape.inputs
    ends, first_value = bounds(tape)
    calls = len(tape.key)
    window = min(max(window, 0), calls)
    for value in set(filter(first_value[window].__gt__, inputs[ends[window] :])):
        needed[value] = 1
    wanted = {source for call, sources in tied.items() if call >= window for source in sources}
    runs = [[window, calls]] if window < calls else []
    bare: list[int] = []
    budget = OLD_CALLS
    kinds = tape.kind
    # Calls of other kinds, and those that are tied, are looked at one by one.
    dense = Dense(first_value, ends, inputs, flags, {*kinds, *tied, *chain.from_iterable(tied.values())})
    call = window
    while call > 0:
        if not call % EVERY:
            progress(calls - call)
        if not call % BLOCK and (spent := dense.block(call - BLOCK, call, needed, budget)) != NONE:
            call, budget = call - BLOCK, budget - spent
            _put_before(runs, call, call + BLOCK)
            continue
        call -= 1
        first, last = first_value[call], first_value[call + 1]
        if last == first + 1:
            seen = flags[first] if needed[first] else NONE
        else:
            live = [flags[value] for value in range(first, last) if needed[value]]
            seen = reduce(or_, live) if live else NONE
        whole = True
        if call in wanted:
            pass
        elif seen == NONE:
            continue
        elif call in kinds and kinds[call] in WRITES and seen & LEAF:
            whole = False  # a leaf that was written: as far as gradients go, its values come from nowhere
        elif not seen & TRACKED_OR_GRAD and call not in kinds:
            whole = False
        elif not seen & REQUIRES_GRAD:
            budget -= 1
            whole = budget >= 0
        _put_before(runs, call, call + 1)
        if not whole:
            bare.append(call)
            continue
        for value in inputs[ends[call] : ends[call + 1]]:
            needed[value] = 1
        if call in tied:
            wanted.update(tied[call])
    return Kept(tuple((start, end) for start, end in reversed(runs)), tuple(reversed(bare)))


def keep_last(tape: Tape, calls: int) -> Kept:
    """The last calls alone, whatever they descend from; those that were given something older without it."""
    first = max(0, len(tape) - calls)
    ends, first_value = bounds(tape)
    oldest, start = first_value[first], ends[first]
    given = compress(count(start), map(oldest.__gt__, tape.inputs[start:]))
    bare = dict.fromkeys(bisect_right(ends, place) - 1 for place in given)
    return Kept(((first, len(tape)),), tuple(bare))


def _put_before(runs: list[list[int]], start: int, end: int) -> None:
    """Add neighbours that stand before all that is there."""
    if runs and runs[-1][0] == end:
        runs[-1][0] = start
    else:
        runs.append([start, end])


def bounds(tape: Tape) -> tuple[array[int], array[int]]:
    """Where the inputs and the outputs of each call begin, with where the last ones end."""
    inputs, outputs = array("i", [0]), tape.first_value[:]
    inputs.extend(tape.inputs_end)
    outputs.append(len(tape.meta))
    return inputs, outputs


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where calls and values went when others were dropped; NONE for what was dropped."""

    calls: array[int]
    values: array[int]


def numbers(tape: Tape, kept: Kept) -> Numbers:
    calls = array("i", [NONE]) * len(tape.key)
    values = array("i", [NONE]) * len(tape.meta)
    call = value = 0
    rising = ascending(max(len(calls), len(values)))
    for (start, end), (first, last) in zip(kept.runs, value_runs(tape, kept), strict=True):
        calls[start:end] = rising[call : call + end - start]
        values[first:last] = rising[value : value + last - first]
        call, value = call + end - start, value + last - first
    return Numbers(calls, values)


def value_runs(tape: Tape, kept: Kept) -> list[tuple[int, int]]:
    """The first value that each run of calls made, and one after its last."""
    starts, count = tape.first_value, len(tape.meta)
    return [(starts[start], starts[end] if end < len(starts) else count) for start, end in kept.runs]


def taken(column: Column, runs: Iterable[tuple[int, int]]) -> Column:
    """A column of what lies in these runs."""
    found = column[:0]
    for start, end in runs:
        found.extend(column[start:end])
    return found


def kept_inputs(tape: Tape, kept: Kept, values: array[int]) -> tuple[array[int], array[int]]:
    """The inputs of the calls that are kept, by their new numbers, and where each call's end among them."""
    ends = bounds(tape)[0]
    flat, stops = array("i"), array("i")
    for start, end, whole in kept.pieces():
        if whole:
            stops.extend(_moved_by(len(flat) - ends[start], ends[start + 1 : end + 1]))
            came = tape.inputs[ends[start] : ends[end]]
            flat.extend(came if kept.all_of(tape) else map(values.__getitem__, came))
        else:
            stops.extend(array("i", [len(flat)]) * (end - start))
    return flat, stops


def kept_outputs(tape: Tape, kept: Kept) -> array[int]:
    """Where the outputs of each call that is kept begin among the values that are."""
    found, made = array("i"), 0
    for (start, end), (first, last) in zip(kept.runs, value_runs(tape, kept), strict=True):
        found.extend(_moved_by(made - first, tape.first_value[start:end]))
        made += last - first
    return found


def _moved_by(distance: int, column: array[int]) -> Iterable[int]:
    return map(distance.__add__, column) if distance else column


def compact(tape: Tape, kept: Kept) -> Numbers:
    """Drop from the tape, in place, all that isn't kept."""
    moved = numbers(tape, kept)
    if kept.all_of(tape):
        return moved
    tape.fill_in()
    inputs, ends = kept_inputs(tape, kept, moved.values)
    first, picked = kept_outputs(tape, kept), value_runs(tape, kept)
    for column in (tape.key, tape.sequence_begin, tape.order):
        column[:] = taken(column, kept.runs)
    tape.made[:] = taken(tape.made, kept.runs)
    for numbers_of in (tape.meta, tape.version, tape.flags):
        numbers_of[:] = taken(numbers_of, picked)
    for column in (tape.tensor, tape.storage):
        column[:] = taken(column, picked)
    tape.inputs[:], tape.inputs_end[:], tape.first_value[:] = inputs, ends, first
    for table in (tape.kind, tape.stack, tape.detail):
        _renumber(table, moved)
    begins = {moved.calls[call]: _next(moved.calls, start) for call, start in tape.begin.items()}
    begins.pop(NONE, None)
    tape.begin.clear()
    tape.begin.update(begins)
    for key, value in tape.values.items():
        tape.values[key] = moved.values[value]
    tape.unwritten.clear()  # of which the numbers are others now
    writers = {storage: moved.calls[call] for storage, call in tape.writers.items()}
    storages = set(tape.storage) if writers else set()
    tape.writers.clear()
    tape.writers.update({s: call for s, call in writers.items() if call != NONE and s in storages})
    orders = set(tape.order) if tape.ties else set()
    tape.ties[:] = [tie for tie in tape.ties if tie.source in orders and tie.target in orders]
    return moved


def renumber_graph(graph: Graph, moved: Numbers) -> Graph:
    """A graph whose calls have their new numbers; the column is changed in place, for all who have it."""
    for node, call in enumerate(graph.call):
        graph.call[node] = _moved(call, moved)
    return replace(graph, stale=tuple(replace(save, call=_moved(save.call, moved)) for save in graph.stale))


def renumber_stop(stop: Stop, moved: Numbers) -> Stop:
    roots = tuple(value if value == NONE else moved.values[value] for value in stop.roots)
    return replace(stop, call=_moved(stop.call, moved), roots=roots)


def renumber_call(one: OfCall, moved: Numbers) -> OfCall:
    return replace(one, call=_moved(one.call, moved))


def renumber_forward(forward: ForwardValues, moved: Numbers) -> ForwardValues:
    numbers = moved.values + array("i", [NONE])  # so that NONE, the last place, finds itself
    values = array("i", map(numbers.__getitem__, forward.value))
    return replace(forward, root=numbers[forward.root], value=values)


def _moved(call: int, moved: Numbers) -> int:
    return NONE if call == NONE else moved.calls[call]


def _renumber(table: dict[int, int] | dict[int, Kind], moved: Numbers) -> None:
    fresh = {moved.calls[call]: item for call, item in table.items() if moved.calls[call] != NONE}
    table.clear()
    table.update(fresh)  # type: ignore[arg-type]


def _next(calls: array[int], start: int) -> int:
    """The new number of the first call kept at or after one."""
    for call in range(start, len(calls)):
        if calls[call] != NONE:
            return calls[call]
    return len(calls)
