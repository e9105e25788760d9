"""Textual's own driver, for a terminal on which the curtain is drawn already."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.drivers.linux_driver import LinuxDriver

from gradtui.tui.curtain import ENTER

if TYPE_CHECKING:
    from gradtui.tui.display import Display


class TakingOver(LinuxDriver):
    """Begins by drawing over the curtain; from then on it is what it always was."""

    _on_curtain = False

    def start_application_mode(self) -> None:
        curtain = cast("Display", self._app).curtain
        self._on_curtain = curtain is not None and curtain.up
        if curtain is not None:
            curtain.give_way()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if curtain is not None and self._on_curtain:
            self.attrs_before = curtain.hand_over()  # and not those of the curtain
        self._on_curtain = False

    def write(self, data: str) -> None:
        # Asked twice for a screen of its own, a terminal may clear it, and forget where its cursor stood.
        if not (self._on_curtain and data == ENTER):
            super().write(data)
