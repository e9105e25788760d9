"""A Parameter that the program makes anew for every step: what its gradient tells is lost with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from gradtui.diagnosis.run import Run, at
from gradtui.diagnosis.unheld import bare, derived_by, lasting, loose
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.owners import Parameter
from gradtui.model.source import Site

OFTEN = 2
"""Parameters that were made at one place, with steps in between, from which on one is made for every step."""


def made_anew(run: Run) -> Iterator[Finding]:
    """`nn.Parameter(...)` in what runs at every step, as in a loss function: each gets one gradient, which no
    optimizer ever sees, and the next begins where it began."""
    stay, derived = run.once(lasting), derived_by(run)
    found: dict[Site, list[Parameter]] = {}
    for one in run.once(loose):
        site = run.owners.made(one.tensor)
        if bare(one) and one not in stay and one.tensor not in derived and site is not None and site.user:
            found.setdefault(site, []).append(one)
    first = min((one.order for one in run.history.judgements), default=sys.maxsize)
    for site, members in found.items():
        if len(members) < OFTEN or max(one.made_order for one in members) < first:
            continue
        name = run.words.target(site)
        cause = at(
            Rule.REBUILT_LEAF,
            site,
            "Make it once, in the `__init__` of a module or before the loop, and give it to the optimizer.",
        )
        message = (
            "A Parameter is made here anew for every step: each gets a gradient of its own, no "
            "optimizer holds any, and so nothing is learnt."
        )
        yield run.finding(
            cause,
            Severity.WARNING,
            message,
            affected=[name or "a Parameter"],
            tensors=[one.tensor for one in members],
            count=len(members),
        )
