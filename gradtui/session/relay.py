"""Lets a screen be opened on a program that runs without one, and be closed again: the program's side of it.

Everything that the program says is kept, as in a recording, for whoever comes. While nobody is there the
program is held at its breakpoints only, and waits there; while somebody is, it is held as on any screen.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gradtui.model.messages import ON_THE_WAY, Act, Command, Finished
from gradtui.model.recording import Recording
from gradtui.model.stops import Outcome, Stop, StopKind
from gradtui.session.lines import Lines
from gradtui.session.live import Live
from gradtui.session.rendezvous import socket_of
from gradtui.wire.codec import WireError, decode, encode
from gradtui.wire.recording import PROGRESS, SEEN, STOPPED

STEPPED = b'{"type":"Stepped",'
HOLDS = (STOPPED, STEPPED)
"""What the program says last before it waits for a word."""
PASSING = (PROGRESS, STEPPED, b'{"type":"Answer",', b'{"type":"Weighed",')
"""What is of use only to who is there at that moment."""
READ = 1 << 16
BACKLOG = 1 << 28
"""Bytes that wait for a screen which doesn't read them, from which on it is taken for gone."""


class Relay:
    """Between a program and at most one screen at a time. To be used inside one running event loop."""

    def __init__(
        self, recording: Recording, say: Callable[[str], None], tap: Callable[[bytes], None] | None = None
    ) -> None:
        self.live = Live(tap=self._heard)
        self._say, self._tap = say, tap
        self._title = recording.title
        self._kept: list[bytes] = [encode(recording).removesuffix(b"\n")]
        self._files: list[Path] = []
        self._server: asyncio.Server | None = None
        self._screen: asyncio.StreamWriter | None = None
        self._holds = False
        """Whether the program waits for a word."""

    async def open(self) -> None:
        """Let screens come. Raises OSError where there is no place for the socket."""
        file = socket_of(os.getpid(), make=True)
        file.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._welcome, file)
        finally:
            os.umask(before)
        self._files.append(file)

    def greeted(self, pid: int) -> None:
        """The program has told its own number, by which it may be called as well."""
        other = socket_of(pid)
        with suppress(OSError):
            other.unlink(missing_ok=True)
            other.symlink_to(socket_of(os.getpid()))
            self._files.append(other)

    def stopped(self, stop: Stop) -> None:
        """The program is held: it waits if it asked for that itself, or where somebody is there."""
        if self._screen is not None or not self._holds:
            return  # it is up to whoever is there, or was a moment ago
        if stop.kind is StopKind.BREAKPOINT:
            words = f"`gradtui --attach {os.getpid()}` opens the screen."
            self._say(f"{self._title} waits at a breakpoint: {words}")
        else:
            self._let_go()

    def stepped(self) -> None:
        """The program is held between two nodes; a screen may have asked for that and be gone by now."""
        if self._screen is None and self._holds:
            self._let_go()

    async def close(self, outcome: Outcome) -> None:
        """The program is gone: tell who is there, and let nobody in any more."""
        self._heard(encode(Finished(outcome)).removesuffix(b"\n"))
        if self._server is not None:
            self._server.close()
        for file in self._files:
            file.unlink(missing_ok=True)
        screen, self._screen = self._screen, None
        if screen is not None:
            with suppress(OSError):
                await screen.drain()
            screen.close()

    def _heard(self, line: bytes) -> None:
        """The program says something."""
        if self._tap is not None:
            self._tap(line)
        if line.startswith(HOLDS):
            self._holds = True
        if not line.startswith(PASSING):
            self._kept.append(line)
        screen = self._screen
        if screen is not None:
            screen.write(line + b"\n")
            if screen.transport.get_write_buffer_size() > BACKLOG:
                screen.transport.abort()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A screen has come: tell it all that was, and pass on what it wants until it goes."""
        if self._screen is not None:
            writer.close()
            return
        self._screen = writer
        try:
            last = len(self._kept) - 1
            for number, line in enumerate(self._kept):
                past = line.startswith(STOPPED) and not (self._holds and number == last)
                writer.write((SEEN + line.removeprefix(STOPPED) if past else line) + b"\n")
            await self._pass_on(reader)
        except OSError:
            pass  # it is gone
        finally:
            if self._screen is writer:
                self._screen = None
                writer.close()
                if self._holds:
                    self._let_go()

    async def _pass_on(self, reader: asyncio.StreamReader) -> None:
        lines = Lines()
        while data := await reader.read(READ):
            for line in lines.add(data):
                try:
                    message = decode(line)
                except WireError:
                    return  # it isn't one of ours
                if isinstance(message, Command):
                    self._holds = self._holds and message.act in ON_THE_WAY
                self.live.send(message)  # type: ignore[arg-type]  # what isn't for it, it lets pass

    def _let_go(self) -> None:
        self._holds = False
        self.live.send(Command(Act.RUN))
