"""The values of a tensor, a page of it, as torch prints them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch._tensor_str import PRINT_OPTS

from gradtui.debuggee.devices import waiting
from gradtui.debuggee.readings import undisturbed
from gradtui.model.messages import Answer, Show

LINES = 40
"""Lines of a page, about."""
CELLS = 13
"""That an element takes of a line, about."""

GONE = "This tensor is gone: nothing holds it any more."
NOT_HELD = "This gradient can only be looked at while backward is held before its node."
NO_GRAD = "This tensor has no .grad now."


def shown(message: Show, tensor: Tensor | None) -> Answer:
    """A page of a tensor's values from the element that was asked for on, or why there is none."""
    if tensor is None:
        return Answer(message.request, NOT_HELD if message.tensor < 0 else GONE, error=True)
    try:
        with undisturbed(), waiting(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a .grad that isn't a leaf's
            wanted = tensor.grad if message.grad else tensor
            if wanted is None:
                return Answer(message.request, NO_GRAD, error=True)
            with _lines_of(message.width):
                return _page(message, wanted.detach())
    except Exception as error:  # printing runs code of tensors' subclasses, and of devices
        return Answer(message.request, f"{type(error).__name__}: {error}", error=True)


def _page(message: Show, tensor: Tensor) -> Answer:
    total = tensor.numel()
    if tensor.layout is not torch.strided or tensor.is_nested or not tensor.dim() or not total:
        return Answer(message.request, _text(tensor), False, 0, total, total)
    # Not so many that torch would leave out some.
    most = max(1, int(min(PRINT_OPTS.threshold, LINES * max(1, message.width // CELLS))))
    index, offset, count = page_of(tuple(tensor.shape), message.offset, most)
    text = _text(tensor[index])
    if tensor.numel() > count:
        text = f"[{', '.join(_written(part) for part in index)}] of {tuple(tensor.shape)}\n{text}"
    return Answer(message.request, text, False, offset, count, total)


def page_of(shape: tuple[int, ...], offset: int, most: int) -> tuple[tuple[int | slice, ...], int, int]:
    """The part of a tensor that a page of about so many elements has: its index, its first element and how
    many it has."""
    total = 1
    for size in shape:
        total *= size
    offset = min(max(offset, 0), total - 1)
    leading, length = shape[:-1], shape[-1]
    row, column = divmod(offset, length)
    wide = length > most
    if wide or not leading:
        start = column - column % most if wide else 0
        stop = min(start + most, length)
        return (*_unravel(row, leading), slice(start, stop)), row * length + start, stop - start
    rows = min(most // length or 1, LINES, leading[-1])
    first = row % leading[-1]
    first -= first % rows
    last = min(first + rows, leading[-1])
    start = row - row % leading[-1] + first
    return (
        (*_unravel(start, leading)[:-1], slice(first, last), slice(None)),
        start * length,
        (last - first) * length,
    )


def _unravel(row: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for size in reversed(sizes):
        row, at = divmod(row, size)
        index.append(at)
    return tuple(reversed(index))


@contextmanager
def _lines_of(width: int) -> Iterator[None]:
    """Within it torch prints lines of so many cells; all else is printed as the program has set it."""
    before, PRINT_OPTS.linewidth = PRINT_OPTS.linewidth, width
    try:
        yield
    finally:
        PRINT_OPTS.linewidth = before


def _written(part: int | slice) -> str:
    if isinstance(part, int):
        return str(part)
    return ":" if part.start is None else f"{part.start}:{part.stop}"


def _text(tensor: Tensor) -> str:
    """As torch prints it, wherever it is: only what is printed is moved."""
    text = str(tensor.cpu() if tensor.layout is torch.strided else tensor)
    return text if tensor.device.type == "cpu" else f"{text[:-1]}, device='{tensor.device}')"
