"""A copy of parameters that was computed once: they learn, and no loss takes what they have become."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress
from operator import and_

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.history import Window, windows
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.trace import Kind

LATE = 2
"""Steps that an optimizer has made since something was computed, and that what was computed has seen nothing
of: after one, as where a second loss is derived from the same forward pass, it may be computed anew."""
MOST = 8
"""Optimizers whose losses are looked at: a program may build one for each of many tasks."""


def stale_copy(run: Run) -> Iterator[Finding]:
    """What losses take of a parameter was computed before its optimizer stepped, and stepped again."""
    told: dict[Site, tuple[Scene, int, list[int]]] = {}
    for scene, steps in _steps(run):
        window, before = steps[-1], steps[-2]
        flow, other = (run.flow(scene, run.roots(scene, one.backwards)) for one in (window, before))
        since = steps[-1 - LATE].step
        earlier = _held_as_they_were(scene, other, since)
        for tensor, value in _held_as_they_were(scene, flow, since).items():
            call = _copied(scene, flow, value, since) if earlier.get(tensor) == value else NONE
            if call != NONE:
                told.setdefault(scene.user_site(call), (scene, call, []))[2].append(tensor)
    for site, (scene, call, tensors) in told.items():
        names = [run.owners.called(tensor) for tensor in tensors]
        they_are = "it is" if len(names) == 1 else "they are"
        fix = f"Compute it anew for each loss, in `forward`, from {listed(names)} as {they_are} by then."
        message = (
            f"`{code(scene, call)}` was computed once, and each loss since takes it as it was. "
            f"{listed(names)} {get(names)} gradients, and {they_are} stepped in vain."
        )
        cause = at(Rule.REBUILT_LEAF, site, fix, call=call)
        yield run.finding(cause, Severity.ERROR, message, affected=names, tensors=tensors, stop=LATE + 1)


def _steps(run: Run) -> Iterator[tuple[Scene, list[Window]]]:
    """By optimizer its steps in the last scene that shows one, of which the last two had a backward each."""
    last: dict[int, Scene] = {}
    for scene, window in run.history.windows:
        if window.optimizer in last or len(last) < MOST:
            last[window.optimizer] = scene
    shown = {scene.index: windows(scene) for scene in last.values()}
    for number, scene in last.items():
        steps = [window for window in shown[scene.index] if window.optimizer == number]
        if len(steps) > LATE and all(window.backwards for window in steps[-2:]):
            yield scene, steps


def _held_as_they_were(scene: Scene, flow: Flow, step: int) -> dict[int, int]:
    """Tensors that a step has written, of which a loss after it takes what they were before alone; each with
    the last of its values that gradients flow to."""
    written = {scene.tensor[value]: value for value in scene.outputs[step]}
    found: dict[int, int] = {}
    for value in compress(range(len(flow.alive)), map(and_, flow.alive, scene.leaf)):
        if scene.tensor[value] in written:
            found[scene.tensor[value]] = value
    return {tensor: value for tensor, value in found.items() if value < written[tensor]}


def _copied(scene: Scene, flow: Flow, value: int, step: int) -> int:
    """The first call that computed something new of a value and of what only views it, where all those were
    made before a step; NONE where any was made since, or a view is used."""
    pending, seen, first = [value], {value}, NONE
    while pending:
        viewed = pending.pop()
        for call in flow.consumers.of(viewed):
            made = [one for one in flow.made_by(call) if flow.alive[one]]
            views = [one for one in made if scene.trace.storage[one] == scene.trace.storage[value]]
            if call > step:
                return NONE
            if made and not views and scene.kind[call] in (Kind.OP, Kind.FUNCTION):
                first = call if first == NONE else min(first, call)
            fresh = set(views) - seen
            seen |= fresh
            pending += fresh
    return first
