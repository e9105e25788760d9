"""What the viewer tells the debuggee first. By itself, because it is wanted before anything else is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """First of all from the viewer: what to run and what to look for."""

    argv: tuple[str, ...]
    """The script as typed, or the module's or code's text, then its arguments."""
    form: str
    """`script`, `module` or `code`."""
    check: bool = False
    """Never held: judge gradients by value at every optimizer's step."""
    steps: int = 8
    """How many steps of each optimizer are judged; 0 for all."""
    stop_at: str = ""
    """`N` or `FILE:LINE`."""
    unheld: bool = False
    """Never held either, but looked at no more than where it would be: for a recording."""
    patient: bool = False
    """Further steps are judged where something had no gradient at any so far: a warm-up may hold it back."""
