"""Two things timed side by side, round by round, so that what else the machine does hits both alike.

pytest-benchmark times one thing after the other; on a shared machine their ratio then says little.
"""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from statistics import median

import torch

from tests.benchmarks.workloads import Forward

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""What glibc's `mallopt` calls them (malloc.h)."""

Around = Callable[[], AbstractContextManager[object]]


def settle_heap() -> None:
    """Begin with the thresholds that glibc itself settles at once something of 32 MB was freed.

    With those that it has before, it gives the end of its heap back to the system whenever that has become
    free, and has to ask for it again: as the heap happens to lie, a backward of the tiny BERT takes none or
    5,000 page faults, and so 0 to 6 ms of its 30, whether it is recorded or not.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(MMAP_THRESHOLD, 32 << 20)
        library.mallopt(TRIM_THRESHOLD, 64 << 20)


@dataclass(frozen=True)
class Times:
    """CPU seconds of a forward and of a backward pass."""

    forward: float
    backward: float


@dataclass(frozen=True)
class Ratio:
    """How many times as long one takes as the other: the median over rounds, and the quickest of each."""

    median: float
    quickest: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.quickest:.2f})"


def timed(forward: Forward, *, backward: bool = True) -> Times:
    gc.collect()
    begin = time.process_time()
    loss = forward()
    middle = time.process_time()
    if backward:
        loss.backward()
    return Times(middle - begin, time.process_time() - middle)


@dataclass(frozen=True)
class Ratios:
    """What passes cost inside of something over what they cost without it."""

    first: Ratio
    """Of the first forward pass of a workload, which meets everything for the first time."""
    forward: Ratio
    """Of the last one."""
    backward: Ratio


def side_by_side(
    make: Callable[[], Forward], around: Around, rounds: int, *, backward: bool = True, passes: int = 1
) -> Ratios:
    """Forward and backward, inside `around` over plain; each round makes the workload anew for both."""
    plain: list[list[Times]] = []
    inside: list[list[Times]] = []

    def passes_in(context: AbstractContextManager[object]) -> list[Times]:
        with context:
            forward = make()
            return [timed(forward, backward=backward) for _ in range(passes)]

    for number in range(rounds + 1):
        torch.manual_seed(number)
        # In turn: whoever comes second finds memory as the other one has left it.
        if number % 2:
            first, second = passes_in(nullcontext()), passes_in(around())
        else:
            second, first = passes_in(around()), passes_in(nullcontext())
        if number:  # the first round warms up
            plain.append(first)
            inside.append(second)
    return Ratios(
        ratio([one[0].forward for one in inside], [one[0].forward for one in plain]),
        ratio([one[-1].forward for one in inside], [one[-1].forward for one in plain]),
        ratio([one[-1].backward for one in inside], [one[-1].backward for one in plain]),
    )


def ratio(these: list[float], those: list[float]) -> Ratio:
    """How these compare with those, taken in the same rounds."""
    pairs = [this / that for this, that in zip(these, those, strict=True) if that]
    return Ratio(median(pairs), min(these) / min(those)) if pairs else Ratio(0, 0)


def exponent(sizes: list[int], costs: list[float]) -> float:
    """The power of its size that a cost grows with: the slope of a line through the logarithms."""
    from math import log

    xs, ys = [log(size) for size in sizes], [log(cost) for cost in costs]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((one - x) ** 2 for one in xs)
    return sum((one - x) * (other - y) for one, other in zip(xs, ys, strict=True)) / spread
