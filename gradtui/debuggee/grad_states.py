"""How gradients stand by value: zeros, numbers, or neither. A short look at each, of those alike at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from gradtui.debuggee.devices import waiting
from gradtui.debuggee.figures import vector_norm
from gradtui.debuggee.passive import plain_tensors
from gradtui.debuggee.readings import at_hand, stored, undisturbed
from gradtui.model.owners import GradState

FINE = frozenset([torch.float32, torch.float64])
"""Types whose rounding is far below what gradients differ by."""
FAINT, NOTHING = 1e-5, 1e-6
"""Elements of a gradient may be so small, beside others and by themselves, that they are suspected to be what
rounding has left."""
NORMED = frozenset([torch.float32, torch.float64, torch.bfloat16, torch.float16])
PLACES, IN_A_ROW = 32, 64
"""Where nobody asked, this is all that is looked at of a large gradient: so many places, and in each so many
elements. What such a look costs is memory that lies far apart."""
TOGETHER = 1 << 18
"""Elements at most that are copied to be looked at together."""

Alike = tuple[torch.Size, torch.dtype, torch.device, bool]


def states(grads: Sequence[Tensor | None], *, everywhere: bool) -> list[GradState]:
    """How each stands; see `looks`."""
    return looks(grads, everywhere=everywhere)[0]


def looks(grads: Sequence[Tensor | None], *, everywhere: bool) -> tuple[list[GradState], list[float]]:
    """How each stands, and the size of its usual element, 0 where that isn't known.

    Unless `everywhere`, one that would be waited for counts as PRESENT, and of a large one a sample is
    looked at.
    No object is made of each: for tens of thousands the collector of garbage would run.
    """
    found = [GradState.NONE if grad is None else GradState.PRESENT for grad in grads]
    sizes = [0.0] * len(found)
    alike: dict[Alike, list[int]] = {}
    for place, grad in enumerate(grads):
        # A wrapper has no storage to read, and asked otherwise may talk to other processes.
        if grad is None or type(grad) not in plain_tensors or not (everywhere or at_hand(grad)):
            continue
        if grad.layout is torch.strided and grad.dtype in NORMED and not grad.is_meta:
            short = not everywhere and is_large(grad)
            alike.setdefault((grad.shape, grad.dtype, grad.device, short), []).append(place)
        elif everywhere:
            found[place] = state_of(grad)
    # Only where the short look doesn't settle it (a norm may overflow, or come to nothing) is all looked at.
    for places, norms in _norms(grads, alike):
        for place, norm in zip(places, norms, strict=True):
            grad = grads[place]
            if grad is not None and not 0 < norm < math.inf:
                found[place] = state_of(grad)
            elif grad is not None:
                short = not everywhere and is_large(grad)
                sizes[place] = norm / math.sqrt(PLACES * IN_A_ROW if short else grad.numel())
    return found, sizes


def some_is_faint(grads: Sequence[Tensor | None], sizes: Sequence[float]) -> bool:
    """Whether the usual element of some matrix's gradient is next to nothing, beside those of the others or
    by itself. `sizes` are theirs."""
    limit = max(FAINT * max(sizes, default=0.0), NOTHING)
    return any(
        0 < size < limit and grad is not None and grad.dtype in FINE and grad.dim() > 1
        for grad, size in zip(grads, sizes, strict=True)
    )


def state_of(grad: Tensor) -> GradState:
    """How a gradient stands by value. Waits for the device that it is on."""
    with undisturbed(), waiting():
        values = stored(grad.detach())
        if values is None or values.device.type == "meta":
            return GradState.PRESENT
        if not bool(torch.isfinite(values).all()):
            return GradState.NONFINITE
        return GradState.PRESENT if bool(values.any()) else GradState.ZERO


def sample(grad: Tensor) -> Tensor:
    """Some of a large gradient's elements, evenly spread, without a copy: NaN hardly ever comes alone."""
    apart = grad.numel() // PLACES
    return grad.as_strided((PLACES, IN_A_ROW), (apart, 1), grad.storage_offset())


def is_large(grad: Tensor) -> bool:
    """Whether a sample is taken of it: it is large, and lies in one piece, so that none has to be copied."""
    return grad.numel() >= 2 * PLACES * IN_A_ROW and grad.is_contiguous()


def _norms(
    grads: Sequence[Tensor | None], alike: dict[Alike, list[int]]
) -> list[tuple[list[int], list[float]]]:
    """By device the places of those that are looked at, and the norms of what is; each is asked once."""
    found: dict[torch.device, tuple[list[int], list[Tensor]]] = {}
    with undisturbed():
        for (shape, dtype, device, short), all_places in alike.items():
            size = PLACES * IN_A_ROW if short else shape.numel()
            many = max(1, TOGETHER // max(1, size))
            as_dtype = None if dtype is torch.float64 else torch.float32  # torch widens, and never narrows
            places, norms = found.setdefault(device, ([], []))
            for start in range(0, len(all_places), many):
                some = all_places[start : start + many]
                rows = [grad for grad in map(grads.__getitem__, some) if grad is not None]
                rows = [*map(sample, rows)] if short else rows
                # One may be as large as it likes: it isn't copied. Of none a dimension is left but the last.
                block = (rows[0][None] if len(rows) == 1 else torch.stack(rows))[..., None]
                norm = vector_norm(block, dim=tuple(range(1, block.dim())), dtype=as_dtype)
                places += some
                norms.append(norm.to(torch.float32))
        with waiting():
            return [(places, torch.cat(norms).tolist()) for places, norms in found.values()]
