"""How a program ends: what is printed, what the Watch and the viewer are told, in Python's own order."""

from __future__ import annotations

import sys

from gradtui.debuggee.tracebacks import peel, printed
from gradtui.debuggee.watch import Guarded
from gradtui.model.messages import Finished
from gradtui.model.stops import Outcome, Raised
from gradtui.wire.channel import Channel

SIGINT = 2
DISPLAY = sys.__excepthook__
"""Prints a traceback in C, whatever the program has put in its place since."""


class Ending:
    """Follows a program from the end of its main module to its last exit handler."""

    def __init__(self, watch: Guarded, channel: Channel) -> None:
        self._watch = watch
        self._channel: Channel | None = channel
        self._outcome = Outcome(0)
        self.hook_exited = False
        """Whether the program's own sys.excepthook called sys.exit."""

    def returned(self) -> None:
        """The module ran to its end."""
        self._watch.ended(0)

    def exited(self, error: SystemExit) -> None:
        """Somebody called sys.exit: Python itself will print and exit once the error reaches it."""
        peel(error)
        self._outcome = Outcome(status_of(error))
        self._watch.ended(self._outcome.status)

    def raised(self, error: BaseException) -> BaseException:
        """Nobody caught the error: print it as Python does, and give what to raise to exit as it does."""
        peel(error)
        self._watch.raised(error)
        peel(error)  # a fault in the watch, or a Ctrl-C in it, may have added to it
        raised = described(error)
        failure = show(error)
        self.hook_exited = isinstance(failure, SystemExit)
        final = failure if isinstance(failure, SystemExit) else leaving(error)
        if isinstance(final, SystemExit):
            self._outcome = Outcome(status_of(final), raised=raised)
        else:
            self._outcome = Outcome(128 + SIGINT, signal=SIGINT, raised=raised)
        self._watch.ended(self._outcome.status)
        return final

    def not_begun(self, error: Exception, status: int) -> None:
        """The program can't be read, so that nothing of it will run."""
        self._watch.remove()
        self._outcome = Outcome(status, raised=described(error), ran=False, complaint=str(error))
        self.finish()

    def forked(self) -> None:
        """This process is a forked child, of which the viewer knows nothing."""
        channel, self._channel = self._channel, None
        self._watch.forked()
        if channel is not None:
            channel.close()

    def finish(self) -> None:
        """Say the last word to the viewer; in a forked child there is nobody to say it to."""
        channel, self._channel = self._channel, None
        if channel is None:
            return
        self._watch.remove()
        outcome = self._outcome
        if self._watch.complaint:
            outcome = Outcome(
                outcome.status,
                outcome.signal,
                outcome.raised,
                outcome.ran,
                outcome.complaint or self._watch.complaint,
            )
        try:
            channel.send(Finished(outcome))
            channel.close()
        except OSError:
            pass  # the viewer is gone, and the program ends as it would have


def status_of(error: SystemExit) -> int:
    """The exit status that a shell sees where this error ends the program."""
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1


def described(error: BaseException) -> Raised:
    """What the viewer is told of an exception, in Python's own words."""
    lines = printed(error)
    return Raised(type=type(error).__qualname__, message=_message(error), stack=(), traceback=lines)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a __str__ of the program's; Python prints the same
        return "<exception str() failed>"


def show(error: BaseException) -> BaseException | None:
    """Print an exception as Python does at the top level, and give what the program's hook raised."""
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    failure = _call_hook(error)
    if failure is not None and not isinstance(failure, SystemExit):
        peel(failure)
        _write("Error in sys.excepthook:\n")
        DISPLAY(type(failure), failure, failure.__traceback__)
        _write("\nOriginal exception was:\n")
        DISPLAY(type(error), error, error.__traceback__)
    return failure


def leaving(error: BaseException) -> BaseException:
    """What to raise in order to exit as Python does after an error that is printed already.

    That is SystemExit, or KeyboardInterrupt, which ends the process by its signal.
    """
    if isinstance(error, KeyboardInterrupt):
        _silence(error)
        return error
    return SystemExit(1)


def _call_hook(error: BaseException) -> BaseException | None:
    """Call the program's hook, or Python's own, and give what it raised."""
    traceback = error.__traceback__
    if not hasattr(sys, "excepthook"):
        _write("sys.excepthook is missing\n")
    hook = getattr(sys, "excepthook", DISPLAY)
    failure = None
    try:
        sys.audit("sys.excepthook", hook, type(error), error, traceback)
        hook(type(error), error, traceback)
    except BaseException as raised:
        failure = raised
    return failure


def _write(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)


def _silence(error: BaseException) -> None:
    """Let this error, printed already, reach Python once more without a word.

    Only Python itself can end the process by the signal, after the exit handlers; what it would call to print
    puts everything back as it was.
    """
    traceback, names = error.__traceback__, vars(sys)
    before = {name: names[name] for name in ("excepthook",) if name in names}

    def restore(*_: object) -> None:
        error.__traceback__ = sys.last_traceback = traceback
        del names["excepthook"]
        names.update(before)

    sys.excepthook = restore
