"""Files that something is to be written into, before anything is made of it."""

from __future__ import annotations

import os
from pathlib import Path


def unwritable(file: str) -> str:
    """Why a file can't be written, in a sentence without its full stop; empty where it can be."""
    try:
        return _unwritable(file)
    except (OSError, ValueError) as error:  # such as a name that is too long, or holds a zero
        return f"can't write {file}: {error.strerror if isinstance(error, OSError) else error}"


def _unwritable(file: str) -> str:
    target = Path(file)
    if target.is_dir() or file.endswith("/"):
        return f"can't write {file}: it is a folder"
    if not target.parent.is_dir():
        return f"can't write {file}: there is no folder {target.parent}"
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        return f"can't write {file}: permission denied"
    return ""
