"""In the source: up and down the stack of a call, and into the user's editor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType

from gradtui.model.columns import NONE
from gradtui.tui import editor
from gradtui.tui.screens.navigation import Navigation
from gradtui.tui.widgets.source import Source


class SourceNavigation(Navigation):
    """Shows who called the call of the tree's row, without the frames of libraries, and edits its line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "frame(1)", "Up the stack", id="caller"),
        Binding("d", "frame(-1)", "Down the stack", id="callee"),
        Binding("e", "edit", "Edit this line", id="edit"),
    ]

    def action_frame(self, step: int) -> None:
        view, row = self.view, self.graph.row
        if view is None or row == NONE:
            return
        frames, source = view.labels.frames(row), self.query_one(Source)
        if not frames:
            self.say("Nothing is known of where this was made.")
            return
        if len(frames) < 2:
            self.say("Only this line is known: whole stacks are kept of cuts, writes and stops.")
            return
        here = source.frame if source.frame < len(frames) else 0
        wanted = here + step
        if not 0 <= wanted < len(frames):
            self.say("This is the outermost line." if step > 0 else "This is the line of the call itself.")
            return
        site, between = frames[wanted]
        source.site = site
        source.frame = wanted
        self.renew_title("source")
        inside = f", {between} frame{'s' if between > 1 else ''} of libraries between" if between else ""
        self.say(
            f"In {site.function or 'the script'} at {site.place}, {wanted + 1} of {len(frames)}{inside}."
        )

    def action_edit(self) -> None:
        """Open the line in the user's editor, and come back when it is left."""
        source = self.query_one(Source)
        file, line = self.status.unread or (source.path, source.cursor + 1)
        if not file:
            self.say("There is no source here to edit.")
            return
        path = Path(file)
        if not (path.is_absolute() and path.is_file()):  # another could be an option to the editor
            self.say(f"{file} isn't on this machine.")
            return
        words = editor.command(os.environ, file, line)
        if not words:
            self.say("Set VISUAL or EDITOR to your editor: neither is, and there is no vi.")
            return
        self._edit(words, file)

    def _edit(self, words: list[str], path: str) -> None:
        before, missing = _written(path), ""
        try:
            with self.app.suspend():
                # Not to be raised out of here: the screen would never come back.
                try:
                    status = editor.run(words)
                except OSError as error:
                    status, missing = 0, error.strerror or "it can't be run"
        except SuspendNotSupported:
            self.say("This terminal can't be lent to an editor.")
            return
        if missing:
            self.say(f"{words[0]}: {missing}. Set VISUAL or EDITOR to your editor.")
            return
        name = Path(path).name
        if status:
            self.say(f"{words[0]} ended with status {status}.")
        elif _written(path) != before:
            self.say(f"{name} has changed; what is shown here is what ran.")
        elif not editor.chosen(os.environ):
            self.say("vi was used: set VISUAL or EDITOR to have another.")


def _written(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0
