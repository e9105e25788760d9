"""The seam between running a program and watching it: what `launch` tells, and whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Watch(Protocol):
    """Is told what happens to the program as a whole. All of it happens in the main thread of the program."""

    def torch_imported(self) -> None:
        """The program has just imported torch for the first time; called before the import returns."""

    def raised(self, error: BaseException) -> None:
        """Nobody caught an exception. Its frames are alive, nothing is printed yet. Not for SystemExit."""

    def ended(self, status: int) -> None:
        """The program's main module has ended; exit handlers and threads have not."""

    def remove(self) -> None:
        """Take everything out again. May be called more than once."""

    def forked(self) -> None:
        """This is a forked child: forget the channel, which is the parent's, and take everything out."""


class Guarded:
    """A Watch whose failures are ours alone: the first one ends the watching, never the program."""

    def __init__(self, make: Callable[[], Watch]) -> None:
        self.complaint = ""
        """One sentence about what failed, empty where nothing did."""
        self._watch: Watch | None = None
        self._guarded(lambda: self._begin(make))

    def _begin(self, make: Callable[[], Watch]) -> None:
        self._watch = make()

    def torch_imported(self) -> None:
        self._tell(lambda watch: watch.torch_imported())

    def raised(self, error: BaseException) -> None:
        self._tell(lambda watch: watch.raised(error))

    def ended(self, status: int) -> None:
        self._tell(lambda watch: watch.ended(status))

    def remove(self) -> None:
        self._tell(lambda watch: watch.remove())

    def forked(self) -> None:
        self._tell(lambda watch: watch.forked())
        self._watch = None

    def _tell(self, news: Callable[[Watch], None]) -> None:
        watch = self._watch
        if watch is not None:
            self._guarded(lambda: news(watch))

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # a fault of ours mustn't become one of the program's
            watch, self._watch = self._watch, None
            if not self.complaint:
                self.complaint = (
                    f"gradtui had to stop watching: {type(error).__name__}: {error}{_place(error)}"
                )
            if watch is not None:
                self._guarded(watch.remove)


def _place(error: BaseException) -> str:
    """Where of ours it failed, for a report of the fault."""
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    return f" ({entry.tb_frame.f_code.co_filename}:{entry.tb_lineno})" if entry is not None else ""
