"""Every key there is, under the part of the screen where it works, in the order of the help."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode

from gradtui.tui.display import Display
from gradtui.tui.keymap import Keymap, KeyNames, as_set, spoken
from gradtui.tui.screens.help import Section, one_line, paired
from gradtui.tui.screens.inspection import Inspection
from gradtui.tui.screens.main import MainScreen
from gradtui.tui.screens.navigation import Navigation
from gradtui.tui.screens.panes import PANES, Panes
from gradtui.tui.screens.picture_export import PictureExport
from gradtui.tui.screens.rerun import Reruns
from gradtui.tui.screens.searching import Searching
from gradtui.tui.screens.source_navigation import SourceNavigation
from gradtui.tui.screens.stepping import Stepping
from gradtui.tui.screens.why import Why
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.output import Output
from gradtui.tui.widgets.rows import Rows
from gradtui.tui.widgets.saved import Saved
from gradtui.tui.widgets.sorted_table import SortedTable

BACKWARD: tuple[type[DOMNode], ...] = (Stepping, Inspection, Reruns)
AROUND: tuple[type[DOMNode], ...] = (
    Navigation,
    Why,
    SourceNavigation,
    PictureExport,
    Searching,
    Panes,
    MainScreen,
    Display,
)
OF_PANES: dict[str, type[DOMNode]] = {
    "graph": GraphTree,
    "parameters": SortedTable,
    "saved": Saved,
    "output": Output,
}
"""By the pane's id: those that have keys of their own."""


def sections(keymap: Keymap, pane: str = "") -> list[Section]:
    """How to drive backward, then how to get about, then the keys of one pane, or of every single pane."""
    numbers = f"1…{len(PANES)}"
    others = {
        "In the graph": ("graph", "node", "source", "findings", "output"),
        "In a table": ("parameters", "stops", "saved", "optimizers"),
    }
    found = [
        ("Backward", paired(as_set(own(*BACKWARD), keymap))),
        ("In the graph", paired(as_set(own(GraphTree), keymap))),
        ("In a table", paired(as_set(own(SortedTable, Saved), keymap))),
        ("Around", one_line(paired(as_set(own(*AROUND), keymap)), numbers, "Go to a pane")),
        ("In a pane", paired(as_set(own(Rows), keymap))),
    ]
    return [item for item in found if not pane or pane in others.get(item[0], (pane,))]


def scopes() -> list[list[Binding]]:
    """For each pane, everything that a key may mean while it has the focus; without the key that always
    quits, which is given to nothing else anyway."""
    everywhere = own(Rows, *BACKWARD, *AROUND)
    return [everywhere, *([*own(pane), *everywhere] for pane in OF_PANES.values())]


def key_names(keymap: Keymap) -> KeyNames:
    """The key of each action that has one, the first where there are several."""
    bindings = as_set(own(*OF_PANES.values(), Rows, *BACKWARD, *AROUND), keymap)
    return KeyNames({item.id: spoken(item.key.split(",")[0]) for item in bindings if item.id is not None})


def own(*parts: type[DOMNode]) -> list[Binding]:
    """The bindings that some classes add to those they inherit."""
    return [item for part in parts for item in part.BINDINGS if isinstance(item, Binding)]
