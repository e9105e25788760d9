"""Keep frames of ours out of what a program sees of its own stack.

Two means. A function marked `unseen` has no frame at all for tracebacks, `sys._getframe` and stack walks: so
whatever of ours stands between frames of the program carries that mark. `peel` takes out what is left.
"""

from __future__ import annotations

import opcode
import os
import sys
from collections.abc import Callable
from traceback import format_exception
from types import TracebackType
from typing import Any, TypeVar

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
"""Below it lie the files whose frames nobody is to see."""

RESUME, NOP = opcode.opmap["RESUME"], opcode.opmap["NOP"]

Function = TypeVar("Function", bound=Callable[..., Any])


def unseen(function: Function) -> Function:
    """The same function, without a frame in tracebacks and stack walks.

    Since 3.11 CPython takes a frame for not yet begun, and so skips it, until it has passed the first RESUME
    in its code. Here that instruction is a NOP. Not for generators and coroutines: their frames always count.
    """
    if hasattr(sys, "gettotalrefcount"):
        return function  # a debug build asserts that running frames have begun
    code = function.__code__
    instructions = bytearray(code.co_code)
    for offset in range(0, len(instructions), 2):
        if instructions[offset] == RESUME:
            instructions[offset] = NOP
            break
    function.__code__ = code.replace(co_code=bytes(instructions))
    return function


def peel(error: BaseException) -> None:
    """Take entries of ours out of the traceback of an exception and of all those that it leads to."""
    pending, seen = [error], {id(error)}
    while pending:
        current = pending.pop()
        current.__traceback__ = _peeled(current.__traceback__)
        for other in _related(current):
            if id(other) not in seen:
                seen.add(id(other))
                pending.append(other)


def _related(error: BaseException) -> list[BaseException]:
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return [other for other in (error.__cause__, error.__context__, *inner) if other is not None]


def _peeled(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without entries of ours. Entries are kept as objects, since others may hold them."""
    entries = _entries(traceback)
    kept = _without_detours([entry for entry in entries if not _is_ours(entry)])
    if len(kept) == len(entries):
        return traceback
    following = None
    for entry in reversed(kept):
        if entry.tb_next is not following:
            entry.tb_next = following
        following = entry
    return following


def _entries(traceback: TracebackType | None) -> list[TracebackType]:
    entries = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    return entries


def _is_ours(entry: TracebackType) -> bool:
    return entry.tb_frame.f_code.co_filename.startswith(OURS)


def _without_detours(entries: list[TracebackType]) -> list[TracebackType]:
    """Without what a mode adds for torch's functions in Python: they call it, and it calls them again."""
    kept: list[TracebackType] = []
    for entry in entries:
        code = entry.tb_frame.f_code
        if len(kept) > 1 and _passes_on(kept[-1]) and kept[-2].tb_frame.f_code is code:
            del kept[-2:]
        kept.append(entry)
    return kept


def _passes_on(entry: TracebackType) -> bool:
    code = entry.tb_frame.f_code
    return code.co_name == "handle_torch_function" and code.co_filename.endswith("overrides.py")


def printed(error: BaseException) -> str:
    """The traceback of an exception, with those that led to it, as Python prints it."""
    return "".join(format_exception(error))
