"""A program that ran some time ago: what its recording has of it, told as it was told then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from gradtui.model.messages import Finished, FromDebuggee, FromViewer, Seen, Stopped
from gradtui.model.recording import Recording
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome
from gradtui.session.events import Ended, Event
from gradtui.session.launch import Launch
from gradtui.session.no_terminal import NoTerminal
from gradtui.wire.codec import WireError
from gradtui.wire.recording import messages, recording_of

NOTHING_SEEN = "the program ended before there was anything to see"


@dataclass(frozen=True, slots=True)
class ReadRecording:
    """Everything that a recording has."""

    path: str
    recording: Recording
    messages: tuple[FromDebuggee, ...]
    outcome: Outcome
    damage: str = ""
    """One sentence where it isn't whole."""

    @property
    def snapshots(self) -> list[Snapshot]:
        return [item.snapshot for item in self.messages if isinstance(item, (Stopped, Seen))]


def read(path: str) -> ReadRecording:
    """All of a recording that is good.

    Raises WireError where it isn't one or is newer than we, and OSError where it can't be read. Where it goes
    wrong later on, what came before is kept.
    """
    recording = recording_of(path)
    told: list[FromDebuggee] = []
    wrong = ""
    try:
        told.extend(messages(path))
    except WireError as error:
        wrong = f"{path} is damaged, and told as far as it can be read: {error}."
    ends = [item.outcome for item in told if isinstance(item, Finished)]
    if not ends and not wrong:
        wrong = f"{path} ends before the run did: who wrote it was killed, or writes it still."
    return ReadRecording(path, recording, tuple(told), ends[-1] if ends else Outcome(0), wrong)


def nothing_in(told: ReadRecording) -> str:
    """Why there is nothing to show of a recording without a snapshot."""
    return told.damage or f"{told.path} has no stop: {NOTHING_SEEN}."


class Recorded(NoTerminal):
    """Tells the screen of a recording. Nothing is held in it, and nobody answers."""

    def __init__(self, path: str) -> None:
        self.path = path

    async def start(self, launch: Launch) -> None:
        pass

    async def events(self) -> AsyncIterator[Event]:
        """Everything that was told, and how the run ended."""
        try:
            told = await asyncio.to_thread(read, self.path)
        except (OSError, WireError) as error:  # it was good when the screen was opened
            reason = getattr(error, "strerror", None) or error
            yield Ended(Outcome(0), f"{self.path} can't be read: {reason}.")
            return
        for message in told.messages:
            if isinstance(message, Stopped):
                yield Seen(message.snapshot)
            elif not isinstance(message, Finished):
                yield message
        yield Ended(told.outcome, told.damage, "" if told.snapshots else nothing_in(told))

    def send(self, message: FromViewer) -> None:
        pass

    def interrupt(self) -> None:
        pass

    def kill(self) -> asyncio.Task[None]:
        return self.close()

    def close(self) -> asyncio.Task[None]:
        return asyncio.create_task(asyncio.sleep(0))
