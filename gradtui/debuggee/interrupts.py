"""Where ctrl+c has to wait, as what it cuts in two could never be mended, and what a signal breaks off."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gradtui.model.messages import BREAK_OFF


class BrokenOff(BaseException):
    """The user doesn't want to wait for it any longer."""


@contextmanager
def breakable() -> Iterator[None]:
    """Raises BrokenOff where it is asked for meanwhile, which is heard in the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting = False

    def break_off(_number: int, _frame: FrameType | None) -> None:
        if waiting:
            raise BrokenOff

    before = signal.signal(BREAK_OFF, break_off)
    try:
        try:
            waiting = True
            yield
        finally:
            waiting = False
    finally:
        signal.signal(BREAK_OFF, before or signal.SIG_DFL)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """SIGINT is handled afterwards. In another thread than the main one it never comes anyway."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[FrameType | None] = []
    signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            before(signal.SIGINT, came[0])
