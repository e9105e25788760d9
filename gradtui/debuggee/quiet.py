"""When nothing is recorded: inside of an optimizer's step, and while what runs is ours or the viewer's."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar


class Quiet(IntEnum):
    """How much of what runs is left out. The hot path takes it for a number: whatever isn't OFF is true."""

    OFF = 0
    """All is recorded."""
    STEP = 1
    """Inside of an optimizer's step: only what runs in grad mode is, a closure."""
    ALL = 2
    """Nothing is."""


class Quietened(Protocol):
    quiet: Quiet


class Recording(Protocol):
    @property
    def recorder(self) -> Quietened: ...


Self = TypeVar("Self", bound=Recording)
Given = ParamSpec("Given")
Out = TypeVar("Out")


def silenced(method: Callable[Concatenate[Self, Given], Out]) -> Callable[Concatenate[Self, Given], Out]:
    """A method of what has a `recorder`, while which nothing is recorded; afterwards all is as it was.

    No context manager: Python may take an interrupt as its `__exit__` begins, and of a program that catches
    that and goes on nothing would be recorded any more. Here it takes none but within the `try`.
    """

    @wraps(method)
    def run(self: Self, /, *args: Given.args, **kwargs: Given.kwargs) -> Out:
        recorder = self.recorder
        before, recorder.quiet = recorder.quiet, Quiet.ALL
        try:
            out = method(self, *args, **kwargs)
        finally:
            recorder.quiet = before
        return out  # no sooner: an interrupt that comes right after the call is then within the `try` as well

    return run
