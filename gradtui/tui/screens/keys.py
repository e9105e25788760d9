"""Every key there is, under the part of the screen where it works, in the order of the help."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode

from gradtui.tui.screens.help import Section, one_line, paired
from gradtui.tui.screens.looking import Looking
from gradtui.tui.screens.main import MainScreen
from gradtui.tui.screens.panes import Panes
from gradtui.tui.screens.pointing import Pointing
from gradtui.tui.screens.reading import Reading
from gradtui.tui.screens.searching import Searching
from gradtui.tui.screens.stepping import Stepping
from gradtui.tui.screens.walking import Walking
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.rows import Rows


def sections() -> list[Section]:
    """How to drive backward, then how to get about, then the keys of single panes."""
    around = one_line(_own(Pointing, Walking, Reading, Searching, Panes, MainScreen), "1…7", "Go to a pane")
    return [
        ("Backward", _own(Stepping, Looking)),
        ("In the graph", _own(GraphTree)),
        ("Around", around),
        ("In a pane", _own(Rows)),
    ]


def _own(*parts: type[DOMNode]) -> list[Binding]:
    return paired([item for part in parts for item in part.BINDINGS if isinstance(item, Binding)])
