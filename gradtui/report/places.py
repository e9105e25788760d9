"""Where something is, in words."""

from __future__ import annotations

from pathlib import PurePath


def relative(file: str, folder: str) -> str:
    """`file` relative to `folder` where it lies below it, otherwise as it is."""
    path = PurePath(file)
    return str(path.relative_to(folder)) if folder and path.is_relative_to(folder) else file
