"""Textual's own driver, for a terminal on which the splash is drawn already."""

from __future__ import annotations

from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, cast

from textual.drivers.linux_driver import LinuxDriver

from gradtui.tui.splash import ENTER

if TYPE_CHECKING:
    from io import TextIOWrapper

    from gradtui.tui.display import Display


class Enduring:
    """A file that never fails: whoever writes to a terminal that is gone would die of it, with all that wait
    for their turn to write."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()


class TakingOver(LinuxDriver):
    """Begins by drawing over the splash; from then on it is what it always was."""

    _on_splash = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._file is not None:
            self._file = cast("TextIOWrapper", Enduring(self._file))

    def start_application_mode(self) -> None:
        splash = cast("Display", self._app).splash
        self._on_splash = splash is not None and splash.up
        if splash is not None:
            splash.give_way()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if splash is not None and self._on_splash:
            self.attrs_before = splash.hand_over()  # and not those of the splash
        self._on_splash = False

    def write(self, data: str) -> None:
        # Asked twice for a screen of its own, a terminal may clear it, and forget where its cursor stood.
        given_up = self._writer_thread is not None and not self._writer_thread.is_alive()
        # Of one that is gone nobody takes what is queued up, and whoever adds to it would wait for ever.
        if not given_up and not (self._on_splash and data == ENTER):
            super().write(data)
