"""Warnings of torch's, at the line of the program that they are about.

Python attributes a warning to a frame, and some of the frames are ours: it would name a file of gradtui's,
match other filters, and be shown once where plain Python shows it once for each line. What torch warns of
while gradtui looks at something for itself is about no line of the program, and isn't shown.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any

from gradtui.debuggee.sites import OURS

PASSING = "__torch_function__"
"""The function of ours through which a mode passes the program's own calls."""


def install(looking: Callable[[], bool]) -> Callable[[], None]:
    """Put it in; gives what takes it out again. `looking` says whether gradtui looks at something now."""
    original: Callable[[Any], None] = warnings._showwarnmsg  # type: ignore[attr-defined]

    issuing: list[Any] = []

    def shown(message: Any) -> None:
        if issuing:
            original(message)
            return
        caller = sys._getframe(1)
        if looking() and _ours(caller) and caller.f_code.co_name != PASSING:
            return
        frame = _meant(message, caller)
        if frame is None:
            original(message)
            return
        issuing.append(message)
        try:
            _issue_again(message, frame)
        finally:
            issuing.pop()

    warnings._showwarnmsg = shown  # type: ignore[attr-defined]

    def remove() -> None:
        if warnings._showwarnmsg is shown:  # type: ignore[attr-defined]
            warnings._showwarnmsg = original  # type: ignore[attr-defined]

    return remove


def _meant(message: Any, frame: FrameType | None) -> FrameType | None:
    """The frame that the warning would have named without us; None where it names the right one.

    A `stacklevel` counts frames, and ours are among them: the same count is taken without them.
    """
    chain: list[FrameType] = []
    while frame is not None:
        chain.append(frame)
        frame = frame.f_back
    named = (message.filename, message.lineno)
    level = next((n for n, f in enumerate(chain) if (f.f_code.co_filename, f.f_lineno) == named), None)
    if level is None or not any(_ours(frame) for frame in chain[: level + 1]):
        return None
    plain = _without_us(chain)
    return plain[level] if level < len(plain) else None


def _without_us(chain: list[FrameType]) -> list[FrameType]:
    """Without our frames, and without the detour that a mode makes of a function written in Python.

    Such a function hands itself to the mode and is then called again: innermost first, the chain reads
    function, ours, `handle_torch_function`, function.
    """
    kept: list[FrameType] = []
    index = 0
    while index < len(chain):
        frame = chain[index]
        if not _ours(frame):
            kept.append(frame)
            index += 1
            continue
        while index < len(chain) and _ours(chain[index]):
            index += 1
        if index < len(chain) and chain[index].f_code.co_name == "handle_torch_function":
            index += (
                2 if kept and index + 1 < len(chain) and chain[index + 1].f_code is kept[-1].f_code else 1
            )
    return kept


def _ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(OURS)


def _issue_again(message: Any, frame: FrameType) -> None:
    """Issue a warning as if the program's own frame had called C++, filters and registries included."""
    for name, module in list(sys.modules.items()):
        if name.startswith("gradtui.debuggee"):
            vars(module).pop("__warningregistry__", None)
    once: dict[Any, Any] = getattr(warnings, "onceregistry", {})
    once.pop((str(message.message), message.category), None)
    warnings.warn_explicit(
        message.message,
        message.category,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__") or "<unknown>",
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
        source=message.source,
    )
