"""How a program ends: what is printed, what the Observer and the viewer are told, in Python's own order."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from dataclasses import replace

from gradtui.debuggee.observer import Guarded
from gradtui.debuggee.tracebacks import peel, printed
from gradtui.model.columns import NONE
from gradtui.model.messages import Finished
from gradtui.model.stops import Outcome, Raised
from gradtui.wire.channel import Channel

SIGINT = 2
DISPLAY = sys.__excepthook__
"""Prints a traceback in C, whatever the program has put in its place since."""


class Ending:
    """Follows a program from the end of its main module to its last exit handler."""

    def __init__(self, observer: Guarded, channel: Channel) -> None:
        self._observer = observer
        self._channel: Channel | None = channel
        self._outcome = Outcome(0)
        self.exited = False
        """Whether sys.exit ended it, called by the program or by its own sys.excepthook."""

    def of(self, error: BaseException | None) -> SystemExit | None:
        """What to raise now that the main module ended with this error; None leaves it to die by SIGINT."""
        if error is None:
            final: SystemExit | None = SystemExit(0)
        else:
            peel(error)
            final = error if isinstance(error, SystemExit) else self._raised(error)
        self.exited = final is error or self.exited
        raised = self._outcome.raised
        self._outcome = (
            Outcome(128 + SIGINT, SIGINT, raised) if final is None else Outcome(status_of(final), 0, raised)
        )
        with suppress(KeyboardInterrupt):
            self._observer.ended(self._outcome.status)
        return final

    def _raised(self, error: BaseException) -> SystemExit | None:
        """Nobody caught the error: print it as Python does."""
        # Who interrupts it where it is held at its end wants it to end, which it does by itself.
        with suppress(KeyboardInterrupt):
            self._observer.raised(error)
        peel(error)  # a fault in the observer, or a Ctrl-C in it, may have added to it
        failure = show(error)
        self._outcome = Outcome(1, raised=described(error))
        if isinstance(failure, SystemExit):
            self.exited = True
            return failure
        if not isinstance(error, KeyboardInterrupt):
            return SystemExit(1)
        _note_interrupt()
        return None

    def not_begun(self, error: Exception, status: int) -> None:
        """The program can't be read, so that nothing of it will run."""
        self._observer.remove()
        outcome = Outcome(status, raised=described(error), ran=False, complaint=str(error))
        if isinstance(error, SyntaxError):
            file, line = error.filename or "", error.lineno or NONE
            outcome = replace(outcome, complaint=error.msg, file=file, line=line)
        self._outcome = outcome
        self.finish()

    def forked(self) -> None:
        """This process is a forked child, of which the viewer knows nothing."""
        channel, self._channel = self._channel, None
        self._observer.forked()
        if channel is not None:
            channel.close()

    def finish(self) -> None:
        """Say the last word to the viewer; in a forked child there is nobody to say it to."""
        channel, self._channel = self._channel, None
        if channel is None:
            return
        self._observer.remove()
        outcome = replace(self._outcome, complaint=self._outcome.complaint or self._observer.complaint)
        with suppress(OSError):  # where the viewer is gone, the program ends as it would have
            channel.send(Finished(outcome))
            channel.close()


def status_of(error: SystemExit) -> int:
    """The exit status that a shell sees where this error ends the program."""
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1


def described(error: BaseException) -> Raised:
    """What the viewer is told of an exception, in Python's own words."""
    try:
        message, traceback = str(error), printed(error)
    except Exception:  # a __str__ of the program's; this is what Python prints of such a one
        message = traceback = "<exception str() failed>"
    return Raised(type=type(error).__qualname__, message=message, stack=(), traceback=traceback)


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


def _note_interrupt() -> None:
    """Make Python kill itself by SIGINT after the exit handlers, as it does after an interrupt nobody caught.

    Where the source of a program is given as text, Python notes that such an interrupt left it.
    """
    with suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt", {})


def forget_last() -> None:
    """Take away what Python noted about the last uncaught exception."""
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)


def end_workers() -> None:
    """End the processes that the program has started by multiprocessing, as Python does when it exits: those
    that wait for a word from it would wait for ever, and keep its output open."""
    processes = sys.modules.get("multiprocessing.process")
    if processes is None:
        return
    with suppress(ValueError):  # in another thread; a DataLoader raises where one of its workers ends
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for worker in processes.active_children():
        with suppress(Exception):  # it has ended meanwhile
            worker.terminate()
