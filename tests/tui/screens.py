"""Shows a made-up program on the real screen, to look at: `python -m tests.tui.screens [NAME]`."""

from __future__ import annotations

import asyncio
import sys

from gradtui.model.messages import Hello, ProgramPhase, Progress, Ready, Stopped
from gradtui.model.stops import Outcome
from gradtui.session.events import Ended, Output
from gradtui.tui.app import GradApp
from tests.tui import programs
from tests.tui.feeds import LAUNCH, MadeUp


def main(name: str = "silent_numpy") -> None:
    snapshot, findings = getattr(programs, name)()
    feed = MadeUp(
        Hello(1, 4711, "3.11.7"),
        Ready("2.13.0"),
        Output(b"\x1b[1mloading\x1b[0m 200 windows\r\n"),
        Progress(1200, None, ProgramPhase.RUNNING),
        Stopped(snapshot),
        Output(b"epoch  1: loss 0.4812\r\n"),
        Ended(Outcome(0)),
    )
    app = GradApp(LAUNCH, feed, script="train.py", diagnose=lambda *_: findings)
    asyncio.run(app.run_async())


if __name__ == "__main__":
    main(*sys.argv[1:])
