"""Descriptors that an event loop reads and writes without ever waiting: a socket, a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

READ = 1 << 18
LEFT_BEHIND = 1 << 23
"""Bytes read at most from a descriptor whose owner is dead: others that hold it may write for ever."""


class Source:
    """Hands on whatever can be read from a descriptor, until its end or until it is closed."""

    def __init__(self, descriptor: int, take: Callable[[bytes], None]) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self._read)
        self._open = True

    def drain(self) -> None:
        """Hand on what is there now, and stop: whoever wrote it has died."""
        left = LEFT_BEHIND
        while self._open and left > 0:
            got = self._read()
            if not got:
                break
            left -= got
        self.close()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._descriptor)

    def _read(self) -> int:
        """Take what is there; gives how much it was."""
        try:
            data = os.read(self._descriptor, READ)
        except BlockingIOError:
            return 0
        except OSError:  # the end of a pseudo-terminal is EIO on Linux; a socket may be reset
            data = b""
        if data:
            self._take(data)
        else:
            self.close()
        return len(data)


class Sink:
    """Writes to a descriptor as fast as it takes it; what nobody can read any more is dropped."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pending = bytearray()
        self._loop = asyncio.get_running_loop()
        self._open = True

    def write(self, data: bytes) -> None:
        if not self._open:
            return
        waits = bool(self._pending)
        self._pending += data
        if not waits:
            self._flush()
            if self._pending:
                self._loop.add_writer(self._descriptor, self._go_on)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._pending.clear()
            self._loop.remove_writer(self._descriptor)

    def _go_on(self) -> None:
        self._flush()
        if not self._pending:
            self._loop.remove_writer(self._descriptor)

    def _flush(self) -> None:
        try:
            while self._pending:
                del self._pending[: os.write(self._descriptor, self._pending)]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
