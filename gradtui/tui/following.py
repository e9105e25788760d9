"""The program, followed from its start to its end: what it says, what is found in it, how it stands."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace

from textual.timer import Timer
from textual.worker import Worker

from gradtui.diagnosis.final_snapshot import snapshot_of, telling
from gradtui.diagnosis.muting import muted
from gradtui.model.findings import Finding
from gradtui.model.messages import (
    Act,
    Answer,
    Command,
    Hello,
    ProgramPhase,
    Progress,
    Ready,
    Reason,
    Seen,
    Stepped,
    Stopped,
    Weighed,
)
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome, StopKind
from gradtui.report.tally import Tallying
from gradtui.session.edits import Edits
from gradtui.session.events import Ended, Event, Output
from gradtui.session.launch import Launch
from gradtui.tui.another_tree import leads_there
from gradtui.tui.command_sender import CommandSender
from gradtui.tui.display import Display
from gradtui.tui.empty import without_backward
from gradtui.tui.feed import Feed
from gradtui.tui.pipeline import Pipeline
from gradtui.tui.preload import import_ahead
from gradtui.tui.recordings import Recordings
from gradtui.tui.screens.keys import key_names
from gradtui.tui.screens.main import MainScreen
from gradtui.tui.screens.requests import RequestScreen
from gradtui.tui.status import ScreenPhase, Status, training_of
from gradtui.tui.step_findings import StepFindings, joined
from gradtui.tui.transcript import Transcript
from gradtui.tui.view import Diagnose, Stage, View, named, view
from gradtui.tui.widgets.saved import Saved
from gradtui.tui.widgets.stops import Stops
from gradtui.tui.wishes import Wishes

TICK = 0.25
"""Seconds between two looks at the clock while the program runs."""
FRAME = 0.03
"""Seconds for which what is printed is gathered before it is shown."""
KEPT = 64
"""Snapshots on the way that the diagnosis is still given; older ones have been judged already."""


class Following(Display):
    """Listens to the program, keeps what it says, and has the screen show it."""

    def __init__(
        self,
        launch: Launch,
        feed: Feed,
        wishes: Wishes | None = None,
        *,
        script: str,
        diagnose: Diagnose | None = None,
        anew: Callable[[], Feed] | None = None,
        recordings: Recordings | None = None,
        elsewhere: bool = False,
    ) -> None:
        super().__init__()
        self.launch, self.feed, self.wishes = launch, feed, wishes or Wishes()
        self.diagnose = diagnose or _engine
        self.anew = anew
        """Gives a feed for another run."""
        self.recordings = recordings
        """The recordings that are shown, where nothing is run."""
        self.run_number = 1
        self.edits = Edits()
        self.transcript = Transcript()
        self.snapshots: list[Snapshot] = []
        self.tallying = Tallying()
        self._muted = 0
        """Errors and warnings that the last look for findings has left out."""
        self.sources: dict[str, str] = {}
        self.status = Status(
            script=script,
            stop_at=launch.plan.stop_at,
            recorded=recordings.sentence if recordings is not None else "",
            several=recordings is not None and recordings.several,
            elsewhere=elsewhere,
        )
        self.outcome: Outcome | None = None
        self.torch = ""
        self.let_run = False
        """The user left, and the program is to run on in the plain terminal."""
        self.main = MainScreen()
        self.main.keymap = self.wishes.keymap or {}
        self.main.names = key_names(self.main.keymap)
        self.commands = CommandSender(feed.send)
        self.step_findings = StepFindings(self._proven)
        self._printed = bytearray()
        """Printed, and not shown yet."""
        self._printing: Timer | None = None
        self._began = time.monotonic()
        self.ending = False
        self._ended_at = 0
        """How much had been printed when the user ended it."""
        self._judging = False
        """Findings are being looked for anew, while the program goes on."""
        self.pipeline = Pipeline(self._at_stage)
        self._listening: Worker[None] | None = None

    def get_default_screen(self) -> MainScreen:
        return self.main

    async def on_mount(self) -> None:
        self.main.status = self.status
        self.set_interval(TICK, self._tick)
        # After the first paint, which nothing is to hold up.
        self.call_after_refresh(self._drawn)

    def on_unmount(self) -> None:
        self.pipeline.close()

    def _drawn(self) -> None:
        """The screen is there for the first time."""
        self._begin()
        import_ahead()
        if not gc.isenabled():  # `opening` put it off; what was imported needn't be looked through ever
            gc.freeze()
            gc.enable()

    # the program

    def _begin(self) -> None:
        self._listening = self.run_worker(self._listen, exit_on_error=True)

    async def _listen(self) -> None:
        """Follow the program from its start to its end."""
        columns, rows = self.main.output.shape
        await self.feed.start(replace(self.launch, columns=columns, rows=rows))
        async for event in self.feed.events():
            await self._take(event)
            # A queue that is never empty gives nobody else a turn, and keys wouldn't be read.
            await asyncio.sleep(0)

    async def _take(self, event: Event) -> None:
        match event:
            case Output(data):
                self.transcript.add(data)
                self._printed += data
                if self._printing is None:
                    self._printing = self.set_timer(FRAME, self._show_printed)
            case Hello():
                self._now(replace(self.status, phase=ScreenPhase.BEGINNING))
            case Ready(torch):
                self.torch = torch
                if breaks := self.main.breaks.active:  # set before it began, or in the run before
                    self.feed.send(Command(Act.ARM, breaks=breaks))
                self._now(replace(self.status, phase=ProgramPhase.RUNNING))
            case Progress():
                self._progress(event)
            case Stopped(snapshot):
                await self._stopped(snapshot)
            case Stepped():
                self._stepped(event)
            case Answer():
                for screen in self.screen_stack:
                    if isinstance(screen, RequestScreen):
                        screen.answered(event)
            case Weighed():
                self.main.query_one(Saved).weighed(event)
            case Seen(snapshot):
                self._remember(snapshot)
                if snapshot.stop.kind is StopKind.END:
                    self._now(replace(self.status, phase=ScreenPhase.EXITING, site=None, done=0, total=0))
                if self.main.view is None and self.status.elsewhere and snapshot.graph is not None:
                    self.main.view = await self._look()  # it was held here once, when nobody was there
                    self._now(replace(self.status, phase=ProgramPhase.RUNNING, done=0, total=0))
                self.run_worker(self._judge_anew(), group="judging")
            case Ended(outcome, damage, nothing):
                self._now(replace(self.status, damage=damage, nothing=nothing))
                await self._ended(outcome)
            case _:
                pass  # answers to what this screen doesn't ask yet

    def _show_printed(self) -> None:
        """Show what was printed since the last time."""
        self._printing = None
        data, self._printed = bytes(self._printed), bytearray()
        if data and self.main.children and self.is_running:
            self.main.output.feed(data)

    def _progress(self, event: Progress) -> None:
        if event.phase == ProgramPhase.WEIGHING:  # the program is held all the while
            asked = f"{event.done:,} of {event.total:,} nodes asked; "
            self.main.query_one(Saved).say(asked + self.main.keyed("{pause} stops."))
            return
        if self.status.phase is ScreenPhase.EXITING:
            return  # what goes on now is what Python does at a program's end
        self._now(
            replace(
                self.status,
                phase=event.phase,
                calls=event.calls,
                site=event.site,
                done=event.done,
                total=event.total,
                # A sign of life from within a backward says nothing of it.
                training=event.training if event.training.backwards else self.status.training,
            )
        )

    def _remember(self, snapshot: Snapshot) -> None:
        kept = self.snapshots if self.recordings is not None else self.snapshots[-KEPT:]
        self.snapshots = [*kept, snapshot]
        self.tallying.add(snapshot)
        self._now(replace(self.status, training=training_of(snapshot) or self.status.training))
        self.sources.update((source.path, source.text) for source in snapshot.sources)

    async def _stopped(self, snapshot: Snapshot) -> None:
        self._remember(snapshot)
        if self.ending:
            return  # it stopped at the interrupt that ends it, and the screen is on its way
        self._now(
            replace(
                self.status,
                phase=ScreenPhase.DIAGNOSING,
                calls=snapshot.trace.total_calls,
                site=None,
                done=0,
                total=0,
            )
        )
        shown = await self._look()
        self.commands.forget()
        self.commands.answered()
        self._now(replace(self.status, held=True, pausing=False, done=0, total=0))
        first, self.main.view = self.main.view is None, shown
        if first and without_backward(snapshot) and self.transcript.size:
            self.main.front = "output"  # what it says, of its arguments for one, is all that there is
        if first and self.wishes.typed:
            self._doubt_mutes(shown)

    def _doubt_mutes(self, shown: View) -> None:
        """Say that a name which was typed to be muted is nobody's."""
        from gradtui.diagnosis.muting import unknown

        for sentence in unknown(self.wishes.typed, self.snapshots, shown.findings):
            self.main.say(sentence)

    def _stepped(self, stepped: Stepped) -> None:
        self._now(replace(self.status, held=True, pausing=False, done=0, total=0, site=None))
        self.main.stepped(stepped)
        if stepped.reason is not Reason.STEP:
            self.commands.forget()
        self.commands.answered()
        view = self.main.view
        if (
            view is not None
            and (looking := self.step_findings.stepped(view.snapshot, self.main.passage)) is not None
        ):
            self.run_worker(self._prove(looking))

    async def _prove(self, looking: Awaitable[None]) -> None:
        await looking
        self.main.judged()

    async def _proven(self, before: Snapshot, snapshot: Snapshot) -> None:
        """Stepping has proved something of the backward that is held."""
        shown = self.main.view
        if shown is None or shown.snapshot is not before or self.snapshots[-1] is not before:
            return  # it goes on already
        self.snapshots[-1] = snapshot
        findings = await asyncio.to_thread(self._diagnosed, self.snapshots)
        now = self.main.view
        if now is not None and now.snapshot is before:  # its statuses may be others by now
            self.main.view = replace(now, snapshot=snapshot, findings=findings, muted=self._muted)

    def _diagnosed(self, snapshots: Sequence[Snapshot]) -> tuple[Finding, ...]:
        found = joined(self.diagnose(snapshots, ()), self.step_findings.by_depth, ())
        told = tuple(finding for finding in found if not muted(finding, self.wishes.mute))
        self._muted = sum(finding.loud and finding not in told for finding in found)
        return told

    async def _look(self) -> View:
        """The view of the last snapshot; with less in it where the user doesn't want to wait for all."""
        snapshots, snapshot = self.snapshots, self.snapshots[-1]
        if snapshot.brief:  # there is nothing to look at: what was found before is still true
            return await self._arranged(self.main.view.findings if self.main.view is not None else ())

        def look() -> tuple[Finding, ...]:
            return self._diagnosed(snapshots)

        looking = await self.pipeline.findings(look)
        if looking is not None and looking.done():
            if (error := looking.exception()) is None:
                return await self._arranged(looking.result())
            # A fault in a rule mustn't take the graph away with it.
            self.main.say(f"The diagnosis failed, the graph is shown without it: {error!r}")
            return replace(await self._arranged(()), judged=False)
        shown = replace(await self._arranged(()), judged=False)
        snapshot = shown.snapshot
        if not shown.part or shown.left_unread:
            self.main.say("Findings will be shown when they are there.")
        # Begun only now where nobody waits for it: the two would hold each other up.
        late = looking or asyncio.ensure_future(asyncio.to_thread(look))
        self.run_worker(self._found_late(late, snapshot), group="findings")
        return shown

    async def _arranged(self, findings: tuple[Finding, ...], at: int | None = None) -> View:
        """The view of the last snapshot with these findings, or of the one `at` an index, or of the one that
        tells most where the program is over; or its first rows, and all of them later."""

        def make(stage: Stage, *, part: bool = False) -> View:
            shown = view(seen, lambda *_: findings, self.wishes.mute, self.sources, part=part, stage=stage)
            return replace(shown, since=since, tally=tally, muted=hushed, quiet=self.wishes.quiet)

        snapshots, tally, hushed = self.snapshots, self.tallying.tally, self._muted
        if at is None:
            at = telling(snapshots, findings) if self.outcome is not None else len(snapshots) - 1
        seen, since = snapshots[: at + 1], tuple(snapshots[at + 1 :])
        shown, rest = await self.pipeline.rows(make, lambda: make(lambda *_: None, part=True))
        if rest is not None:
            self.main.say("Only the first rows are shown; all will be when they are there.")
            self.run_worker(self._rest_later(rest, shown), group="rows")
        return shown

    async def _rest_later(self, rest: asyncio.Future[View], part: View) -> None:
        with suppress(Exception):  # nobody waits for it any more
            whole = await rest
            shown = self.main.view
            if shown is not None and shown.snapshot is part.snapshot:
                self.main.view = replace(
                    whole,
                    findings=shown.findings,
                    judged=shown.judged,
                    muted=shown.muted,
                    course=shown.course,
                )

    async def _found_late(self, looking: asyncio.Future[tuple[Finding, ...]], snapshot: Snapshot) -> None:
        with suppress(Exception):  # whatever rules did, nobody waits for them any more
            findings = await looking
            shown = self.main.view
            if shown is not None and shown.snapshot.stop is snapshot.stop:
                self.main.view = replace(shown, findings=findings, judged=True, muted=self._muted)

    async def _judge_anew(self) -> None:
        """Look again at what was found, while the program goes on: steps have been judged since."""
        if self._judging or self.main.view is None:
            return
        self._judging = True
        try:
            judged: Sequence[Snapshot] = ()
            while self.snapshots is not judged:
                judged, shown = self.snapshots, self.main.view
                if shown is None:
                    break
                findings, known = shown.findings, shown.judged
                with suppress(Exception):  # a fault in a rule is told where the program is held
                    findings = await asyncio.to_thread(self._diagnosed, judged)
                    known = True
                if self.main.view is shown:
                    self.main.view = replace(
                        shown,
                        findings=findings,
                        judged=known,
                        since=_since(shown, judged),
                        tally=self.tallying.tally,
                        muted=self._muted,
                    )
        finally:
            self._judging = False
        self.main.judged()

    async def _ended(self, outcome: Outcome) -> None:
        self.outcome = outcome
        if self.ending and outcome.signal:
            # It is we who interrupted it: where that was is no news to who has just pressed the key.
            self.transcript.forget_interruption(self._ended_at)
        self._show_printed()
        self._now(replace(self.status, held=False, outcome=outcome))
        if not self.ending:
            await self._judge_anew()
        if self.ending or (not self.snapshots and self.run_number == 1 and self.recordings is None):
            self.exit()
        elif self.main.view is None and self.snapshots:
            self.main.view = await self._look()
            if self.status.damage:
                self.main.say(self.status.damage)
        else:
            self.main.rearrange()
            if not self._judging:  # otherwise it is said when that is over
                self.main.judged()

    async def on_stops_wanted(self, event: Stops.Wanted) -> None:
        """Show the graph of a stop that was passed, where somebody looked at it."""
        shown, index = self.main.view, snapshot_of(event.wanted, self.snapshots)
        if event.finding is not None and shown is not None and (self.outcome is None or index is None):
            ours = self.status.ours
            self.main.say(leads_there(shown, event.wanted, self.main.names, ours=ours))
        elif self.outcome is None:
            self.main.say("The stops before this one can be looked at when the program has ended.")
        elif index is None or shown is None:
            self.main.say(f"{named(event.wanted).capitalize()} was passed without a look at its graph.")
        elif shown.snapshot is not self.snapshots[index]:
            self.main.view = await self._arranged(shown.findings, index)
            if event.finding is not None:
                self.main.open_finding(event.finding)

    # the clock

    def _now(self, status: Status) -> None:
        """How the program stands from now on."""
        self.status = status
        if self.is_running:  # otherwise its panes are gone, or some of them are
            self.main.status = self.status

    def _at_stage(self, phase: ScreenPhase, done: int, total: int) -> None:
        self._now(replace(self.status, phase=phase, done=done, total=total))

    def _tick(self) -> None:
        if not self.is_running:
            return
        if self.commands.late and self.status.held:
            self._now(replace(self.status, held=False, phase=ProgramPhase.BACKWARD))
        if self.status.running and not self.status.held:
            asked, output = self.status.asking, self.main.output
            waits = output.waits(self.feed.asks())
            self._now(
                replace(
                    self.status, elapsed=time.monotonic() - self._began, waits=waits, prompt=output.prompt
                )
            )
            if self.status.asking is not asked:
                self.main.rearrange()


def _since(shown: View, seen: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """What was seen after what is shown."""
    stops = [one.stop for one in seen]
    return tuple(seen[stops.index(shown.snapshot.stop) + 1 :] if shown.snapshot.stop in stops else seen)


def _engine(snapshots: Sequence[Snapshot], mute: Collection[str]) -> tuple[Finding, ...]:
    # Only now: nobody needs the rules before the first stop.
    from gradtui.diagnosis.engine import diagnose

    return diagnose(snapshots, mute)
