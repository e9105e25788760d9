"""Which keys the last line names: the few that matter where the user is now."""

from __future__ import annotations

from gradtui.tui.status import Status
from gradtui.tui.widgets.footer import Hints


def hints(pane: str, status: Status, *, shown: bool, typing: bool) -> Hints:
    """Keys for a pane that has the focus, before (`shown` is False) and after the first stop."""
    if typing:
        return (("esc", "ends typing"), ("", "keys go to the program"), ("", ""))
    last = ("q", "quit")
    if not shown:
        return (("6", "type to the program"), ("?", "keys"), last)
    on = (("c", "continue"),) if status.held else ()
    match pane:
        case "graph":
            own: Hints = (("x", "next cut"), ("space", "fold"), ("enter", "source"))
        case "findings":
            own = (("enter", "go to the row"), ("}", "next finding"))
        case "parameters":
            own = (("enter", "go to the row"), ("S", "sort"))
        case "source":
            own = (("enter", "row of the line"),)
        case "output":
            own = (("i", "type to the program"),) if status.running else ()
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
