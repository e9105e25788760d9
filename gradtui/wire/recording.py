"""The recording: a file with what a run has told, a line a message, behind one that says what it is of.

Lines are those of the wire, written as they come and flushed one by one: whatever dies, those before it
are kept. A file may come from anybody. It is read as the wire is, so that nothing in it is ever executed,
and what could speak to a terminal is taken out of its texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gradtui.model.messages import Finished, FromDebuggee, Seen, Stopped
from gradtui.model.recording import Recording
from gradtui.model.stops import Outcome
from gradtui.wire.circles import goes_round
from gradtui.wire.codec import Message, WireError, decode, encode

PROGRESS = b'{"type":"Progress",'
"""Signs of life, of which nobody wants to know afterwards."""
STOPPED, SEEN = b'{"type":"Stopped",', b'{"type":"Seen",'
"""How lines begin that hold a snapshot."""
CONTROL = re.compile(
    rb"\\(?:(u00(?:0[0-8b-f]|1[0-9a-f]|7f|[89][0-9a-f])|u20(?:2[89a-e]|6[6-9])|[bfr])|.)|(\x7f)",
    re.IGNORECASE,
)
"""An escape in a text of JSON; in the first group, tabs and line ends apart, one of what moves a terminal's
cursor or turns its text round."""
REPLACEMENT = rb"\ufffd"


class Writer:
    """Writes a recording. What goes wrong with the file is kept for later: the run mustn't suffer from it."""

    def __init__(self, path: str, recording: Recording) -> None:
        """Raises OSError where the file can't be written."""
        self.path = path
        self.lost = ""
        """Why the rest couldn't be written; empty where all was."""
        self._file = Path(path).open("wb")  # noqa: SIM115 - lives as long as we
        self.add(encode(recording).removesuffix(b"\n"))

    def add(self, line: bytes) -> None:
        """Write a message as it came over the wire, without its line's end."""
        if self.lost or line.startswith(PROGRESS):
            return
        try:
            self._file.write(line + b"\n")
            self._file.flush()
        except OSError as error:
            self.lost = error.strerror or str(error)

    def close(self, outcome: Outcome) -> None:
        """Say how the run ended, which it may have been unable to say itself."""
        self.add(encode(Finished(outcome)).removesuffix(b"\n"))
        try:
            self._file.close()
        except OSError as error:
            self.lost = self.lost or error.strerror or str(error)


def recording_of(path: str) -> Recording:
    """What a recording says of itself. Raises OSError where it can't be read, WireError where it is none."""
    with Path(path).open("rb") as file:
        message = _message(file.readline(), 1)
    if not isinstance(message, Recording):
        raise WireError("it isn't a recording")
    return replace(message, program=" ".join(message.program.split()))  # which is told on one line


def has_snapshot(path: str) -> bool:
    """Whether there seems to be anything to show in a recording, without a look at what it is."""
    with Path(path).open("rb") as file:
        return any(line.startswith((STOPPED, SEEN)) and line.endswith(b"\n") for line in file)


def messages(path: str) -> Iterator[FromDebuggee]:
    """What the run has told, in order. Raises WireError where a line isn't what it should be, or breaks off:
    what came before that is good."""
    with Path(path).open("rb") as file:
        file.readline()
        for number, line in enumerate(file, 2):
            message = _message(line, number)
            if isinstance(message, Stopped | Seen) and (wrong := goes_round(message.snapshot)):
                raise WireError(f"line {number} can't be understood: {wrong}")
            if isinstance(message, FromDebuggee):
                yield message


def _message(line: bytes, number: int) -> Message:
    if not line.endswith(b"\n"):
        raise WireError(f"it breaks off in line {number}")
    if not line.isascii():
        raise WireError(f"line {number} isn't ASCII")
    try:
        return decode(CONTROL.sub(_harmless, line))
    except WireError as error:
        raise WireError(f"line {number} can't be understood: {error}") from None


def _harmless(found: re.Match[bytes]) -> bytes:
    return REPLACEMENT if found[1] or found[2] else found[0]
