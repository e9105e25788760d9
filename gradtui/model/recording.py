"""What a recording says of itself, before anything else."""

from __future__ import annotations

import time
from dataclasses import dataclass

from gradtui.model.columns import NONE


@dataclass(frozen=True, slots=True)
class Recording:
    """The first line of a recording: what it is of. Messages of the run follow."""

    protocol: int
    """That of the messages which follow."""
    gradtui: str
    """The version that wrote it."""
    program: str
    """What was run, as typed."""
    began: float
    """When, in seconds since 1970."""
    rank: int = NONE
    """Which of the processes of a distributed run it is of; NONE where there was one."""
    ranks: int = 0
    """How many there were; 0 where that isn't known."""

    @property
    def when(self) -> str:
        """When it began, by the clock of this machine."""
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.began))

    @property
    def title(self) -> str:
        """What it is of, in a few words: `train.py`, `train.py, rank 1 of 4`."""
        if self.rank == NONE:
            return self.program
        return f"{self.program}, rank {self.rank}{f' of {self.ranks}' if self.ranks else ''}"
