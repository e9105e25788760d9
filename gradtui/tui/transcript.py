"""Everything the program printed, byte by byte, on disk once it is long; replayed when the screen is left."""

from __future__ import annotations

import shutil
import tempfile
from typing import BinaryIO, cast

IN_MEMORY = 1 << 20


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

    def close(self) -> None:
        self._file.close()
