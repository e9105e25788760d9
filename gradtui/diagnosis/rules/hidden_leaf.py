"""A Parameter that the program kept no hold of: it keeps what was computed from it, which is no leaf."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.keeping import NAMELESS, kept_as
from gradtui.diagnosis.quoting import code, quoted
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.unoptimized import bare, hidden_by, lasting
from gradtui.model.findings import Finding, Rule, Severity


def hidden_leaf(run: Run) -> Iterator[Finding]:
    """`nn.Parameter(...).to(device)`: the Parameter gets the gradients, and nobody can give it to an
    optimizer."""
    for one in run.once(lasting):
        use = hidden_by(run, one) if bare(one) else None
        if use is None:
            continue
        scene, call = use
        name = kept_as(scene, call)
        said = quoted(name, NAMELESS)
        cause = at(
            Rule.REBUILT_LEAF,
            scene.user_site(call),
            f"Make the values of {said} first, and wrap them in `nn.Parameter` last.",
            call=call,
        )
        message = (
            f"{said} is the result of `{code(scene, call)}` and no leaf: the Parameter that it is "
            "computed from gets the gradients, and no optimizer holds that one."
        )
        yield run.finding(cause, Severity.WARNING, message, affected=[name or NAMELESS], tensors=[one.tensor])
