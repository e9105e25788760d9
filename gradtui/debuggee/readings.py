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

from gradtui.model.gradients import Grads, GradSummary

BINS = 16
"""Columns of a histogram."""
PIECE = 1 << 22
"""Elements that are looked at together: what is computed on the way takes no more memory than for so many."""
FIGURES = 6
"""Norm, minimum, maximum, sum, zeros, NaNs; then the histogram. How many are Inf comes last."""

vector_norm = torch.linalg.vector_norm


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


def undisturbed() -> AbstractContextManager[None]:
    """Within it what we compute is seen by no mode of the program's and is part of no graph."""
    if torch._C._len_torch_dispatch_stack() or torch.is_grad_enabled():
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
        if values.device.type == "cpu":
            figures: Any = _on_cpu(values, depth)
        else:
            figures = _elsewhere(values, depth)
    except (RuntimeError, NotImplementedError, TypeError):
        return None  # a dtype or a layout for which torch has none of this
    return Reading(gradient.shape, gradient.dtype, gradient.numel(), depth, figures)


def plain(gradient: Tensor) -> Tensor | None:
    """A gradient's values as a dense tensor of floating numbers, or None where it has none to read."""
    if type(gradient) is not Tensor and type(gradient) is not torch.nn.Parameter:
        return None  # asking a wrapper may compute, or talk to other processes
    values = gradient.detach()
    if values.layout is not torch.strided:
        if values.layout is not torch.sparse_coo:
            return None
        values = values._values()
    if values.is_nested or values.device.type == "meta" or values.is_quantized:
        return None
    if values.is_complex():
        return torch.view_as_real(values.resolve_conj())
    if not values.is_floating_point():
        return None
    return values.float() if values.element_size() == 1 else values


def pieces(values: Tensor) -> Iterator[Tensor]:
    """A tensor in parts of at most `PIECE` elements, none of them copied."""
    if values.numel() <= PIECE:
        yield values
        return
    dimension = max(range(values.dim()), key=values.size)
    length = max(1, values.size(dimension) * PIECE // values.numel())
    for start in range(0, values.size(dimension), length):
        yield from pieces(values.narrow(dimension, start, min(length, values.size(dimension) - start)))


# on the CPU


def norm_of(values: Tensor) -> float:
    """The Euclidean norm, also where squares overflow or vanish; nan or inf where values are."""
    norm = float(vector_norm(values, dtype=torch.float32 if values.element_size() == 2 else None))
    if norm != 0.0 and math.isfinite(norm):
        return norm
    if not values.numel():
        return 0.0
    largest = float(values.abs().amax())
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    return largest * float(vector_norm(values.double() / largest))


def health(gradient: Tensor) -> str:
    """`fine`, `zero`, or `nan` for what isn't finite; `fine` too where it can't be read."""
    try:
        values = plain(gradient)
        if values is None or not values.numel():
            return "fine"
        norm = norm_of(values)
    except (RuntimeError, NotImplementedError, TypeError):
        return "fine"
    return "nan" if not math.isfinite(norm) else "fine" if norm else "zero"


def _on_cpu(values: Tensor, depth: Depth) -> list[float]:
    norm = norm_of(values)
    elements = values.numel()
    if not elements:
        return _figures(0.0, math.nan, math.nan, math.nan, 0, 0, 0, [])
    if not math.isfinite(norm):
        return _broken(values, depth)
    low, high = (float(bound) for bound in values.aminmax())
    zeros = elements - int(values.count_nonzero())
    total = float(values.sum(dtype=torch.float64))
    histogram = _histogram(values, low, high) if depth is Depth.HISTOGRAM else []
    return _figures(norm, low, high, total, zeros, 0, 0, histogram)


def _broken(values: Tensor, depth: Depth) -> list[float]:
    """The figures of a gradient that isn't finite, over what of it is."""
    nans = infs = 0
    parts = []
    for piece in pieces(values):
        piece_nans = int(piece.isnan().sum())
        kept = piece[piece.isfinite()]
        nans, infs = nans + piece_nans, infs + piece.numel() - piece_nans - kept.numel()
        if kept.numel():
            parts.append((_on_cpu(kept, Depth.FIGURES), kept))
    if not parts:
        return _figures(math.nan, math.nan, math.nan, math.nan, 0, nans, infs, [])
    rows = [row for row, _ in parts]
    low, high = min(row[1] for row in rows), max(row[2] for row in rows)
    histogram = [0.0] * BINS if depth is Depth.HISTOGRAM else []
    if histogram:
        for _, kept in parts:
            histogram = [a + b for a, b in zip(histogram, _histogram(kept, low, high), strict=True)]
    norm = math.hypot(*(row[0] for row in rows))
    total, zeros = math.fsum(row[3] for row in rows), sum(row[4] for row in rows)
    return _figures(norm, low, high, total, zeros, nans, infs, histogram)


def _figures(
    norm: float,
    low: float,
    high: float,
    total: float,
    zeros: float,
    nans: float,
    infs: float,
    histogram: Sequence[float],
) -> list[float]:
    return [norm, low, high, total, zeros, nans, *histogram, infs]


def _histogram(values: Tensor, low: float, high: float) -> list[float]:
    if low == high or not math.isfinite(high - low):
        return [0.0] * BINS if low != high else [float(values.numel()), *[0.0] * (BINS - 1)]
    if values.dtype in (torch.float16, torch.bfloat16):
        values = values.float()
    found: list[float] = values.histc(BINS, low, high).tolist()
    return found


# on another device


def _elsewhere(values: Tensor, depth: Depth) -> Tensor:
    """The figures, left on the device: whatever the values are, it isn't asked."""
    wide = wide_of(values)
    rows = []
    for piece in pieces(values):
        finite = piece.isfinite()
        kept = piece.where(finite, 0)
        rows.append(
            torch.stack(
                [
                    vector_norm(kept, dtype=wide),
                    piece.where(finite, math.inf).amin().to(wide),
                    piece.where(finite, -math.inf).amax().to(wide),
                    kept.sum(dtype=wide),
                    (piece == 0).sum().to(wide),
                    piece.isnan().sum().to(wide),
                    (piece.numel() - finite.sum()).to(wide),
                ]
            )
        )
    row = rows[0] if len(rows) == 1 else _joined(torch.stack(rows))
    if depth is Depth.HISTOGRAM:
        row = torch.cat([row[:FIGURES], _histogram_there(values, row[1], row[2], wide), row[FIGURES:]])
    return row


def wide_of(values: Tensor) -> torch.dtype:
    """In which squares are summed up on a device: wide enough that those of narrower numbers neither overflow
    nor vanish."""
    return torch.float32 if values.device.type == "mps" else torch.float64


def _joined(rows: Tensor) -> Tensor:
    """The figures of a tensor from those of its pieces."""
    return torch.cat(
        [
            vector_norm(rows[:, 0]).reshape(1),
            rows[:, 1].amin().reshape(1),
            rows[:, 2].amax().reshape(1),
            rows[:, 3:].sum(0),
        ]
    )


def _histogram_there(values: Tensor, low: Tensor, high: Tensor, wide: torch.dtype) -> Tensor:
    """Counts by comparisons: `histc` and `bincount` would wait for the device, or aren't deterministic."""
    counts = torch.zeros(BINS + 1, dtype=wide, device=values.device)
    for piece in pieces(values):
        finite = piece.isfinite()
        edges = [(low + (high - low) * edge / BINS).to(piece.dtype) for edge in range(1, BINS)]
        counts[:BINS] += torch.stack([finite.sum(), *(((piece >= edge) & finite).sum() for edge in edges)])
    return counts[:-1] - counts[1:]


# what a condition asks


def tested(readings: Sequence[Reading | None]) -> list[float]:
    """Norms of what has elements, nan where one isn't finite. Waits for the device."""
    found = []
    for reading in readings:
        if reading is None or not reading.elements:
            continue
        if isinstance(reading.figures, Tensor):
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
        values = torch.stack([number for _, number in group]).tolist()
        for (place, _), value in zip(group, values, strict=True):
            found[place] = value
    return found


def _fetch(readings: Sequence[Reading]) -> None:
    waiting: dict[torch.device, list[Reading]] = {}
    for reading in readings:
        if isinstance(reading.figures, Tensor):
            waiting.setdefault(reading.figures.device, []).append(reading)
    for group in waiting.values():
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
    counts = tuple(int(count) for count in histogram)
    return GradSummary(
        shape, dtype, norm, low, high, mean, elements, int(zeros), int(nans), int(infs), counts
    )
