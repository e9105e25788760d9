"""A command in a terminal of its own, typed to as a person would, and the CPU time of its process.

Of the process alone: what it has started, such as the program that it debugs, isn't counted.
"""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.terminal import Terminal, command

COLUMNS, ROWS = 140, 40
QUIET = 0.15
"""Seconds without a word and without work, after which a key has been dealt with."""
BUSY = 3.0
"""Milliseconds of CPU time in these seconds that are no work: looks at the clock, mostly."""
IDLE = 2.0
"""Seconds for which is measured what a process takes that has nothing to do."""


class Typist:
    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.began = time.time()
        self.idle = 0.0
        """Milliseconds of CPU time that a second takes in which nothing is done."""
        # How Linux numbers the CPU clock of another process, with all of its threads, also those that ended.
        self._clock = (~terminal.pid << 3) | 2

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU time so far."""
        return time.clock_gettime(self._clock) * 1000

    @property
    def peak(self) -> float:
        """The most memory that was resident, in MiB."""
        status = Path(f"/proc/{self.terminal.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def painted(self, text: str) -> tuple[float, float]:
        """Seconds of wall and of CPU time, since it was started, until a text stands on the screen."""
        while True:
            assert select.select([self.terminal.descriptor], [], [], 60)[0], self.terminal.text
            wall, cpu = time.time() - self.began, self.cpu / 1000
            assert self.terminal.read(), self.terminal.text
            if text in self.terminal.text:
                return wall, cpu

    def settle(self) -> None:
        """Read until nothing is being done any more."""
        since, before = time.monotonic(), self.cpu
        while time.monotonic() - since < QUIET:
            written = select.select([self.terminal.descriptor], [], [], QUIET / 10)[0]
            if written:
                assert self.terminal.read(), self.terminal.text
            if written or self.cpu - before > BUSY:
                since, before = time.monotonic(), self.cpu

    def rest(self) -> None:
        """Find what doing nothing takes."""
        self.settle()
        before = self.cpu
        time.sleep(IDLE)
        self.idle = (self.cpu - before) / IDLE

    def press(self, keys: str) -> float:
        """Milliseconds of CPU time that keys take, beyond what passes anyway. They must change the screen."""
        begin, before, written = time.monotonic(), self.cpu, len(self.terminal.raw)
        self.terminal.press(keys)
        self.settle()
        assert len(self.terminal.raw) > written, f"{keys!r} did nothing:\n{self.terminal.text}"
        return self.cpu - before - self.idle * (time.monotonic() - begin)


@contextmanager
def typing_to(words: Sequence[str]) -> Iterator[Typist]:
    """A command that has just been started."""
    # Otherwise what it imports would be compiled anew each time, where the tests' own shell says so.
    environment = {"PYTHONDONTWRITEBYTECODE": "", "COLORTERM": "truecolor"}
    with command([sys.executable, *words], columns=COLUMNS, rows=ROWS, environment=environment) as terminal:
        yield Typist(terminal)
