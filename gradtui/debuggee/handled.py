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
