"""Recordings, as the command has them: which file one goes to, what is one, and what is reported of them."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from gradtui import __version__
from gradtui.check import DIED, exit_status, print_text, run, save, summed_up
from gradtui.errors import CannotOpenError, UsageError, say
from gradtui.model.columns import NONE
from gradtui.model.messages import PROTOCOL, Ready
from gradtui.model.recording import Recording
from gradtui.options import Options
from gradtui.program import MAINS, look_at_target
from gradtui.report.summary import Summary
from gradtui.session.launch import Launch
from gradtui.session.recorded import NOTHING_SEEN, ReadRecording, nothing_in, read
from gradtui.wire.beginning import SUFFIX, is_recording
from gradtui.wire.codec import WireError
from gradtui.wire.recording import Writer, has_snapshot, recording_of

# writing one


def output_file(typed: str, environment: Mapping[str, str]) -> str:
    """The file that `-o` means: each process of a distributed run has its own."""
    rank = _number(environment.get("RANK", ""))
    file = typed.replace("{pid}", str(os.getpid())).replace("{rank}", str(max(0, rank)))
    if rank == NONE or "{rank}" in typed:
        return file
    path = Path(file)
    return str(path.with_name(f"{path.stem}.rank{rank}{path.suffix}"))


def writer_for(options: Options, environment: Mapping[str, str]) -> Writer:
    """Begin the recording that the options ask for. Raises CannotOpenError where it can't be written."""
    file = output_file(options.output, environment)
    look_at_target(file)
    if Path(file).is_file() and Path(file).stat().st_size and not is_recording(file):
        raise CannotOpenError(f"{file} is there already and is no recording: it isn't written over")
    try:
        return Writer(file, recording_of_run(options, environment))
    except OSError as error:
        raise CannotOpenError(f"can't write {file}: {error.strerror}") from None


def recording_of_run(options: Options, environment: Mapping[str, str]) -> Recording:
    """What a recording of the run says of itself that begins now."""
    return Recording(
        PROTOCOL,
        __version__,
        options.program,
        time.time(),
        _number(environment.get("RANK", "")),
        max(0, _number(environment.get("WORLD_SIZE", ""))),
    )


def record(options: Options, launch: Launch, writer: Writer) -> int:
    """Run the program to its end, held nowhere, and record it; gives its exit status."""
    heard = run(replace(launch, stdout_to_stderr=options.json == "-"), writer, keep=options.saves)
    try:
        heard.refuse_what_never_ran()
    except CannotOpenError:
        if Path(writer.path).is_file():  # and no device, which is there for others too
            Path(writer.path).unlink()  # there is nothing in it
        raise
    heard.say_what_killed_it()
    if options.saves:
        save(options, summed_up(options, heard.snapshots, heard.outcome, heard.torch), heard.snapshots)
    if heard.seen and not options.quiet and not writer.lost:
        say(f"recorded: `gradtui {writer.path}` shows it.")
    elif not heard.seen and heard.outcome.raised is None:
        say(f"{writer.path} has nothing to show: {NOTHING_SEEN}.")
    return heard.status


def say_what_is_lost(writer: Writer) -> None:
    """Say that a recording isn't whole, where it isn't."""
    if writer.lost:
        say(f"{writer.path} isn't whole: {writer.lost}.")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else NONE


# reading some


def with_recordings(options: Options) -> Options:
    """The options, knowing that what they name are recordings, where they are.

    Raises CannotOpenError for a file that is called one and isn't: who opens it doesn't want it to be run.
    """
    if options.form != "script":
        return options
    options = replace(options, argv=(*_in_folder(options.argv[0]), *options.argv[1:]))
    if not is_recording(options.argv[0]):
        if options.argv[0].endswith(SUFFIX) and Path(options.argv[0]).is_file():
            raise CannotOpenError(f"{options.argv[0]} isn't a recording, and isn't run as a script either")
        return options
    for file in options.argv[1:]:
        if not is_recording(file):
            there = "is no recording" if Path(file).exists() else "isn't there"
            raise CannotOpenError(f"{file} {there}, and beside a recording there can only be others")
    for name, value in (
        ("--output", options.output),
        ("--listen", options.listen),
        ("--stop-at", options.stop_at),
        ("--python", options.python),
    ):
        if value:
            raise UsageError(f"{name} says how a script is to be run, and {options.argv[0]} is a recording")
    for name, asked in (("--json", options.json), ("--export", options.export)):
        if asked and len(options.argv) > 1:
            raise UsageError(f"{name} tells of one recording, and these are {len(options.argv)}")
    return replace(options, form="recordings")


def _in_folder(typed: str) -> tuple[str, ...]:
    """The recordings in a folder, rank by rank; what was typed where it is no folder, or one of a program."""
    folder = Path(typed)
    if not folder.is_dir() or any((folder / name).exists() for name in MAINS):
        return (typed,)
    with suppress(OSError):  # of which the command tells when it looks at the program
        return (*sorted(filter(is_recording, map(str, folder.iterdir())), key=_by_number),) or (typed,)
    return (typed,)


def _by_number(file: str) -> list[tuple[int, str]]:
    """So that `rank2` stands before `rank10`."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"([0-9]+)", file)]


def said_by_all(files: Sequence[str]) -> list[tuple[str, Recording]]:
    """What recordings say of themselves. Raises CannotOpenError where one says nothing that we understand, or
    none has anything to show."""
    found = []
    for file in files:
        with _opening(file):
            found.append((file, recording_of(file)))
    if not any(has_snapshot(file) for file in files):
        told_by(files[0])  # which says why
    return found


def told_by(file: str) -> ReadRecording:
    """What a recording tells. Raises CannotOpenError where it tells nothing that could be shown."""
    with _opening(file):
        told = read(file)
    if not told.snapshots:
        raise CannotOpenError(nothing_in(told).removesuffix("."))
    return told


@contextmanager
def _opening(file: str) -> Iterator[None]:
    try:
        yield
    except WireError as error:
        raise CannotOpenError(f"{file} can't be read: {error}") from None
    except OSError as error:
        raise CannotOpenError(f"{file} can't be read: {error.strerror}") from None


def report(options: Options) -> int:
    """Report on recordings; those that tell the same are reported on together. Gives the exit status."""
    recorded, unread = [], []
    for file in options.argv:
        try:
            recorded.append(told_by(file))
        except CannotOpenError as error:
            unread.append(error)
    if not recorded:
        raise unread[0]
    for why in unread:  # a rank that died at its start is no reason not to tell of the others
        say(f"{why}.")
    groups: dict[object, list[tuple[ReadRecording, Summary]]] = {}
    for told in recorded:
        if told.damage:
            say(told.damage)
        summary = _summary(options, told)
        groups.setdefault((summary.findings, summary.outcome.status), []).append((told, summary))
    statuses = []
    for number, group in enumerate(groups.values()):
        told, summary = group[0]
        statuses.append(exit_status(summary))
        if options.json != "-":
            sys.stdout.write("\n" * bool(number))
            title = title_among([one for one, _ in group], recorded)
            print_text(replace(summary, script=title), quiet=options.quiet, ascii_only=options.ascii)
        save(options, summary, told.snapshots)
    if not options.check:
        return 0
    worst = (1, CannotOpenError.status, DIED)
    statuses += [why.status for why in unread]
    return next((status for status in worst if status in statuses), 0)


def _summary(options: Options, told: ReadRecording) -> Summary:
    torch = next((item.torch for item in told.messages if isinstance(item, Ready)), "")
    return summed_up(
        options, told.snapshots, told.outcome, torch, script=told.recording.program, remarked=True
    )


def title_among(group: Sequence[ReadRecording], recorded: Sequence[ReadRecording]) -> str:
    """What is reported on; with files and times where its title is that of several runs."""
    title = title_of([one.recording for one in group])
    if len({one.recording.title for one in recorded}) == len(recorded):
        return title
    return f"{title} ({', '.join(f'{one.path}, {one.recording.when}' for one in group)})"


def title_of(recordings: Sequence[Recording]) -> str:
    """What is reported on, in a few words: `train.py, ranks 0, 2 to 5`."""
    first, ranks = recordings[0], sorted(item.rank for item in recordings)
    if len(recordings) == 1:
        return first.title
    if NONE in ranks or any(item.program != first.program for item in recordings):
        return ", ".join(dict.fromkeys(item.title for item in recordings))
    return f"{first.program}, ranks {', '.join(_runs(ranks))}"


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    """Numbers that rise, three and more in a row as `2 to 5`."""
    start = 0
    for index in range(1, len(numbers) + 1):
        if index == len(numbers) or numbers[index] != numbers[index - 1] + 1:
            row = numbers[start:index]
            if len(row) > 2:
                yield f"{row[0]} to {row[-1]}"
            else:
                yield from map(str, row)
            start = index
