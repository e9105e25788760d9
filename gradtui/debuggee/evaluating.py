"""An expression of the user's in a frame of the program, evaluated without leaving a trace of it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import CodeType, FrameType
from typing import Any

import torch

from gradtui.debuggee.interrupts import BrokenOff, breakable
from gradtui.debuggee.names import local_names
from gradtui.model.messages import Answer, Evaluate

LONGEST = 20_000
"""Characters of an answer."""
BROKEN_OFF = "Broken off, as you wished: nothing came of it."
STATEMENT = "That is a statement, and only an expression is evaluated here: nothing was done."


def evaluated(message: Evaluate, frames: Sequence[FrameType]) -> Answer:
    """What an expression gives in one of these frames, or the last line of what it raised.

    Raises KeyboardInterrupt where one comes meanwhile: whoever sends that may mean the program.
    """
    try:
        code = _compiled(message.expression)
    except (SyntaxError, ValueError) as error:
        return Answer(message.request, _said(error), error=True)
    if code is None:
        return Answer(message.request, STATEMENT, error=True)
    names = _names(frames, message.frame)
    with _undone():
        try:
            # Locals go with the globals: what is nested in an expression sees no other names.
            with breakable():
                text = repr(eval(code, names))
        except BrokenOff:
            return Answer(message.request, BROKEN_OFF, error=True)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # whatever it is, it is only an answer: also an exit
            return Answer(message.request, _said(error), error=True)
    return Answer(message.request, _short(text))


def _compiled(expression: str) -> CodeType | None:
    """The code of an expression; None for a statement. Raises SyntaxError for what is neither."""
    text = expression.strip()
    if not text:
        raise SyntaxError("there is nothing to evaluate")
    try:
        return compile(text, "<expression>", "eval", dont_inherit=True)
    except SyntaxError:
        with suppress(SyntaxError):
            compile(text, "<expression>", "exec", dont_inherit=True)
            return None
        raise


def _names(frames: Sequence[FrameType], number: int) -> dict[str, Any]:
    if not frames:
        return dict(vars(sys.modules["__main__"]))
    frame = frames[min(max(number, 0), len(frames) - 1)]
    return {**frame.f_globals, **local_names(frame)}


def _short(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n... the first {LONGEST:,} of {len(text):,} characters"


def _said(error: BaseException) -> str:
    """The last line that Python prints of an exception."""
    try:
        lines = traceback.format_exception_only(error)
    except BaseException:  # a __str__ of the program's
        return type(error).__name__
    return _short(lines[-1].strip())


@contextmanager
def _undone() -> Iterator[None]:
    """Put back afterwards what an expression may move unnoticed: random numbers and the grad mode."""
    grad, state = torch.is_grad_enabled(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    python, numpy = sys.modules.get("random"), sys.modules.get("numpy.random")
    python_state = python.getstate() if python is not None else None
    numpy_state = numpy.get_state() if numpy is not None else None
    try:
        yield
    finally:
        torch.set_grad_enabled(grad)
        torch.set_rng_state(state)
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)
        if python is not None:
            python.setstate(python_state)
        if numpy is not None:
            numpy.set_state(numpy_state)
