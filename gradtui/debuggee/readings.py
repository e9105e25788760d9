"""Gradients in figures: what is computed of one while backward runs, and what is fetched of it at a pause.

On the CPU the figures are Python's at once. On any other device they stay there as a handful of numbers,
and all of them are fetched together, by one synchronisation. Never is a gradient held.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import torch
from torch import Tensor

from gradtui.debuggee.devices import waiting
from gradtui.debuggee.figures import FIGURES, at_once, left_there, norm_of
from gradtui.model.gradients import GradHealth, Grads, GradSummary

COMPRESSED = (torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc)


class Depth(IntEnum):
    """How much is asked of a gradient."""

    FIGURES = 1
    HISTOGRAM = 2


@dataclass(slots=True)
class Reading:
    """One gradient's figures, on the CPU as a list or on its device as a tensor."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    elements: int
    depth: Depth
    figures: Any


def undisturbed(*, reading: bool = False) -> AbstractContextManager[None]:
    """Within it what we compute is seen by no mode of the program's and is part of no graph.

    `reading` tells that nothing is computed of which there could be a graph.
    """
    if torch._C._len_torch_dispatch_stack() or (torch.is_grad_enabled() and not reading):
        return _apart()
    return torch._C.DisableTorchFunction()  # this is all but always enough, and much cheaper


@contextmanager
def _apart() -> Iterator[None]:
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch(), torch.no_grad():
        yield


def take(gradient: Tensor | None, depth: Depth) -> Reading | None:
    """The figures of a gradient; None where there is none, or where it has no values that could be read.

    To be called `undisturbed`.
    """
    if gradient is None:
        return None
    try:
        values = plain(gradient)
        if values is None:
            return None
        histogram = depth is Depth.HISTOGRAM
        figures: Any
        if at_hand(values) or not values.numel():
            figures = at_once(values, histogram=histogram)
        else:
            figures = left_there(values, histogram=histogram)
    except (RuntimeError, NotImplementedError, TypeError):
        return None  # a dtype or a layout for which torch has none of this
    return Reading(gradient.shape, gradient.dtype, gradient.numel(), depth, figures)


def at_hand(values: Tensor) -> bool:
    """Whether asking for numbers waits for no device."""
    return values.is_cpu


def plain(gradient: Tensor) -> Tensor | None:
    """A gradient's values as a dense tensor of floating numbers, or None where it has none to read."""
    if type(gradient) is not Tensor and type(gradient) is not torch.nn.Parameter:
        return None  # asking a wrapper may compute, or talk to other processes
    values = stored(gradient.detach())
    if values is None or values.is_nested or values.device.type == "meta" or values.is_quantized:
        return None
    if values.is_complex():
        return torch.view_as_real(values.resolve_conj())
    if not values.is_floating_point():
        return None
    return values.float() if values.element_size() == 1 else values


def stored(values: Tensor) -> Tensor | None:
    """The elements that a tensor has stored, as a dense one; None where its layout gives none out."""
    if values.layout is torch.strided:
        return values
    if values.layout is torch.sparse_coo:
        return values._values()
    return values.values() if values.layout in COMPRESSED else None


def health(gradient: Tensor) -> tuple[GradHealth, float | None]:
    """FINE, ZERO, or NAN for what isn't finite, with the size of a usual element; FINE and None where it
    can't be read."""
    try:
        values = plain(gradient)
        if values is None or not values.numel():
            return GradHealth.FINE, None
        norm = norm_of(values)
    except (RuntimeError, NotImplementedError, TypeError):
        return GradHealth.FINE, None
    if not math.isfinite(norm):
        return GradHealth.NAN, None
    return GradHealth.FINE if norm else GradHealth.ZERO, norm / math.sqrt(values.numel())


# what a condition asks


def tested(readings: Sequence[Reading | None]) -> list[float]:
    """Norms of what has elements, nan where one isn't finite. Waits for the device."""
    found = []
    for reading in readings:
        if reading is None or not reading.elements:
            continue
        if isinstance(reading.figures, Tensor):
            with waiting():
                reading.figures = reading.figures.tolist()
        figures = reading.figures
        found.append(math.nan if figures[FIGURES - 1] or figures[-1] else figures[0])
    return found


# at a pause


def summaries(readings: Iterable[Iterable[Reading | None]]) -> list[Grads]:
    """What was read, as values of the model: everything of a device is fetched at once."""
    groups = [tuple(group) for group in readings]
    _fetch([reading for group in groups for reading in group if reading is not None])
    return [tuple(None if reading is None else _summary(reading) for reading in group) for group in groups]


def fetched(numbers: Sequence[Tensor | None]) -> list[float | None]:
    """Single numbers, those of a device at once."""
    found: list[float | None] = [None] * len(numbers)
    places: dict[torch.device, list[tuple[int, Tensor]]] = {}
    for place, number in enumerate(numbers):
        if number is not None:
            places.setdefault(number.device, []).append((place, number))
    for group in places.values():
        with waiting():
            values = torch.stack([number for _, number in group]).tolist()
        for (place, _), value in zip(group, values, strict=True):
            found[place] = value
    return found


def _fetch(readings: Sequence[Reading]) -> None:
    left: dict[torch.device, list[Reading]] = {}
    for reading in readings:
        if isinstance(reading.figures, Tensor):
            left.setdefault(reading.figures.device, []).append(reading)
    for group in left.values():
        with waiting():
            numbers = torch.cat([reading.figures for reading in group]).tolist()
        start = 0
        for reading in group:
            length = len(reading.figures)
            reading.figures = numbers[start : start + length]
            start += length


def _summary(reading: Reading) -> GradSummary:
    dtype = str(reading.dtype).removeprefix("torch.")
    shape, elements = tuple(reading.shape), reading.elements
    norm, low, high, total, zeros, nans, *histogram, infs = reading.figures
    finite = elements - int(nans) - int(infs)
    if reading.dtype.is_complex:
        finite = max(1, 2 * elements - int(nans) - int(infs))
        zeros, nans, infs = (min(elements, number) for number in (zeros / 2, nans, infs))
    if finite <= 0:
        norm = low = high = math.nan if elements else 0.0
    mean = total / finite if finite > 0 else math.nan
    counts = tuple(int(count) for count in histogram) if finite > 0 else ()
    return GradSummary(
        shape, dtype, norm, low, high, mean, elements, int(zeros), int(nans), int(infs), counts
    )
