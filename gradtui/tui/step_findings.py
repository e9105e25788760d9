"""Findings that a backward proves while it is stepped through, and those that earlier ones have proved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

from gradtui.model.findings import Finding
from gradtui.model.gradients import Passed
from gradtui.model.snapshot import Snapshot
from gradtui.tui.passage import Passage


class StepFindings:
    """Looks again whenever something bad was passed or the backward has ended, one look at a time."""

    def __init__(self, found: Callable[[Snapshot, Snapshot], Awaitable[None]]) -> None:
        self._found = found
        """Told the snapshot that was looked at, and that with its deaths."""
        self.by_depth: list[Finding] = []
        """Of all backwards so far: no snapshot holds what proves them."""
        self._looking = False
        self._wanted: Callable[[], tuple[Snapshot, list[Passed], bool]] | None = None
        self._seen: tuple[Passage, int, bool] | None = None

    def stepped(self, snapshot: Snapshot, passage: Passage) -> Awaitable[None] | None:
        """What is to be awaited where there may be something new, None where there isn't."""
        state = (passage, passage.bad, passage.ended)
        if state == self._seen or not (passage.bad or passage.ended):
            return None
        self._seen = state
        self._wanted = lambda: (snapshot, list(passage.passed), passage.ended)
        return None if self._looking else self._look()

    async def _look(self) -> None:
        self._looking = True
        try:
            while self._wanted is not None:
                (snapshot, passed, ended), self._wanted = self._wanted(), None
                proven, depth = await asyncio.to_thread(_prove, snapshot, passed, ended)
                fresh = [finding for finding in depth if finding not in self.by_depth]
                self.by_depth += fresh
                if fresh or proven.deaths != snapshot.deaths:
                    await self._found(snapshot, proven)
        finally:
            self._looking = False


def _prove(snapshot: Snapshot, passed: Sequence[Passed], ended: bool) -> tuple[Snapshot, tuple[Finding, ...]]:
    # Only now: nobody needs this who doesn't step.
    from gradtui.diagnosis.passage import by_depth, deaths

    if snapshot.graph is None:
        return snapshot, ()
    found = (replace(one, backward=snapshot.stop.index) for one in deaths(snapshot.graph, passed))
    return replace(snapshot, deaths=tuple(found)), by_depth(snapshot, passed) if ended else ()


def joined(
    findings: Sequence[Finding], more: Sequence[Finding], mute: Collection[str]
) -> tuple[Finding, ...]:
    """The findings and those by depth, as the diagnosis would rank them together."""
    from gradtui.diagnosis.engine import ranked

    return ranked([*findings, *more], mute) if more else tuple(findings)
