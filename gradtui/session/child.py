"""The process that a program runs in, with its terminal: it can be started before there is an event loop.

What there is to be said to it and read from it is `live`'s; this file imports little, so that the program can
begin while everything else is still being imported.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import termios
from contextlib import suppress

from gradtui.session.forking import without_vfork
from gradtui.session.launch import Launch

PATIENCE = ((signal.SIGINT, 3.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, None))
"""What a program is sent to end it, and for how many seconds it may think about it."""


class Child:
    """A program that was started. It waits for its plan, and does nothing before it has that."""

    def __init__(self, launch: Launch) -> None:
        """Start it; raises OSError where that can't be done."""
        self.launch = launch
        self.terminal, self.terminal_name = -1, ""
        """Our end of its pseudo-terminal, and what it is called at the program's end."""
        self.untold: bytes | None = None
        """What of its plan it hasn't been sent yet; None where it wasn't sent any."""
        self.socket, theirs = socket.socketpair()
        slave = -1
        try:
            slave = self._open_terminal() if launch.terminal else -1
            self._process = _spawn(launch, theirs, slave)
        except OSError:
            self.close()
            raise
        finally:
            theirs.close()
            if slave >= 0:
                os.close(slave)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is there still, as far as anybody has waited for it."""
        return self._process.returncode is None

    def wait(self) -> int:
        """Its exit status, or the number of the signal that killed it below zero, once it has ended."""
        return self._process.wait()

    def tell(self, plan: bytes) -> None:
        """Say what to run, as much of it as can be said without waiting."""
        self.socket.setblocking(False)
        try:
            sent = self.socket.send(plan)
        except BlockingIOError:
            sent = 0
        except OSError:  # it is dead, of which its exit status tells
            sent = len(plan)
        self.untold = plan[sent:]

    def resize(self, columns: int, rows: int) -> None:
        """Give its terminal another size."""
        if self.terminal >= 0:
            with suppress(termios.error):
                termios.tcsetwinsize(self.terminal, (rows, columns))

    def signal(self, number: int) -> None:
        """Send a signal to it, and where it has its own terminal to all that run in it."""
        if not self.running:
            return
        with suppress(ProcessLookupError, PermissionError):
            if self.launch.terminal:
                os.killpg(self.pid, number)
            else:
                self._process.send_signal(number)

    def hang_up(self) -> None:
        """Say that nobody will answer any more: the program is held no longer, and goes on."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def end(self) -> None:
        """End it where nobody has, gently at first, and let go of it."""
        for number, seconds in PATIENCE:
            if self._process.poll() is not None:
                break
            self.signal(number)
            self.hang_up()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.close()

    def close(self) -> None:
        """Let go of its socket and its terminal."""
        self.socket.close()
        if self.terminal >= 0:
            os.close(self.terminal)
            self.terminal = -1

    def _open_terminal(self) -> int:
        """Make a pseudo-terminal; gives the end that is the program's."""
        self.terminal, slave = os.openpty()
        self.terminal_name = os.ttyname(slave)
        self.resize(self.launch.columns, self.launch.rows)
        return slave


def _spawn(launch: Launch, theirs: socket.socket, slave: int) -> subprocess.Popen[bytes]:
    without_vfork()
    words = (launch.interpreter, os.fspath(launch.bootstrap), str(theirs.fileno()))
    # Whatever descriptors a shell passed on through us are the program's, as they would be under Python;
    # our own can't be inherited, but for this one.
    theirs.set_inheritable(True)
    if slave < 0:
        return subprocess.Popen(
            words, close_fds=False, cwd=launch.folder, stdout=2 if launch.stdout_to_stderr else None
        )
    return subprocess.Popen(
        words,
        close_fds=False,
        cwd=launch.folder,
        env=_in_terminal(os.environ),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )


def _in_terminal(environment: os._Environ[str]) -> dict[str, str]:
    """Our environment, naming a terminal of the kind that the screen's output pane can show."""
    return {**environment, "TERM": "xterm-256color"}
