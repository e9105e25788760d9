"""A program that is made up: it says what a test tells it to, and notes what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gradtui.model.messages import Act, Command, Finished, FromViewer, Plan
from gradtui.model.stops import Outcome
from gradtui.session.events import Ended, Event
from gradtui.session.launch import Launch

LAUNCH = Launch(Plan(("train.py",), "script"))


class MadeUp:
    """Says its events in order; after one at which it is held it waits to be told to go on."""

    def __init__(self, *events: Event, hold: bool = True) -> None:
        self.inbox: asyncio.Queue[Event] = asyncio.Queue()
        self.coming = list(events)
        self.sent: list[FromViewer] = []
        self.typed = b""
        self.sizes: list[tuple[int, int]] = []
        self.killed = False
        self.interrupted = False
        self.hold = hold

    async def start(self, launch: Launch) -> None:
        self._go_on()

    async def events(self) -> AsyncIterator[Event]:
        while True:
            event = await self.inbox.get()
            yield event
            if isinstance(event, Ended):
                return

    def say(self, *events: Event) -> None:
        for event in events:
            self.inbox.put_nowait(event)

    def send(self, message: FromViewer) -> None:
        self.sent.append(message)
        if isinstance(message, Command) and message.act is Act.CONTINUE:
            self._go_on()

    def type(self, data: bytes) -> None:
        self.typed += data

    def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))

    def interrupt(self) -> None:
        self.interrupted = True

    def kill(self) -> asyncio.Task[None]:
        self.killed = True
        self.say(Ended(Outcome(143, 15)))
        return asyncio.create_task(asyncio.sleep(0))

    def close(self) -> asyncio.Task[None]:
        return asyncio.create_task(asyncio.sleep(0))

    def _go_on(self) -> None:
        """Say everything up to the next stop."""
        from gradtui.model.messages import Stopped

        while self.coming:
            event = self.coming.pop(0)
            if isinstance(event, Finished):
                continue
            self.say(event)
            if isinstance(event, Stopped):
                break
