"""Which records are kept: what happened lately, and what the tensors that still exist descend from.

Both the compaction of the tape and the trace of a snapshot ask here.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace

from gradtui.debuggee.tape import TRACKED, Tape
from gradtui.model.columns import NONE
from gradtui.model.gradients import Death
from gradtui.model.graph import Graph
from gradtui.model.stops import Stop
from gradtui.model.trace import Kind, ValueFlag

OLD_CALLS = 20_000
"""Older calls that no autograd graph holds and are kept at most, the newest first."""

REQUIRES_GRAD = int(ValueFlag.REQUIRES_GRAD)
LEAF = int(ValueFlag.LEAF)
WRITES = (Kind.WRITE, Kind.STEP)


@dataclass(frozen=True, slots=True)
class Kept:
    """A choice of calls, in order. `bare` ones are kept without their inputs: their ancestry is not."""

    calls: array[int]
    bare: frozenset[int]


def keep(tape: Tape, window: int) -> Kept:
    """Everything from call `window` on, and before it what live tensors and the window's inputs descend from.

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
    wanted: set[int] = set()
    chosen = array("i")
    bare: set[int] = set()
    budget = OLD_CALLS
    flags, inputs = tape.flags, tape.inputs
    ends, first_value = bounds(tape)
    interesting = REQUIRES_GRAD | TRACKED
    for call in range(len(tape.key) - 1, -1, -1):
        if call < window and call not in wanted:
            live = [value for value in range(first_value[call], first_value[call + 1]) if needed[value]]
            if not live:
                continue
            seen = 0
            for value in live:
                seen |= flags[value]
            if tape.kind.get(call) in WRITES and seen & LEAF:
                bare.add(call)  # a leaf that was written: its values come from nowhere as far as gradients go
            elif not seen & interesting and call not in tape.kind:
                bare.add(call)
            elif not seen & REQUIRES_GRAD:
                budget -= 1
                if budget < 0:
                    bare.add(call)
        chosen.append(call)
        if call in bare:
            continue
        for value in inputs[ends[call] : ends[call + 1]]:
            needed[value] = 1
        wanted.update(tied.get(call, ()))
    chosen.reverse()
    return Kept(chosen, frozenset(bare))


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
    made, first_value = 0, bounds(tape)[1]
    for index, call in enumerate(kept.calls):
        calls[call] = index
        for value in range(first_value[call], first_value[call + 1]):
            values[value] = made
            made += 1
    return Numbers(calls, values)


def compact(tape: Tape, kept: Kept) -> Numbers:
    """Drop from the tape, in place, all that isn't kept."""
    moved = numbers(tape, kept)
    chosen = kept.calls
    if len(chosen) == len(tape.key) and not kept.bare:
        return moved
    inputs, ends, first = array("i"), array("i"), array("i")
    picked = array("i")
    for call in chosen:
        first.append(len(picked))
        picked.extend(tape.outputs(call))
        if call not in kept.bare:
            inputs.extend([moved.values[value] for value in tape.inputs_of(call)])
        ends.append(len(inputs))
    for column in (tape.key, tape.sequence_begin, tape.sequence_end, tape.order):
        column[:] = array(column.typecode, [column[call] for call in chosen])
    for column in tape.value_columns:
        column[:] = array(column.typecode, [column[value] for value in picked])
    tape.inputs[:], tape.inputs_end[:], tape.first_value[:] = inputs, ends, first
    for table in (tape.kind, tape.stack, tape.detail):
        _renumber(table, moved)
    begins = {moved.calls[call]: _next(moved.calls, start) for call, start in tape.begin.items()}
    begins.pop(NONE, None)
    tape.begin.clear()
    tape.begin.update(begins)
    for key, value in tape.values.items():
        tape.values[key] = moved.values[value]
    writers = {storage: moved.calls[call] for storage, call in tape.writers.items()}
    storages = set(tape.storage) if writers else set()
    tape.writers.clear()
    tape.writers.update({s: call for s, call in writers.items() if call != NONE and s in storages})
    orders = set(tape.order) if tape.ties else set()
    tape.ties[:] = [tie for tie in tape.ties if tie.source in orders and tie.target in orders]
    return moved


def renumber_graph(graph: Graph, moved: Numbers) -> Graph:
    """A graph whose calls have their new numbers; the column is changed in place, for all who have it."""
    graph.call[:] = array("q", [_moved(call, moved) for call in graph.call])
    return replace(graph, stale=tuple(replace(save, call=_moved(save.call, moved)) for save in graph.stale))


def renumber_stop(stop: Stop, moved: Numbers) -> Stop:
    roots = tuple(value if value == NONE else moved.values[value] for value in stop.roots)
    return replace(stop, call=_moved(stop.call, moved), roots=roots)


def renumber_death(death: Death, moved: Numbers) -> Death:
    return replace(death, call=_moved(death.call, moved))


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
