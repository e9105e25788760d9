"""Parameters that no loss depends on, because a model computes with the plain number that they hold.

Arithmetic on Python numbers leaves no trace: `math.exp(self.scale)` is seen to read the scale, and what
becomes of the number is not. So this is likely, and proved by nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.rules.cut_off import chosen
from gradtui.diagnosis.rules.unused import takes_turns
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.owners import GradState
from gradtui.model.torch_functions import ASKING, CARRYING
from gradtui.model.trace import Kind

SAMPLE = 8
"""Calls of one place that are looked at: in a loop each does the same."""


def used_as_number(run: Run) -> Iterator[Finding]:
    """Each parameter that no loss depends on and that leaves torch as a number which is computed with."""
    unused = {
        one.tensor: one
        for one in run.history.lost
        if one.state is GradState.NONE and not one.late and one.tensor not in run.used
    }
    numbers = taken_out(run, set(unused))
    found: dict[tuple[Rule, str, int], tuple[Cause, dict[int, Lost]]] = {}
    for tensor, one in unused.items():
        cause, parameter = numbers.get(tensor), run.owners.parameters.get(tensor)
        if cause is not None and not (parameter and takes_turns(run, parameter)):
            key = (cause.rule, cause.site.file, cause.site.line)
            found.setdefault(key, (cause, {}))[1][tensor] = one
    for cause, members in found.values():
        names = [run.owners.called(tensor) for tensor in members]
        message = f"{cause.what}, so {listed(names)} {get(names)} no gradient."
        yield run.finding_of(members.values(), cause, message, names)


def taken_out(run: Run, tensors: set[int]) -> dict[int, Cause]:
    """By tensor where its value leaves torch for what is computed with it, or is cut off before it does.

    Asked from the numbers backwards, once for all tensors: there may be thousands of those.
    """
    found: dict[int, Cause] = {}
    for scene in reversed(run.scenes) if tensors else ():
        depends = scene.descendants(scene.values_of(tensors), attached=False)
        for call in _numbers(scene, depends):
            for value in scene.trace.inputs[call]:
                flow = Flow(scene, [value])
                fresh = (flow.reached & tensors).difference(found)
                if fresh:
                    cause = causes.of_cut(scene, flow, Cut(call, value, value, call, likely=True))
                    found.update(dict.fromkeys(fresh, cause))
                for tensor in (flow.masks.keys() & tensors).difference(found):
                    cut = chosen(scene, flow, flow.masks[tensor], tensor)[0]
                    found[tensor] = causes.of_cut(scene, flow, replace(cut, likely=True))
    return found


def _numbers(scene: Scene, depends: bytearray) -> Iterator[int]:
    """Calls by which numbers leave torch for what is computed with them, of each place a few.

    Only of values that `depends` marks: to go back from each of any others would take long for nothing.
    """
    places: dict[int, int] = {}
    for call, kind in enumerate(scene.kind):
        if kind != Kind.ESCAPE or not scene.grad_mode(call):
            continue
        if not any(depends[value] for value in scene.trace.inputs[call]):
            continue
        place = scene.trace.site[call]
        places[place] = places.get(place, 0) + 1
        if places[place] <= SAMPLE and _is_computed_with(scene, call):
            yield call


def _is_computed_with(scene: Scene, call: int) -> bool:
    """Whether a number leaves torch for what a module, or a function of `math`, computes, or to say which
    items of something are taken; not where it is only printed, or asked whether all is well."""
    if scene.name(call) not in CARRYING | ASKING:
        return False
    site, words = causes.user_site(scene, call), scene.words
    said = words.only_said(site) or words.guards(site)
    if not said and (scene.trace.module[call] != NONE or words.receiver(site) == "math"):
        return True
    return (not said or words.gathered(site)) and words.picks(site)
