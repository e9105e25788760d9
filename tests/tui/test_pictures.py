"""Every screen as a picture, at the smallest size that is fully usable and at a common one.

`pytest tests/tui/test_pictures.py --snapshot-update` draws them anew; look at them before you keep them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from textual.command import CommandList
from textual.filter import LineFilter
from textual.pilot import Pilot
from textual.widgets import Input

from gradtui.model.findings import Finding
from gradtui.model.messages import Ready
from gradtui.model.saved import Saved
from gradtui.model.snapshot import Snapshot
from gradtui.session.events import Output
from gradtui.tui.app import GradApp
from gradtui.tui.ascii import AsciiSigns
from gradtui.tui.screens.main import MainScreen
from gradtui.tui.screens.value import ValueScreen
from gradtui.tui.widgets.saved import Saved as SavedPane
from tests.tui.feeds import LAUNCH, Engine
from tests.tui.programs import kept, silent_numpy, transformer
from tests.tui.showing import Shown

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
Compare = Callable[..., bool]
PRINTED = b"\x1b[1mloading\x1b[0m 200 windows\r\n\x1b[32mepoch 0\x1b[0m loss 0.4812\r\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """Keys that are pressed one after another, and what has come true when the last has been answered."""

    keys: tuple[str, ...] = ()
    ready: Callable[[MainScreen], bool] = lambda _: True
    program: Callable[[], tuple[Snapshot, tuple[Finding, ...]]] = silent_numpy
    signs: tuple[LineFilter, ...] = ()
    saved: Callable[[Snapshot], Saved] = lambda _: Saved()


def lists_all(main: MainScreen) -> bool:
    return main.app.screen.query_one(CommandList).option_count > 40


def tells_the_value(main: MainScreen) -> bool:
    screen = main.app.screen
    return isinstance(screen, ValueScreen) and screen.last is not None


SCENES = {
    "cut": Scene(),
    "healthy": Scene(program=transformer),
    "source": Scene(("3", "z"), lambda main: main.zoomed == "source"),
    "node": Scene(("2", "z"), lambda main: main.zoomed == "node"),
    "parameters": Scene(("5",)),
    "stops": Scene(("7",)),
    "saved": Scene(("8",), lambda main: main.query_one(SavedPane).known, transformer, saved=kept),
    "optimizers": Scene(("9",)),
    "output": Scene(("6", "z"), lambda main: main.zoomed == "output"),
    "stepped": Scene(("s",), lambda main: len(main.passage.passed) == 1),
    "way": Scene(("G", "w")),
    "value": Scene(("v",), tells_the_value),
    "breaks": Scene(("b", "B")),
    "evaluate": Scene(("colon",)),
    "search": Scene(("slash", "r", "e", "l", "u")),
    "filtered": Scene(("F",)),
    "help": Scene(("question_mark",)),
    "actions": Scene(("ctrl+p",), lists_all),
    "leave": Scene(("q",)),
    "ascii": Scene(signs=(AsciiSigns(),)),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCENES)
def test_the_screen_looks_as_it_did(name: str, size: str, snap_compare: Compare) -> None:
    scene = SCENES[name]
    snapshot, findings = scene.program()
    feed = Engine(snapshot)
    feed.saved = scene.saved(snapshot)
    feed.coming[:0] = [Ready("2.13.0"), Output(PRINTED)]
    app = GradApp(LAUNCH, feed, script="train.py", diagnose=lambda *_: findings)
    app.signs += scene.signs
    try:
        assert snap_compare(app, terminal_size=SIZES[size], run_before=partial(play, feed=feed, scene=scene))
    finally:
        app.transcript.close()


async def play(pilot: Pilot[None], feed: Engine, scene: Scene) -> None:
    """Go through a scene, each key pressed when the one before has been answered."""
    app = pilot.app
    assert isinstance(app, GradApp)
    screen = Shown(app, feed, pilot)
    await screen.until(lambda: app.main.view is not None and app.main.output.terminal is not None)
    for key in scene.keys:
        await screen.press(key)
    await screen.until(lambda: scene.ready(app.main))
    for entry in app.screen.query(Input):
        entry.cursor_blink = False
