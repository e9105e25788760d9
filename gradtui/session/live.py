"""A program that runs now: a child process, what it says, what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from gradtui.model.messages import BREAK_OFF, Finished, FromDebuggee, FromViewer, Hello
from gradtui.model.stops import Outcome
from gradtui.session.asking import asks
from gradtui.session.child import PATIENCE, Child
from gradtui.session.descriptors import Sink, Source
from gradtui.session.events import Ended, Event, Output
from gradtui.session.launch import Launch
from gradtui.session.lines import Lines, decoded
from gradtui.wire.codec import WireError, encode


@dataclass(frozen=True, slots=True)
class _Exited:
    """The child was waited for."""

    code: int


class Live:
    """Starts a program and is its viewer's only way to it. To be used inside one running event loop.

    Where it was started already, before there was a loop, that child is the program. `tap` is given every
    line that the program says, before anybody looks at it.
    """

    def __init__(self, child: Child | None = None, tap: Callable[[bytes], None] | None = None) -> None:
        self._inbox: asyncio.Queue[bytes | Output | Ended | _Exited] = asyncio.Queue()
        self._child, self._tap = child, tap
        self._launch: Launch | None = None
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
        return self._child is not None and self._child.running

    async def start(self, launch: Launch) -> None:
        """Start the program. Where it can't be started, that is told by `Ended` as its end is."""
        self._launch = launch
        try:
            child = self._child = self._child or Child(launch)
        except OSError as error:
            self._inbox.put_nowait(Ended(_never_started(launch, error)))
            return
        child.resize(launch.columns, launch.rows)
        self._connect(child)
        if child.untold is None:
            self.send(launch.plan)
        elif self._commands is not None:
            self._commands.write(child.untold)
        self._waiting = asyncio.create_task(self._wait(child))

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
        if self._child is None or not self.running or not self._child.terminal_name:
            return False
        return asks(self._child.pid, self._child.terminal_name)

    def resize(self, columns: int, rows: int) -> None:
        """Give the program's own terminal another size."""
        if self._child is not None:
            self._child.resize(columns, rows)

    def interrupt(self) -> None:
        """Break off what it evaluates."""
        if self._child is not None and self.running:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._child.pid, BREAK_OFF)

    def signal(self, number: int) -> None:
        """Send a signal to the program, and where it has its own terminal to all that run in it."""
        if self._child is not None:
            self._child.signal(number)

    def kill(self) -> asyncio.Task[None]:
        """End the program, gently at first. Needn't be awaited; its end is told as ever."""
        if self._killing is None:
            self._killing = asyncio.create_task(self._kill())
        return self._killing

    def close(self) -> asyncio.Task[None]:
        """End the program if it still runs, and let go of everything. Needn't be awaited."""
        return asyncio.create_task(self._close())

    # starting

    def _connect(self, child: Child) -> None:
        lines = Lines()
        self._sources.append(Source(child.socket.fileno(), lambda data: self._put(lines, data)))
        self._commands = Sink(child.socket.fileno())
        if child.terminal >= 0:
            self._sources.append(Source(child.terminal, lambda data: self._inbox.put_nowait(Output(data))))
            self._keys = Sink(child.terminal)

    def _put(self, lines: Lines, data: bytes) -> None:
        for line in lines.add(data):
            if self._tap is not None:
                self._tap(line)
            self._inbox.put_nowait(line)

    # what it says

    async def _decoded(self, line: bytes) -> FromDebuggee | None:
        """The message on a line; after one that can't be understood nothing more is read."""
        if self._complaint:
            return None
        try:
            message = await decoded(line)
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
        if self._child is not None:
            self._child.hang_up()

    # its end

    async def _wait(self, child: Child) -> None:
        code = await _exit_code(child)
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
        if self._child is not None:
            self._child.close()


async def _exit_code(child: Child) -> int:
    """Wait in a thread, which nothing waits for: a process that can't even be killed mustn't hold us up."""
    loop = asyncio.get_running_loop()
    code: asyncio.Future[int] = loop.create_future()

    def tell(found: int) -> None:
        if not code.done():
            code.set_result(found)

    def wait() -> None:
        found = child.wait()
        with suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(tell, found)

    threading.Thread(target=wait, daemon=True).start()
    return await code


def _never_started(launch: Launch, error: OSError) -> Outcome:
    status = 127 if isinstance(error, FileNotFoundError) else 126
    return Outcome(status, ran=False, complaint=f"{launch.interpreter} can't be run: {error.strerror}.")
