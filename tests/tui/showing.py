"""A screen in a test: shown on a made-up program, driven by keys, read back as text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from textual.filter import LineFilter
from textual.pilot import Pilot

from gradtui.model.findings import Finding
from gradtui.model.messages import Stopped
from gradtui.session.events import Event
from gradtui.tui.app import GradApp
from gradtui.tui.keymap import Keymap
from gradtui.tui.view import Diagnose
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.header import Header
from gradtui.tui.widgets.headline import Headline
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.wishes import Wishes
from tests.tui.feeds import LAUNCH, MadeUp
from tests.tui.programs import silent_numpy

MEDIUM = (120, 40)


@dataclass
class Shown:
    """A screen in a test: the application, the made-up program, and the keys."""

    app: GradApp
    feed: MadeUp
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until_stopped(self) -> None:
        await self.until(lambda: self.app.main.view is not None)

    async def until(self, condition: object) -> None:
        assert callable(condition)
        for _ in range(1000):
            if condition():
                break
            await self.pilot.pause(0.01)
        assert condition()
        await self.pilot.pause()

    @property
    def words(self) -> str:
        """What the row under the tree's cursor says first."""
        view = self.app.main.view
        assert view is not None
        return view.labels.label(self.app.main.graph.row).words

    @property
    def focused(self) -> str:
        return self.app.main.focused_pane

    def text(self, pane: type[Rows]) -> str:
        """Everything that a pane's lines say."""
        rows = self.app.main.query_one(pane)
        return "\n".join(rows.line(index, 100).plain for index in range(rows.count))

    @property
    def drawn(self) -> list[str]:
        """What stands on the screen, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def header(self) -> str:
        return self.app.main.query_one(Header).render().plain

    @property
    def headline(self) -> str:
        return self.app.main.query_one(Headline).render().plain

    @property
    def notice(self) -> str:
        return self.app.main.query_one(Footer).notice


@asynccontextmanager
async def shown(
    *events: Event,
    findings: tuple[Finding, ...] = (),
    size: tuple[int, int] = MEDIUM,
    typed: Collection[str] = (),
) -> AsyncIterator[Shown]:
    async with showing(MadeUp(*events), findings=findings, size=size, typed=typed) as screen:
        yield screen


@asynccontextmanager
async def showing(
    feed: MadeUp,
    *,
    findings: tuple[Finding, ...] = (),
    diagnose: Diagnose | None = None,
    size: tuple[int, int] = MEDIUM,
    keymap: Keymap | None = None,
    signs: Sequence[LineFilter] = (),
    typed: Collection[str] = (),
    stop_at: str = "",
) -> AsyncIterator[Shown]:
    diagnose = diagnose or (lambda *_: findings)
    launch = replace(LAUNCH, plan=replace(LAUNCH.plan, stop_at=stop_at))
    app = GradApp(launch, feed, Wishes(keymap=keymap, typed=typed), script="train.py", diagnose=diagnose)
    app.signs += signs
    try:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Shown(app, feed, pilot)
    finally:
        app.transcript.close()


@asynccontextmanager
async def stopped(*more: Event, size: tuple[int, int] = MEDIUM) -> AsyncIterator[Shown]:
    """Held before the backward of the silent numpy program."""
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), *more, findings=findings, size=size) as screen:
        await screen.until_stopped()
        yield screen
