"""The panes of the main screen: where they stand, which has the focus, and what is said below them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from gradtui.model.findings import Severity
from gradtui.model.stops import come_to
from gradtui.tui.keymap import Keymap, KeyNames
from gradtui.tui.layout import LEAST, LOW, LOWER, Plan, ScreenLayout
from gradtui.tui.passage import Passage
from gradtui.tui.screen_size import LEAST_ROWS, output_width
from gradtui.tui.screens.hints import Situation, hints
from gradtui.tui.status import Status
from gradtui.tui.view import View
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.header import Header
from gradtui.tui.widgets.headline import Headline
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.output import Output
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.saved import Saved
from gradtui.tui.widgets.search import Search
from gradtui.tui.widgets.sorted_table import SortedTable
from gradtui.tui.widgets.source import Source
from gradtui.tui.widgets.stops import Stops
from gradtui.tui.widgets.tabs import Tab, Tabs

PANES = {
    "graph": ("1", "Graph"),
    "node": ("2", "Node"),
    "source": ("3", "Source"),
    "findings": ("4", "Findings"),
    "parameters": ("5", "Parameters"),
    "output": ("6", "Output"),
    "stops": ("7", "Stops"),
    "saved": ("8", "Saved"),
    "optimizers": ("9", "Optimizers"),
}
"""By id: the key that goes there, and its title."""


class Small(Widget):
    """Said where nothing else fits."""

    DEFAULT_CSS = "Small { background: ansi_default; color: ansi_default; }"

    def render(self) -> Text:
        least, here = f"{LEAST.width}x{LEAST.height}", f"{self.size.width}x{self.size.height}"
        return Text(f"gradtui needs at least {least}; this is {here}.")


class Panes(Screen[None]):
    """Every pane, and the way from one to another. What they show and mean is said by its children."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next_pane(1)", "Next pane", id="next-pane"),
        Binding("shift+tab", "next_pane(-1)", "Previous pane", id="previous-pane"),
        *(Binding(key, f"pane('{pane}')", title, id=pane) for pane, (key, title) in PANES.items()),
        Binding("z", "zoom", "Zoom the pane", id="zoom"),
        Binding("y", "copy", "Copy the line", id="copy"),
        Binding("escape", "back", "Back to the graph", id="back"),
    ]

    @dataclass
    class OutputReshaped(Message):
        """The program's terminal has another size."""

        columns: int
        rows: int

    view: reactive[View | None] = reactive(None, init=False)
    status: reactive[Status] = reactive(Status())
    front: reactive[str] = reactive("", init=False)
    """The tab that the user has brought to the front; empty where that is still the one it begins with."""
    zoomed: reactive[str] = reactive("", init=False)
    changed: reactive[tuple[str, ...]] = reactive((), init=False)
    """Names of the files that were edited after they ran."""
    armed: reactive[int] = reactive(0, init=False)
    """How many breaks are set and switched on."""

    def __init__(self) -> None:
        super().__init__()
        self.passage = Passage()
        """What is known of the backward that is held."""
        self._had_way = False
        """Whether the last line names the key that shows the way from the loss."""
        self.keymap: Keymap = {}
        """Keys that the user gave to actions."""
        self.names = KeyNames()
        """The key of each action; given by the application, as only it knows every part of the screen."""
        self._screen_layout = ScreenLayout()
        self._regions: dict[str, Region] = {}
        """Where everything stands since the last layout."""
        self._alone = "graph"
        """The pane that had the focus last: the only one where there is room for one."""
        self._notice: Timer | None = None
        self._said_running = False
        self._covered = False
        """Another screen is above this one, which takes all keys and names its own."""

    def compose(self) -> ComposeResult:
        yield Header(id="header")
        yield Headline(id="headline")
        yield GraphTree(id="graph")
        yield Details(id="node")
        yield Source(id="source")
        yield Tabs(id="tabs")
        yield Findings(id="findings")
        yield Parameters(id="parameters")
        yield Output(id="output")
        yield Stops(id="stops")
        yield Saved(id="saved")
        yield Optimizers(id="optimizers")
        yield Footer(id="footer")
        yield Search(id="search")
        yield Small(id="small")

    def on_mount(self) -> None:
        for pane in PANES:
            widget = self.query_one(f"#{pane}")
            widget.add_class("pane")
            widget.border_title = self.title_of(pane)
        self.query_one(Headline).names = self.query_one(Findings).names = self.names
        self.query_one(Footer).names = self.graph.names = self.names
        for table in self.query(SortedTable).results():
            table.names = self.names
        self.output.type_keys = frozenset(self.keymap.get("type", "i").split(","))
        self.rearrange()
        self.output.focus()

    # parts

    @property
    def graph(self) -> GraphTree:
        return self.query_one(GraphTree)

    @property
    def output(self) -> Output:
        return self.query_one(Output)

    @property
    def focused_pane(self) -> str:
        focused = self.focused.id if self.focused is not None else ""
        return focused if focused in PANES else ""

    @property
    def rows(self) -> Rows:
        """The pane that a key is meant for: the one with the focus, or the tree."""
        return self.focused if isinstance(self.focused, Rows) else self.graph

    # layout

    @property
    def layout(self) -> ScreenLayout:
        return self._screen_layout

    def plan_for(self, size: Size) -> Plan:
        headline = self.query_one(Headline)
        return Plan(
            width=size.width,
            height=size.height,
            front=self.front,
            told=self.view is not None and (self.view.first is not None or self.view.steppable),
            zoomed=self.zoomed or (self._alone if size.height < LOW else ""),
            headline=headline.lines_needed(size.width),
            bare=self.view is None,
        )

    def rearrange(self) -> None:
        """Show what the plan shows and nothing else; keep the focus on something that is shown."""
        plan = self.plan_for(self.app.size)
        regions = plan.regions()
        self._reshape_output(plan)
        for pane in PANES:
            widget = self.query_one(f"#{pane}")
            widget.display = pane in regions
            tabbed = "tabs" in regions and pane == plan.shown
            widget.set_class(tabbed, "tabbed")
            widget.set_class(pane in regions and regions[pane].x > 0, "beside")
            self.renew_title(pane)
        for name in ("tabs", "headline", "header", "small"):
            self.query_one(f"#{name}").display = name in regions
        searching = isinstance(self.focused, Search)
        self.query_one(Search).display = searching and "footer" in regions
        self.query_one(Footer).display = not searching and "footer" in regions
        self._renew_tabs(plan)
        if self.focused is None or not self.focused.display:
            self._focus_on_something()
        self.renew_hints()
        if regions != self._regions:
            self._regions = regions
            # A screen keeps how it laid out its children until one of them asks for another layout.
            self.query_one(Headline).refresh(layout=True)

    def _reshape_output(self, plan: Plan) -> None:
        """Let the program's terminal be of the size that this screen can show."""
        shape = output_width(plan.width, plan.height), max(LEAST_ROWS, plan.height)
        if shape[0] and shape != self.output.shape:
            self.output.reshape(*shape)
            self.post_message(self.OutputReshaped(*shape))

    def _focus_on_something(self) -> None:
        for pane in ("graph", "output", "source", *LOWER, "node"):
            widget = self.query_one(f"#{pane}")
            if widget.display:
                self.set_focus(widget, scroll_visible=False)  # at once: `focus` would come after a later one
                return

    def title_of(self, pane: str) -> str:
        view, (_, title), key = self.view, PANES[pane], self.names[pane]
        if view is not None and pane == "graph":
            return f" {key} {title}: {'only the first ' if self._waits_for_rows else ''}{self.graph.summary} "
        if view is not None and pane == "source" and (path := self.query_one(Source).path):
            frame = self.query_one(Source).frame
            title = path.rsplit("/", 1)[-1] + (f", frame {frame + 1}" if frame else "")
        # A border on the left already sets the title off.
        beside = self.query_one(f"#{pane}").has_class("beside")
        return f"{key} {title} " if beside else f" {key} {title} "

    @property
    def _waits_for_rows(self) -> bool:
        """Whether there will be more rows than are shown."""
        return self.view is not None and self.view.part and not self.view.left_unread

    def renew_title(self, pane: str) -> None:
        """Say what the pane shows now."""
        widget, title = self.query_one(f"#{pane}"), self.title_of(pane)
        if widget.border_title != title:  # a title that is set is drawn, and the pane with it
            widget.border_title = title

    def _renew_tabs(self, plan: Plan) -> None:
        tabs = self.query_one(Tabs)
        tabs.tabs = tuple(self._tab(pane) for pane in plan.tabs)
        tabs.front = plan.shown
        tabs.lit = self.focused_pane == plan.shown

    def _tab(self, pane: str) -> Tab:
        (_, title), key = PANES[pane], self.names[pane]
        view = self.view
        if view is None:
            return Tab(pane, key, title)
        if pane == "findings":
            loud = sum(finding.loud for finding in view.findings)
            count = str(loud or len(view.listed) or "")
            grave = any(finding.severity is Severity.ERROR for finding in view.findings)
            return Tab(pane, key, title, count, loud > 0, grave)
        if pane == "output" and self.status.asking:
            return Tab(pane, key, title, "?", loud=True)
        if pane == "parameters":
            return Tab(pane, key, title, f"{len(view.grad_statuses.learners):,}")
        if pane == "stops":
            behind = self.query_one(Stops).behind
            return Tab(pane, key, title, "" if behind else f"{come_to(view.latest.stops):,}")
        if pane == "optimizers":
            return Tab(pane, key, title, f"{len(view.optimizers):,}")
        return Tab(pane, key, title)

    def on_resize(self) -> None:
        self.rearrange()

    def watch_front(self) -> None:
        self.rearrange()

    def watch_zoomed(self) -> None:
        self.rearrange()

    def watch_armed(self, armed: int) -> None:
        self.query_one(Header).armed = armed
        self.renew_hints()

    def on_tabs_picked(self, event: Tabs.Picked) -> None:
        self.action_pane(event.pane)

    def on_descendant_focus(self) -> None:
        self._alone = self.focused_pane or self._alone
        tabs = self.query_one(Tabs)
        tabs.lit = self.focused_pane == tabs.front
        self.renew_hints()

    # keys

    def action_pane(self, pane: str) -> None:
        """Bring a pane to the front and into focus."""
        if self.view is None and pane != "output":
            asked = "It waits for input: {type} types to it."
            nothing = "Nothing to show here before the first stop."
            self.say(self.keyed(asked) if self.status.asking else nothing, running=True)
            return
        if self.zoomed:
            self.zoomed = pane
        if pane in self.plan_for(self.app.size).tabs:
            self.front = pane
        self.focus_pane(pane)

    def focus_pane(self, pane: str) -> None:
        """Give the focus to a pane; where there is room for one only, to that one."""
        self._alone = pane
        if self.app.size.height < LOW:
            self.rearrange()  # what isn't shown can't have the focus
        self.set_focus(self.query_one(f"#{pane}"), scroll_visible=False)
        self.rearrange()

    def action_next_pane(self, step: int) -> None:
        shown = [pane for pane in PANES if self.query_one(f"#{pane}").display]
        if not shown:
            return
        if self.zoomed or self.app.size.height < LOW:
            shown = list(PANES)
        at = shown.index(self.focused_pane) if self.focused_pane in shown else 0
        pane = shown[(at + step) % len(shown)]
        if self.zoomed:
            self.zoomed = pane
        self.focus_pane(pane)

    def action_zoom(self) -> None:
        if self.view is not None and self.focused_pane:
            self.zoomed = "" if self.zoomed else self.focused_pane

    def action_back(self) -> None:
        if self.zoomed:
            self.zoomed = ""
        elif self.view is not None:
            self.focus_pane("graph")

    def action_copy(self) -> None:
        text = self.rows.copied()
        if text:
            self.app.copy_to_clipboard(text)
            self.say(f"Copied: {text.splitlines()[0]}")

    # the last line

    def keyed(self, words: str) -> str:
        """Words in which `{step}` stands for the key that steps."""
        return words.format_map(self.names)

    def say(self, text: str, *, running: bool = False) -> None:
        """One sentence on the last line, for a few seconds and until another key is pressed.

        `running` tells that it is of use only as long as the program runs.
        """
        footer = self.query_one(Footer)
        footer.notice, self._said_running = text, running
        if self._notice is not None:
            self._notice.stop()
        self._notice = self.set_timer(4, self._unsay)

    def _unsay(self) -> None:
        self.query_one(Footer).notice = ""

    def hear_key(self) -> None:
        """A key was pressed: whoever pressed it has read what was said, and needs to see the keys."""
        if self.is_mounted:
            self._unsay()

    def unsay_running(self) -> None:
        """The program doesn't run any more."""
        if self._said_running:
            self._unsay()

    @property
    def has_way(self) -> bool:
        """Whether a way leads from the loss to what the tree's cursor is on, or stands for there."""
        return self.view is not None and self.view.way_to(self.graph.row) > 0

    def renew_hints(self) -> None:
        footer = self.query_one(Footer)
        self._had_way = self.has_way
        if self._covered:
            footer.hints = ()
            return
        view = self.view
        footer.hints = hints(
            Situation(
                pane=self.focused_pane,
                status=self.status,
                passage=self.passage,
                shown=view is not None,
                typing=self.output.typing,
                steppable=view is not None and view.steppable,
                over=view is not None and view.at_the_end,
                lines=self.rows.usable or self.rows is self.output,
                changed=bool(self.changed),
                armed=self.armed > 0,
                cuts=bool(self.graph.stops),
                findings=view is not None and bool(view.listed),
                entered=self.query_one(Stops).enterable,
                way=self._had_way,
            )
        )

    def on_screen_suspend(self) -> None:
        self._covered = True
        self.renew_hints()

    def on_screen_resume(self) -> None:
        self._covered = False
        if self.children:
            self.renew_hints()

    def on_output_typing(self) -> None:
        if self.output.typing:
            self._unsay()  # nothing may cover that keys mean something else now
        self.renew_hints()
