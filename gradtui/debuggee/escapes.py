"""Values that leave torch and come back: floats followed by identity, arrays by memory, the rest by equality.

Numbers of calls change when the tape is compacted; here calls are named by their order, which never does.
"""

from __future__ import annotations

import sys
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gradtui.model.trace import Tie

if TYPE_CHECKING:
    from gradtui.debuggee.recorder import Recorder

KEPT = 65_536
"""Floats that are held at most, the newest."""
SMALL = 64
"""Numbers that are compared at most."""
ENOUGH = 2
"""Equal numbers that tie two arrays: with a single one of many it happens by chance, in float32."""
SHAPES = 256
"""Shapes of tensors that were pickled which are held at most, the newest."""
TRIVIAL = frozenset({0.0, 1.0, -1.0, 0.5, 2.0})
"""Numbers that are equal by chance too often to prove anything."""


class Escapes:
    """What left torch lately."""

    def __init__(self) -> None:
        self.arrays: dict[int, tuple[weakref.ref[Any], int]] = {}
        self.recent: deque[tuple[int, frozenset[float]]] = deque(maxlen=256)
        self.pickled: dict[tuple[Any, Any], int] = {}
        """By shape and dtype the last tensor with a graph that was pickled; its bytes may lie in a file."""

    def left(self, recorder: Recorder, result: object, order: int) -> None:
        """Remember what an escape handed out."""
        if is_array(result):
            self.arrays[id(result)] = (weakref.ref(result), order)
            if len(self.arrays) > KEPT:
                self.arrays = {key: item for key, item in self.arrays.items() if item[0]() is not None}
        floats = recorder.floats
        found: list[float] = []
        for number in _floats(result):
            floats[id(number)] = (number, order)
            if len(found) < SMALL:
                found.append(number)
        while len(floats) > KEPT:
            del floats[next(iter(floats))]
        values = frozenset(found) if found else small_values(result)
        if values:
            self.recent.append((order, values - TRIVIAL))

    def saved(self, tensor: Tensor, order: int) -> None:
        """Remember a tensor with a graph whose values are being pickled."""
        self.pickled[tensor.shape, tensor.dtype] = order
        if len(self.pickled) > SHAPES:
            del self.pickled[next(iter(self.pickled))]

    def read_back(self, made: Tensor, order: int) -> list[Tie]:
        """The tie to a call that makes a tensor of what was pickled, if one like it was."""
        left = self.pickled.get((made.shape, made.dtype))
        return [] if left is None else [Tie(left, order, False, "the same shape")]

    def came(self, recorder: Recorder, source: object, order: int) -> list[Tie]:
        """Ties from escapes to a call that was given `source`."""
        ties = self._exact(recorder, source, order)
        return ties or self._equal(source, order)

    def _exact(self, recorder: Recorder, source: object, order: int) -> list[Tie]:
        ties: dict[int, Tie] = {}
        array: Any = source
        while is_array(array):
            known = self.arrays.get(id(array))
            if known is not None and known[0]() is array:
                how = "the same array" if array is source else "shares its memory"
                ties[known[1]] = Tie(known[1], order, True, how)
            array = array.base
        for number in _floats(source):
            held = recorder.floats.get(id(number))
            if held is not None and held[0] is number:
                ties[held[1]] = Tie(held[1], order, True, "the same float")
        if isinstance(source, (list, tuple)):
            for item in source[:SMALL]:
                if is_array(item):
                    for tie in self._exact(recorder, item, order):
                        ties[tie.source] = tie
        return list(ties.values())

    def _equal(self, source: object, order: int) -> list[Tie]:
        values = (frozenset(_floats(source, SMALL)) or small_values(source)) - TRIVIAL
        if not values:
            return []
        return [
            Tie(left, order, False, "equal values")
            for left, known in reversed(self.recent)
            if len(known & values) >= min(ENOUGH, len(known), len(values))
        ][:4]


def exact_floats(recorder: Recorder, numbers: Iterable[float], call: int) -> None:
    """A call was given these floats: tie it to the escapes that had handed out the very same ones."""
    for number in numbers:
        held = recorder.floats.get(id(number))
        if held is not None and held[0] is number:
            order = recorder.tape.order_of(call)
            recorder.tape.ties.append(Tie(held[1], order, True, "the same float"))


def is_array(item: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(item, numpy.ndarray)


def small_values(item: Any) -> frozenset[float]:
    """The numbers in a small array of floats; nothing for a large one or of another type."""
    if not is_array(item) or item.dtype.kind != "f" or not 0 < item.size <= SMALL:
        return frozenset()
    return frozenset(item.astype(float).ravel().tolist()) - TRIVIAL


def _floats(item: object, most: int = 4096) -> Iterator[float]:
    """Python floats in an object or in nested lists and tuples of it."""
    pending: list[Iterable[object]] = [iter((item,))]
    while pending and most > 0:
        for found in pending[-1]:
            if type(found) is float:
                most -= 1
                yield found
            elif isinstance(found, (list, tuple)):
                pending.append(iter(found))
                break
            if most <= 0:
                break
        else:
            pending.pop()
