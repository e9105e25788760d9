"""Functions that torch has no derivative for: of one of their arguments, or of any."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.stops import Raised

OF_ARGUMENT = r"is not differentiable with respect to argument '(\w+)'"
NOT_IMPLEMENTED = r"derivative for '?(?:aten::)?_*([a-z_]+?)\d*(?:[:. ].*)?'? is not implemented"
OPERATORS = {
    "floor_divide": ("__floordiv__", "__rfloordiv__"),
    "unique": ("unique_consecutive",),
    "unique_dim": ("unique",),
    "unique_dim_consecutive": ("unique_consecutive",),
    "igamma": ("gammainc",),
    "igammac": ("gammaincc",),
}
"""Under which other names a function may have been called."""


def of_argument(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """`... is not differentiable with respect to argument 'weight'`: torch refuses to lose that gradient."""
    site, argument = scene.raised_site(raised), re.search(OF_ARGUMENT, raised.message)
    if site is None or argument is None:
        return
    text = run.words.expression(site)
    cause = at(
        Rule.NONDIFFERENTIABLE_OP,
        site,
        f"Pass `{argument[1]}` detached if it should stay as it is. To learn it, compute with it yourself: "
        "weights of a loss, for example, times the loss with `reduction='none'`.",
        call=scene.failing,
    )
    message = (
        f"`{text}` has no gradient for its argument `{argument[1]}`, and what it is given there requires "
        "grad: torch refuses, because it would never learn."
    )
    yield run.finding(cause, Severity.ERROR, message)


def at_all(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """`derivative for aten::floor_divide is not implemented`, raised when backward gets there: the last call
    of it that was given something to learn."""
    name = re.search(NOT_IMPLEMENTED, raised.message)
    if name is None:
        return
    names = {name[1], f"{name[1]}_", *OPERATORS.get(name[1], ())}
    within = run.flow(scene, run.roots(scene, scene.backwards[-1:])).within
    given = [one for one in scene.of_functions(names) if any(map(scene.grad.__getitem__, scene.inputs[one]))]
    called = [one for one in given if any(within[made] for made in scene.outputs[one])]
    if not called:
        return
    text = code(scene, called[-1])
    cause = at(
        Rule.NONDIFFERENTIABLE_OP,
        scene.user_site(called[-1]),
        "Compute what the loss is made of by functions that have a derivative, and this of detached tensors.",
        call=called[-1],
    )
    message = f"torch has no derivative of `{name[1]}`: backward raises when it comes to `{text}`."
    backward = [scene.evidence(one, "this backward raises") for one in scene.backwards[-1:]]
    yield run.finding(cause, Severity.ERROR, message, evidence=backward)


PATTERNS = ((OF_ARGUMENT, of_argument), (NOT_IMPLEMENTED, at_all))
