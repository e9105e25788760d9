"""The norms of gradients by the hundred thousand, in columns: as objects they would keep the collector busy.

For backwards over many nodes that run without a halt. As in `readings`, no gradient is held, and what is
computed on a device stays there until somebody asks.
"""

from __future__ import annotations

import math
import weakref
from array import array
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gradtui.debuggee import readings
from gradtui.debuggee.devices import waiting
from gradtui.debuggee.figures import norm_of, norm_there, vector_norm
from gradtui.model.columns import NONE, ints
from gradtui.model.gradients import Grads, GradSummary, Passed

TOGETHER = 4096
"""Norms on a device that are put into one tensor: each by itself takes half a kilobyte there."""

PLAIN = frozenset([torch.float32, torch.float64])


class Norms:
    """What nodes received and sent, in the order in which backward went through them."""

    def __init__(self) -> None:
        self._node, self._step = ints(), ints()
        self._sent_from, self._end = ints(), ints([0])
        self._kind, self._norm = ints(), array("d")
        self._kinds: dict[tuple[torch.Size, torch.dtype], int] = {}
        self._waiting: list[tuple[int, Tensor]] = []
        self._chunks: list[tuple[list[int], Tensor]] = []
        self._recent: tuple[Any, int, int] = (None, 0, 0)
        """The gradient that came last, weakly, its version and its place: often the next node receives it."""

    def __len__(self) -> int:
        return len(self._node)

    def visit(
        self, node: int, step: int, received: Sequence[Tensor | None], sent: Sequence[Tensor | None]
    ) -> None:
        self._node.append(node)
        self._step.append(step)
        for gradient in received:
            self._add(gradient)
        self._sent_from.append(len(self._norm))
        for gradient in sent:
            self._add(gradient)
        self._end.append(len(self._norm))

    def last_received(self) -> list[float]:
        """What the last node received, nan for what isn't finite. Waits for the device."""
        return self._values(self._end[-2], self._sent_from[-1])

    def last_sent(self) -> list[float]:
        """What the last node sent, None left out, in the same way."""
        return self._values(self._sent_from[-1], self._end[-1])

    def _add(self, gradient: Tensor | None) -> None:
        place = len(self._norm)
        if gradient is None:
            self._kind.append(NONE)
            self._norm.append(0.0)
            return
        ref, version, known = self._recent
        if ref is not None and ref() is gradient and version == gradient._version:
            self._kind.append(self._kind[known])
            self._norm.append(self._norm[known])
            if self._waiting or self._chunks:
                self._repeat(known, place)
            return
        norm = self._measure(gradient, place)
        if norm is None:
            self._kind.append(NONE)
            self._norm.append(0.0)
            return
        kind = (gradient.shape, gradient.dtype)
        self._kind.append(self._kinds.setdefault(kind, len(self._kinds)))
        self._norm.append(norm)
        if not gradient.is_inference():
            self._recent = (weakref.ref(gradient), gradient._version, place)

    def _repeat(self, known: int, place: int) -> None:
        """The same gradient again, whose norm may still be on its device."""
        if self._waiting and self._waiting[-1][0] == known:
            self._waiting.append((place, self._waiting[-1][1]))
        elif any(known in places for places, _ in self._chunks[-1:]):
            self._fetch()
            self._norm[place] = self._norm[known]

    def _measure(self, gradient: Tensor, place: int) -> float | None:
        """The norm; nan for now where it stays on its device, None where there is nothing to read."""
        try:
            if type(gradient) is Tensor and gradient.is_cpu and gradient.dtype in PLAIN:
                norm: float = vector_norm(gradient).item()
                if norm and norm - norm == 0.0:
                    return norm
            values = readings.plain(gradient)
            if values is None or readings.at_hand(values):
                return None if values is None else norm_of(values)
            self._waiting.append((place, norm_there(values)))
        except (RuntimeError, NotImplementedError, TypeError):
            return None
        if len(self._waiting) >= TOGETHER:
            self._put_together()
        return math.nan

    def _put_together(self) -> None:
        groups: dict[torch.device, list[tuple[int, Tensor]]] = {}
        for place, norm in self._waiting:
            groups.setdefault(norm.device, []).append((place, norm))
        for group in groups.values():
            self._chunks.append(([place for place, _ in group], torch.stack([norm for _, norm in group])))
        self._waiting = []

    def _fetch(self) -> None:
        if not self._waiting and not self._chunks:
            return
        self._put_together()
        chunks, self._chunks = self._chunks, []
        with waiting():
            fetched = [(places, norms.tolist()) for places, norms in chunks]
        for places, numbers in fetched:
            for place, norm in zip(places, numbers, strict=True):
                self._norm[place] = norm

    def _values(self, start: int, stop: int) -> list[float]:
        self._fetch()
        return [self._norm[place] for place in range(start, stop) if self._kind[place] != NONE]

    def take(self) -> list[Passed]:
        """All of it as values of the model; nothing is kept."""
        self._fetch()
        kinds = [(tuple(shape), str(dtype).removeprefix("torch."), shape) for shape, dtype in self._kinds]
        passed = [
            Passed(
                node,
                self._grads(kinds, self._end[index], self._sent_from[index]),
                self._grads(kinds, self._sent_from[index], self._end[index + 1]),
                self._step[index],
            )
            for index, node in enumerate(self._node)
        ]
        self.__init__()  # type: ignore[misc]
        return passed

    def _grads(
        self, kinds: Sequence[tuple[tuple[int, ...], str, torch.Size]], start: int, stop: int
    ) -> Grads:
        found: list[GradSummary | None] = []
        for place in range(start, stop):
            if self._kind[place] == NONE:
                found.append(None)
                continue
            shape, dtype, size = kinds[self._kind[place]]
            found.append(of_norm(shape, dtype, size.numel(), self._norm[place]))
        return tuple(found)


def of_norm(shape: tuple[int, ...], dtype: str, elements: int, norm: float) -> GradSummary:
    """A summary of a gradient of which nothing but the norm is known."""
    zeros, nans, infs = (elements if proof else 0 for proof in (norm == 0, norm != norm, math.isinf(norm)))
    lost = math.nan
    return GradSummary(shape, dtype, norm, lost, lost, lost, elements, zeros, nans, infs, (), counted=False)
