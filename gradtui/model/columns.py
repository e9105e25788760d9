"""Columns of whole numbers: how a million calls or nodes are kept without a million objects."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress

NONE = -1
"""Stands for "there is none" in every column that holds an index into another table."""


def ints(values: Iterable[int] = ()) -> array[int]:
    """A column of 64-bit whole numbers."""
    return array("q", values)


def indices(values: Iterable[int] = ()) -> array[int]:
    """A column of 32-bit whole numbers: enough to point into any other column."""
    return array("i", values)


def small(values: Iterable[int] = ()) -> array[int]:
    """A column of whole numbers of 8 bits, for kinds and flags."""
    return array("b", values)


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of whole numbers of any length, stored end to end.

    Row `i` is `flat[starts[i]:starts[i + 1]]`, so `starts` is one longer than there are rows.
    """

    starts: array[int] = field(default_factory=lambda: ints([0]))
    flat: array[int] = field(default_factory=ints)

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> Ragged:
        starts, flat = ints([0]), ints()
        for row in rows:
            flat.extend(row)
            starts.append(len(flat))
        return cls(starts, flat)

    def without(self, number: int) -> Ragged:
        """The same rows without one number."""
        if number not in self.flat:
            return self
        others = bytes(map(number.__ne__, self.flat))
        before = indices(accumulate(others, initial=0))
        return Ragged(indices(map(before.__getitem__, self.starts)), indices(compress(self.flat, others)))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[array[int]]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> array[int]:
        return self.flat[self.starts[row] : self.starts[row + 1]]
