"""A call that a handler makes in the place of the hot path."""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import FrameType
from typing import TYPE_CHECKING, Any

import torch

from gradtui.debuggee.functions import Info
from gradtui.debuggee.passive import unasked

if TYPE_CHECKING:
    from gradtui.debuggee.recorder import Recorder

Handler = Callable[["Recorder", Info, FrameType, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


class Call:
    """A call of the program's that a handler makes: afterwards it is known whose fault an error was."""

    __slots__ = ("asked", "done", "function", "out", "raised")

    def __init__(self, function: Callable[..., Any], *, asked: bool) -> None:
        self.function, self.asked = function, asked
        """`asked` tells that tensors of a subclass are to be asked for it, whatever holds around it."""
        self.done = self.raised = False
        self.out: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if self.asked:
                with torch._C._EnableTorchFunction():
                    self.out = self.function(*args, **kwargs)
            else:
                self.out = self.function(*args, **kwargs)
        except BaseException:
            self.raised = True
            raise
        self.done = True
        return self.out


def handled(
    recorder: Recorder,
    info: Info,
    frame: FrameType,
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    types: Collection[type] = (),
) -> Any:
    """Let the handler of a function make a call of it, for which the mode is off.

    `types` are the subclasses among its arguments that have a `__torch_function__` of their own.
    """
    if types and torch._C._is_torch_function_enabled():
        with unasked():
            return _handled(recorder, info, frame, Call(func, asked=True), args, kwargs)
    return _handled(recorder, info, frame, Call(func, asked=False), args, kwargs)


def _handled(
    recorder: Recorder,
    info: Info,
    frame: FrameType,
    call: Call,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    try:
        out = recorder.handlers[info.act](recorder, info, frame, call, args, kwargs)
        if len(recorder.tape.key) >= recorder.tick_at:
            recorder.tick(frame)
        return out
    except Exception as error:
        if call.raised:
            raise
        recorder.failed(error)
        return call.out if call.done else call(*args, **kwargs)
    except BaseException:  # an interrupt: the program may catch it and go on
        recorder.tape.mend()
        raise
