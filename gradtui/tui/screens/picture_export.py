"""A picture of the graph that is shown, drawn into a file while the screen goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from gradtui.tui.screens.navigation import Navigation
from gradtui.tui.view import View

LARGEST = 100_000
"""Nodes of which a picture is drawn here; of more it takes seconds, in the screen's own process."""


class PictureExport(Navigation):
    """Asks for the file's name, and says when it is written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("W", "picture", "Draw the graph into a file", id="picture"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[str] = []
        """Files that pictures were drawn into, the latest last."""

    def action_picture(self) -> None:
        from gradtui.report.picture import has_graph
        from gradtui.tui.screens.picture import PictureScreen

        view = self.view
        if view is None or not has_graph(view.snapshot):
            self.say("There is no graph here to draw.")
            return
        if len(view.snapshot.graph or ()) > LARGEST:
            self.say(f"Of more than {LARGEST:,} nodes --export draws a picture, and the screen none.")
            return

        def draw_into(file: str | None) -> None:
            if file is not None:
                self.drawn.append(file)
                self.run_worker(self._draw(view, file), group="pictures")

        self.app.push_screen(PictureScreen(self._proposed(view), self.drawn), draw_into)

    def _proposed(self, view: View) -> str:
        """Named after the script and the stop, in the format that was chosen last."""
        from gradtui.report.picture import stop_of
        from gradtui.report.rendering import missing

        stop = stop_of(view.snapshot)
        name = Path(view.snapshot.script.split(" ")[-1]).stem.strip("-") or "graph"
        suffix = Path(self.drawn[-1]).suffix if self.drawn else ".dot" if missing("svg") else ".svg"
        return f"{name}-{stop.kind}-{stop.index}{suffix}"

    async def _draw(self, view: View, file: str) -> None:
        from gradtui.report.rendering import RenderingError
        from gradtui.report.saving import draw
        from gradtui.tui.screens.picture import sentence

        self.say(f"Drawing {file} …")
        try:
            await asyncio.to_thread(draw, view.snapshot, view.findings, view.sources, file)
        except RenderingError as error:
            self.say(sentence(str(error)))
        else:
            self.say(f"{file} is drawn.")
