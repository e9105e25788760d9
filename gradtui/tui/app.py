"""The application: what the screen wants of the program is told to it, and nothing is ended unasked."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Event, Key

from gradtui.model.messages import Act, Command, ProgramPhase
from gradtui.model.stops import Outcome
from gradtui.tui.rerun import RerunApp
from gradtui.tui.screens.keys import sections
from gradtui.tui.screens.main import MainScreen
from gradtui.tui.screens.requests import ToProgram
from gradtui.tui.status import ScreenPhase
from gradtui.tui.widgets import output as output_pane
from gradtui.tui.widgets.search import Search

ROOM_FOR_KEYS = 32
"""Lines of a screen that shows the keys of every pane at once."""
LAST_SECONDS = 8
"""How long an ending that a signal asked for may take: a terminal that is gone can hold it up for ever."""


class GradApp(RerunApp):
    """One program, from its start to its end."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
    ]

    _last_seconds = False
    """A signal has asked it to end."""

    async def on_mount(self) -> None:
        self.set_keymap(self.main.keymap)
        for number in (signal.SIGTERM, signal.SIGHUP):
            with suppress(ValueError, NotImplementedError, RuntimeError):
                asyncio.get_running_loop().add_signal_handler(number, self._told_to_end)
                # The loop hears of it too, but only where it isn't itself what stands still.
                signal.signal(number, self._hurry)

    # what the screen says

    def on_break_off(self) -> None:
        self.feed.interrupt()

    def on_to_program(self, event: ToProgram) -> None:
        message = event.message
        if not isinstance(message, Command):
            self.feed.send(message)
        elif message.act is Act.ENOUGH:
            if self.status.reading:  # and what is said of it afterwards isn't to be waited for either
                self.pipeline.hurry()
            if self.status.held or self.status.phase in (ProgramPhase.CAPTURING, ProgramPhase.TELLING):
                self.feed.send(message)
        elif self.commands.tell(message) and message.act in (Act.CONTINUE, Act.RUN):
            view = self.main.view
            over = view is not None and view.at_the_end
            self._now(
                replace(self.status, held=False, phase=ScreenPhase.EXITING if over else ProgramPhase.RUNNING)
            )
        elif message.act is Act.PAUSE:
            self._now(replace(self.status, pausing=True))

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and self.ending:
            return  # the screen is on its way, and what is typed now is no longer meant for it
        if isinstance(event, Key) and not event.is_forwarded:
            self.main.hear_key()
        await super().on_event(event)

    def on_key(self, event: Key) -> None:
        """Hand what was typed before the search had opened to the search: keys outrun the focus."""
        search = self.focused
        if isinstance(search, Search):  # which lets none of its own keys come here
            event.prevent_default()
            search.post_message(Key(event.key, event.character))

    def on_output_typed(self, event: output_pane.Output.Typed) -> None:
        self.feed.type(event.data)

    def on_panes_output_reshaped(self, event: MainScreen.OutputReshaped) -> None:
        self.feed.resize(event.columns, event.rows)

    def on_main_screen_help(self) -> None:
        from gradtui.tui.screens.help import HelpScreen

        # On a small screen there is no room for the keys of other panes.
        pane = self.main.focused_pane if self.size.height < ROOM_FOR_KEYS else ""
        self.push_screen(HelpScreen(sections(self.main.keymap, pane)))

    def action_actions(self) -> None:
        """List every action; what is typed at once is meant for the list, so it comes up here and now."""
        from gradtui.tui.screens.actions import ActionsScreen

        self.push_screen(ActionsScreen())

    def on_main_screen_leave(self) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        if self.outcome is not None:
            self.exit()
            return
        if self.status.held and self.main.view is not None and self.main.view.at_the_end:
            self.let_run = True  # it has come to its end, and has only its status to give yet
            self.exit()
            return
        from gradtui.tui.screens.leave import Choice, LeaveScreen

        if isinstance(self.screen, LeaveScreen):
            # The same key once more, pressed faster than the question came up.
            self.screen.action_quit_as_usual()
            return

        def chosen(choice: Choice | None) -> None:
            if self.outcome is not None and choice is not Choice.STAY:
                self.exit()
            elif choice is Choice.END:
                self._end()
            elif choice is Choice.LET_RUN:
                self.let_run = True
                self.exit()

        self.push_screen(LeaveScreen(elsewhere=self.status.elsewhere, how=self.status.how), chosen)

    async def _ended(self, outcome: Outcome) -> None:
        if len(self.screen_stack) > 1:
            from gradtui.tui.screens.leave import LeaveScreen

            if isinstance(self.screen, LeaveScreen):
                self.screen.program_ended()
        await super()._ended(outcome)

    def action_help_quit(self) -> None:
        """What ctrl+c does: nothing but say so."""
        words = "Ctrl+C is off here: {quit} quits. To send it to the program, press {output} and then {type}."
        self.main.say(self.main.keyed(words))

    async def action_quit(self) -> None:
        self.action_leave()

    def _hurry(self, number: int, _: object) -> None:
        """A signal: from now on it ends in a few seconds, whatever a terminal that is gone holds up."""
        if not self._last_seconds:
            self._last_seconds = True
            last = threading.Timer(LAST_SECONDS, self._give_up, (number,))
            last.daemon = True
            last.start()

    def _give_up(self, number: int) -> None:
        """Leave nothing behind, whatever this process waits for."""
        if not self.status.elsewhere:
            self.feed.signal(signal.SIGKILL)
        os._exit(128 + number)

    def _told_to_end(self) -> None:
        """A signal: end like after `q`."""
        if self.status.elsewhere:  # a line that is cut is no reason to end what runs elsewhere
            self.exit()
        else:
            self._end()

    def _end(self) -> None:
        """End the program; the screen closes when it is gone."""
        self.ending = True
        self._ended_at = self.transcript.size
        self.main.say("Ending the program.")
        self.pipeline.close()
        self.feed.kill()
