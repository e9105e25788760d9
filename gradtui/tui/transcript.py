"""Everything the program printed, byte by byte, on disk once it is long; replayed when the screen is left."""

from __future__ import annotations

import re
import shutil
import tempfile
from typing import BinaryIO, cast

IN_MEMORY = 1 << 20
INTERRUPTED = re.compile(
    rb"(?:\r\nDuring handling of the above exception, another exception occurred:\r\n\r\n)?"
    rb"Traceback \(most recent call last\):\r\n(?:  .*\r\n)+KeyboardInterrupt\r\n"
)
"""A traceback as a terminal shows it, with what leads to it from that of another exception."""


class Transcript:
    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - lives as long as we
        self.size = 0

    def add(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)

    def replay(self, stream: BinaryIO) -> None:
        """Write all of it to a stream, as if the program had."""
        self._file.seek(0)
        shutil.copyfileobj(cast(BinaryIO, self._file), stream)
        self._file.seek(0, 2)
        stream.flush()

    def forget_interruption(self, since: int) -> None:
        """Leave out the traceback of the KeyboardInterrupt that ended it, printed after so many bytes."""
        self._file.seek(since)
        printed = self._file.read()
        tracebacks = list(INTERRUPTED.finditer(printed))
        if tracebacks:
            last = tracebacks[-1]
            self._file.seek(since)
            self._file.truncate()
            self._file.write(printed[: last.start()] + printed[last.end() :])
        self._file.seek(0, 2)
        self.size = self._file.tell()

    def close(self) -> None:
        self._file.close()
