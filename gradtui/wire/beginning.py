"""How a recording begins. Every script is asked for it before anything is drawn: this imports next to nothing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

BEGINNING = b'{"type":"Recording",'


def is_recording(path: str) -> bool:
    """Whether a file is one, by its content."""
    with suppress(OSError, ValueError):
        if Path(path).is_file():
            with Path(path).open("rb") as file:
                return file.read(len(BEGINNING)) == BEGINNING
    return False
