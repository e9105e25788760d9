"""From the command to the screen and back: what is shown, and what the terminal is left with."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gradtui.model.findings import Finding
from gradtui.model.messages import Act, Command, Plan
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome
from gradtui.report.tally import verdict
from gradtui.session.attached import Attached
from gradtui.session.child import Child
from gradtui.session.events import Ended, Output
from gradtui.session.launch import Launch
from gradtui.session.live import Live
from gradtui.tui.app import GradApp
from gradtui.tui.feed import Feed
from gradtui.tui.recordings import Recordings
from gradtui.tui.widgets.headline import nothing_found, verdict_on
from gradtui.tui.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a program while it was on the screen."""

    status: int
    """Its exit status."""
    outcome: Outcome
    snapshots: tuple[Snapshot, ...]
    torch: str
    """Its version; empty where it was never imported."""
    shown: Snapshot | None = None
    """The last one that was shown with its graph."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Texts of the user's files by path."""
    findings: tuple[Finding, ...] = ()
    """Those that were shown when the user left, without muted ones."""
    verdict: str = ""
    """That all is well, where that was judged; or that nothing was found, where it ended with a status."""


def run_app(
    launch: Launch, wishes: Wishes, *, child: Child | None, script: str, say: Callable[[str], None]
) -> Ran:
    """Show the screen until the user leaves; then replay the program's output.

    `child` is the program where it has been started already; `say` tells the terminal of what goes on there.
    """
    return _ran(_app(launch, Live(child), wishes, script=script, anew=Live), wishes, say)


def show_recordings(recordings: Recordings, wishes: Wishes) -> Ran:
    """Show recordings until the user leaves."""
    launch = Launch(Plan((recordings.title,), "script"))
    app = _app(launch, recordings.feed(), wishes, script=recordings.title, recordings=recordings)
    return replace(_ran(app, wishes), status=0)


def show_attached(attached: Attached, wishes: Wishes) -> Ran:
    """Show a program that runs elsewhere until the user leaves; it goes on without the screen."""
    title = attached.recording.title
    app = _app(Launch(Plan((title,), "script")), attached, wishes, script=title, elsewhere=True)
    return replace(_ran(app, wishes), status=0)


def _app(
    launch: Launch,
    feed: Feed,
    wishes: Wishes,
    *,
    script: str,
    anew: Callable[[], Feed] | None = None,
    recordings: Recordings | None = None,
    elsewhere: bool = False,
) -> GradApp:
    return GradApp(
        launch,
        feed,
        wishes,
        script=script,
        anew=anew,
        recordings=recordings,
        elsewhere=elsewhere,
    )


def _ran(app: GradApp, wishes: Wishes, say: Callable[[str], None] | None = None) -> Ran:
    app.splash = wishes.splash
    if wishes.ascii_only:
        from gradtui.tui.ascii import AsciiSigns

        app.signs.append(AsciiSigns(sys.__stderr__.encoding if sys.__stderr__ is not None else "utf-8"))
    status = asyncio.run(_shown(app, say))
    return Ran(
        status,
        app.outcome or Outcome(status),
        tuple(app.snapshots),
        app.torch,
        _shown_last(app),
        dict(app.sources),
        app.main.view.findings if app.main.view is not None else (),
        _verdict(app),
    )


def _verdict(app: GradApp) -> str:
    """The sentence that a program leaves of which the end was seen, and nothing was found.

    Of one that has raised, or was killed, that is told in other words already.
    """
    view, outcome = app.main.view, app.outcome
    if view is None or outcome is None or app.status.damage or (app.let_run and not view.at_the_end):
        return ""
    if outcome.status and not outcome.signal and outcome.raised is None and not outcome.complaint:
        return f"{app.status.script} ended with status {outcome.status}. {nothing_found(view)}"
    if outcome.status or verdict_on(view, outcome) is None:
        return ""
    return verdict(view.tally, view.muted)


def _shown_last(app: GradApp) -> Snapshot | None:
    """What was on the screen, rather than what came after: an interrupt that ended it was never looked at."""
    shown = [app.main.view.snapshot] if app.main.view is not None else []
    return next((one for one in (*shown, *reversed(app.snapshots)) if one.graph is not None), None)


async def _shown(app: GradApp, say: Callable[[str], None] | None) -> int:
    try:
        await app.run_async()
    finally:
        if app.splash is not None:
            app.splash.given_back()
        app.transcript.replay(sys.stdout.buffer)
        if app.let_run and not app.status.elsewhere:
            view = app.main.view
            if say is not None and (view is None or not view.at_the_end):  # then it has nothing more to do
                say(f"{app.status.script} runs on here, without a screen: Ctrl-C ends it.")
            await _run_on(app, app.feed)
        await app.feed.close()
        app.transcript.close()
    outcome = app.outcome
    if outcome is None:
        return app.return_code or 1
    asked = app.ending and outcome.signal  # by the user, who needn't be told of it
    if outcome.complaint and outcome.raised is None and not asked:  # otherwise Python's own message says it
        print(f"gradtui: {outcome.complaint}", file=sys.stderr)  # noqa: T201
    return outcome.status


async def _run_on(app: GradApp, feed: Feed) -> None:
    """Let the program run to its end in the plain terminal."""
    feed.send(Command(Act.DETACH))
    async for event in feed.events():
        if isinstance(event, Output):
            sys.stdout.buffer.write(event.data)
            sys.stdout.buffer.flush()
        elif isinstance(event, Ended):
            app.outcome = event.outcome
