"""What the screen needs of a running program, and no more: tests give it one that is made up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from gradtui.model.messages import FromViewer
from gradtui.session.events import Event
from gradtui.session.launch import Launch


class Feed(Protocol):
    """A program that tells what happens to it. `session.live.Live` is one."""

    async def start(self, launch: Launch) -> None: ...

    def events(self) -> AsyncIterator[Event]: ...

    def send(self, message: FromViewer) -> None: ...

    def type(self, data: bytes) -> None: ...

    def asks(self) -> bool | None: ...

    def resize(self, columns: int, rows: int) -> None: ...

    def interrupt(self) -> None: ...

    def signal(self, number: int) -> None: ...

    def kill(self) -> asyncio.Task[None]: ...

    def close(self) -> asyncio.Task[None]: ...
