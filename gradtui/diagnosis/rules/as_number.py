"""Parameters that no loss depends on, because a model computes with the plain number that they hold.

Arithmetic on Python numbers leaves no trace: `math.exp(self.scale)` is seen to read the scale, and what
becomes of the number is not. So this is likely, and proved by nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.flow import Cut
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run, get, listed
from gradtui.diagnosis.torch_functions import CARRYING
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.owners import GradState
from gradtui.model.trace import Kind


def used_as_number(run: Run) -> Iterator[Finding]:
    """Each parameter that no loss depends on and that leaves torch inside of a module's forward."""
    found: dict[tuple[Rule, str, int], tuple[Cause, dict[int, Lost]]] = {}
    for one in run.history.lost:
        if one.state is GradState.NONE and not one.late and one.tensor not in run.used:
            cause = _number(run, one.tensor)
            if cause is not None:
                key = (cause.rule, cause.site.file, cause.site.line)
                found.setdefault(key, (cause, {}))[1][one.tensor] = one
    for cause, members in found.values():
        names = [run.owners.name(tensor) or "a leaf" for tensor in members]
        message = f"{cause.what}, so {listed(names)} {get(names)} no gradient."
        yield run.finding_of(members.values(), cause, message, names)


def _number(run: Run, tensor: int) -> Cause | None:
    """Where its value leaves torch for what a module computes; not where it is only printed."""
    for scene in reversed(run.scenes):
        leaves = [value for value in scene.values_of((tensor,)) if scene.leaf[value]]
        below = scene.descendants(leaves, attached=True)
        for call, kind in enumerate(scene.kind):
            inside = kind == Kind.ESCAPE and scene.trace.module[call] != NONE and scene.grad_mode(call)
            if not inside or scene.name(call) not in CARRYING:
                continue
            values = [value for value in scene.trace.inputs[call] if below[value]]
            if values and not scene.words.only_said(causes.user_site(scene, call)):
                flow = run.flow(scene, values[:1])
                return causes.of_cut(scene, flow, Cut(call, values[0], values[0], call, likely=True))
    return None
