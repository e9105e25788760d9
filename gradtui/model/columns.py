"""Columns of whole numbers: how a million calls or nodes are kept without a million objects."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress

NONE = -1
"""Stands for "there is none" in every column that holds an index into another table."""
LONG = 1024
"""Numbers from which on it pays to work on the bytes of a column instead of its numbers."""

SELDOM = 20
"""One number in so many, or fewer, are found sooner one by one than by a look at each."""


def ints(values: Iterable[int] = ()) -> array[int]:
    """A column of 64-bit whole numbers."""
    return array("q", values)


def indices(values: Iterable[int] = ()) -> array[int]:
    """A column of 32-bit whole numbers: enough to point into any other column."""
    return array("i", values)


def counting(count: int) -> array[int]:
    """The numbers below `count`, as `indices(range(count))`, and much quicker."""
    found = indices()
    count_on(found, 0, count)
    return found


def count_on(column: array[int], begin: int, count: int) -> None:
    """Append `begin` and the numbers after it, `count` in all; many byte by byte, as that is quicker."""
    if count < LONG:
        column.fromlist(list(range(begin, begin + count)))
        return
    width = column.itemsize
    planes = bytearray(width * count)
    for place in range(width):
        stays = 1 << 8 * place
        if stays < begin + count:
            planes[place if sys.byteorder == "little" else width - 1 - place :: width] = _plane(
                begin, count, stays
            )
    column.frombytes(planes)


def _plane(begin: int, count: int, stays: int) -> bytes:
    """One byte of each number: it is the same for `stays` numbers, then one more, modulo 256."""
    first, offset = divmod(begin, stays)
    runs = (offset + count - 1) // stays + 1
    if runs <= 256:
        ends = [min(run * stays - offset, count) for run in range(1, runs + 1)]
        lengths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
        return b"".join(bytes(((first + run) & 255,)) * length for run, length in enumerate(lengths))
    cycle = b"".join(bytes(((first + run) & 255,)) * stays for run in range(256))
    return (cycle * ((offset + count) // len(cycle) + 1))[offset : offset + count]


def mapped(table: Sequence[int], numbers: array[int]) -> array[int]:
    """A column of what the table has for each of these numbers.

    Where the table is a few small numbers, all are looked up at once as a text of bytes.
    """
    if len(numbers) < LONG or len(table) > 256 or min(table) < -128 or max(table) > 127:
        return indices(map(table.__getitem__, numbers))
    found = small()
    bytes_of = bytes(item & 255 for item in table)
    found.frombytes(low_bytes(numbers).translate(bytes_of.ljust(256, b"\0")))
    return found


def low_bytes(numbers: array[int]) -> bytes:
    """The lowest byte of each number: the number itself where it is below 256, and 255 for NONE."""
    lowest = 0 if sys.byteorder == "little" else numbers.itemsize - 1
    return numbers.tobytes()[lowest :: numbers.itemsize]


def places(column: array[int], wanted: Container[int]) -> array[int]:
    """Where in a column of 8 bits one of these numbers stands, in order.

    Where that is seldom, it is looked for as in a text.
    """
    flags = column.tobytes().translate(bytes(number in wanted for number in (*range(128), *range(-128, 0))))
    if flags.count(1) * SELDOM > len(flags):
        return ints(compress(range(len(flags)), flags))
    return ints(ones(flags))


def ones(flags: bytes | bytearray) -> Iterator[int]:
    """Where a byte is 1, found as in a text: for what is seldom."""
    at = flags.find(1)
    while at >= 0:
        yield at
        at = flags.find(1, at + 1)


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

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[array[int]]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> array[int]:
        return self.flat[self.starts[row] : self.starts[row + 1]]
