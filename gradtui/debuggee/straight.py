"""Stretches of the tape in which each call was given what the one before it made: a chain, seen as a whole.

What has to be done for each call of a chain, of which there may be a million, is then done once a block.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from gradtui.debuggee.marks import REQUIRES_GRAD
from gradtui.debuggee.tape import ascending

BLOCK = 256


class Straight:
    """Tells of blocks of calls whether they are such a stretch, of values that require grad."""

    def __init__(
        self,
        first_value: array[int],
        ends: array[int],
        inputs: array[int],
        flags: list[int],
        apart: Iterable[int],
    ) -> None:
        """Where each call's values and inputs begin, the inputs, the values' flags, and calls to look at."""
        self._values, self._ends, self._inputs, self._flags = first_value, ends, inputs, flags
        self._apart: Sequence[int] = sorted(apart)
        self._rising = ascending(max(len(flags), len(inputs)) + 1)

    def block(self, start: int, end: int) -> bool:
        """Whether each of these calls had one input, made by the call before it alone, and made one value."""
        first, place = self._values[start], self._ends[start]
        values = self._rising[first : first + end - start + 1]
        return (
            first > 0
            and self._values[start : end + 1] == values
            and self._inputs[place : place + end - start] == self._rising[first - 1 : first + end - start - 1]
            and self._ends[start : end + 1] == self._rising[place : place + end - start + 1]
            and bisect_left(self._apart, start) == bisect_left(self._apart, end)
            and self._flags[first : first + end - start].count(self._flags[first]) == end - start
            and bool(self._flags[first] & REQUIRES_GRAD)
        )
