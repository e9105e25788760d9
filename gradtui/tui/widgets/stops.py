"""The stops so far: each backward, what its loss was, and how much of the model it reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.message import Message
from textual.reactive import reactive

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding
from gradtui.model.stops import Stop, StopKind
from gradtui.tui.palette import CUT, GOOD, MUTED, REACHED
from gradtui.tui.view import View, named
from gradtui.tui.widgets.header import needy, reached
from gradtui.tui.widgets.sorted_table import SortedTable
from gradtui.tui.widgets.table import Column, Fitted

BARS = "▁▂▃▄▅▆▇█"
LEAST_BARS, MOST_BARS = 8, 40
COLUMNS = (
    Column("stop", 14, 1),
    Column("place", 14, 3, kept=25),
    Column("loss", 11, 1),
    Column("parameters", 24, 2),
    Column("nodes", 8, 1),
)


class Stops(SortedTable[Stop]):
    """One line a stop, the last one first; on top the losses as a small curve."""

    EMPTY: ClassVar[str] = "No stop yet."
    NEVER: ClassVar[str] = "The script called no backward."

    view: reactive[View | None] = reactive(None, init=False)
    behind: reactive[bool] = reactive(False, init=False)
    """Whether the program runs, and has passed stops that it hasn't told of."""

    @dataclass
    class Wanted(Message):
        """The user wants to see the graph of a stop."""

        wanted: Stop
        finding: Finding | None = None
        """What is to be looked at there."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.shown: Stop | None = None
        """The stop whose graph is shown, where it is one of these."""
        self.blamed: dict[tuple[StopKind, int], int] = {}
        """By kind and place since which stop a finding names a backward from there."""
        self.curved, self.losses = "", list[float]()
        """What is shown as a curve beside the titles, in words and in numbers, the first one first."""

    def watch_view(self, view: View | None) -> None:
        found = list(reversed(view.latest.stops)) if view is not None else []
        before = (self.shown.kind, self.shown.index) if self.shown is not None else None
        self.shown = next(
            (stop for stop in found if view is not None and _same(stop, view.snapshot.stop)), None
        )
        self.blamed = _blamed(view) if view is not None else {}
        self.curved, self.losses = self._curve(found)
        self.fill(found)
        if self.shown in self.items and (self.shown.kind, self.shown.index) != before:
            self.cursor = self.items.index(self.shown) + self.head

    def watch_behind(self) -> None:
        self.reorder()

    def heading(self, width: int) -> Text | None:
        """Up to where these are all, while the program is further on."""
        if self.view is None or not self.all or not self.behind:
            return None
        brief = f"Up to {named(self.all[0])}."
        whole = f"{brief[:-1]}; those since are listed where it is held: {self.names['pause']} holds it."
        return Text(whole if cell_len(whole) <= width else brief, MUTED)

    @property
    def columns(self) -> tuple[Column, ...]:
        return COLUMNS

    @property
    def ended(self) -> bool:
        return self.view is not None and self.view.at_the_end

    @property
    def enterable(self) -> bool:
        """Whether the stop under the cursor wasn't passed without a look at its graph."""
        return self.here is not None and self.here.nodes > 0

    def action_choose(self) -> None:
        if self.here is not None:
            self.post_message(self.Wanted(self.here))

    def key(self, item: Stop, title: str) -> Any:
        match title:
            case "stop":
                return str(item.kind), item.index
            case "loss":
                return item.loss
            case "parameters":
                return item.reached
            case "nodes":
                return item.nodes
        return super().key(item, title)

    def texts(self, item: Stop) -> dict[str, Text]:
        return {
            "stop": Text(f"{item.kind} {item.index}", self._style(item)),
            "place": Text(self._place(item)),
            "loss": Text(f"{item.loss:.6g}" if item.loss is not None else ""),
            "parameters": self._reached(item),
            "nodes": Text(f"{item.nodes:,}" if item.nodes else "", MUTED),
        }

    def _style(self, stop: Stop) -> str:
        """Bold where its graph is shown, pale where it was passed without a look at that."""
        if stop is self.shown:
            return f"bold {CUT}" if stop.kind is StopKind.EXCEPTION else "bold"
        if stop.kind is StopKind.EXCEPTION:
            return CUT
        return "" if stop.nodes else MUTED

    # the curve

    def line(self, index: int, width: int) -> Text:
        line, room = super().line(index, width), self._beside(width) - len(self.curved) - 4
        if index == self.head - 1 and room > 0:
            line.truncate(width - self._beside(width), pad=True)
            line.append(f"   {self.curved} {curve(self.losses, room)}", MUTED)
        return line

    def _fitted(self, width: int) -> Fitted:
        return super()._fitted(width - self._beside(width))

    def _beside(self, width: int) -> int:
        """Cells that are left to the curve, beside a table that needs no more than it has; none of a few."""
        if len(self.losses) < 2:
            return 0
        words = len(self.curved) + 4
        room = min(words + MOST_BARS, width - sum(column.least + 2 for column in COLUMNS))
        return room if room >= words + LEAST_BARS else 0

    def _curve(self, stops: list[Stop]) -> tuple[str, list[float]]:
        """The losses of the place where the one that is shown was derived, as another loss has numbers of its
        own; and which that is, where there are several."""
        with_loss = [stop for stop in stops if stop.loss is not None]
        shown = self.view.snapshot.stop if self.view is not None else None
        here = shown if shown is not None and shown.loss is not None else next(iter(with_loss), None)
        if here is None:
            return "", []
        alike = [one for one in reversed(with_loss) if (one.kind, one.site) == (here.kind, here.site)]
        whose = f" at {self._place(here)}" if len(alike) < len(with_loss) else ""
        return f"loss{whose}", [one.loss for one in alike if one.loss is not None]

    # how far backward came

    def _reached(self, stop: Stop) -> Text:
        """To how many a backward brings a gradient; how far one came that raised, its exception tells."""
        view = self.view
        statuses = view.grad_statuses if view is not None else None
        if statuses is not None and stop is self.shown:
            if statuses.raises or statuses.raised or statuses.vain:
                return reached(statuses)
            if cut := statuses.count[GradStatus.CUT]:
                return Text(f"✗ {cut:,} of {needy(statuses.count):,} cut off", CUT)
            return _part(stop, f"{GOOD} ", REACHED)
        if statuses is not None and statuses.raised and stop is next(iter(self.all[1:2]), None):
            return Text("✗ raised", CUT)
        if stop.cut and stop.index >= self.blamed.get((stop.kind, stop.site), stop.index + 1):
            return Text(f"✗ {stop.cut:,} of {stop.total:,} cut off", CUT)
        return _part(stop, "", MUTED) if stop.cut else _part(stop, f"{GOOD} ", REACHED)

    def _place(self, stop: Stop) -> str:
        if self.view is None or stop.site == NONE:
            return ""
        sites = self.view.latest.trace.sites
        return sites[stop.site].place if stop.site < len(sites) else ""


def _same(one: Stop, other: Stop) -> bool:
    return (one.kind, one.index) == (other.kind, other.index)


def _blamed(view: View) -> dict[tuple[StopKind, int], int]:
    """By kind and place the first backward at which something was found to be wrong; a loss that reaches only
    a part of the parameters is as it should be where nobody names it."""
    loud = {finding.stop for finding in view.findings if finding.loud}
    found: dict[tuple[StopKind, int], int] = {}
    for stop in view.latest.stops:
        if stop.kind is StopKind.BACKWARD and stop.index in loud:
            found.setdefault((stop.kind, stop.site), stop.index)
    return found


def _part(stop: Stop, sign: str, style: str) -> Text:
    if not stop.total:
        return Text()
    if not stop.cut:
        return Text(f"{sign}all {stop.total:,} reached", style)
    return Text(f"{sign}{stop.reached:,} of {stop.total:,} reached", style)


def curve(losses: list[float], width: int) -> str:
    """The last losses as bars, scaled from the smallest to the largest."""
    kept = losses[-width:]
    finite = [loss for loss in kept if loss == loss and abs(loss) != float("inf")]
    if len(finite) < 2:
        return ""
    low, high = min(finite), max(finite)
    step = (high - low) / (len(BARS) - 1) or 1.0
    return "".join(BARS[round((loss - low) / step)] if loss in finite else "✗" for loss in kept)
