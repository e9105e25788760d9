"""The figures of one gradient: on the CPU as numbers at once, elsewhere left on the device that it is on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

BINS = 16
"""Columns of a histogram."""
PIECE = 1 << 22
"""Elements that are looked at together: what is computed on the way takes no more memory than for so many."""
FIGURES = 6
"""Norm, minimum, maximum, sum, zeros, NaNs; then the histogram. How many are Inf comes last."""

vector_norm = torch.linalg.vector_norm


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


def at_once(values: Tensor, *, histogram: bool) -> list[float]:
    """The figures as numbers."""
    norm = norm_of(values)
    elements = values.numel()
    if not elements:
        return _figures(0.0, math.nan, math.nan, math.nan, 0, 0, 0, [])
    if not math.isfinite(norm):
        return _broken(values, histogram=histogram)
    low, high = (float(bound) for bound in values.aminmax())
    zeros = elements - int(values.count_nonzero())
    total = float(values.sum(dtype=torch.float64))
    counts = _histogram(values, low, high) if histogram else []
    return _figures(norm, low, high, total, zeros, 0, 0, counts)


def _broken(values: Tensor, *, histogram: bool) -> list[float]:
    """The figures of a gradient that isn't finite, over what of it is."""
    nans = infs = 0
    parts = []
    for piece in pieces(values):
        piece_nans = int(piece.isnan().sum())
        kept = piece[piece.isfinite()]
        nans, infs = nans + piece_nans, infs + piece.numel() - piece_nans - kept.numel()
        if kept.numel():
            parts.append((at_once(kept, histogram=False), kept))
    if not parts:
        return _figures(math.nan, math.nan, math.nan, math.nan, 0, nans, infs, [])
    rows = [row for row, _ in parts]
    low, high = min(row[1] for row in rows), max(row[2] for row in rows)
    counts = [0.0] * BINS if histogram else []
    if histogram:
        for _, kept in parts:
            counts = [a + b for a, b in zip(counts, _histogram(kept, low, high), strict=True)]
    norm = math.hypot(*(row[0] for row in rows))
    total, zeros = math.fsum(row[3] for row in rows), sum(row[4] for row in rows)
    return _figures(norm, low, high, total, zeros, nans, infs, counts)


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


def left_there(values: Tensor, *, histogram: bool) -> Tensor:
    """The figures, left on the device: whatever the values are, it isn't asked."""
    wide = wide_of(values)
    rows = []
    for piece in pieces(values):
        finite = piece.isfinite()
        kept = piece.where(finite, 0)
        rows.append(
            torch.stack(
                [
                    norm_there(kept),
                    piece.where(finite, math.inf).amin().to(wide),
                    piece.where(finite, -math.inf).amax().to(wide),
                    kept.sum(dtype=wide),
                    (piece == 0).sum().to(wide),
                    piece.isnan().sum().to(wide),
                    piece.isinf().sum().to(wide),
                ]
            )
        )
    row = rows[0] if len(rows) == 1 else _joined(torch.stack(rows))
    if histogram:
        row = torch.cat([row[:FIGURES], _histogram_there(values, row[1], row[2], wide), row[FIGURES:]])
    return row


def norm_there(values: Tensor) -> Tensor:
    """The norm, left on the device, exact also where squares overflow or vanish."""
    wide = wide_of(values)
    if values.dtype is not wide:
        return vector_norm(values, dtype=wide)  # type: ignore[no-any-return]
    largest = values.abs().amax()
    scale = largest.where((largest > 0) & largest.isfinite(), 1)
    return vector_norm(values / scale) * scale  # type: ignore[no-any-return]


def wide_of(values: Tensor) -> torch.dtype:
    """The dtype in which sums are formed on the device of these values."""
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
    step = ((high - low) / BINS).where(high > low, math.inf)
    for piece in pieces(values):
        finite = piece.isfinite()
        edges = [(low + step * edge).to(piece.dtype) for edge in range(1, BINS)]
        counts[:BINS] += torch.stack([finite.sum(), *(((piece >= edge) & finite).sum() for edge in edges)])
    return counts[:-1] - counts[1:]
