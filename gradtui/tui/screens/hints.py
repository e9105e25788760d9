"""Which keys the last line names: the few that matter where the user is now."""

from __future__ import annotations

from gradtui.tui.passage import Passage
from gradtui.tui.status import ScreenPhase, Status
from gradtui.tui.widgets.footer import Hints

LAST: Hints = (("?", "keys"), ("q", "quit"))
"""What stands on the right, whatever else has no room."""


def hints(
    pane: str,
    status: Status,
    passage: Passage,
    *,
    shown: bool,
    typing: bool,
    graph: bool = False,
    over: bool = False,
    lines: bool = True,
    changed: bool = False,
    armed: bool = False,
) -> Hints:
    """Keys for a pane that has the focus, before (`shown` is False) and after the first stop.

    `graph` tells that the stop is at a backward, which can be stepped through, `over` that it is at the end
    or at an exception that nothing catches, `lines` that the pane has something for keys to act on,
    `changed` that what ran was edited since, `armed` that breaks are set.
    """
    if typing:
        return (("esc", "ends typing"), ("", "until then all keys go to the program"), ("", ""), ("", ""))
    ending = status.running and status.phase in (ScreenPhase.ENDING, ScreenPhase.EXITING)
    again: Hints = (("R", "run it again"),) if status.ours and not ending else ()
    if not shown:
        if status.reading:
            return (("p", "wait no longer"), *LAST)
        if not status.ours:
            return (*((("p", "pause"),) if status.elsewhere and status.running else ()), *LAST)
        if status.unread is not None:
            return (("e", "edit the line"), *again, *LAST)
        return (*((("i", "type to the program"),) if status.running and not ending else again), *LAST)
    return (
        *((("6", "answer it"),) if status.asking and pane != "output" else ()),
        *(again if changed or not status.running else ()),
        *(((">", "next recording"),) if status.several else ()),
        *_going_on(status, passage, graph=graph, over=over, first=pane == "graph", armed=armed),
        *(
            _own(pane, status, again=status.held and status.ours and not changed, graph=status.held and graph)
            if lines
            else ()
        ),
        *(again if not lines and status.held and not changed else ()),
        *((("6", "output"),) if not lines and pane != "output" else ()),
        *((("B", "breaks"),) if status.held and not over else ()),
        *(((":", "evaluate"),) if status.held else ()),
        *((("/", "search"),) if lines else ()),
        ("z", "zoom"),
        ("tab", "pane"),
        ("y", "copy"),
        *LAST,
    )


def _going_on(
    status: Status, passage: Passage, *, graph: bool, over: bool, first: bool, armed: bool
) -> Hints:
    if not status.held:
        if not status.running or status.phase in (ScreenPhase.ENDING, ScreenPhase.EXITING):
            return ()
        return (("p", "wait no longer" if status.reading else "pause"),)
    if passage.past:
        return (("[ ]", "back, forth"), ("esc", "now"))
    if over:
        return (("c", "let it end"),)
    if passage.raised:
        return (("c", "let the script have it"), ("[", "back"))
    on: Hints = (("c", "continue"), ("C", "to a break" if armed else "run on"))
    if not graph or passage.ended:
        return (*on, *((("[", "back"),) if passage.begun else ()))
    steps: Hints = (("s", "step"), ("o", "over"), ("f", "finish")) if first else (("s", "step"),)
    return (*steps, *on, *((("[", "back"),) if passage.begun else ()))


def _own(pane: str, status: Status, *, again: bool, graph: bool) -> Hints:
    match pane:
        case "graph":
            return (
                ("x", "cut"),
                ("w", "why"),
                *((("b", "break"),) if graph else ()),
                *((("R", "again"),) if again else ()),
                ("e", "edit"),
                *((("v", "value"),) if status.held else ()),
                *((("t", "to the row"),) if graph else ()),
                ("space", "fold"),
                ("F", "filter"),
            )
        case "findings":
            return (("enter", "go to the row"), ("}", "next finding"))
        case "parameters":
            return (
                ("enter", "go to the row"),
                ("w", "why"),
                ("S", "sort"),
                ("F", "filter"),
                *((("v", "value"),) if status.held else ()),
            )
        case "saved":
            return (("m", "module/tensor"), ("enter", "go there"), ("S", "sort"), ("F", "filter"))
        case "optimizers":
            return (("enter", "its parameters"), ("S", "sort"))
        case "stops":
            return (*(() if status.running else (("enter", "its graph"),)), ("S", "sort"), ("F", "filter"))
        case "source":
            return (("enter", "row of the line"), ("e", "edit"), *((("b", "break"),) if status.held else ()))
        case "output":
            return (("i", "type to the program"),) if status.running and status.ours else ()
    return ()
