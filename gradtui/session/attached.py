"""A program that runs elsewhere and listens: the screen's side of it. It goes on when the screen has gone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gradtui.model.messages import BREAK_OFF, Finished, FromDebuggee, FromViewer, Hello
from gradtui.model.recording import Recording
from gradtui.model.stops import Outcome
from gradtui.session.events import Ended, Event
from gradtui.session.launch import Launch
from gradtui.session.lines import Lines, decoded
from gradtui.session.no_terminal import NoTerminal
from gradtui.session.rendezvous import listener
from gradtui.wire.codec import WireError, decode, encode

READ = 1 << 18
PATIENCE = 5.0
"""Seconds in which whoever listens says what it is, and in which a program may think about its end."""


class Attached(NoTerminal):
    """The way to a program that listens. Raises OSError where nobody does, WireError where it isn't ours."""

    def __init__(self, file: Path) -> None:
        self._pid = listener(file)
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.connect(str(file))
            self._begun = _first_line(self._socket)
            line, _, self._begun = self._begun.partition(b"\n")
            message = decode(line)
        except BaseException:
            self._socket.close()
            raise
        if not isinstance(message, Recording):
            self._socket.close()
            raise WireError("it doesn't say what it runs")
        self.recording = message
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader | None = None
        self._over = asyncio.Event()
        self._program = 0
        """The process that runs the script, once it has told."""

    async def start(self, launch: Launch) -> None:  # noqa: ARG002 - it runs already
        self._reader, self._writer = await asyncio.open_unix_connection(sock=self._socket)

    async def events(self) -> AsyncIterator[Event]:
        """What the program has said and says, and in the end how it ended."""
        assert self._reader is not None
        lines, data, outcome, complaint = Lines(), self._begun, None, ""
        while not complaint:
            for line in lines.add(data):
                try:
                    message = await decoded(line)
                except WireError as error:
                    complaint = f"What the program's side says can't be understood: {error}."
                    break
                if isinstance(message, Finished):
                    outcome = message.outcome
                elif isinstance(message, FromDebuggee):
                    if isinstance(message, Hello):
                        self._program = message.pid
                    yield message
            try:
                data = await self._reader.read(READ)
            except OSError:
                data = b""
            if not data:
                break
        self._over.set()
        lost = complaint or "The way to the program was cut: whether it runs still isn't known."
        yield Ended(outcome if outcome is not None else replace(Outcome(0), complaint=lost))

    def send(self, message: FromViewer) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(message))

    def interrupt(self) -> None:
        """Break off what it evaluates."""
        if self._program:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._program, BREAK_OFF)

    def kill(self) -> asyncio.Task[None]:
        """End the program; whoever listens for it passes the signal on, and tells of its end.

        Where it goes on regardless, it is ended by force.
        """
        with suppress(ProcessLookupError, PermissionError):
            os.kill(self._pid, signal.SIGTERM)
        return asyncio.create_task(self._gone())

    def close(self) -> asyncio.Task[None]:
        """Go away, and let the program run."""
        return asyncio.create_task(self._close())

    async def _gone(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), PATIENCE)
        if not self._over.is_set() and self._program:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._program, signal.SIGKILL)
        await self._over.wait()

    async def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        else:
            self._socket.close()


def _first_line(way: socket.socket) -> bytes:
    """What came first, with at least one whole line. Raises ConnectionError where nothing did."""
    data = b""
    while b"\n" not in data:
        got = way.recv(READ)
        if not got:
            raise ConnectionError(0, "somebody else is attached to it")
        data += got
    way.setblocking(False)
    return data
