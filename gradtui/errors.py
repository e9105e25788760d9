"""What can go wrong with the command itself: each error is one sentence for the user and an exit status. And
how such sentences are said."""

from __future__ import annotations

import sys
from contextlib import suppress


class GradtuiError(Exception):
    """Shown as `gradtui: ...` on stderr; the command then exits with `status`."""

    status = 2


class UsageError(GradtuiError):
    """The command line makes no sense."""


class CannotOpenError(GradtuiError):
    """A file that the user named can't be read, or written."""


def say(sentence: object) -> None:
    """Say something on stderr, where there is one and anybody reads it."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"gradtui: {sentence}\n")
            sys.stderr.flush()
