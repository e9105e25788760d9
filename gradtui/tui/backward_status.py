"""Where a backward stands, in words: for the header, the headline, and the slider of what is past."""

from __future__ import annotations

from collections import Counter

from rich.style import Style
from rich.text import Text

from gradtui.diagnosis.outline import MOST
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.gradients import Grads, Passed
from gradtui.model.messages import Reason
from gradtui.model.stops import BACKWARDS, StopKind
from gradtui.tui.breaks import said, true_of
from gradtui.tui.gradients import short as figure
from gradtui.tui.keymap import KeyNames
from gradtui.tui.labels import Labels
from gradtui.tui.palette import ACCENT, CUT, MUTED, WARNING
from gradtui.tui.passage import Passage
from gradtui.tui.view import View

MANY_PLACES = 3
"""Places of backwards that are named."""
BY_VALUE = (BreakKind.NONFINITE, BreakKind.ZERO, BreakKind.ABOVE, BreakKind.BELOW)
"""Breaks that wait for a gradient, whichever node sends it."""
PAST = f"bold black on {WARNING}"


def standing(view: View, passage: Passage, *, short: bool = False) -> Text:
    """`backward 1, 37 of 214 nodes, before MmBackward0 at train.py:18`."""
    stop = view.snapshot.stop
    name = "autograd.grad" if stop.kind is StopKind.GRAD else "backward"
    nodes = view.rows.nodes + view.labels.graph.truncated
    if passage.ended and not passage.past:
        return Text(
            f"{name} {stop.index} has ended"
            if short
            else f"{name} {stop.index} has ended, {passage.steps:,} of {nodes:,} nodes"
        )
    count = (
        f"{passage.steps:,}/{nodes:,}"
        if short
        else f"{name} {stop.index}, {passage.steps:,} of {nodes:,} nodes"
    )
    line = Text(count)
    node = passage.next_node
    if node == NONE:
        return line
    raised = passage.raised and not passage.past
    line.append(", raised in " if raised else ", before ", CUT if raised else MUTED)
    line.append(node_name(view, node), f"bold {CUT}" if raised else "")
    place = view.labels.place(_call(view.labels, node))
    if place:
        line.append(" at ", MUTED).append(place, "bold")
    return line


def held_because(view: View, passage: Passage) -> Text | None:
    """Why backward is held here, where that is news: an exception, a break, a pause, a wish not to wait."""
    last = passage.last
    if view.snapshot.raised is not None and last is not None:
        return None  # what was found of it says more
    if last is None and view.first is None and view.snapshot.raised is None:
        return _not_waited_for(view)
    if last is None or passage.past:
        return None
    if last.reason is Reason.RAISED:
        return _raised(view, passage) if explained(view) is None else None
    if last.reason is Reason.PAUSED:
        return Text.assemble(("‖ ", f"bold {ACCENT}"), "Paused in the middle of this backward.")
    if last.reason is Reason.BREAK and last.broke is not None:
        line = Text.assemble(("● ", f"bold {CUT}"), ("break ", MUTED), (said(last.broke), "bold"))
        culprit = passage.latest
        line.append_text(_cause(view, culprit, last.broke))
        if culprit is not None and last.broke.kind in BY_VALUE:
            line.append(": ").append_text(_culprit(view, culprit, last.broke))
        return line
    return None


def explained(view: View) -> Finding | None:
    """The finding that tells why the backward raised that is held, where one does."""
    return next(filter(view.explains, view.listed), None) if view.course.error else None


def _cause(view: View, culprit: Passed | None, broke: Break) -> Text:
    """Where what a break waited for was brought about, if that is known and isn't the node's own line."""
    first = view.first
    if first is None or first.rule is not Rule.NAN_GRADIENT or broke.kind is not BreakKind.NONFINITE:
        return Text()
    if culprit is not None and view.labels.place(_call(view.labels, culprit.node)) == first.place:
        return Text()
    return Text.assemble(", brought about at ", (first.place, f"bold {CUT}"))


def _culprit(view: View, culprit: Passed, broke: Break) -> Text:
    """Which node brought a break about, and by which gradient: a break looks at each for itself."""
    graph, node = view.labels.graph, culprit.node
    place = view.labels.place(_call(view.labels, node))
    line = Text.assemble((node_name(view, node), "bold"), " at " if place else "", (place, "bold"))
    line.append(" was handed ").append_text(_handed(culprit.received, broke)).append(" and sent ")
    true = (n for n, grad in enumerate(culprit.sent) if grad is not None and true_of(broke, grad))
    found = next(true, NONE)
    if found == NONE:
        return line.append_text(figure(culprit.sent))
    line.append_text(figure((culprit.sent[found],)))
    targets = graph.edges[node] if 0 <= node < len(graph) else ()
    if found < len(targets) and targets[found] != NONE:
        line.append(f" to {node_name(view, targets[found])}")
    return line


def _handed(received: Grads, broke: Break) -> Text:
    """What a node was handed; of several norms the one that came closest to the bound."""
    norms = [grad for grad in received if grad is not None]
    if len(norms) < 2 or broke.kind not in (BreakKind.ABOVE, BreakKind.BELOW):
        return figure(received)
    above = broke.kind is BreakKind.ABOVE
    closest = (max if above else min)(norms, key=lambda grad: grad.norm)
    return Text("at most " if above else "at least ").append_text(figure((closest,)))


def _not_waited_for(view: View) -> Text | None:
    """What isn't known of this stop because nobody wanted to wait for it."""
    count = len(view.snapshot.trace)
    if view.snapshot.brief and not view.left_unread:
        words = (
            f"Only the last {count:,} calls were read: lines of older nodes, and what is wrong, aren't known."
        )
    elif view.left_unread and (view.snapshot.brief or count > MOST):
        words = f"This graph was left unread: the rows are of the last {min(count, MOST):,} calls."
    else:
        return None
    return Text.assemble(("‖ ", f"bold {ACCENT}"), words)


def _raised(view: View, passage: Passage) -> Text:
    assert passage.last is not None
    lines = passage.last.error.strip().splitlines() or ["it raised"]
    kind, _, message = lines[0].partition(": ")
    line = Text.assemble((f"✗ {kind}", f"bold {CUT}"))
    writer = passage.last.writer
    trace = view.snapshot.trace
    if 0 <= writer < len(trace):
        call = trace.call(writer)
        line.append(", written")  # before the message, which is long and ends nobody knows where
        if call.site.line:
            line.append(" at ").append(call.site.place, f"bold {CUT}")
        line.append(f" by {call.function}")
    return line.append(f": {message}" if message else "")


def never_held(view: View, stop_at: str, status: int = 0) -> str:
    """Why a script came to its end without having been held: which backwards it called, if any. `status` is
    what it ended with."""
    ended = f"The script ended with status {status}" if status else "The script ended"
    stops = [stop for stop in view.snapshot.stops if stop.kind in BACKWARDS]
    if not stops:
        return f"{ended} without calling backward."
    if stop_at.isdigit():
        count = sum(stop.kind is StopKind.BACKWARD for stop in stops)
        return f"Backward {stop_at} never came: the script called backward {_times(count)}."
    sites = view.snapshot.trace.sites
    places = Counter(sites[stop.site].place for stop in stops if 0 <= stop.site < len(sites))
    called = [f"{place} ({_times(count)})" for place, count in places.most_common(MANY_PLACES)]
    more = len(places) - len(called)
    called += [f"{more} more {'place' if more == 1 else 'places'}"] if more else []
    where = " and ".join(filter(None, [", ".join(called[:-1]), *called[-1:]]))
    if not stop_at:
        return f"{ended}; backward was called at {where}."
    return f"No backward was called at {stop_at}; it was called at {where}."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


LEAST_TRACK = 6
"""Cells below which a slider says nothing."""


def slider(passage: Passage, width: int, names: KeyNames) -> Text:
    """Where in the steps taken the past is that is shown, and how to come back."""
    at, seen = passage.moment, len(passage.passed)
    head = f" the past: after {at:,} of {seen:,} steps seen "
    back = names["back"]
    foot = f" {names['past']} {names['forth']} back and forth, {back}: now "
    line = Text.assemble((head, PAST), " ")
    room = width - len(head) - len(foot) - 1
    if room < LEAST_TRACK:
        foot = f" {back}: now "
        room = width - len(head) - len(foot) - 1
    if room >= LEAST_TRACK:
        knob = round(at / max(1, seen) * (room - 1))
        line.append("━" * knob, WARNING).append("●", f"bold {WARNING}").append("─" * (room - 1 - knob), MUTED)
        for cell in range(room):  # where a click on it leads
            moment = Style(meta={"moment": round(cell * seen / (room - 1))})
            line.stylize(moment, len(line) - room + cell, len(line) - room + cell + 1)
    line.append(foot, f"bold {ACCENT}")
    line.truncate(width, overflow="ellipsis")
    return line


def node_name(view: View, node: int) -> str:
    """A node as torch names it; a leaf's by the parameter that it is."""
    graph = view.labels.graph
    if not 0 <= node < len(graph):
        return "a node that wasn't captured"
    parameter = view.labels.parameters.get(graph.leaf[node]) if graph.leaf[node] != NONE else None
    return parameter.name if parameter is not None else graph.node_name(node)


def _call(labels: Labels, node: int) -> int:
    return labels.graph.call[node] if 0 <= node < len(labels.graph) else NONE
