"""The command: what is asked for, who does it, and the exit status. It imports only what that needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gradtui.errors import GradtuiError, UsageError, begin_line, say
from gradtui.options import HELP, Options, muted_in_project, parse

if TYPE_CHECKING:
    from gradtui.tui.running import Ran

CUT_OFF = 141
"""What a shell shows for a command whose reader went away: 128 + SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words of the command line ask for; gives the exit status."""
    try:
        return _run(parse(sys.argv[1:] if argv is None else argv))
    except GradtuiError as error:
        say(error)
        return error.status
    except BrokenPipeError:
        # Nobody reads any more. Python would say so once more when it flushes stdout at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return CUT_OFF
    except KeyboardInterrupt:
        return 130


def _run(options: Options) -> int:
    if options.help:
        sys.stdout.write(HELP)
        return 0
    if options.version:
        from gradtui import __version__

        sys.stdout.write(f"gradtui {__version__}\n")
        return 0
    from gradtui.program import refuse_what_cannot_run
    from gradtui.wire.beginning import may_be_recording

    if options.form == "script" and may_be_recording(options.argv[0]):
        from gradtui.recordings import with_recordings

        options = with_recordings(options)
    refuse_what_cannot_run(options)
    from gradtui.charset import ascii_locale

    folder = _working_folder()
    options = replace(
        options,
        folder=str(folder),
        project_mute=muted_in_project(folder),
        ascii=options.ascii or ascii_locale(os.environ),
    )
    if options.attach:
        return _attach(options)
    if options.listen:
        return _listen(options)
    if options.output:
        return _record(options)
    if options.check or not _on_terminal():
        return _check(options)
    return _screen(options)


def _working_folder() -> Path:
    """The folder that we are in; what the shell calls it where somebody has removed it."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path(os.environ.get("PWD", os.sep))


def _check(options: Options) -> int:
    if options.form == "recordings":
        from gradtui.recordings import report

        return report(options)
    from gradtui.program import launch_of

    launch = launch_of(options, check=True)
    from gradtui.check import run_check

    return run_check(options, launch)


def _record(options: Options) -> int:
    from gradtui.check import run_check
    from gradtui.program import launch_of
    from gradtui.recordings import record, say_what_is_lost, writer_for

    launch = launch_of(options, check=options.check, unheld=not options.check)
    writer = writer_for(options, os.environ)
    try:
        return (run_check if options.check else record)(options, launch, writer)
    finally:
        say_what_is_lost(writer)


def _screen(options: Options) -> int:
    if options.form == "recordings":
        return _show_recordings(options)
    from gradtui.opening import on_screen

    ran = on_screen(options)
    begin_line()  # what the program has printed stands there again
    from gradtui.option_hints import astray

    for sentence in astray(options, ran.outcome, ran.snapshots):
        say(sentence)
    if not ran.torch and ran.outcome.ran and not ran.outcome.signal:
        failed = f"ended with status {ran.outcome.status} before it had" if ran.outcome.status else "never"
        say(f"The program {failed} imported torch, so there was nothing to show.")
    _say_where_to_begin(options, ran)
    _save(options, ran)
    return ran.status


def _say_where_to_begin(options: Options, ran: Ran) -> None:
    """Leave the line on the terminal, which the screen takes away with it; a traceback has it already. Or
    that all is well."""
    from gradtui.report.headline import beginning, tells_more

    loud = [finding for finding in ran.findings if finding.loud]
    if loud and not options.quiet and tells_more(loud[0], ran.outcome):
        say(beginning(loud, ran.snapshots[-1].folder if ran.snapshots else ""))
    elif ran.verdict and not loud and not options.quiet:
        say(ran.verdict)


def _save(options: Options, ran: Ran, script: str = "") -> None:
    """Write what was asked for beside the screen; `script` is what ran where the options don't say it."""
    if not options.saves:
        return
    from gradtui.check import save_json, summed_up

    summary = summed_up(options, ran.snapshots, ran.outcome, ran.torch, script=script, remarked=True)
    if options.json:
        save_json(summary, options.json)
    if options.export:
        from gradtui.export import save_pictures

        save_pictures(ran.shown, summary.findings, ran.sources, options.export)


def _show_recordings(options: Options) -> int:
    from gradtui.opening import recordings_on_screen
    from gradtui.recordings import said_by_all

    files = said_by_all(options.argv)
    ran = recordings_on_screen(options, files)
    _say_where_to_begin(options, ran)
    _save(options, ran, files[0][1].program)
    return ran.status


def _listen(options: Options) -> int:
    from gradtui.attaching import listen
    from gradtui.program import launch_of
    from gradtui.recordings import say_what_is_lost, writer_for

    launch = launch_of(options, check=False)
    writer = writer_for(options, os.environ) if options.output else None
    try:
        return listen(options, launch, os.environ, writer)
    finally:
        if writer is not None:
            say_what_is_lost(writer)


def _attach(options: Options) -> int:
    if not _on_terminal():
        raise UsageError("--attach opens a screen, and this is no terminal")
    from gradtui.attaching import attached_to
    from gradtui.opening import attached_on_screen

    attached = attached_to(options)
    ran = attached_on_screen(options, attached)
    _say_where_to_begin(options, ran)
    _save(options, ran, attached.recording.program)
    return ran.status


def _on_terminal() -> bool:
    """Whether a screen can be shown: keys come from a terminal, and what we write goes to one.

    A stderr that goes elsewhere is no hindrance, but a closed one is: there is nothing to draw by.
    """
    if sys.stderr is None or os.environ.get("TERM") == "dumb":
        return False
    return _is_terminal(sys.stdin) and _is_terminal(sys.stdout)


def _is_terminal(stream: TextIO | None) -> bool:
    """Python has None for a stream that was closed before it began."""
    return stream is not None and not stream.closed and stream.isatty()
