"""The seam between running a program and watching it: what `launch` tells, and whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Observer(Protocol):
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
    """An Observer whose failures are ours alone: the first one ends the watching, never the program."""

    def __init__(self, make: Callable[[], Observer]) -> None:
        self.complaint = ""
        """One sentence about what failed, empty where nothing did."""
        self._observer: Observer | None = None
        self._guarded(lambda: self._begin(make))

    def _begin(self, make: Callable[[], Observer]) -> None:
        self._observer = make()

    def torch_imported(self) -> None:
        self._tell(lambda observer: observer.torch_imported())

    def raised(self, error: BaseException) -> None:
        self._tell(lambda observer: observer.raised(error))

    def ended(self, status: int) -> None:
        self._tell(lambda observer: observer.ended(status))

    def remove(self) -> None:
        self._tell(lambda observer: observer.remove())

    def forked(self) -> None:
        self._tell(lambda observer: observer.forked())
        self._observer = None

    def _tell(self, news: Callable[[Observer], None]) -> None:
        observer = self._observer
        if observer is not None:
            self._guarded(lambda: news(observer))

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # a fault of ours mustn't become one of the program's
            observer, self._observer = self._observer, None
            if not self.complaint:
                self.complaint = (
                    f"gradtui had to stop watching: {type(error).__name__}: {error}{_place(error)}"
                )
            if observer is not None:
                self._guarded(observer.remove)


def _place(error: BaseException) -> str:
    """Where of ours it failed, for a report of the fault."""
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    return f" ({entry.tb_frame.f_code.co_filename}:{entry.tb_lineno})" if entry is not None else ""
