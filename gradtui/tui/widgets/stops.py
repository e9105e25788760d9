"""The stops so far: each backward, what its loss was, and how much of the model it reached."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.message import Message
from textual.reactive import reactive

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.model.columns import NONE
from gradtui.model.stops import Stop, StopKind
from gradtui.tui.palette import CUT, GOOD, MUTED, REACHED
from gradtui.tui.view import View
from gradtui.tui.widgets.header import reached
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.table import Column, cells, fitted

BARS = "▁▂▃▄▅▆▇█"
LEAST_BARS, MOST_BARS = 8, 40
COLUMNS = (
    Column("stop", 14, 1),
    Column("place", 14, 3),
    Column("loss", 11, 1),
    Column("parameters", 24, 2),
    Column("nodes", 8, 1),
)


class Stops(Rows):
    """One line a stop, the last one first; on top the losses as a small curve."""

    view: reactive[View | None] = reactive(None, init=False)

    @dataclass
    class Wanted(Message):
        """The user wants to see the graph of a stop."""

        wanted: Stop

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.stops: list[Stop] = []
        self.shown = 0
        """The line of the stop whose graph is shown."""
        self.curved, self.losses = "", list[float]()
        """What is shown as a curve beside the titles, in words and in numbers, the first one first."""

    def watch_view(self, view: View | None) -> None:
        self.stops = list(reversed(view.latest.stops)) if view is not None else []
        self.curved, self.losses = self._curve()
        before, self.shown = self.shown, self._place_shown()
        self.renew(self.shown if before != self.shown else None)

    def _place_shown(self) -> int:
        """The line of the stop whose graph is shown; 0 where it has none."""
        here = self.view.snapshot.stop if self.view is not None else None
        alike = (
            place
            for place, stop in enumerate(self.stops, self.head)
            if here is not None and (stop.kind, stop.index) == (here.kind, here.index)
        )
        return next(alike, 0)

    @property
    def head(self) -> int:
        return 1 if self.stops else 0

    @property
    def count(self) -> int:
        return len(self.stops) + 1

    def action_choose(self) -> None:
        if self.stops:
            self.post_message(self.Wanted(self.stops[self.cursor - self.head]))

    def line(self, index: int, width: int) -> Text:
        columns = fitted(COLUMNS, width - self._beside(width))
        if not self.stops:
            at_end = self.view is not None and self.view.at_the_end
            return Text("The script called no backward." if at_end else "No stop yet.", MUTED)
        if not index:
            return self._titles(columns, width)
        stop = self.stops[index - 1]
        values = {
            "stop": Text(f"{stop.kind} {stop.index}", self._style(stop, index)),
            "place": Text(self._place(stop)),
            "loss": Text(f"{stop.loss:.6g}" if stop.loss is not None else ""),
            "parameters": self._reached(stop, index),
            "nodes": Text(f"{stop.nodes:,}" if stop.nodes else "", MUTED),
        }
        return cells([values[column.title] for column, _ in columns], columns)

    def _style(self, stop: Stop, index: int) -> str:
        """Bold where its graph is shown, pale where it was passed without a look at that."""
        if index == self.shown:
            return f"bold {CUT}" if stop.kind is StopKind.EXCEPTION else "bold"
        if stop.kind is StopKind.EXCEPTION:
            return CUT
        return "" if stop.nodes else MUTED

    def _titles(self, columns: list[tuple[Column, int]], width: int) -> Text:
        line = cells([Text(column.title, MUTED) for column, _ in columns], columns)
        room = self._beside(width) - len(self.curved) - 4
        return line.append(f"   {self.curved} {curve(self.losses, room)}", MUTED) if room > 0 else line

    def _beside(self, width: int) -> int:
        """Cells that are left to the curve, beside a table that needs no more than it has; none of a few."""
        if len(self.losses) < 2:
            return 0
        words = len(self.curved) + 4
        room = min(words + MOST_BARS, width - sum(column.least + 2 for column in COLUMNS))
        return room if room >= words + LEAST_BARS else 0

    def _curve(self) -> tuple[str, list[float]]:
        """The losses of the place where the one that is shown was derived, as another loss has numbers of its
        own; and which that is, where there are several."""
        with_loss = [stop for stop in self.stops if stop.loss is not None]
        shown = self.view.snapshot.stop if self.view is not None else None
        here = shown if shown is not None and shown.loss is not None else next(iter(with_loss), None)
        if here is None:
            return "", []
        alike = [one for one in reversed(with_loss) if (one.kind, one.site) == (here.kind, here.site)]
        whose = f" at {self._place(here)}" if len(alike) < len(with_loss) else ""
        return f"loss{whose}", [one.loss for one in alike if one.loss is not None]

    def _reached(self, stop: Stop, index: int) -> Text:
        """To how many a backward brings a gradient; how far one came that raised, its exception tells."""
        view = self.view
        if view is not None and (view.grad_statuses.raises or view.grad_statuses.raised):
            here = view.snapshot.stop
            if (stop.kind, stop.index) == (here.kind, here.index):
                return reached(view.grad_statuses)
            if index == 2 and view.grad_statuses.raised:
                return Text("✗ raised", CUT)
        if view is not None and not view.grad_statuses.count[GradStatus.CUT] and stop.cut:
            here = view.snapshot.stop
            if (stop.kind, stop.index) == (here.kind, here.index):
                return reached(view.grad_statuses)
        if view is not None and not any(finding.loud for finding in view.findings):
            return Text(f"{stop.reached:,} of {stop.total:,} reached", MUTED) if stop.cut else _reached(stop)
        return _reached(stop)

    def _place(self, stop: Stop) -> str:
        if self.view is None or stop.site == NONE:
            return ""
        sites = self.view.latest.trace.sites
        return sites[stop.site].place if stop.site < len(sites) else ""


def _reached(stop: Stop) -> Text:
    if not stop.total:
        return Text()
    if not stop.cut:
        return Text(f"{GOOD} all {stop.total:,} reached", REACHED)
    return Text.assemble((f"✗ {stop.cut:,} cut off", CUT), f" of {stop.total:,}")


def curve(losses: list[float], width: int) -> str:
    """The last losses as bars, scaled from the smallest to the largest."""
    kept = losses[-width:]
    finite = [loss for loss in kept if loss == loss and abs(loss) != float("inf")]
    if len(finite) < 2:
        return ""
    low, high = min(finite), max(finite)
    step = (high - low) / (len(BARS) - 1) or 1.0
    return "".join(BARS[round((loss - low) / step)] if loss in finite else "✗" for loss in kept)
