"""How a program is started: by which interpreter, where, and what its terminal is."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from gradtui.model.plan import Plan

BOOTSTRAP = Path(__file__).absolute().parent.parent / "debuggee" / "bootstrap.py"


@dataclass(frozen=True, slots=True)
class Launch:
    plan: Plan
    interpreter: str = sys.executable
    folder: str | None = None
    """The working folder; None for ours."""
    terminal: bool = False
    """A pseudo-terminal of its own, whose output arrives as events; otherwise it has what we have."""
    columns: int = 80
    rows: int = 24
    stdout_to_stderr: bool = False
    """Without a terminal of its own: what it prints goes to our stderr."""
    bootstrap: Path = BOOTSTRAP
    """What the interpreter runs, with the number of the socket's descriptor as its only argument."""
