"""What an optimizer's step has written: new values of all that it holds, in functions written in C."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import compress, repeat

from torch import Tensor

from gradtui.debuggee.passive import version_of
from gradtui.debuggee.tape import Tape, picker
from gradtui.model.columns import NONE

SAMPLE = 32
"""Tensors of a group whose versions are read, where a step has written all of it alike."""


class Row:
    """Tensors that are written together: after each step their new values stand in a row on the tape."""

    __slots__ = ("_pick", "ids", "on_tape", "values")

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self.on_tape = False
        """Whether each of the tensors is known to have a value on the tape."""
        self.values: tuple[int, ...] = ()
        """The values that they were given when all of them were written together last."""
        self._pick: Callable[[dict[int, int]], tuple[int, ...]] | None = None

    def current(self, tape: Tape) -> tuple[int, ...]:
        """The values that they hold; nothing where not all are known to be on the tape."""
        if not self.on_tape or not self.ids:
            return ()
        if self._pick is None:
            ids = self.ids
            self._pick = operator.itemgetter(*ids) if len(ids) > 1 else lambda column: (column[ids[0]],)
        try:
            return self._pick(tape.values)
        except KeyError:  # an interrupt took one off
            return ()

    def stands(self, tape: Tape) -> bool:
        """Whether nobody has written one of them since they were written together."""
        return bool(self.values) and self.current(tape) == self.values


def rewritten(tape: Tape, held: Sequence[Tensor], call: int, row: Row, alike: Sequence[int] = ()) -> bool:
    """Give new values to those of these tensors that a step has written; all else stays as it was.

    `row` is theirs. `alike` says of how many tensors each of their groups is, where a step of torch's own has
    written all of each in the same way. Gives whether all were written.
    """
    if row.stands(tape):
        old = range(row.values[0], row.values[-1] + 1)
        before = tape.version[old.start : old.stop]
        together = moved_alike(held, before, alike)
        versions = together or list(map(version_of, held))
        if together or not any(map(operator.eq, before, versions)):
            row.values = tape.enter_rewritten(row.ids, old, versions, call)
            return True
    values = list(map(tape.values.get, row.ids, repeat(NONE))) if row.on_tape else tape.values_of(held)
    ids, pick, count = row.ids, picker(values), len(values)
    all_known = min(values, default=0) != NONE
    counted = all_known and min(pick(tape.version), default=0) >= 0
    if not counted:
        known = [value != NONE and tape.version[value] >= 0 for value in values]
        held, ids, values = [*compress(held, known)], [*compress(ids, known)], [*compress(values, known)]
        pick = picker(values)
    versions = list(map(version_of, held))
    if any(map(operator.eq, pick(tape.version), versions)):
        moved = [*map(operator.ne, pick(tape.version), versions)]
        ids, values, versions = (list(compress(column, moved)) for column in (ids, values, versions))
    made = tape.enter_rewritten(ids, values, versions, call)
    whole = len(made) == count
    row.on_tape = row.on_tape or all_known
    row.values = made if whole and counted else ()
    return whole


def moved_alike(held: Sequence[Tensor], before: Sequence[int], groups: Sequence[int]) -> list[int]:
    """The versions of tensors that were all written, from a look at some of each group, which must agree.

    Nothing where they don't, or where no group is known.
    """
    versions: list[int] = []
    for count in groups if sum(groups) == len(held) else ():
        if count == 0:
            continue
        start = len(versions)
        places = (*range(start, start + count, -(-count // SAMPLE)), start + count - 1)
        steps = {version_of(held[place]) - before[place] for place in places}
        step = steps.pop()
        if steps or step == 0:  # a kernel that fuses all may count no write
            return []
        old = before[start : start + count]
        # As a rule they are one number, and then so are the new ones: one object instead of thousands.
        versions += [old[0] + step] * count if old.count(old[0]) == count else map(step.__add__, old)
    return versions
