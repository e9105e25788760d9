"""The main screen: knows all panes, hands them what they show, and decides what their messages mean."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from gradtui.model.columns import NONE
from gradtui.model.findings import Finding
from gradtui.model.source import Site
from gradtui.tui.deck import LEAST, LOWER, DeckLayout, Plan
from gradtui.tui.status import Status
from gradtui.tui.view import View
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.footer import Footer, Hints
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.header import Header, Headline
from gradtui.tui.widgets.output import Output
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.search import Search
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
}
"""By id: the key that goes there, and its title."""


class Small(Widget):
    """Said where nothing else fits."""

    DEFAULT_CSS = "Small { background: ansi_default; color: ansi_default; }"

    def render(self) -> Text:
        least, here = f"{LEAST.width}x{LEAST.height}", f"{self.size.width}x{self.size.height}"
        return Text(f"gradtui needs at least {least}; this is {here}.")


class MainScreen(Screen[None]):
    DEFAULT_CSS = """
    MainScreen { background: ansi_default; color: ansi_default; overflow: hidden; }
    MainScreen .pane {
        border-top: solid ansi_bright_black; border-title-color: ansi_default; border-title-style: none;
    }
    MainScreen .pane:focus {
        border-top: solid ansi_cyan; border-title-color: ansi_cyan; border-title-style: bold;
    }
    MainScreen .pane.beside { border-left: solid ansi_bright_black; padding: 0 0 0 0; }
    MainScreen .pane.beside:focus { border-left: solid ansi_bright_black; }
    MainScreen .pane.tabbed, MainScreen .pane.tabbed:focus { border: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next_pane(1)", "Next pane"),
        Binding("shift+tab", "next_pane(-1)", "Previous pane"),
        *(Binding(key, f"pane('{pane}')", title) for pane, (key, title) in PANES.items()),
        Binding("x", "cut(1)", "Next cut"),
        Binding("X", "cut(-1)", "Previous cut"),
        Binding("f", "next_finding(1)", "Next finding"),
        Binding("F", "next_finding(-1)", "Previous finding"),
        Binding("slash", "search", "Search"),
        Binding("n", "again(1)", "Next match"),
        Binding("N", "again(-1)", "Previous match"),
        Binding("z", "zoom", "Zoom the pane"),
        Binding("c", "continue", "On to the next stop"),
        Binding("y", "copy", "Copy the line"),
        Binding("question_mark,f1", "help", "All keys"),
        Binding("escape", "back", "Back to the graph"),
        Binding("q", "leave", "Quit"),
    ]

    view: reactive[View | None] = reactive(None, init=False)
    status: reactive[Status] = reactive(Status())
    front: reactive[str] = reactive("findings", init=False)
    zoomed: reactive[str] = reactive("", init=False)
    number: reactive[int] = reactive(0, init=False)
    """Which finding the headline is about."""

    class Continue(Message):
        """The program may go on."""

    class Leave(Message):
        """The user wants to quit."""

    class Help(Message):
        """The user wants to see the keys."""

    def __init__(self) -> None:
        super().__init__()
        self._deck = DeckLayout()
        self.query_text = ""
        self.searched: Rows | None = None
        self._origin = 0
        self._notice: Timer | None = None

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
        yield Footer(id="footer")
        yield Search(id="search")
        yield Small(id="small")

    def on_mount(self) -> None:
        for pane, (key, title) in PANES.items():
            widget = self.query_one(f"#{pane}")
            widget.add_class("pane")
            widget.border_title = self._title(pane, key, title)
        self.rearrange()
        self.output.focus()
        self.watch_status(self.status)

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

    # layout

    @property
    def layout(self) -> DeckLayout:
        return self._deck

    def plan_for(self, size: Size) -> Plan:
        headline = self.query_one(Headline)
        return Plan(
            width=size.width,
            height=size.height,
            front=self.front,
            zoomed=self.zoomed,
            headline=headline.lines_needed(size.width),
            bare=self.view is None,
        )

    def rearrange(self) -> None:
        """Show what the plan shows and nothing else; keep the focus on something that is shown."""
        plan = self.plan_for(self.app.size)
        regions = plan.regions()
        for pane, (key, title) in PANES.items():
            widget = self.query_one(f"#{pane}")
            widget.display = pane in regions
            tabbed = "tabs" in regions and pane == plan.shown
            widget.set_class(tabbed, "tabbed")
            widget.set_class(pane in regions and regions[pane].x > 0, "beside")
            widget.border_title = self._title(pane, key, title)
        for name in ("tabs", "headline", "header", "small"):
            self.query_one(f"#{name}").display = name in regions
        searching = isinstance(self.focused, Search)
        self.query_one(Search).display = searching and "footer" in regions
        self.query_one(Footer).display = not searching and "footer" in regions
        self._renew_tabs(plan)
        if self.focused is None or not self.focused.display:
            self._focus_on_something()
        self._renew_hints()
        self.refresh(layout=True)

    def _focus_on_something(self) -> None:
        for pane in ("graph", "output", "source", "findings", "parameters", "node", "stops"):
            widget = self.query_one(f"#{pane}")
            if widget.display:
                widget.focus(scroll_visible=False)
                return

    def _title(self, pane: str, key: str, title: str) -> str:
        view = self.view
        if view is not None and pane == "graph":
            return f" {key} {title}: {len(view.rows):,} {'row' if len(view.rows) == 1 else 'rows'} "
        if view is not None and pane == "source" and (path := self.query_one(Source).path):
            title = path.rsplit("/", 1)[-1]
        # A border on the left already sets the title off.
        beside = self.query_one(f"#{pane}").has_class("beside")
        return f"{key} {title} " if beside else f" {key} {title} "

    def _renew_tabs(self, plan: Plan) -> None:
        tabs = self.query_one(Tabs)
        tabs.tabs = tuple(self._tab(pane) for pane in plan.tabs)
        tabs.front = plan.shown
        tabs.lit = self.focused_pane == plan.shown

    def _tab(self, pane: str) -> Tab:
        key, title = PANES[pane]
        view = self.view
        if view is None:
            return Tab(pane, key, title)
        if pane == "findings":
            loud = sum(finding.loud for finding in view.findings)
            return Tab(pane, key, title, str(loud or len(view.findings) or ""), loud > 0)
        if pane == "parameters":
            return Tab(pane, key, title, f"{len(view.could_learn()):,}")
        if pane == "stops":
            return Tab(pane, key, title, f"{len(view.snapshot.stops):,}")
        return Tab(pane, key, title)

    def on_resize(self) -> None:
        self.rearrange()

    def watch_front(self) -> None:
        self.rearrange()

    def watch_zoomed(self) -> None:
        self.rearrange()

    # what is shown

    def watch_status(self, status: Status) -> None:
        if not self.children:
            return
        self.query_one(Header).status = self.query_one(Headline).status = status
        self.output.allowed = status.running
        if not status.running:
            self.output.typing = False
        self._renew_hints()

    def watch_view(self, view: View | None) -> None:
        self.query_one(Header).view = view
        headline = self.query_one(Headline)
        headline.view, headline.number = view, 0
        self.set_reactive(MainScreen.number, 0)
        self.query_one(Source).view = self.query_one(Details).view = view
        self.query_one(Findings).view = self.query_one(Parameters).view = view
        self.query_one(Stops).view = self.graph.view = view
        if view is not None and self.focused_pane in ("output", ""):
            self.output.typing = False
            self.set_reactive(MainScreen.front, "findings")
            self.rearrange()
            self.set_focus(self.graph, scroll_visible=False)
        self.rearrange()
        self._open_on_what_matters()

    def _open_on_what_matters(self) -> None:
        view = self.view
        if view is None:
            return
        row = view.row_of(view.first) if view.first is not None else NONE
        if row == NONE and view.rows.cuts and view.first is not None:
            row = view.rows.cuts[0]
        if row != NONE:
            self.graph.go_to(row)
        self.show_row()
        if row == NONE and view.first is not None:
            finding = view.first
            self.query_one(Source).site = _site_of(finding)
        elif row == NONE and view.snapshot.raised is not None:
            self.query_one(Source).site = view.site

    def show_row(self) -> None:
        """Let the panes beside the tree follow its cursor."""
        view, row = self.view, self.graph.row
        if view is None or row == NONE:
            return
        self.query_one(Details).row = row
        site = view.labels.site_of(row)
        if site is not None and site.line:
            self.query_one(Source).site = site
        self._renew_source_title()

    def _renew_source_title(self) -> None:
        source = self.query_one(Source)
        source.border_title = self._title("source", *PANES["source"])

    # what the panes say

    def on_rows_moved(self, event: Rows.Moved) -> None:
        if isinstance(event.rows, GraphTree):
            self.show_row()

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        if isinstance(event.rows, GraphTree):
            if not self.graph.follow():
                self.action_pane("source")
        elif isinstance(event.rows, Source) and self.view is not None:
            row = self.view.row_at(event.rows.path, event.index + 1)
            if row == NONE:
                self.say("No row of the tree was made on this line.")
            else:
                self.graph.go_to(row)

    def on_findings_wanted(self, event: Findings.Wanted) -> None:
        view = self.view
        if view is None:
            return
        if event.evidence is not None:
            step = event.evidence
            row = view.row_at(step.file, step.line)
            if row == NONE:
                site = Site(step.file, step.line, step.line, 0, 0, "", user=True)
                self.query_one(Source).site = site
                self._renew_source_title()
                return
        else:
            self.number = view.findings.index(event.finding)
            row = view.row_of(event.finding)
            if row == NONE:
                self.query_one(Source).site = _site_of(event.finding)
                self._renew_source_title()
                self.say("This line made no row of the tree; it is lit in the source.")
                return
        self._go_to(row)

    def on_parameters_wanted(self, event: Parameters.Wanted) -> None:
        row = self.query_one(Parameters).view_row(event.tensor)
        if row == NONE:
            self.say("Nothing of this loss was made from it, so the tree has no row for it.")
        else:
            self._go_to(row)

    def _go_to(self, row: int) -> None:
        self.zoomed = ""
        self.graph.go_to(row)
        self.graph.focus()
        self.show_row()

    def on_tabs_picked(self, event: Tabs.Picked) -> None:
        self.action_pane(event.pane)

    def on_output_typing(self) -> None:
        self._renew_hints()

    def on_descendant_focus(self) -> None:
        tabs = self.query_one(Tabs)
        tabs.lit = self.focused_pane == tabs.front
        self._renew_hints()

    def watch_number(self, number: int) -> None:
        self.query_one(Headline).number = number
        self.rearrange()

    # searching

    def action_search(self) -> None:
        focused = self.focused
        self.searched = focused if isinstance(focused, Rows) else self.graph
        self._origin = self.searched.cursor
        search = self.query_one(Search)
        search.wanted, search.missed = "", False
        search.display = True
        self.query_one(Footer).display = False
        search.focus()

    def on_search_changed(self, event: Search.Changed) -> None:
        if self.searched is None:
            return
        self.searched.cursor = self._origin
        missed = bool(event.query) and not self.searched.find(event.query, 1, stay=True)
        self.query_one(Search).missed = missed

    def on_search_done(self, event: Search.Done) -> None:
        search, searched = self.query_one(Search), self.searched or self.graph
        if event.kept and search.wanted:
            self.query_text = search.wanted
        elif not event.kept:
            searched.cursor = self._origin
        searched.focus()
        search.display = False
        self.query_one(Footer).display = True
        self._renew_hints()

    def action_again(self, step: int) -> None:
        rows = self.focused if isinstance(self.focused, Rows) else self.graph
        if not self.query_text:
            self.say("Nothing to look for yet: / searches.")
        elif not rows.find(self.query_text, step):
            self.say(f"{self.query_text!r} isn't in this pane.")

    # keys

    def action_pane(self, pane: str) -> None:
        """Bring a pane to the front and into focus."""
        if self.view is None and pane != "output":
            self.say("Nothing to show here before the first stop.")
            return
        if self.zoomed:
            self.zoomed = pane
        if pane in (*LOWER, "node", "source"):
            self.front = pane
        widget = self.query_one(f"#{pane}")
        widget.focus(scroll_visible=False)
        self.rearrange()
        if pane == "output" and self.status.running and not self.status.held:
            self.output.action_type()

    def action_next_pane(self, step: int) -> None:
        shown = [pane for pane in PANES if self.query_one(f"#{pane}").display]
        if not shown:
            return
        if self.zoomed:
            shown = list(PANES)
        at = shown.index(self.focused_pane) if self.focused_pane in shown else 0
        pane = shown[(at + step) % len(shown)]
        if self.zoomed:
            self.zoomed = pane
        self.query_one(f"#{pane}").focus(scroll_visible=False)
        self.rearrange()

    def action_cut(self, step: int) -> None:
        if not self.graph.go_to_cut(step):
            self.say("No cut in this tree.")
            return
        self.graph.focus()
        self.show_row()

    def action_next_finding(self, step: int) -> None:
        view = self.view
        if view is None or not view.findings:
            self.say("No findings.")
            return
        self.number = (self.number + step) % len(view.findings)
        finding = view.findings[self.number]
        self.query_one(Findings).show(self.number)
        row = view.row_of(finding)
        if row != NONE:
            self.graph.go_to(row)
            self.show_row()
        else:
            self.query_one(Source).site = _site_of(finding)
            self._renew_source_title()

    def action_zoom(self) -> None:
        if self.view is not None and self.focused_pane:
            self.zoomed = "" if self.zoomed else self.focused_pane

    def action_back(self) -> None:
        if self.zoomed:
            self.zoomed = ""
        elif self.view is not None:
            self.graph.focus()

    def action_copy(self) -> None:
        rows = self.focused if isinstance(self.focused, Rows) else self.graph
        text = rows.copied()
        if text:
            self.app.copy_to_clipboard(text)
            self.say(f"Copied: {text.splitlines()[0]}")

    def action_continue(self) -> None:
        if self.status.held:
            self.post_message(self.Continue())
        elif self.status.running:
            self.say("It is running already.")
        else:
            self.say("The program has ended.")

    def action_help(self) -> None:
        self.post_message(self.Help())

    def action_leave(self) -> None:
        self.post_message(self.Leave())

    # the last line

    def say(self, text: str) -> None:
        """One sentence on the last line, for a few seconds."""
        footer = self.query_one(Footer)
        footer.notice = text
        if self._notice is not None:
            self._notice.stop()
        self._notice = self.set_timer(4, self._unsay)

    def _unsay(self) -> None:
        self.query_one(Footer).notice = ""

    def _renew_hints(self) -> None:
        self.query_one(Footer).hints = self._hints()

    def _hints(self) -> Hints:
        if self.output.typing:
            return (("esc", "ends typing"), ("", "keys go to the program"), ("", ""))
        last = ("q", "quit")
        if self.view is None:
            return (("6", "type to the program"), ("?", "keys"), last)
        on = (("c", "continue"),) if self.status.held else ()
        match self.focused_pane:
            case "graph":
                own: Hints = (("x", "next cut"), ("space", "fold"), ("enter", "source"))
            case "findings":
                own = (("enter", "go to the row"), ("f", "next finding"))
            case "parameters":
                own = (("enter", "go to the row"), ("s", "sort"))
            case "source":
                own = (("enter", "row of the line"),)
            case "output":
                own = (("i", "type to the program"),) if self.status.running else ()
            case _:
                own = ()
        return (
            *own,
            *on,
            ("/", "search"),
            ("z", "zoom"),
            ("tab", "pane"),
            ("y", "copy"),
            ("?", "keys"),
            last,
        )


def _site_of(finding: Finding) -> Site:
    return Site(
        finding.file, finding.line, finding.end_line, finding.column, finding.end_column, "", user=True
    )
