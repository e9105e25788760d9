"""What the first stop will ask for, imported while the program is still importing torch."""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib import import_module

WANTED = (
    "gradtui.tui.terminal",
    "gradtui.diagnosis.engine",
    "rich.syntax",
    "pygments.lexers.python",
)
"""The pane of what is printed, the rules, and the colours of a script."""


def import_ahead() -> None:
    """Begin to import it, in a thread: the screen is drawn, and nobody waits for this."""
    threading.Thread(target=_import, daemon=True).start()


def _import() -> None:
    for name in WANTED:
        with suppress(Exception):  # whoever needs it will say so
            import_module(name)
