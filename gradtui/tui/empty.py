"""Why a pane has nothing to show, and what to press instead: an empty pane looks like a fault of ours."""

from __future__ import annotations

from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import BACKWARDS, StopKind
from gradtui.tui.backward_status import never_held
from gradtui.tui.view import View

ON = "{continue} goes on to the next stop."
INSTEAD = "{output} shows what it printed, {edit} edits the line, {rerun} runs it again."
AGAIN = "{output} shows what it printed, {rerun} runs it again."


def without_backward(snapshot: Snapshot) -> bool:
    """Whether a script has come to its end and never called backward."""
    return snapshot.stop.kind is StopKind.END and not any(stop.kind in BACKWARDS for stop in snapshot.stops)


def without_rows(view: View, stop_at: str = "") -> str:
    """For the tree; what stands in braces is the key of an action. `stop_at` is where it was to be held."""
    kind = view.snapshot.stop.kind
    if view.snapshot.raised is not None:
        return f"No graph: the program raised before it had computed anything that requires grad. {INSTEAD}"
    if kind is StopKind.END:
        called = any(stop.kind in BACKWARDS for stop in view.snapshot.stops)
        if called and stop_at and view.first is not None:  # otherwise the headline says it
            never = never_held(view, stop_at).replace("{", "{{").replace("}", "}}")
            return f"No graph. {never} {AGAIN}"
        why = "wasn't held at any backward" if called else "ended without calling backward"
        return f"No graph: the script {why}. {AGAIN}"
    if kind in (StopKind.PAUSE, StopKind.BREAKPOINT):
        return f"No graph yet: nothing that is still there requires grad. {ON}"
    return f"No graph: nothing hangs on this {kind}. {ON}"


def without_node(view: View) -> str:
    """For the pane beside the tree."""
    return "" if len(view.rows) else "The graph has no row, so there is no node to tell of."


def without_line(view: View | None, path: str) -> str:
    """For the source."""
    if path:
        return f"The text of {path} isn't at hand."
    if view is not None and view.snapshot.stop.kind is StopKind.END:
        return "The script has ended: there is no line that it stands at."
    return "Nothing is known of where this was made."
