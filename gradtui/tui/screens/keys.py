"""Every key there is, under the part of the screen where it works, in the order of the help."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode

from gradtui.tui.screens.help import Section, one_line
from gradtui.tui.screens.looking import Looking
from gradtui.tui.screens.main import MainScreen
from gradtui.tui.screens.panes import Panes
from gradtui.tui.screens.pointing import Pointing
from gradtui.tui.screens.searching import Searching
from gradtui.tui.screens.stepping import Stepping
from gradtui.tui.screens.walking import Walking
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.rows import Rows


def sections() -> list[Section]:
    """The keys of the whole screen first, then those of single panes."""
    everywhere = one_line(
        _own(Stepping, Looking, Pointing, Walking, Searching, Panes, MainScreen), "1…7", "Go to a pane"
    )
    return [("Everywhere", everywhere), ("In a pane", _own(Rows)), ("In the graph", _own(GraphTree))]


def _own(*parts: type[DOMNode]) -> list[Binding]:
    return [binding for part in parts for binding in part.BINDINGS if isinstance(binding, Binding)]
