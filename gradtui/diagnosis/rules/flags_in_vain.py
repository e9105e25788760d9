"""Statements that look as if they froze something, and leave its flag as it is."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.freezing import idle_flags, inert_flags, why_idle
from gradtui.diagnosis.quoting import short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import listed
from gradtui.model.findings import Finding, Rule, Severity


def freezes_nothing(run: Run) -> Iterator[Finding]:
    """`module.requires_grad = False`: an attribute of the module, while its parameters go on learning."""
    names = [run.owners.called(one) for one in sorted(run.history.learning) if _is_flagged(run, one)]
    for site in inert_flags(run, False) if names else ():
        cause = at(
            Rule.FROZEN_LEAF,
            site,
            "Call `.requires_grad_(False)` on the module: it sets the flag of each of its parameters.",
        )
        message = (
            f"This sets an attribute of a module and freezes nothing: {listed(names)} still "
            "require grad, and go on changing."
        )
        yield run.finding(cause, Severity.WARNING, message, affected=names)


def _is_flagged(run: Run, tensor: int) -> bool:
    """Whether somebody has put a flag on a module around a parameter."""
    parameter = run.owners.parameters.get(tensor)
    chains = run.chains(parameter) if parameter is not None else ()
    return any(module.odd_names for chain in chains for module in chain)


def compares_a_flag(run: Run) -> Iterator[Finding]:
    """`p.requires_grad == False` as a statement: what it was to freeze goes on learning."""
    for site, value in run.once(idle_flags) if run.history.learning else ():
        if not value:
            text = short(run.words.whole(site))
            cause = at(
                Rule.FROZEN_LEAF, site, "Call `.requires_grad_(False)`, or set `.requires_grad = False`."
            )
            why = why_idle(run.words, site)
            message = f"`{text}` freezes nothing, as it {why}: what it is for goes on learning."
            yield run.finding(cause, Severity.WARNING, message)
