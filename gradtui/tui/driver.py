"""Textual's own driver, for a terminal on which the splash is drawn already."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.drivers.linux_driver import LinuxDriver

from gradtui.tui.splash import ENTER

if TYPE_CHECKING:
    from gradtui.tui.display import Display


class TakingOver(LinuxDriver):
    """Begins by drawing over the splash; from then on it is what it always was."""

    _on_splash = False

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
        if not (self._on_splash and data == ENTER):
            super().write(data)
