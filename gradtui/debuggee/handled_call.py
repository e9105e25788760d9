"""A call that a handler makes in the place of the hot path."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from gradtui.debuggee.functions import Info

if TYPE_CHECKING:
    from gradtui.debuggee.recorder import Recorder

Handler = Callable[["Recorder", Info, FrameType, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


class Call:
    """A call of the program's that a handler makes: afterwards it is known whose fault an error was."""

    __slots__ = ("done", "function", "out", "raised")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.done = self.raised = False
        self.out: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
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
) -> Any:
    """Let the handler of a function make a call of it, for which the mode is off."""
    call = Call(func)
    try:
        out = recorder.handlers[info.act](recorder, info, frame, call, args, kwargs)
        if len(recorder.tape.key) >= recorder.tick_at:
            recorder.tick(frame)
        return out
    except Exception as error:
        if call.raised:
            raise
        recorder.failed(error)
        return call.out if call.done else func(*args, **kwargs)
    except BaseException:  # an interrupt: the program may catch it and go on
        recorder.tape.mend()
        raise
