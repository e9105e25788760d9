"""Which actions the last line names: the few that matter where the user is now."""

from __future__ import annotations

from dataclasses import dataclass

from gradtui.tui.passage import Passage
from gradtui.tui.status import ENDINGS, Status
from gradtui.tui.widgets.footer import NOTHING, Hint, Hints

LAST: Hints = (Hint("help", "keys"), Hint("quit", "quit"))
"""What stands on the right, whatever else has no room."""
TYPING: Hints = (
    Hint("esc", "ends typing"),  # a key of its own: no other can be given to it
    Hint("", "until then all keys go to the program"),
    NOTHING,
    NOTHING,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the user is, as far as it decides which keys matter."""

    pane: str
    """The one that has the focus."""
    status: Status
    passage: Passage
    shown: bool
    """There is something to look at: the first stop has come."""
    typing: bool
    """Keys go to the program."""
    steppable: bool = False
    """The stop is at a backward, which can be stepped through."""
    over: bool = False
    """It is at the end, or at an exception that nothing catches."""
    lines: bool = True
    """The pane has something for keys to act on."""
    changed: bool = False
    """What ran was edited since."""
    armed: bool = False
    """Breaks are set."""
    cuts: bool = True
    """The tree has rows that the key for cuts goes to."""
    findings: bool = True
    """Some are listed."""
    entered: bool = True
    """The stop under the cursor of their table was looked at, so that its graph can be shown."""
    way: bool = True
    """A way leads from the loss to what the cursor is on."""

    @property
    def ending(self) -> bool:
        return self.status.running and self.status.phase in ENDINGS


def hints(now: Situation) -> Hints:
    """What the last line names, the most urgent first."""
    if now.typing:
        return TYPING
    status = now.status
    again: Hints = (Hint("rerun", "run it again"),) if status.ours and not now.ending else ()
    if not now.shown:
        return (*_before_the_first_stop(now, again), *LAST)
    return (
        *((Hint("output", "answer it"),) if status.asking and now.pane != "output" else ()),
        *(again if now.changed or not status.running else ()),
        *((Hint("next-recording", "next recording"),) if status.several else ()),
        *_going_on(now),
        *(_own(now) if now.lines else ()),
        *(again if not now.lines and status.held and not now.changed else ()),
        *((Hint("output", "output"),) if not now.lines and now.pane != "output" else ()),
        *((Hint("breaks", "breaks"),) if status.held and not now.over else ()),
        *((Hint("evaluate", "evaluate"),) if status.held else ()),
        *((Hint("search", "search"),) if now.lines else ()),
        Hint("zoom", "zoom"),
        Hint("next-pane", "pane"),
        Hint("copy", "copy"),
        *LAST,
    )


def _before_the_first_stop(now: Situation, again: Hints) -> Hints:
    status = now.status
    if status.reading:
        return (Hint("pause", "wait no longer"),)
    if not status.ours:
        return (Hint("pause", "pause"),) if status.elsewhere and status.running else ()
    if status.unread is not None:
        return (Hint("edit", "edit the line"), *again)
    return (Hint("type", "type to the program"),) if status.running and not now.ending else again


def _going_on(now: Situation) -> Hints:
    status, passage = now.status, now.passage
    if not status.held:
        if not status.running or now.ending:
            return ()
        return (Hint("pause", "wait no longer" if status.reading else "pause"),)
    if passage.past:
        return (Hint("past", "back, forth", undone="forth"), Hint("back", "now"))
    if now.over:
        return (Hint("continue", "let it end"),)
    if passage.raised:
        return (Hint("continue", "let the script have it"), Hint("past", "back"))
    on: Hints = (Hint("continue", "continue"), Hint("run-on", "to a break" if now.armed else "run on"))
    back: Hints = (Hint("past", "back"),) if passage.begun else ()
    if not now.steppable or passage.ended:
        return (*on, *back)
    further: Hints = (Hint("over", "over"), Hint("finish", "finish")) if now.pane == "graph" else ()
    return (Hint("step", "step"), *further, *on, *back)


def _own(now: Situation) -> Hints:
    """What the pane with the focus does."""
    status = now.status
    held, can_step = status.held, status.held and now.steppable
    passage = now.passage
    goes_on = can_step and not (passage.past or passage.raised or passage.ended)
    value: Hints = (Hint("value", "value"),) if held else ()
    match now.pane:
        case "graph":
            return (
                *((Hint("next-cut", "cut"),) if now.cuts else ()),
                *((Hint("why", "why"),) if now.way else ()),
                *((Hint("break", "break"),) if can_step else ()),
                *((Hint("rerun", "again"),) if held and status.ours and not now.changed else ()),
                Hint("edit", "edit"),
                *value,
                *((Hint("to-row", "to the row"),) if goes_on else ()),
                Hint("fold", "fold"),
                Hint("filter", "filter"),
            )
        case "findings":
            if not now.findings:
                return ()
            return (Hint("choose", "go to the row"), Hint("next-finding", "next finding"))
        case "parameters":
            return (
                Hint("choose", "go to the row"),
                Hint("why", "why"),
                Hint("sort", "sort"),
                Hint("narrow", "filter"),
                *value,
            )
        case "saved":
            return (
                Hint("by-module", "module/tensor"),
                Hint("choose", "go there"),
                Hint("sort", "sort"),
                Hint("narrow", "filter"),
            )
        case "optimizers":
            return (Hint("choose", "its parameters"), Hint("sort", "sort"))
        case "stops":
            graph: Hints = (Hint("choose", "its graph"),) if now.entered and not status.running else ()
            return (*graph, Hint("sort", "sort"), Hint("narrow", "filter"))
        case "source":
            breaks: Hints = (Hint("break", "break"),) if held else ()
            return (Hint("choose", "row of the line"), Hint("edit", "edit"), *breaks)
        case "output":
            return (Hint("type", "type to the program"),) if status.running and status.ours else ()
    return ()
