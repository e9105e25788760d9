"""What can go wrong with the command itself. Each error is one sentence for the user and an exit status."""

from __future__ import annotations


class GradtuiError(Exception):
    """Shown as `gradtui: ...` on stderr; the command then exits with `status`."""

    status = 2


class UsageError(GradtuiError):
    """The command line makes no sense."""


class CannotOpenError(GradtuiError):
    """A file that the user named can't be read, or written."""
