"""Gradients that add up over all steps, as a statement only names the method that would clear them."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.run import Run
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.trace import Kind

LEAST = 2
"""Steps of an optimizer, the second of which takes gradients of the first."""


def never_cleared(run: Run) -> Iterator[Finding]:
    """`optimizer.zero_grad` without its parentheses, where nothing else clears a gradient either."""
    named = [site for like in run.files for site in run.words.uncalled(like, "zero_grad")]
    steps = max((one.step for one in run.history.judgements), default=0)
    adds_up = steps >= LEAST and any(scene.backwards for scene in run.scenes)
    if not named or not adds_up:
        return
    if any(True for scene in run.scenes for _ in scene.trace.calls(Kind.CLEAR)):
        return
    text = run.words.expression(named[0])
    cause = at(Rule.OTHER, named[0], f"Call it: `{text}()`.")
    message = (
        f"`{text}` names the method and doesn't call it: gradients are never cleared, and each step takes "
        "the sum of all backwards so far."
    )
    yield run.finding(cause, Severity.WARNING, message)
