"""The debuggee's end of the socket: one message a line, blocking, and of no consequence to the program.

The viewer may die at any time, and the program must go on as if it had never been there: what can't be sent
is dropped, and the end of what can be received is None.
"""

from __future__ import annotations

import os
import select
import socket
from contextlib import suppress

from gradtui.wire.codec import Message, decode, write

PIECE = 1 << 20
"""Bytes of a message that are gathered before they are sent."""
READ = 1 << 16

CANCEL = "\x18\n"
"""Ends a line that was begun and never finished: whoever reads it drops it."""

# A program may have given SIGPIPE back its default, which is death.
NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)


class Channel:
    """One end of a socket pair, by its file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._socket: socket.socket | None = socket.socket(fileno=descriptor)
        self._socket.setblocking(True)
        if hasattr(socket, "SO_NOSIGPIPE"):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_NOSIGPIPE, 1)
        self._inode = os.fstat(descriptor).st_ino
        self._received = bytearray()
        self._waiting = select.poll()  # to look into an empty socket takes six times as long
        self._waiting.register(descriptor, select.POLLIN)
        self._torn = False

    def send(self, message: Message) -> bool:
        """Whether the message went out: False once the other end is gone, or this one closed.

        A signal's handler may raise while it is sent: it is sent again, whole, before that goes on.
        """
        try:
            return self._send(message)
        except BaseException:
            self._send(message)
            raise

    def receive(self) -> Message | None:
        """The next message, waited for; None once there will be no more. Raises WireError."""
        while True:
            line, end, rest = self._received.partition(b"\n")
            if end:
                self._received = rest
                return decode(bytes(line))
            if not self._more():
                return None

    def poll(self) -> bool:
        """Whether `receive` would return at once."""
        if self._socket is None or b"\n" in self._received:
            return True
        # Also where the other end is gone, or the descriptor: `receive` will find the same, and return.
        return bool(self._waiting.poll(0))

    def close(self) -> None:
        """Say nothing more. May be called more than once."""
        channel, self._socket = self._socket, None
        if channel is None:
            return
        with suppress(OSError):
            if self._ours(channel):
                channel.close()
            else:
                channel.detach()

    def _send(self, message: Message) -> bool:
        if self._socket is None:
            return False
        sender = _Sender(self._socket)
        try:
            if not self._ours(self._socket):
                raise ConnectionError("the program has closed the descriptor")
            if self._torn:
                sender.add(CANCEL)
            self._torn = True
            write(message, sender.add)
            sender.flush()
            self._torn = False
        except OSError:
            self.close()
            return False
        return True

    def _more(self) -> bool:
        if self._socket is None:
            return False
        try:
            got = self._socket.recv(READ) if self._ours(self._socket) else b""
        except OSError:
            got = b""
        if not got:
            self.close()
        self._received += got
        return bool(got)

    def _ours(self, channel: socket.socket) -> bool:
        """Whether the descriptor is still the socket it was.

        A program may close every descriptor it doesn't know, and open a file in the place of this one.
        """
        try:
            return os.fstat(channel.fileno()).st_ino == self._inode
        except OSError:
            return False


class _Sender:
    """Gathers pieces of text, and sends them in larger ones."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._pieces: list[str] = []
        self._size = 0

    def add(self, piece: str) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= PIECE:
            self.flush()

    def flush(self) -> None:
        pieces, self._pieces, self._size = self._pieces, [], 0
        self._channel.sendall("".join(pieces).encode("ascii"), NO_SIGNAL)
