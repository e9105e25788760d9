"""Where gradients are NaN or Inf, kept so that a fold of a million rows is asked as quickly as one of ten."""

from __future__ import annotations

from array import array

from gradtui.diagnosis.outline import Outline
from gradtui.model.columns import NONE
from gradtui.model.gradients import Grads
from gradtui.tui.passage import Passage

SPAN = 256
"""Rows whose earliest is kept together, so that few of them are looked at."""
NEVER = (1 << 63) - 1


class NonFinite:
    """By row when its node was first handed something not finite; learns what a passage adds when asked."""

    def __init__(self, rows: Outline) -> None:
        self._rows = rows
        self._passage: Passage | None = None
        self._learnt = 0
        self._first = self._earliest = array("q")
        """By row, and by span of rows: an index into what was passed, or NEVER."""

    def handed(self, start: int, end: int, passage: Passage) -> Grads:
        """What the first node between two rows was handed that was handed NaN or Inf; empty if none was."""
        self._learn(passage)
        if not self._learnt:
            return ()
        low, high = -(-start // SPAN), end // SPAN
        first, parts = self._first, [self._first[start:end]]
        if low < high:
            parts = [first[start : low * SPAN], self._earliest[low:high], first[high * SPAN : end]]
        found = min(min(part, default=NEVER) for part in parts)
        return passage.passed[found].received if found < passage.moment else ()

    def _learn(self, passage: Passage) -> None:
        if passage is not self._passage:
            self._passage, self._learnt = passage, 0
        if self._learnt == len(passage.broken):
            return
        if not self._learnt:
            count = len(self._rows)
            self._first = array("q", [NEVER]) * count
            self._earliest = array("q", [NEVER]) * -(-count // SPAN)
        for index in passage.broken[self._learnt :]:
            row = self._rows.row_of_node(passage.passed[index].node)
            if row != NONE:
                self._first[row] = min(self._first[row], index)
                self._earliest[row // SPAN] = min(self._earliest[row // SPAN], index)
        self._learnt = len(passage.broken)
