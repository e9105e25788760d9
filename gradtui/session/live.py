"""A program that runs now: a child process, what it says, what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import termios
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace

from gradtui.model.messages import Finished, FromDebuggee, FromViewer, Hello
from gradtui.model.stops import Outcome
from gradtui.session.asking import asks
from gradtui.session.descriptors import Sink, Source
from gradtui.session.events import Ended, Event, Output
from gradtui.session.launch import Launch
from gradtui.session.lines import Lines
from gradtui.wire.codec import WireError, decode, encode

LONG = 1 << 16
"""Bytes of a line beyond which it is decoded in a thread, so that the screen goes on."""
PATIENCE = ((signal.SIGINT, 3.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, None))
"""What a program is sent to end it, and for how many seconds it may think about it."""


@dataclass(frozen=True, slots=True)
class _Exited:
    """The child was waited for."""

    code: int


class Live:
    """Starts a program and is its viewer's only way to it. To be used inside one running event loop."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[bytes | Output | Ended | _Exited] = asyncio.Queue()
        self._child: asyncio.subprocess.Process | None = None
        self._launch: Launch | None = None
        self._socket: socket.socket | None = None
        self._terminal = -1
        self._terminal_name = ""
        self._sources: list[Source] = []
        self._commands: Sink | None = None
        self._keys: Sink | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._killing: asyncio.Task[None] | None = None
        self._finished: Outcome | None = None
        self._greeted = False
        self._complaint = ""

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.returncode is None

    async def start(self, launch: Launch) -> None:
        """Start the program. Where it can't be started, that is told by `Ended` as its end is."""
        self._launch = launch
        ours, theirs = socket.socketpair()
        slave = self._open_terminal(launch) if launch.terminal else -1
        try:
            self._child = await _spawn(launch, theirs, slave)
        except OSError as error:
            ours.close()
            self._inbox.put_nowait(Ended(_never_started(launch, error)))
            return
        finally:
            theirs.close()
            if slave >= 0:
                os.close(slave)
        self._connect(ours)
        self.send(launch.plan)
        self._waiting = asyncio.create_task(self._wait(self._child))

    async def events(self) -> AsyncIterator[Event]:
        """Everything the program says and prints, in order, and in the end how it ended."""
        while True:
            item = await self._inbox.get()
            match item:
                case Output():
                    yield item
                case Ended():
                    yield item
                    return
                case _Exited():
                    yield Ended(self._outcome(item.code))
                    return
                case _:
                    message = await self._decoded(item)
                    if message is not None:
                        yield message

    def send(self, message: FromViewer) -> None:
        """Tell the program something; nothing happens where it is gone."""
        if self._commands is not None:
            self._commands.write(encode(message))

    def type(self, data: bytes) -> None:
        """Type into the program's own terminal."""
        if self._keys is not None:
            self._keys.write(data)

    def asks(self) -> bool | None:
        """Whether it waits for somebody to type; None where that can't be told."""
        if self._child is None or not self.running or not self._terminal_name:
            return False
        return asks(self._child.pid, self._terminal_name)

    def resize(self, columns: int, rows: int) -> None:
        """Give the program's own terminal another size."""
        if self._terminal >= 0:
            with suppress(termios.error):
                termios.tcsetwinsize(self._terminal, (rows, columns))

    def interrupt(self) -> None:
        """What Ctrl-C does in a terminal."""
        self.signal(signal.SIGINT)

    def signal(self, number: int) -> None:
        """Send a signal to the program, and where it has its own terminal to all that run in it."""
        if self._child is None or not self.running:
            return
        with suppress(ProcessLookupError, PermissionError):
            if self._launch is not None and self._launch.terminal:
                os.killpg(self._child.pid, number)
            else:
                self._child.send_signal(number)

    def kill(self) -> asyncio.Task[None]:
        """End the program, gently at first. Needn't be awaited; its end is told as ever."""
        if self._killing is None:
            self._killing = asyncio.create_task(self._kill())
        return self._killing

    def close(self) -> asyncio.Task[None]:
        """End the program if it still runs, and let go of everything. Needn't be awaited."""
        return asyncio.create_task(self._close())

    # starting

    def _open_terminal(self, launch: Launch) -> int:
        """Make a pseudo-terminal; gives the end that is the program's."""
        self._terminal, slave = os.openpty()
        self._terminal_name = os.ttyname(slave)
        self.resize(launch.columns, launch.rows)
        return slave

    def _connect(self, ours: socket.socket) -> None:
        self._socket = ours
        lines = Lines()
        self._sources.append(Source(ours.fileno(), lambda data: self._put(lines, data)))
        self._commands = Sink(ours.fileno())
        if self._terminal >= 0:
            self._sources.append(Source(self._terminal, lambda data: self._inbox.put_nowait(Output(data))))
            self._keys = Sink(self._terminal)

    def _put(self, lines: Lines, data: bytes) -> None:
        for line in lines.add(data):
            self._inbox.put_nowait(line)

    # what it says

    async def _decoded(self, line: bytes) -> FromDebuggee | None:
        """The message on a line; after one that can't be understood nothing more is read."""
        if self._complaint:
            return None
        try:
            message = decode(line) if len(line) < LONG else await asyncio.to_thread(decode, line)
        except WireError as error:
            self._complaint = f"What the program's side says can't be understood: {error}."
            self._hang_up()
            return None
        if isinstance(message, Hello):
            self._greeted = True
        if isinstance(message, Finished):
            self._finished = message.outcome
        return message if isinstance(message, FromDebuggee) else None

    def _hang_up(self) -> None:
        """Say that nobody will answer any more: the program is held no longer, and goes on."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    # its end

    async def _wait(self, child: asyncio.subprocess.Process) -> None:
        code = await child.wait()
        for source in self._sources:
            source.drain()
        self._inbox.put_nowait(_Exited(code))

    def _outcome(self, code: int) -> Outcome:
        """What the exit status says, and what the program said of it itself."""
        said = self._finished or Outcome(0, ran=self._greeted)
        status, number = (128 - code, -code) if code < 0 else (code, 0)
        complaint = said.complaint or self._complaint or self._silence(status, number)
        return replace(said, status=status, signal=number, complaint=complaint)

    def _silence(self, status: int, number: int) -> str:
        """One sentence about an end that the program couldn't speak of."""
        if not self._greeted:
            assert self._launch is not None
            return (
                f"{self._launch.interpreter} isn't a Python that gradtui can use: "
                f"it ended with status {status} before it began."
            )
        if number and number != signal.SIGINT:
            return f"The program was killed by signal {number} ({signal.strsignal(number)})."
        if self._finished is None and not number:
            return (
                f"The program ended with status {status} in a way that nobody was told of, as os._exit does."
            )
        return ""

    async def _kill(self) -> None:
        for number, seconds in PATIENCE:
            if not self.running:
                break
            self.signal(number)
            # Where it was held, or is held now by the very exception this raises, it mustn't wait for us.
            self._hang_up()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone(), seconds)

    async def _gone(self) -> None:
        if self._waiting is not None:
            await asyncio.shield(self._waiting)

    async def _close(self) -> None:
        await self.kill()
        await self._gone()
        for source in self._sources:
            source.close()
        for sink in (self._commands, self._keys):
            if sink is not None:
                sink.close()
        if self._socket is not None:
            self._socket.close()
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1


async def _spawn(launch: Launch, theirs: socket.socket, slave: int) -> asyncio.subprocess.Process:
    words = (launch.interpreter, os.fspath(launch.bootstrap), str(theirs.fileno()))
    # Whatever descriptors a shell passed on through us are the program's, as they would be under Python;
    # our own can't be inherited, but for this one.
    theirs.set_inheritable(True)
    if slave < 0:
        return await asyncio.create_subprocess_exec(
            *words, close_fds=False, cwd=launch.folder, stdout=2 if launch.stdout_to_stderr else None
        )
    return await asyncio.create_subprocess_exec(
        *words,
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


def _never_started(launch: Launch, error: OSError) -> Outcome:
    status = 127 if isinstance(error, FileNotFoundError) else 126
    return Outcome(status, ran=False, complaint=f"{launch.interpreter} can't be run: {error.strerror}.")
