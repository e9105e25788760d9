"""Cuts a stream of bytes into lines, in time proportional to its length however it comes, and reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from gradtui.wire.codec import Message, decode

LONG = 1 << 16
"""Bytes of a line beyond which it is decoded in a thread, so that the screen goes on."""
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


async def decoded(line: bytes) -> Message:
    """The message on a line. Raises WireError where it isn't one."""
    return decode(line) if len(line) < LONG else await asyncio.to_thread(decode, line)
