"""The application as the terminal knows it: which signs and colours are sent, and how much of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar

from rich.console import RenderableType
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.reactive import Reactive
from textual.screen import Screen

from gradtui.tui.light_theme import LightTheme, is_light
from gradtui.tui.splash import Splash
from gradtui.tui.terminal_diff import Shown, TerminalDiff

COLOURS: dict[bool, list[LineFilter]] = {False: [], True: [LightTheme()]}
"""What colours go through on a dark background, and on a light one."""


class Display(App[None]):
    """Sends what has changed, and everything where others have written to the terminal."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Toast { display: none; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "app.suspend_process", "To the shell", id="suspend"),
        Binding("ctrl+l", "app.draw_anew", "Redraw", id="draw-anew"),
        Binding("L", "app.light", "For a light or a dark terminal", id="light"),
    ]

    # From the beginning: to change it later has all of the CSS parsed and applied once more.
    theme: Reactive[str] = Reactive("ansi-dark")

    def __init__(self) -> None:
        super().__init__()
        self.signs: list[LineFilter] = []
        """What is drawn goes through these, where the terminal can't show our own signs."""
        self.shown = Shown()
        self.light = is_light(os.environ)
        """Whether the terminal's background is light."""
        self.splash: Splash | None = None
        """What is drawn there already, until this draws."""

    async def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.action_draw_anew())

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        from gradtui.tui.driver import TakingOver

        return TakingOver if issubclass(TakingOver, found) else found

    def get_line_filters(self) -> Sequence[LineFilter]:
        found = super().get_line_filters()  # what there is to do for NO_COLOR is among them
        return [*found, *COLOURS[self.light and not self.no_color], *self.signs]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        known = isinstance(renderable, (LayoutUpdate, ChopsUpdate))
        super()._display(screen, TerminalDiff(renderable, self.shown) if known else renderable)  # type: ignore[arg-type]

    def on_resize(self) -> None:
        """The terminal has wrapped its lines anew, or the process was continued: its screen is empty then."""
        self.action_draw_anew()

    def action_light(self) -> None:
        """Draw for the other sort of background: few terminals tell which they have."""
        self.light = not self.light
        self.refresh_css(animate=False)
        self.action_draw_anew()

    def action_draw_anew(self) -> None:
        """Send everything: the terminal may show something else than what it was sent."""
        self.shown.forget()
        self.refresh(layout=True)
