"""Cuts a stream of bytes into lines, in time proportional to its length however it arrives."""

from __future__ import annotations

from collections.abc import Iterator

CANCELLED = b"\x18"
"""Ends a line whose sender was interrupted and began anew."""


class Lines:
    def __init__(self) -> None:
        self._begun: list[bytes] = []

    def add(self, data: bytes) -> Iterator[bytes]:
        """The lines that this completes, without their ends."""
        first, *others = data.split(b"\n")
        self._begun.append(first)
        for piece in others:
            line = b"".join(self._begun)
            self._begun = [piece]
            if not line.endswith(CANCELLED):
                yield line
