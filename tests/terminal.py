"""A real pseudo-terminal that commands of the tests run in, read back as a person would see it."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

import pyte

ROOT = Path(__file__).parent.parent
PATIENCE = 100.0
"""Seconds to wait for something on the screen: a machine that is busy takes long to import torch."""


class Terminal:
    """A terminal that a command runs in, and what stands on it."""

    def __init__(self, pid: int, descriptor: int, columns: int, rows: int) -> None:
        self.pid, self.descriptor = pid, descriptor
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.status: int | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    @property
    def left(self) -> str:
        """What was written once the screen had gone, which a user finds in the terminal."""
        return self.raw.rsplit(b"\x1b[?1049l", 1)[-1].decode()

    def until(self, text: str) -> None:
        """Read until a text stands on the screen."""
        self.wait(lambda: text in self.text)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Read until something has come true."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.text
            assert self.read(), self.text

    def read(self) -> bool:
        """Take in what was written; False where nothing more will be."""
        ready, _, _ = select.select([self.descriptor], [], [], 0.5)
        if not ready:
            return True
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:
            return False
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def press(self, keys: str) -> None:
        os.write(self.descriptor, keys.encode())

    def end(self) -> int:
        """Read to the command's end; its exit status."""
        end = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < end, self.text
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status


@contextmanager
def running(
    script: Path,
    *,
    columns: int = 100,
    rows: int = 30,
    environment: Mapping[str, str] = MappingProxyType({}),
    option: str = "",
    python: Path | None = None,
) -> Iterator[Terminal]:
    """`gradtui SCRIPT` in a terminal, between two words of a shell that looks at the terminal's state."""
    if python:
        option += f" --python '{python}'"
    ours = f'"{sys.executable}" -m gradtui {option} "{script}"'
    shell = f'echo start; {ours}; s=$?; stty -a; echo "status $s"; exit $s'
    with command(["sh", "-c", shell], columns=columns, rows=rows, environment=environment) as terminal:
        yield terminal


@contextmanager
def command(
    words: Sequence[str], *, columns: int, rows: int, environment: Mapping[str, str]
) -> Iterator[Terminal]:
    """A command in a terminal."""
    pid, descriptor = pty.fork()
    if not pid:
        termios.tcsetwinsize(0, (rows, columns))
        os.chdir(ROOT)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTSTP):  # whatever the tests run under
            signal.signal(number, signal.SIG_DFL)
        # Said in full: readline, which pytest loads, adds a COLUMNS and a LINES that os.environ can't see.
        os.execvpe(words[0], list(words), {**os.environ, "TERM": "xterm-256color", **environment})
    terminal = Terminal(pid, descriptor, columns, rows)
    try:
        yield terminal
    finally:
        if terminal.status is None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(descriptor)
