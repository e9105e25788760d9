"""The same program once more, when the user asks for it, and offered when a file that ran has been edited; or
another recording."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace

from gradtui.report.tally import Tallying
from gradtui.session.edits import read
from gradtui.tui.command_sender import CommandSender
from gradtui.tui.following import Following
from gradtui.tui.moved_lines import MovedLines, moved_lines
from gradtui.tui.pipeline import Pipeline
from gradtui.tui.screens.main import MainScreen
from gradtui.tui.status import ScreenPhase, Status
from gradtui.tui.step_findings import StepFindings
from gradtui.tui.transcript import Transcript

LOOK_AT_FILES = 2.0
"""Seconds between two looks at the files that ran."""


class RerunApp(Following):
    """Ends a run, and begins another of the same command; or shows another recording."""

    async def on_mount(self) -> None:
        self.set_interval(LOOK_AT_FILES, self.look_for_edits)
        self.app_resume_signal.subscribe(self, lambda _: self.look_for_edits())

    async def on_reruns_rerun(self) -> None:
        if self.anew is None:
            self.main.say(self.status.not_again)
        else:
            self.run_worker(self._run_again())

    async def on_reruns_turned(self, event: MainScreen.Turned) -> None:
        if self.recordings is None or not self.recordings.turn(event.steps):
            self.main.say("There is no other recording: `gradtui FILE FILE` opens several.")
        else:
            await self._leave_run()
            self.feed, self.sources = self.recordings.feed(), {}
            status = replace(self.status, script=self.recordings.title, recorded=self.recordings.sentence)
            self._enter_run(status, MovedLines(), self.recordings.introduction)

    async def _run_again(self) -> None:
        """End the program, and start it anew when nothing of it is left: it may hold a port or a GPU."""
        assert self.anew is not None
        if not await self._leave_run():
            return
        ran = self.sources
        self.sources = await asyncio.to_thread(_as_they_are, ran)
        self.feed, self.run_number = self.anew(), self.run_number + 1
        self._enter_run(self.status, moved_lines(ran, self.sources))
        self.main.output.begin_anew(f"run {self.run_number}")

    async def _leave_run(self) -> bool:
        """Be done with what is shown; False where the user has quit meanwhile."""
        if self._listening is not None:
            self._listening.cancel()
        self._show_printed()
        self.main.take_bearings()
        self.main.changed = ()  # it is what is being done about it
        self._now(
            replace(
                self.status, held=False, outcome=None, phase=ScreenPhase.ENDING, site=None, done=0, total=0
            )
        )
        await self.feed.close()
        if self.ending:
            self.exit()
            return False
        self.pipeline.close()
        self.pipeline = Pipeline(self._at_stage)
        return True

    def _enter_run(self, status: Status, moved: MovedLines, other: str = "") -> None:
        """Begin with another feed, of which nothing is known yet; `other` names a run of another program."""
        self.commands, self.snapshots, self.torch = CommandSender(self.feed.send), [], ""
        self.tallying = Tallying()
        self.step_findings = StepFindings(self._proven)
        self.outcome, self._began = None, time.monotonic()
        self.edits.forget()
        self.transcript.close()
        self.transcript = Transcript()
        self.main.run_begins(self.run_number, moved, other)
        self._now(
            Status(
                script=status.script, stop_at=status.stop_at, recorded=status.recorded, several=status.several
            )
        )
        self._begin()

    def on_app_focus(self) -> None:
        self.look_for_edits()

    def look_for_edits(self) -> None:
        """Offer another run where a file that ran has been edited."""
        if self.snapshots and self.anew is not None and self.status.phase is not ScreenPhase.ENDING:
            self.run_worker(self._look_for_edits(), group="edits", exclusive=True)

    async def _look_for_edits(self) -> None:
        run = self.run_number
        paths = await asyncio.to_thread(self.edits.changed, dict(self.sources))
        if run == self.run_number and self.status.phase is not ScreenPhase.ENDING:
            self.main.changed = tuple(path.rsplit("/", 1)[-1] for path in paths)


def _as_they_are(ran: Mapping[str, str]) -> dict[str, str]:
    """The texts of files that ran, as they are on disk now."""
    return {path: read(path) or text for path, text in ran.items()}
