"""Parameters that a program puts new tensors in the place of while their optimizer trains the old ones."""

from __future__ import annotations

from itertools import compress

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import Optimizer, Parameter, Role
from gradtui.model.trace import Kind


def remade(run: Run, number: int, lost: Lost, fresh: Parameter) -> bool:
    """Whether a parameter was made of the one whose name it has, once the optimizer had stepped with that.

    The optimizer was built right then: what is wrong is the line that puts another tensor there.
    """
    steps = [one.order for one in run.history.judgements if one.optimizer == number]
    if fresh.made_order < min(steps, default=0) or fresh.name != run.owners.name(lost.tensor):
        return False
    return run.owners.made(fresh.tensor) is not None and made_of(run, fresh, lost.tensor)


def made_of(run: Run, fresh: Parameter, tensor: int) -> bool:
    """Whether a parameter was made of the values of a tensor."""
    return any(
        tensor in compress(scene.tensor, run.flow(scene, given).within)
        for scene, given in run.given_for(fresh)
    )


def put_in_place(run: Run, optimizer: Optimizer, pairs: list[tuple[Lost, Parameter]]) -> Finding:
    """What that line does to these, each a parameter that gets nothing any more and its successor."""
    names = [new.name for _, new in pairs]
    places = [site for _, new in pairs if (site := run.owners.made(new.tensor)) is not None]
    cause = at(
        Rule.REBUILT_LEAF,
        places[0],
        f"Write the new values into `{names[0]}` in place, by `copy_` under `torch.no_grad()`, or give "
        f"`{optimizer.name}` what is made here by `add_param_group`.",
    )
    are, new, ones = ("is", "a new tensor", "one") if len(names) == 1 else ("are", "new tensors", "ones")
    message = (
        f"{listed(names)} {are} replaced here by {new}, and `{optimizer.name}` still holds the old {ones}: "
        f"no optimizer uses the gradients that the new {ones} {get(names)}."
    )
    evidence = [
        Evidence(site.file, site.line, f"`{name}` was made here")
        for name, site in zip(names, places, strict=True)
        if site != places[0]
    ]
    return run.finding(
        cause,
        Severity.ERROR,
        message,
        affected=names,
        tensors=[tensor for old, new in pairs for tensor in (old.tensor, new.tensor)],
        evidence=evidence,
        stop=min(old.stop for old, _ in pairs),
    )


def retired(run: Run) -> frozenset[int]:
    """Tensors that their module gave up for a parameter that was made of them and learns in their place: a
    table that grows. That an optimizer still holds the old one does no harm."""
    parameters, trained = run.owners.parameters, run.history.learning & run.owners.held.keys()
    given_up = {one for one in run.owners.registered if parameters[one].role is not Role.PARAMETER}
    found: set[int] = set()
    for scene in run.scenes if given_up else ():
        for call in scene.trace.calls(Kind.PARAMETER):
            if trained & {scene.tensor[value] for value in call.outputs}:
                found.update(compress(scene.tensor, run.flow(scene, list(call.inputs)).within))
    return frozenset(found & given_up)
