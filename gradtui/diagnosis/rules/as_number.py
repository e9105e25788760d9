"""Parameters that no loss depends on, because a model computes with the plain number that they hold.

Arithmetic on Python numbers leaves no trace: `math.exp(self.scale)` is seen to read the scale, and what
becomes of the number is not. So this is likely, and proved by nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run, get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.owners import GradState
from gradtui.model.torch_functions import CARRYING
from gradtui.model.trace import Kind


def used_as_number(run: Run) -> Iterator[Finding]:
    """Each parameter that no loss depends on and that leaves torch inside of a module's forward."""
    unused = {
        one.tensor: one
        for one in run.history.lost
        if one.state is GradState.NONE and not one.late and one.tensor not in run.used
    }
    numbers = taken_out(run, set(unused))
    found: dict[tuple[Rule, str, int], tuple[Cause, dict[int, Lost]]] = {}
    for tensor, one in unused.items():
        cause = numbers.get(tensor)
        if cause is not None:
            key = (cause.rule, cause.site.file, cause.site.line)
            found.setdefault(key, (cause, {}))[1][tensor] = one
    for cause, members in found.values():
        names = [run.owners.called(tensor) for tensor in members]
        message = f"{cause.what}, so {listed(names)} {get(names)} no gradient."
        yield run.finding_of(members.values(), cause, message, names)


def taken_out(run: Run, tensors: set[int]) -> dict[int, Cause]:
    """By tensor where its value leaves torch for what a module, or a function of `math`, computes; not where
    it is only printed.

    Asked from the numbers backwards, once for all tensors: there may be thousands of those.
    """
    found: dict[int, Cause] = {}
    for scene in reversed(run.scenes) if tensors else ():
        for call, kind in enumerate(scene.kind):
            if kind != Kind.ESCAPE or not scene.grad_mode(call) or scene.name(call) not in CARRYING:
                continue
            site = causes.user_site(scene, call)
            inside = scene.trace.module[call] != NONE or scene.words.receiver(site) == "math"
            if not inside or scene.words.only_said(site):
                continue
            for value in scene.trace.inputs[call]:
                flow = Flow(scene, [value])
                fresh = (flow.reached & tensors).difference(found)
                if fresh:
                    cause = causes.of_cut(scene, flow, Cut(call, value, value, call, likely=True))
                    found.update(dict.fromkeys(fresh, cause))
    return found
