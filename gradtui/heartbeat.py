"""Signs of life of a run without a screen: on a terminal it is said, ever more rarely, that it goes on."""

from __future__ import annotations

import asyncio
import sys
from time import monotonic

from gradtui.errors import begin_line, say
from gradtui.model.messages import Progress
from gradtui.session.events import Event

FIRST = 10.0
"""Seconds before the first of them; the next comes each time when it has taken twice as long."""


class Heartbeat:
    """What is told of a program while it runs. To be used inside one running event loop."""

    def __init__(self, title: str, until: str) -> None:
        """`until` says in words how long it will run."""
        self.title, self.until = title, until
        self._progress: Progress | None = None
        self._begun = monotonic()
        self._next: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """From here on it runs; nothing is told to what is no terminal."""
        self._begun = monotonic()
        if sys.stderr is not None and sys.stderr.isatty():
            self._wait(FIRST)

    def end(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def heard(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._progress = event

    @property
    def sentence(self) -> str:
        """How long it has run, where it was seen last, what it runs to, and how to end it."""
        site = self._progress.site if self._progress is not None else None
        where = f", at {site.place}" if site is not None and site.line else ""
        runs = f"{self.title} still runs after {monotonic() - self._begun:.0f} s{where}"
        return f"{runs}; it goes on {self.until}. Ctrl-C ends it and reports what was seen."

    def _wait(self, seconds: float) -> None:
        self._next = asyncio.get_running_loop().call_later(seconds, self._say)

    def _say(self) -> None:
        begin_line()
        say(self.sentence)
        self._wait(monotonic() - self._begun)
