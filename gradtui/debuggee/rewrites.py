"""What an optimizer's step has written: new values of all that it holds, in functions written in C."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import compress, repeat

from torch import Tensor

from gradtui.debuggee.passive import version_of
from gradtui.debuggee.tape import UNREAD, Tape
from gradtui.model.columns import NONE


class Row:
    """Tensors that are written together: after each step their new values stand in a row on the tape."""

    __slots__ = ("_pick", "ids", "on_tape", "values")

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self.on_tape = False
        """Each of them has been on the tape since it lives."""
        self.values: tuple[int, ...] = ()
        """What they got when all of them were written last."""
        self._pick: Callable[[dict[int, int]], tuple[int, ...]] | None = None

    def stands(self, tape: Tape) -> bool:
        """Whether nobody has written one of them since they were written together."""
        if not self.values:
            return False
        if self._pick is None:
            ids = self.ids
            self._pick = operator.itemgetter(*ids) if len(ids) > 1 else lambda column: (column[ids[0]],)
        try:
            return self._pick(tape.values) == self.values
        except KeyError:  # an interrupt took one off
            return False


def rewritten(tape: Tape, held: Sequence[Tensor], call: int, row: Row, wrote: Sequence[bool] | None) -> None:
    """Give new values to those of these tensors that a step has written; all else stays as it was.

    `row` is theirs. `wrote` says, beside them, which had a gradient, None where that isn't known: then their
    versions tell.
    """
    if wrote is not None and row.on_tape and False not in wrote and row.stands(tape):
        old = range(row.values[0], row.values[-1] + 1)
        row.values = tape.enter_rewritten(row.ids, old, [UNREAD] * len(old), call)
        return
    if row.on_tape:
        values = [*map(tape.values.get, row.ids, repeat(NONE))]
    else:
        values = tape.values_of(held)
    before = [NONE if value == NONE else tape.version[value] for value in values]
    if wrote is not None:
        moved = [had and version != NONE for had, version in zip(wrote, before, strict=True)]
        versions = [UNREAD] * sum(moved)
    else:
        now = [
            NONE if version == NONE else version_of(tensor)
            for tensor, version in zip(held, before, strict=True)
        ]
        moved = [*map(operator.ne, before, now)]
        if UNREAD in before:  # another optimizer has written it, and nobody has looked since
            moved = [
                one and (version != UNREAD or (tensor.is_leaf and tensor.grad is not None))
                for one, version, tensor in zip(moved, before, held, strict=True)
            ]
        versions = [*compress(now, moved)]
    made = tape.enter_rewritten([*compress(row.ids, moved)], [*compress(values, moved)], versions, call)
    row.on_tape = NONE not in before
    row.values = made if row.on_tape and all(moved) else ()
