"""Stretches of the tape of which every call is kept, as in a forward pass: seen as a whole.

What has to be asked of each call, of which there may be a million, is then asked once a block, in functions
written in C.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from gradtui.debuggee.marks import REQUIRES_GRAD, TRACKED_OR_GRAD
from gradtui.debuggee.tape import ascending
from gradtui.model.columns import NONE

BLOCK = 256


class Dense:
    """Tells of blocks of calls whether a later call needs each of them, with all that it was given."""

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
        self._rising = ascending(len(flags) + 1)

    def block(self, start: int, end: int, needed: bytearray, budget: int) -> int:
        """Mark all that a block of calls needs, and tell how many of them don't require grad.

        NONE, and nothing is marked, where some call has to be looked at: where it may not be needed, did
        something else than to make one value, or where more of them don't require grad than `budget` allows.
        """
        first, last = self._values[start], self._values[end]
        alone = self._values[start:end] == self._rising[first:last]
        if not alone or bisect_left(self._apart, start) != bisect_left(self._apart, end):
            return NONE
        flags = self._flags[first:last]
        kinds = set(flags)
        spent = sum(flags.count(kind) for kind in kinds if not kind & REQUIRES_GRAD)
        if spent > max(0, budget) or not all(kind & TRACKED_OR_GRAD for kind in kinds):
            return NONE
        # A value that nothing here was given must have been needed before.
        given, made = set(self._inputs[self._ends[start] : self._ends[end]]), range(first, last)
        if not all(needed[value] for value in set(made).difference(given)):
            return NONE
        needed[first:last] = b"\1" * (last - first)
        for value in given.difference(made):
            needed[value] = 1
        return spent
