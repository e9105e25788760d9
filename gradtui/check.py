"""The run without a screen: let the program run, gather what was seen of it, and report what that means."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.muting import muted
from gradtui.errors import CannotOpenError, begin_line, say
from gradtui.heartbeat import Heartbeat
from gradtui.model.messages import Ready, Seen
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome
from gradtui.model.unseen import broke_off
from gradtui.option_hints import remarks
from gradtui.options import Options
from gradtui.report.json import write_json
from gradtui.report.summary import Summary, summarize
from gradtui.report.text import print_report
from gradtui.session.events import Ended
from gradtui.session.launch import Launch
from gradtui.session.live import Live
from gradtui.wire.recording import Writer

DIED = 3
"""Exit status where the program died before anything could be judged."""
SIGNALLED = 128
"""Exit status, beside the signal's number, of what a signal ended."""


@dataclass(slots=True)
class Heard:
    """Everything that a run has told."""

    snapshots: list[Snapshot] = field(default_factory=list)
    seen: int = 0
    """How many snapshots there were, whether or not they are kept."""
    torch: str = ""
    outcome: Outcome = field(default_factory=lambda: Outcome(0))
    signal: int = 0
    """What we were sent to end it all."""

    @property
    def status(self) -> int:
        """What to exit with as the program did."""
        return SIGNALLED + self.signal if self.ended_by_us else self.outcome.status

    def refuse_what_never_ran(self) -> None:
        """Raise CannotOpenError where the program could not even be started."""
        outcome = self.outcome
        if not outcome.ran and outcome.raised is None and not self.signal:
            raise CannotOpenError(outcome.complaint)

    def say_what_killed_it(self) -> None:
        """Say on stderr what a shell would: of our own end it says nothing, as we die of no signal."""
        if self.outcome.signal and self.outcome.complaint and not self.ended_by_us:
            say(self.outcome.complaint)

    @property
    def ended_by_us(self) -> bool:
        """Whether that is what the program died of."""
        return self.signal != 0 and (self.outcome.signal == self.signal or not self.outcome.ran)


def run_check(options: Options, launch: Launch, writer: Writer | None = None) -> int:
    """Run the program with our own terminal and print what was found; gives the exit status."""
    heartbeat = Heartbeat(options.program.rsplit("/", 1)[-1], _until(options))
    heard = run(
        replace(launch, stdout_to_stderr=options.json == "-"),
        writer,
        heartbeat=None if options.quiet else heartbeat,
    )
    heard.refuse_what_never_ran()
    summary = summed_up(options, heard.snapshots, heard.outcome, heard.torch)
    if (
        options.json != "-" and heard.outcome.ran
    ):  # of what it couldn't even read, Python has said all there is
        print_text(summary, quiet=options.quiet, ascii_only=options.ascii)
    save(options, summary, heard.snapshots)
    return exit_status(summary) if options.check and not heard.ended_by_us else heard.status


def _until(options: Options) -> str:
    """How long the program runs, in words."""
    if not options.check or not options.steps:
        return "to its end"
    if options.steps == 1:
        return "until 1 step of each optimizer is judged"
    return f"until {options.steps:,} steps of each optimizer are judged"


def run(
    launch: Launch, writer: Writer | None = None, *, keep: bool = True, heartbeat: Heartbeat | None = None
) -> Heard:
    """Run a program to its end, and write down what it tells; `keep` its snapshots."""
    heard = asyncio.run(
        _listen(launch, writer.add if writer is not None else None, keep=keep, heartbeat=heartbeat)
    )
    if writer is not None:
        writer.close(heard.outcome)
    begin_line()
    return heard


async def _listen(
    launch: Launch, tap: Callable[[bytes], None] | None, *, keep: bool, heartbeat: Heartbeat | None
) -> Heard:
    heard, live = Heard(), Live(tap=tap)
    pass_on_signals(live, heard)
    await live.start(launch)
    if heartbeat is not None:
        heartbeat.begin()
    async for event in live.events():
        if heartbeat is not None:
            heartbeat.heard(event)
        match event:
            case Ready(torch):
                heard.torch = torch
            case Seen(snapshot):
                heard.seen += 1
                if keep:
                    heard.snapshots.append(snapshot)
            case Ended(outcome):
                heard.outcome = outcome
    await live.close()
    if heartbeat is not None:
        heartbeat.end()
    return heard


def pass_on_signals(live: Live, heard: Heard) -> None:
    """Outlive what ends the program, so as to report; what only we were sent, the program is sent too."""
    loop = asyncio.get_running_loop()

    def pass_on(number: int) -> None:
        heard.signal = number
        if number != signal.SIGINT or not _in_foreground():
            live.signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, pass_on, number)


def _in_foreground() -> bool:
    """Whether a terminal sends its Ctrl-C to us, and so to the program as well."""
    with suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        finally:
            os.close(terminal)
    return False


def summed_up(
    options: Options,
    snapshots: Sequence[Snapshot],
    outcome: Outcome,
    torch: str,
    *,
    script: str = "",
    remarked: bool = False,
) -> Summary:
    """What reports tell of a run; says on stderr what had no effect, unless that has been `remarked` on.

    `script` is what ran where that isn't what the options say: they may name a recording of it.
    """
    faults: list[str] = []
    found = diagnose(snapshots, (), faults)
    for sentence in (*faults, *(remarks(options, outcome, snapshots, found) if not remarked else ())):
        say(sentence)
    told = [finding for finding in found if not muted(finding, options.muted)]
    return summarize(
        snapshots,
        told,
        outcome,
        script=script or options.program,
        folder=options.folder,
        torch=torch,
        muted=sum(finding.loud and finding not in told for finding in found),
    )


def exit_status(summary: Summary) -> int:
    """The status of `--check`: 0 no error, 1 an error was found, 3 it died, or the watch over it
    broke off, before anything was judged."""
    if summary.outcome.signal == signal.SIGINT:
        return SIGNALLED + signal.SIGINT
    if summary.errors:
        return 1
    ended = summary.died or bool(summary.outcome.complaint) or broke_off(summary.unseen)
    return DIED if ended and not summary.tally.judged else 0


def print_text(summary: Summary, *, quiet: bool, ascii_only: bool = False) -> None:
    """The report as text on stdout, plain where that isn't a terminal; nothing where there is no stdout."""
    if sys.stdout is None:
        return
    console = Console(highlight=False)
    with console.capture() as capture:
        print_report(summary, console, quiet=quiet, ascii_only=ascii_only)
    # A name from the program that the terminal's encoding lacks mustn't cost the report.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(capture.get().encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


def save(options: Options, summary: Summary, snapshots: Sequence[Snapshot]) -> None:
    """Write what was asked for beside the text."""
    if options.json:
        save_json(summary, options.json)
    if options.export:
        from gradtui.export import save_pictures
        from gradtui.report.picture import pictured

        found = summary.findings
        save_pictures(pictured(snapshots, found), found, summary.sources, options.export)


def save_json(summary: Summary, file: str) -> None:
    """The report as JSON into a file, `-` for stdout."""
    if file == "-":
        write_json(summary, sys.stdout)
        sys.stdout.flush()
        return
    try:
        with Path(file).open("w", encoding="ascii") as stream:
            write_json(summary, stream)
    except OSError as error:
        raise CannotOpenError(f"can't write {file}: {error.strerror}") from None
