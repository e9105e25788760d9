"""Parameters that no loss depends on, because a model computes with the plain number that they hold.

Arithmetic on Python numbers leaves no trace: `math.exp(self.scale)` is seen to read the scale, and what
becomes of the number is not. So this is likely, and proved by nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.explanations.taken_out import taken_out
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.list_members import takes_turns
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.findings import Finding, Rule
from gradtui.model.owners import GradState


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
