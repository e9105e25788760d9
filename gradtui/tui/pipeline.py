"""From a snapshot to what is shown of it, stage by stage: findings, then rows and what each line made.

Each is made in a thread, and says how far it has come. Whoever doesn't want to wait is shown less at first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from gradtui.model.findings import Finding
from gradtui.tui.status import ScreenPhase
from gradtui.tui.view import Stage, View

Findings = tuple[Finding, ...]
OFTEN = 0.15
"""Seconds between two signs of progress: to draw them takes time from what is made."""


class UnwantedError(Exception):
    """The program has gone on, or the screen is closed: what is being made is for nobody."""


class Pipeline:
    """Makes one view after the other."""

    def __init__(self, tell: Stage) -> None:
        self._tell = tell
        """Told what is made while somebody waits for it."""
        self._enough = asyncio.Event()
        """The user doesn't want to wait for what is being made, or comes next."""
        self._wanted: object = None
        """Stands for the rows that are of use to somebody; those of an earlier stop end by themselves."""
        self._waiting = self._over = False

    def hurry(self) -> None:
        """Wait no longer."""
        self._enough.set()

    def close(self) -> None:
        """Nobody wants what is still being made, or what would come next."""
        self._over = True
        self._enough.set()

    async def findings(self, look: Callable[[], Findings]) -> asyncio.Future[Findings] | None:
        """A look for findings, which is over or still goes on; None where nobody wanted to wait for it."""
        if self._enough.is_set():
            self._wait_again()
            return None
        looking = asyncio.ensure_future(asyncio.to_thread(look))
        await self._until(looking)
        return looking

    async def rows(
        self, make: Callable[[Stage], View], make_part: Callable[[], View]
    ) -> tuple[View, asyncio.Future[View] | None]:
        """A view, or a part of it and the one that will be whole."""
        wanted = self._wanted = object()
        loop = asyncio.get_running_loop()
        told: ScreenPhase | None = None
        due = 0.0

        def stage(phase: ScreenPhase, done: int, total: int) -> None:
            nonlocal told, due
            if self._over or self._wanted is not wanted:
                raise UnwantedError
            if phase == told and time.monotonic() < due:
                return
            told, due = phase, time.monotonic() + OFTEN
            loop.call_soon_threadsafe(self._hear, wanted, phase, done, total)

        making = asyncio.ensure_future(asyncio.to_thread(make, stage))
        self._waiting = True
        try:
            await self._until(making)
        finally:
            self._waiting = False
        if making.done() and not isinstance(making.exception(), UnwantedError):
            return making.result(), None
        return await asyncio.to_thread(make_part), making

    def _hear(self, wanted: object, phase: ScreenPhase, done: int, total: int) -> None:
        if self._waiting and self._wanted is wanted:
            self._tell(phase, done, total)

    async def _until(self, made: asyncio.Future[Any]) -> None:
        """Wait until it is made, or until the user has had enough of it."""
        enough = asyncio.ensure_future(self._enough.wait())
        try:
            await asyncio.wait({made, enough}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            enough.cancel()
        self._wait_again()

    def _wait_again(self) -> None:
        if not self._over:
            self._enough.clear()
