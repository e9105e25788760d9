"""Find the line where gradients stop: run a training script and browse the graph backward will walk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

__version__ = "0.1.0"

holder: Callable[[tuple[object, ...], FrameType], None] | None = None
"""Holds the program at a breakpoint: put here by the debuggee, while it watches one."""
compiling: Callable[[], bool] = bool
"""Whether torch.compile is reading the function that calls: torch's own, once the debuggee is there."""


def breakpoint(*tensors: object) -> None:  # noqa: A001 - it is Python's own, as PYTHONBREAKPOINT may say
    """Hold the program here where gradtui runs it, with the graph under `tensors`, or the one built last.

    Where nothing is held nothing happens: without gradtui, under `--check`, in another thread than the main
    one, before torch is imported, in a compiled function, and inside of backward or of an optimizer's step.
    """
    if holder is not None and not compiling():
        holder(tensors, sys._getframe(1))
