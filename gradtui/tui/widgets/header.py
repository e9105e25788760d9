"""The first line of the screen: what runs, where it stands, and how much of the graph is whole."""

from __future__ import annotations

from collections import Counter

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.diagnosis.grad_status import GradStatus, GradStatuses
from gradtui.model.findings import Severity
from gradtui.model.stops import BACKWARDS, StopKind
from gradtui.tui.backward_status import standing
from gradtui.tui.palette import ACCENT, CUT, GOOD, MUTED, REACHED, SIGNS, WARNING
from gradtui.tui.passage import Passage
from gradtui.tui.status import Status
from gradtui.tui.view import View, as_of, named, stopped_where

TELLING = 3
"""How many of the figures, the longest first, tell of steps and of the loss where both are known."""


class Header(Widget):
    """One line: script, state, place, and on the right how much of the graph is whole."""

    DEFAULT_CSS = "Header { height: 1; background: ansi_default; color: ansi_default; }"

    view: reactive[View | None] = reactive(None)
    status: reactive[Status] = reactive(Status())
    armed: reactive[int] = reactive(0)
    """How many breaks are set and switched on."""
    changed: reactive[str] = reactive("")
    """What can be done about files that were edited after they ran; empty where none was."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.passage = Passage()

    def render(self) -> Text:
        width = self.size.width
        name = self.status.script.rsplit("/", 1)[-1]
        script, short, told = self.status.script, self.left(name, short=True), self.told()
        for left in (self.left(script), self.left(name), short, self.left(name, short=True, placed=False)):
            # What was told goes before how many nodes there are.
            right = self.right(width - left.cell_len - 4 - told[:2][-1].cell_len)
            if right:
                break
        else:
            # How it stands goes before everything but that breaks are set.
            right = _fitting(self.least(), width - left.cell_len - 3 - told[-1].cell_len)
        gap = width - left.cell_len - right.cell_len - 1
        fitting = _fitting(told, gap - 4)
        if fitting:
            left.append("  ").append_text(fitting)
            gap -= 2 + fitting.cell_len
        line = Text.assemble(left, " " * max(1, gap), right)
        line.truncate(width, overflow="ellipsis")
        return line

    def left(self, script: str, *, short: bool = False, placed: bool = True) -> Text:
        """What runs and where it stands; the short form leaves out what the script's name says already, and
        without `placed` it isn't said at which line a program is that runs."""
        status, view = self.status, self.view
        line = Text.assemble((" gradtui ", f"bold {ACCENT}"), (f" {script} ", "bold"))
        if status.held and view is not None and self.passage.begun and view.snapshot.raised is None:
            line.append(" ").append_text(standing(view, self.passage, short=short))
        elif status.held and view is not None:
            site = view.site
            kind = view.snapshot.stop.kind
            where = stopped_where(view.snapshot)
            where = where.removeprefix("stopped ") if short else where
            line.append(f" {where}", CUT if kind is StopKind.EXCEPTION else "")
            if site is not None and site.line:
                same = short and site.file.rsplit("/", 1)[-1] == script
                line.append(" at ", MUTED).append(f"line {site.line}" if same else site.place, "bold")
        elif view is not None or not status.running:
            line.append(f" {status.said(placed=placed)}", WARNING if status.failed else "")
            if view is not None and not status.running and len(view.rows) and not view.ended:
                said = tree_of(view)  # the end of which says again, of one that raised, how it ended
                line.append(f", {'tree of' if short else 'the tree is of'} ", MUTED)
                line.append(said.partition(",")[0] if short else said)
        return line

    def told(self) -> list[Text]:
        """What is easily forgotten: that files were edited, and that breaks are set; the longest first, and
        an empty one only where there is neither."""
        edited, few = Text(self.changed, WARNING), Text(self.changed.partition(":")[0], WARNING)
        noun = "break" if self.armed == 1 else "breaks"
        armed = Text(f"● {self.armed:,} {noun}" if self.armed else "", CUT)
        both = [Text("  ").join(filter(None, parts)) for parts in ((edited, armed), (few, armed))]
        few_armed = Text(f"● {self.armed:,}" if self.armed else "", CUT)
        return [one for one in (*both, edited, few, armed, few_armed) if one] or [Text()]

    def least(self) -> list[Text]:
        """The same where there is hardly any room: the one count that matters most."""
        stop = self.view.snapshot.stop if self.view is not None else None
        held = self.status.held or self.status.recorded
        if self.view is None or stop is None or not held or not self.view.about_backward:
            return self.status.figures
        if not stop.total:
            return []
        sign, word, style = standing_of(self.view.grad_statuses)
        return [Text(f"{sign} {word}", f"bold {style}"), Text(sign, f"bold {style}")]

    def right(self, room: int) -> Text:
        """The counts, as many as there is room for; nothing where steps and loss are known and have none."""
        figures = self.status.figures[:TELLING]
        if self.view is None or not (self.status.held or self.status.recorded):
            return _fitting(figures, room)
        stop = self.view.snapshot.stop
        nodes = Text(f"{stop.nodes:,} {'node' if stop.nodes == 1 else 'nodes'}", MUTED)
        if not self.view.about_backward:
            return _fitting(figures, room)
        if not stop.total:
            return _fitting([nodes] if stop.nodes else figures, room)
        count, total = self.view.grad_statuses.count, len(self.view.grad_statuses.learners)
        cut, frozen, apart = count[GradStatus.CUT], count[GradStatus.FROZEN], count[GradStatus.NOT_IN_LOSS]
        counts, short = reached(self.view.grad_statuses), Text()
        if cut:
            counts.append("  ").append(f"✗ {cut:,} cut off", f"bold {CUT}")
            short = Text(f"✗ {cut:,} of {total - frozen - apart:,} cut off", f"bold {CUT}")
        brief = counts.copy()
        if frozen:
            counts.append("  ").append(f"{frozen:,} frozen", MUTED)
        if apart:
            counts.append("  ").append(f"{apart:,} not part of this loss", MUTED)
        noun = "parameter" if total == 1 else "parameters"
        whole = Text.assemble(nodes, "   ", (f"{total:,} {noun}  ", MUTED), counts)
        return _fitting([whole, Text.assemble(nodes, "   ", counts), counts, brief, short], room)


def tree_of(view: View) -> str:
    """Which backward the tree is of: one that was seen at a step is of the backward before that."""
    snapshot = view.snapshot
    backwards = [stop for stop in snapshot.stops if stop.kind in BACKWARDS]
    if snapshot.stop.kind is StopKind.STEP and snapshot.graph is not None and backwards:
        return named(backwards[-1])
    return as_of(snapshot)


def standing_of(grad_statuses: GradStatuses) -> tuple[str, str, str]:
    """How a backward stands in a sign, a word or a number, and its colour: the worst that is known of it."""
    count = grad_statuses.count
    if grad_statuses.raises or grad_statuses.raised:
        return "✗", "raises" if grad_statuses.raises else "raised", CUT
    if cut := count[GradStatus.CUT]:
        return "✗", f"{cut:,}", CUT
    if grad_statuses.vain:
        return SIGNS[Severity.WARNING], f"{grad_statuses.vain:,}", WARNING
    return GOOD, f"{count[GradStatus.REACHED]:,}", REACHED


def reached(grad_statuses: GradStatuses) -> Text:
    """How many gradients this backward brings, or brought before it raised."""
    if grad_statuses.raises:
        return Text("✗ backward raises", f"bold {CUT}")
    count = grad_statuses.count
    if grad_statuses.raised:
        return Text(f"✗ raised, {count[GradStatus.REACHED]:,} of {needy(count):,} reached", f"bold {CUT}")
    line = Text(f"{GOOD} {count[GradStatus.REACHED]:,} reached", REACHED)
    return line.append(f", {grad_statuses.vain:,} in vain", WARNING) if grad_statuses.vain else line


def needy(count: Counter[GradStatus]) -> int:
    """How many could have been brought a gradient."""
    return count.total() - count[GradStatus.FROZEN] - count[GradStatus.NOT_IN_LOSS]


def _fitting(texts: list[Text], room: int) -> Text:
    return next((text for text in texts if text.cell_len <= room), Text())
