"""The installed command, run as a user runs it: with pipes, or in a real pseudo-terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import termios
from pathlib import Path
from typing import Protocol

import pyte

Done = subprocess.CompletedProcess[str]
GRADTUI = str(Path(sys.executable).parent / "gradtui")
LIMIT = 120
"""Seconds after which a command that should have ended has hung."""

IN_FOREGROUND = (
    "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Python that makes its stdin the terminal of its session, and becomes the command that follows."""


class Command(Protocol):
    """`gradtui WORDS` in the folder of the test."""

    def __call__(self, *words: str, **environment: str) -> Done: ...


def gradtui(*words: str, cwd: Path, **environment: str) -> Done:
    """Run the command with pipes for its streams."""
    return subprocess.run(
        [GRADTUI, *words],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


class Terminal:
    """The command in a terminal of its own, of which it is the foreground process."""

    def __init__(self, *words: str, cwd: Path, columns: int = 80, rows: int = 24) -> None:
        self._master, slave = os.openpty()
        termios.tcsetwinsize(slave, (rows, columns))
        self.child = subprocess.Popen(
            [sys.executable, "-c", IN_FOREGROUND, GRADTUI, *words],
            cwd=cwd,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.shown = ""
        self._screen = pyte.Screen(columns, rows)
        self._drawing = pyte.Stream(self._screen)
        self._drawn = 0
        """How much of what was shown has been drawn."""

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, text: str) -> None:
        """Read until some text has been shown."""
        while text not in self.shown:
            assert self._read(), f"{text!r} never came:\n{self.shown}"

    def until_drawn(self, text: str) -> None:
        """Read until some text stands on a line of the screen, of which only what changes is written."""
        while text not in (drawn := self.drawn):
            assert self._read(), f"{text!r} never stood there:\n{drawn}"

    @property
    def drawn(self) -> str:
        """What stands on the screen now."""
        self._drawing.feed(self.shown[self._drawn :])
        self._drawn = len(self.shown)
        return "\n".join(self._screen.display)

    def end(self) -> int:
        """Read to the end; gives the exit status."""
        while self._read():
            pass
        os.close(self._master)
        return self.child.wait(LIMIT)

    def _read(self) -> bool:
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # the end of a pseudo-terminal on Linux
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)
