"""Parameters that the program makes anew for every step: what their gradients tell is lost with them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.unoptimized import bare, derived_by, lasting, loose
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.owners import Parameter
from gradtui.model.source import Site


def parameter_per_step(run: Run) -> Iterator[Finding]:
    """`nn.Parameter(...)`, or a layer, in what runs at every step, as in a loss function or a `forward`: each
    gets one gradient, which no optimizer ever sees, and the next begins where it began."""
    stay, derived = run.once(lasting), derived_by(run)
    found: dict[Site, list[Parameter]] = {}
    for one in run.once(loose):
        site = run.owners.made(one.tensor)
        if bare(one) and one not in stay and one.tensor not in derived and site is not None and site.user:
            found.setdefault(site, []).append(one)
    steps = sorted(one.order for one in run.history.judgements)
    for site, members in sorted(found.items(), key=lambda item: (item[0].file, item[0].line)):
        times = len({bisect(steps, one.made_order) for one in members})
        if times < 2:
            continue  # all of them between the same two steps
        text, alone = short(run.words.expression(site)), run.words.call_name(site) == "Parameter"
        what = "A Parameter is" if alone else f"The parameters of `{text}` are"
        message = (
            f"{what} made anew here for every step: each gets one gradient, which no optimizer ever sees, "
            f"and so {'it learns' if alone else 'they learn'} nothing."
        )
        became = alone and _of_what_learns(run, members[0])
        cause = at(
            Rule.REBUILT_LEAF if became else Rule.UNREGISTERED_PARAMETER,
            site,
            f"Make {'it' if alone else 'the layer'} once, in the `__init__` of a module or before the loop, "
            "and give it to the optimizer.",
        )
        yield run.finding(
            cause,
            Severity.WARNING,
            message,
            affected=[(run.words.target(site) if alone else text) or "a Parameter"],
            tensors=[one.tensor for one in members],
            count=times,
        )


def _of_what_learns(run: Run, parameter: Parameter) -> bool:
    """Whether a Parameter was made of the values of what an optimizer holds: that has become something else
    in it, where one that is made of numbers was never anything."""
    return any(
        any(map(run.flow(scene, given).within.__getitem__, scene.values_of(scene.held)))
        for scene, given in run.given_for(parameter)
    )
