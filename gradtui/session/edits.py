"""Which of the files that a program ran have been edited since."""

from __future__ import annotations

import tokenize
from collections.abc import Mapping
from pathlib import Path


class Edits:
    """Compares files on disk with the text that ran; reads a file only where it was written anew."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, bool]] = {}
        """By path when it was written last, and whether its text differs from the one that ran."""

    def forget(self) -> None:
        """Another run has begun: what ran is another text."""
        self._known.clear()

    def changed(self, ran: Mapping[str, str]) -> tuple[str, ...]:
        """Paths of the files whose text on disk isn't the one that ran. What is gone hasn't changed."""
        return tuple(path for path, text in ran.items() if self._differs(path, text))

    def _differs(self, path: str, text: str) -> bool:
        try:
            written = Path(path).stat().st_mtime_ns
        except OSError:
            return False
        known = self._known.get(path)
        if known is None or known[0] != written:
            now = read(path)
            known = self._known[path] = (written, now is not None and now.rstrip() != text.rstrip())
        return known[1]


def read(path: str) -> str | None:
    """The text of a Python file as it is now, None where it can't be read."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None
