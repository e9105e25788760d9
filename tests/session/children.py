"""Programs to run in a session: a few lines each, behind a stand-in for the bootstrap or the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from gradtui.model.messages import Plan
from gradtui.model.stops import Outcome
from gradtui.session.events import Ended, Event, Output
from gradtui.session.launch import Launch
from gradtui.session.live import Live

STAND_IN = """\
import os, signal, sys, time
from gradtui.model.messages import *
from gradtui.model.stops import Outcome
from gradtui.wire.channel import Channel
channel = Channel(int(sys.argv[1]))
channel.send(Hello(PROTOCOL, os.getpid(), "3"))
plan = channel.receive()
"""

LIMIT = 60
"""Seconds after which a session that should have ended has hung."""


def stand_in(folder: Path, body: str, *, terminal: bool = True, greeting: str = STAND_IN) -> Launch:
    """A launch whose bootstrap says hello, takes the plan and does what `body` says."""
    file = folder / "stand_in.py"
    file.write_text(greeting + dedent(body), encoding="utf-8")
    return Launch(Plan(("train.py",), "script"), terminal=terminal, bootstrap=file)


def program(folder: Path, body: str, *, terminal: bool = True) -> Launch:
    """A launch of a script by the real bootstrap."""
    file = folder / "script.py"
    file.write_text(dedent(body), encoding="utf-8")
    return Launch(Plan((str(file),), "script"), terminal=terminal)


@dataclass
class Told:
    """All that a session told."""

    events: list[Event]

    @property
    def output(self) -> bytes:
        return b"".join(event.data for event in self.events if isinstance(event, Output))

    @property
    def messages(self) -> list[Event]:
        return [event for event in self.events if not isinstance(event, Output | Ended)]

    @property
    def outcome(self) -> Outcome:
        last = self.events[-1]
        assert isinstance(last, Ended)
        return last.outcome


React = Callable[[Live, Told], object]


async def run(launch: Launch, react: React | None = None, live: Live | None = None) -> Told:
    """Run a launch to its end; `react` is called after each event."""
    live, told = live or Live(), Told([])
    await live.start(launch)
    try:
        async with asyncio.timeout(LIMIT):
            async for event in live.events():
                told.events.append(event)
                if react is not None:
                    react(live, told)
    finally:
        await live.close()
    return told


def once(sign: bytes, act: Callable[[Live], object]) -> React:
    """Act when some output has appeared for the first time."""
    done = False

    def react(live: Live, told: Told) -> None:
        nonlocal done
        if not done and sign in told.output:
            done = True
            act(live)

    return react
