"""Saved tensors: what the nodes keep for this backward, by tensor or by module; asked for when looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from gradtui.diagnosis.naming import shape_text
from gradtui.model.messages import Weighed
from gradtui.model.saved import Saved as SavedTensors
from gradtui.tui.palette import CUT, MUTED
from gradtui.tui.saved_memory import Holding, Share, bytes_text, holdings, module_of, shares, told
from gradtui.tui.view import View
from gradtui.tui.widgets.sorted_table import SortedTable
from gradtui.tui.widgets.table import Column

TENSORS = (
    Column("bytes", 10, 0),
    Column("node", 16, 2),
    Column("saved", 9, 0),
    Column("shape", 12, 1),
    Column("version", 9, 0),
    Column("dtype", 8, 0, 90),
    Column("module", 12, 3, 70, kept=25),
    Column("place", 24, 1, 130, kept=40),
)
MODULES = (
    Column("bytes", 10, 0),
    Column("share", 6, 0),
    Column("module", 26, 3, kept=25),
    Column("tensors", 7, 0),
    Column("nodes", 5, 0),
    Column("", 10, 1, 70),
)
BAR = "█"
WIDEST = 10
"""Cells of the bar of a module that keeps everything."""


class Saved(SortedTable[Holding | Share]):
    """One line a saved tensor, or a module. What isn't known yet is asked for by `Asked`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "by_module", "Module or tensor", show=False, id="by-module")
    ]
    EMPTY: ClassVar[str] = ""

    view: reactive[View | None] = reactive(None, init=False)

    class Asked(Message):
        """What the nodes have saved is looked at, and isn't known."""

    @dataclass
    class Wanted(Message):
        """The user wants to see where a saved tensor's node stands in the tree."""

        row: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.by_modules = True
        self.told = SavedTensors()
        self.holdings: list[Holding] = []
        self.request = 0
        """Of the question whose answer is awaited; 0 for none."""
        self.known = False
        self.said = "Nothing has been asked yet."
        """What stands above the table."""

    @property
    def columns(self) -> tuple[Column, ...]:
        return MODULES if self.by_modules else TENSORS

    def heading(self, width: int) -> Text:  # noqa: ARG002 - it is short
        return Text(self.said, "" if self.known else MUTED)

    def watch_view(self, before: View | None, view: View | None) -> None:
        if before is not None and view is not None and before.rows is view.rows:
            return
        self.known, self.request, self.told, self.holdings = False, 0, SavedTensors(), []
        self.said = "Nothing has been asked yet."
        self.fill([])
        if self.has_focus and view is not None:
            self.post_message(self.Asked())

    def on_focus(self) -> None:
        super().on_focus()
        if self.view is not None and not self.known and not self.request:
            self.post_message(self.Asked())

    def await_answer(self, request: int) -> None:
        self.request = request
        self.say("Asking the nodes what they have saved.")

    def say(self, words: str) -> None:
        """Say something above the table."""
        self.said = words
        self.refresh()

    def weighed(self, answer: Weighed) -> None:
        """What was asked is told."""
        view = self.view
        if answer.request != self.request or view is None:
            return
        self.request = 0
        if answer.error:
            self.say(answer.error)
            return
        self.known, self.told = True, answer.saved
        self.holdings = holdings(answer.saved, view.rows.nodes)
        self.said = "; ".join(told(answer.saved, self.holdings)) + "."
        self._show()

    def _show(self) -> None:
        assert self.view is not None
        self.fill(list(shares(self.holdings, self.view) if self.by_modules else self.holdings))

    def action_by_module(self) -> None:
        self.by_modules = not self.by_modules
        if self.picked:
            self.unfilter()
        if self.known:
            self._show()
        self.refresh()

    def action_choose(self) -> None:
        item, view = self.here, self.view
        if view is None or item is None:
            return
        if isinstance(item, Holding):
            self.post_message(self.Wanted(view.rows.row_of_node(item.node)))
        else:
            self.by_modules = False
            self._show()
            self.pick(item.module or "no module", lambda one: self._module(one) == item.module)

    def _module(self, item: Holding | Share) -> str:
        assert self.view is not None
        return item.module if isinstance(item, Share) else module_of(self.view, item.node)

    # the lines

    def key(self, item: Holding | Share, title: str) -> Any:
        if isinstance(item, Share):
            if title == "module":
                return item.module
            return {"tensors": item.tensors, "nodes": item.nodes}.get(title, item.size)
        match title:
            case "bytes":
                return item.size
            case "version":
                return self.told.actual[item.place] - self.told.expected[item.place]
            case "shape":
                return item.size
        return super().key(item, title)

    def texts(self, item: Holding | Share) -> dict[str, Text]:
        return self._share(item) if isinstance(item, Share) else self._tensor(item)

    def _share(self, item: Share) -> dict[str, Text]:
        total = sum(one.counted for one in self.holdings) or 1
        return {
            "bytes": Text(f"{bytes_text(item.size):>9}"),
            "share": Text(f"{100 * item.size / total:3.0f} %", MUTED),
            "module": Text(item.module) if item.module else Text("outside of any module", MUTED),
            "tensors": Text(f"{item.tensors:,}"),
            "nodes": Text(f"{item.nodes:,}"),
            "": Text(BAR * round(WIDEST * item.size / total), MUTED),
        }

    def _tensor(self, item: Holding) -> dict[str, Text]:
        assert self.view is not None
        saved, labels, place = self.told, self.view.labels, item.place
        note = "shared" if item.again else "param" if item.owned else ""
        size = Text(f"{bytes_text(item.size):>9}", MUTED if note else "")
        shape = shape_text(saved.shapes[saved.shape[place]])
        return {
            "bytes": size,
            "node": Text(labels.graph.node_name(item.node)),
            "saved": Text(saved.attributes[saved.attribute[place]]),
            "shape": Text(f"{shape} {note}".rstrip()),
            "version": self._version(place),
            "dtype": Text(saved.dtypes[saved.dtype[place]], MUTED),
            "module": Text(module_of(self.view, item.node)),
            "place": Text(labels.place(labels.graph.call[item.node]), MUTED),
        }

    def _version(self, place: int) -> Text:
        """Saved, and now where it was written since."""
        expected, actual = self.told.expected[place], self.told.actual[place]
        return Text(f"✗ {expected}→{actual}", CUT) if expected != actual else Text(str(expected), MUTED)
