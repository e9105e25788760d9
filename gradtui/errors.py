"""What can go wrong with the command itself: each error is one sentence for the user and an exit status. And
how such sentences are said."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


class GradtuiError(Exception):
    """Shown as `gradtui: ...` on stderr; the command then exits with `status`."""

    status = 2


class UsageError(GradtuiError):
    """The command line makes no sense."""


class CannotOpenError(GradtuiError):
    """A file that the user named can't be read, or written."""


def begin_line() -> None:
    """On a terminal begin another line, unless the cursor is at the beginning of one already.

    The program writes to it without us, and a progress bar leaves its last line unended. To ask the terminal
    where its cursor is would mean to read what the user types. So blanks are written, one fewer than a line
    has: from its beginning they leave the cursor in it, from anywhere else they bring it into the next. What
    is no terminal gets none of it: what a file holds is its own.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is None or stream.closed or not stream.isatty():
            continue
        with suppress(OSError):
            columns = os.get_terminal_size(stream.fileno()).columns
            stream.write(f"{' ' * (columns - 1)}\r" if columns else "")  # 0 stands for unknown
            stream.flush()
        return


def say(sentence: object) -> None:
    """Say something on stderr, where there is one and anybody reads it."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"gradtui: {sentence}\n")
            sys.stderr.flush()
