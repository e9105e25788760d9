"""How a recording begins. Every script is asked before anything is drawn, so this imports next to nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

BEGINNING = b'{"type":"Recording",'
SUFFIX = ".gtr"
"""What recordings are called as a rule: whether it is one, a file's content decides."""


def may_be_recording(path: str) -> bool:
    """Whether a file is one, or is called one, or is a folder, which may hold some."""
    return path.endswith(SUFFIX) or is_recording(path) or os.path.isdir(path)  # noqa: PTH112 - "" is none


def is_recording(path: str) -> bool:
    """Whether a file is one, by its content."""
    with suppress(OSError, ValueError):
        if Path(path).is_file():
            with Path(path).open("rb") as file:
                return file.read(len(BEGINNING)) == BEGINNING
    return False
