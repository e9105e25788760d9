"""Looks at the values of a forward pass whose loss is no finite number, before backward frees them.

The first number that is not finite was made by some call, long before backward spreads it. What is read: what
still exists, and what nodes have saved, each as the value on the tape that it is. It is rare, and happens
before anything is freed; nothing that is read outlives the look, and nothing is asked of a device unless all
values are wanted.
"""

from __future__ import annotations

import math
import time
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor

from gradtui.debuggee.devices import waiting
from gradtui.debuggee.figures import norm_of
from gradtui.debuggee.passive import writes_of
from gradtui.debuggee.readings import at_hand, plain, undisturbed
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.saved import saved_by
from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE
from gradtui.model.forward import Health
from gradtui.model.graph import Graph

SECONDS = 2.0
"""How long values are read at most."""


def health_of(tensor: Tensor, *, everywhere: bool) -> Health | None:
    """How a tensor's elements are; None where it has none to read, or a device would have to be waited for.

    To be called `undisturbed`.
    """
    try:
        values = plain(tensor)
        if values is None or not (everywhere or at_hand(values)):
            return None
        if math.isfinite(norm_of(values)):
            return Health.FINE
        return Health.NAN if bool(values.isnan().any()) else Health.INF
    except (RuntimeError, NotImplementedError, TypeError):
        return None  # a dtype or a layout for which torch has none of this


def is_broken(tensors: Sequence[Tensor], least: Health = Health.INF, *, everywhere: bool) -> bool:
    """Whether one of these is at least as bad as this; of what it would be waited for that isn't said."""
    with undisturbed(), waiting():
        return any((health_of(tensor, everywhere=everywhere) or 0) >= least for tensor in tensors)


def forward_values(
    recorder: Recorder, graph: Graph | None, nodes: Sequence[Any], *, everywhere: bool
) -> tuple[array[int], array[int]]:
    """All values that can be read, and beside them how they are. `nodes` are those of the graph."""
    found: dict[int, Health] = {}
    until = time.monotonic() + SECONDS
    with undisturbed(), waiting():
        for value, tensor in _pairs(recorder, graph, nodes):
            if value == NONE or value in found:
                continue
            if time.monotonic() > until:
                break
            if (health := health_of(tensor, everywhere=everywhere)) is not None:
                found[value] = health
    return array("i", found), array("b", found.values())


def _pairs(recorder: Recorder, graph: Graph | None, nodes: Sequence[Any]) -> Iterator[tuple[int, Tensor]]:
    """Tensors with the values that they are; the surest first, as each value is read once."""
    tape = recorder.tape
    for key, value in tape.alive().items():
        tensor = tape.refs[key]()
        if tensor is not None and tape.version[value] in (NONE, writes_of(tensor)):
            yield value, tensor
    if graph is None:
        return
    for index, node in enumerate(nodes):
        if graph.call[index] != NONE and not recorder.under_saved_hooks(graph.sequence[index]):
            for tensor in saved_by(node):
                # An input is kept as the very tensor that it was; only an output is another one.
                value = tape.value_of(tensor)
                if value == NONE and tensor.grad_fn is node:
                    value = _output(tape, graph, index, tensor)
                yield value, tensor


def _output(tape: Tape, graph: Graph, index: int, tensor: Tensor) -> int:
    """The output of a call that its last node has saved; nodes before that one made what lay in between."""
    call = graph.call[index]
    if graph.sequence[index] != tape.sequence_begin[call] + tape.made[call] - 1:
        return NONE
    outputs = tape.outputs(call)
    value = outputs[tensor.output_nr] if tensor.output_nr < len(outputs) else NONE
    if value == NONE:
        return NONE
    shape, dtype, _ = tape.metas[tape.meta[value]]
    return value if dtype == tensor.dtype and shape == tensor.shape else NONE
