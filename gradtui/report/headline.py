"""The one sentence that sends the user to a line."""

from __future__ import annotations

from collections.abc import Sequence

from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.stops import Outcome
from gradtui.report.places import relative


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def beginning(loud: Sequence[Finding], folder: str) -> str:
    """How many errors and warnings there are, and where to begin: `2 errors: begin at train.py:31.`"""
    errors = sum(finding.severity is Severity.ERROR for finding in loud)
    kinds = ((errors, "error"), (len(loud) - errors, "warning"))
    found = " and ".join(counted(number, noun) for number, noun in kinds if number)
    return f"{found}: begin at {relative(loud[0].file, folder)}:{loud[0].line}."


def tells_more(first: Finding, outcome: Outcome) -> bool:
    """Whether the first finding says more than the traceback that the program has left."""
    return outcome.raised is None or first.rule is not Rule.OTHER
