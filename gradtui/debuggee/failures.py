"""An exception of the program in words of the model: its stack, and which tensor or object it is about."""

from __future__ import annotations

import re
import traceback

from gradtui.debuggee.recorder import Recorder
from gradtui.model.columns import NONE
from gradtui.model.stops import Raised
from gradtui.model.trace import Kind

STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""What colours a message that is meant for a terminal, as that of `torch.load` is."""
NEAR = 400
"""Calls before the exception that are searched for what it is about."""


def described(error: BaseException, recorder: Recorder, *, in_backward: bool) -> Raised:
    stack = recorder.sites.of_traceback(error.__traceback__)
    call, value, subject = NONE, NONE, ""
    if isinstance(error, AttributeError):
        call, value, subject = _about(getattr(error, "obj", None), recorder)
    elif not in_backward:
        call = _last(recorder, Kind.RAISED)
    return Raised(
        type=_name(type(error)),
        message=STYLE.sub("", str(error)),
        stack=stack,
        traceback="".join(traceback.format_exception(error)),
        in_backward=in_backward,
        value=value,
        call=call,
        subject=subject,
    )


def _about(item: object, recorder: Recorder) -> tuple[int, int, str]:
    """The call that made the object on which an attribute was missed, its value, and words for it."""
    tape = recorder.tape
    if type(item) is float:
        held = recorder.floats.get(id(item))
        if held is not None and held[0] is item:
            call = next((index for index, order in enumerate(tape.order) if order == held[1]), NONE)
            return call, NONE, f"float {item}"
    if isinstance(item, (int, float)):
        return NONE, NONE, f"{type(item).__name__} {item}"
    if item is None:
        return _last(recorder, Kind.READ_GRAD), NONE, "None"
    return NONE, NONE, type(item).__name__


def _last(recorder: Recorder, kind: Kind) -> int:
    tape = recorder.tape
    for call in range(len(tape) - 1, max(-1, len(tape) - NEAR), -1):
        if tape.kind.get(call) is kind:
            return call
    return NONE


def _name(kind: type[BaseException]) -> str:
    """As a traceback writes it: with its module, unless it is a builtin or the program's own."""
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"
