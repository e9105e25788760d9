"""What is particular to a GPU: how to wait for it, when not to ask, and which thread backward runs in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from gradtui.debuggee.tape import Meta


def capturing() -> bool:
    """Whether a CUDA graph is being captured: to ask for a value would end that with an error."""
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()


def profiling() -> bool:
    """Whether a profile is being taken, which would show each look of ours at values."""
    return torch._C._autograd._profiler_enabled()


@contextmanager
def waiting() -> Iterator[None]:
    """Within it we may wait for a GPU, as somebody asks, though the program has torch report or forbid it."""
    if not torch.cuda.is_initialized() or not (mode := torch.cuda.get_sync_debug_mode()):
        yield
        return
    torch._C._cuda_set_sync_debug_mode(0)
    try:
        yield
    finally:
        torch._C._cuda_set_sync_debug_mode(mode)


class Threads:
    """Which thread backward runs in, where torch has a choice."""

    def __init__(self, metas: Sequence[Meta]) -> None:
        self._metas, self._looked_at = metas, 0
        self._gpus: set[torch.device] = set()

    def leaves_ours(self) -> bool:
        """Whether the engine would run it in a thread of its own that we had better have it not start."""
        if len(self._metas) != self._looked_at:  # seldom: to ask each time takes longer than all else
            self._looked_at = len(self._metas)
            self._gpus = {device for _, _, device in self._metas if device.type not in ("cpu", "meta")}
        return len(self._gpus) == 1 and torch._C._is_multithreading_enabled()


@contextmanager
def in_this_thread() -> Iterator[None]:
    """Within it backward runs in the calling thread, as it does on the CPU anyway.

    The engine has a thread for each GPU. What that computes is the same in either, in the same order and on
    the same streams; but only here are hooks and a checkpoint's recomputation recorded, and only here do
    nodes of a graph of gradients get numbers that tell which call made them. Several GPUs work at once, and
    are left to their threads.
    """
    torch._C._set_multithreading_enabled(False)
    try:
        yield
    finally:
        torch._C._set_multithreading_enabled(True)
